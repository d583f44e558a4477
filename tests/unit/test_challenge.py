import pytest

from agent.distribution.challenge import Challenge, choose


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], None),
        ([""], None),
        (['Digest realm="x"'], None),
        (["Negotiate"], None),
        (['Basic realm="hub"'], Challenge("basic", "hub")),
        (
            ['Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull"'],
            Challenge("bearer", "https://auth.example/token", "registry.example", "repository:a/b:pull"),
        ),
        (['bearer Realm="https://a.example/t" , Service=plain'], Challenge("bearer", "https://a.example/t", "plain")),
        (['Bearer realm="a\\"b",error="invalid_token"'], Challenge("bearer", 'a"b', error="invalid_token")),
        (['Bearer realm="never closed'], Challenge("bearer")),
        (["Bearer realm"], Challenge("bearer")),
        (['Basic realm="x"', 'Bearer realm="y"'], Challenge("bearer", "y")),
    ],
)
def test_a_challenge_is_read_as_the_runtimes_read_it(headers: list[str], found: Challenge | None) -> None:
    assert choose(headers) == found
