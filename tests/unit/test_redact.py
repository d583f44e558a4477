"""Secrets never reach a log, a report, a metric or an error."""

import pytest

from agent.contract.redact import redact, redact_all


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


@pytest.mark.parametrize(
    "text",
    [
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
