"""Secrets never reach a log, a report, a metric or an error."""

import json

import pytest

from agent.contract.classify import classify
from agent.contract.letters import words
from agent.contract.redact import blanked, redact, redact_all, shown
from tests.fuzz.canaries import FORMS

CANARY = "c4n4ryS3cr3tV4lu3"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cr3t-value",
        "authorization: Basic dXNlcjpzM2NyM3QtdmFsdWU=s3cr3t-value",
        "Proxy-Authorization: Basic s3cr3t-value",
        "Get https://user:s3cr3t-value@quay.io/v2/: EOF",
        "http://proxy:s3cr3t-value@10.0.0.1:3128 refused",
        "https://cdn/blob?X-Amz-Signature=s3cr3t-value&x=1",
        "https://blob.core.windows.net/x?sv=2020&sig=s3cr3t-value",
        "https://auth/token?access_token=s3cr3t-value",
        'body {"token": "eyJhbGciOiJIUzI1NiJ9.s3cr3t-value.s3cr3t-value"}',
        'auth file: {"auth": "s3cr3t-value"}',
        'identitytoken: "s3cr3t-value"',
        "https://cdn/x?Key-Pair-Id=1&Policy=2&Signature=s3cr3t-value",
    ],
)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    assert "s3cr3t-value" not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_every_form_however_deep_it_is_quoted(form: str) -> None:
    text = form.replace("{}", CANARY).replace("{{", "{").replace("}}", "}")
    assert CANARY not in redact(text)
    for _ in range(3):
        told = classify(f"Failed to pull image: {text} : connection refused")
        assert (told.cause, CANARY in told.detail + told.matched) == ("connect_refused", False)
        text = json.dumps(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://robot:plainword",
        "https://robot:plainword...",
        "https://user:p@ss@word@quay.io/v2/",
        "https://user:pass/word@quay.io/v2/",
        "garbled c4n4ryS3cr3tV4lu3word",
        "MIIEplainword+/= word\n-----END RSA PRIVATE KEY----- x",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nword\nword",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_a_secret_that_is_cut_off_or_not_announced_is_masked(text: str) -> None:
    assert not {"word", "ss@", CANARY, "IOSFODNN7"} & {
        part for part in ("word", "ss@", CANARY, "IOSFODNN7") if part in redact(text)
    }


def test_a_blanked_text_keeps_every_word_at_its_place() -> None:
    text = "Get https://u:hush@h/v2/?token=abcdef1&x: EOF"
    spoken = words(text.lower())
    held = blanked(text, text.lower(), spoken, frozenset(spoken))
    assert len(held) == len(text)
    assert held.index("EOF") == text.index("EOF")
    assert shown(held) == "Get https://***@h/v2/?token=***&x: EOF"
    assert shown(held[:9]) == "Get https"


@pytest.mark.parametrize(
    "text",
    [
        "https://localhost:5000",
        "Get https://localhost:5000: EOF",
        "docker://localhost:5000/app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "reading manifest sha256:00 in r.example.com:5000/team/app: unauthorized",
        "failed to fetch oauth token: unexpected status",
        "WWW-Authenticate: Bearer realm",
        "rpc error: code = Unknown desc = failed",
        'secret "regcred" not found',
        "failed to do request: Get https://quay.io/v2/team/app/manifests/1: EOF",
        "toomanyrequests: rate limit exceeded",
        "unauthorized: authentication required",
        "docker.io/library/token-service:basic",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_nested_forms_are_masked_to_the_last_string() -> None:
    form = {"a": ["https://u:hush@h/", {"b": "Bearer hushhushhushhushhush"}], "n": 1}
    assert redact_all(form) == {"a": ["https://***@h/", {"b": "Bearer ***"}], "n": 1}
