import time

import pytest

from agent.distribution.tokens import KEPT_AT_MOST, Key, Token, TokenError, Tokens, read

KEY = Key("https://auth.example/token", "registry.example", "repository:a:pull", "")


def left_s(body: bytes) -> float:
    return read(body).ends_at_s - time.monotonic()


def test_either_name_of_the_token_is_taken() -> None:
    assert read(b'{"token":"a"}').text == "a"
    assert read(b'{"access_token":"b","token":"a"}').text == "b"
    assert read(b'{"access_token":"","token":"a"}').text == "a"
    assert read(b'{"token":"a b","issued_at":"2026-11-22T13:00:00.5Z","refresh_token":null}').text == "a b"


def test_a_token_is_given_up_before_it_ends() -> None:
    assert 280 < left_s(b'{"token":"a","expires_in":300}') <= 290
    assert 45 < left_s(b'{"token":"a"}') <= 50
    assert 45 < left_s(b'{"token":"a","expires_in":-5}') <= 50
    assert left_s(b'{"token":"a","expires_in":1}') <= 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"token":null}',
        b'{"token":""}',
        b'{"token":5}',
        b'{"token":" a"}',
        b'{"token":"a","issued_at":"today"}',
        b'{"token":"a","issued_at":5}',
        b'{"token":"a","refresh_token":5}',
        b'{"token":"a","expires_in":99999999999999999999}',
        b'{"token":"a\\n"}',
        '{"token":"é"}'.encode(),
        b'{"token":"a","expires_in":"300"}',
        b'{"token":"a","expires_in":1.5}',
        b'{"token":"a","expires_in":true}',
        b'{"a":' * 10_000,
    ],
)
def test_what_cannot_be_sent_is_no_token(body: bytes) -> None:
    with pytest.raises(TokenError):
        read(body)


def test_a_token_that_has_ended_is_not_given() -> None:
    tokens = Tokens()
    tokens.keep(KEY, Token("old", time.monotonic() - 1))
    assert tokens.get(KEY) is None
    tokens.keep(KEY, Token("new", time.monotonic() + 60))
    assert tokens.get(KEY) == "new"
    tokens.forget(KEY)
    assert tokens.get(KEY) is None


def test_tokens_are_bounded_and_the_oldest_goes() -> None:
    tokens = Tokens()
    keys = [Key(str(number), "", "", "") for number in range(KEPT_AT_MOST + 1)]
    for key in keys:
        tokens.keep(key, Token("x", time.monotonic() + 60))
    assert tokens.get(keys[0]) is None
    assert tokens.get(keys[-1]) == "x"


def test_a_token_never_shows_itself() -> None:
    assert "hidden" not in repr(Token("hidden", 0.0))
