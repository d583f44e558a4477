"""What is said of a certificate that was accepted."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.check import Settings
from agent.checks.tls import Observation, judge
from agent.probes.tls import Certificate, Peer

SETTINGS = Settings.default("tls")
NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)


def certificate(subject: str, days: float, issuer: str = "CN=Middle") -> Certificate:
    return Certificate(subject, issuer, ("quay.io",), NOW - timedelta(days=60), NOW + timedelta(days=days))


def observed(*days: float) -> Observation:
    subjects = ("CN=quay.io", "CN=Middle", "CN=Root")
    chain = tuple(certificate(subject, left) for subject, left in zip(subjects, days, strict=False))
    return Observation("quay.io:443", NOW, peer=Peer("TLSv1.3", "TLS_AES_128_GCM_SHA256", chain), trust={"trust": "2"})


def test_a_good_certificate_is_ok_and_told_in_full() -> None:
    verdict = judge(observed(60, 900, 3000), SETTINGS)
    assert (verdict.status, verdict.cause) == ("ok", None)
    assert verdict.evidence == {
        "protocol": "TLSv1.3",
        "cipher": "TLS_AES_128_GCM_SHA256",
        "trust": "2",
        "subject": "CN=quay.io",
        "issuer": "CN=Middle",
        "names": ["quay.io"],
        "not_before": "2026-09-23T13:00:00Z",
        "not_after": "2027-01-21T13:00:00Z",
        "chain": ["CN=quay.io", "CN=Middle", "CN=Root"],
    }


@pytest.mark.parametrize(("days", "status"), [(13.9, "warn"), (14.1, "ok"), (0.1, "warn")])
def test_the_end_is_warned_of_14_days_before(days: float, status: str) -> None:
    assert judge(observed(days, 900), SETTINGS).status == status


def test_the_warning_says_when_and_has_the_cause_that_it_will_have_then() -> None:
    verdict = judge(observed(3, 900), SETTINGS)
    assert verdict.cause == "tls_expired"
    assert verdict.detail == "the certificate CN=quay.io ends in 3.0 days, on 2026-11-25"


def test_an_authority_that_ends_sooner_than_the_certificate_is_warned_of() -> None:
    verdict = judge(observed(60, 5, 3000), SETTINGS)
    assert verdict.status == "warn"
    assert "authority's certificate CN=Middle" in verdict.detail


def test_plain_http_that_is_configured_is_ok_and_called_insecure() -> None:
    verdict = judge(Observation("localhost:5000", NOW, plain=True), SETTINGS)
    assert (verdict.status, verdict.detail) == ("ok", "plain HTTP, as configured (insecure)")
    assert verdict.evidence == {"plain": True}


def test_what_is_not_verified_is_said_and_not_dated() -> None:
    verdict = judge(observed(), SETTINGS)
    assert verdict.status == "ok"
    assert "not verified" in verdict.detail
