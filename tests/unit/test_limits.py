import pytest

from agent.check import Settings
from agent.checks.rate_limit import ANONYMOUS, Observation, judge
from agent.distribution.limits import Limit, read
from agent.probes.fault import Fault
from agent.probes.http import Response

SETTINGS = Settings.default("rate_limit")


def answer(**headers: str) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(200, named, b"", False, "https://registry.example/")


def test_docker_hubs_headers_are_read() -> None:
    said = answer(ratelimit_limit="100;w=21600", ratelimit_remaining="95;w=21600", docker_ratelimit_source="192.0.2.1")
    assert read(said) == Limit(100, 95, 21600, "192.0.2.1")


def test_bare_numbers_are_read() -> None:
    assert read(answer(ratelimit_limit="200", ratelimit_remaining=" 7 ")) == Limit(200, 7)
    assert read(answer(ratelimit_remaining="-3")) == Limit(None, 0)


@pytest.mark.parametrize("value", ["", "many", "1e999", "9" * 40 + "x"])
def test_nonsense_is_no_limit(value: str) -> None:
    found = read(answer(ratelimit_remaining=value))
    assert found is None or found.remaining < 10**18


@pytest.mark.parametrize(("left", "status"), [(0, "failed"), (1, "warn"), (49, "warn"), (50, "ok"), (5000, "ok")])
def test_below_fifty_warns_and_nothing_left_fails(left: int, status: str) -> None:
    verdict = judge(Observation("docker.io", {ANONYMOUS: Limit(100, left, 21600)}), SETTINGS)
    assert verdict.status == status
    assert verdict.cause == (None if status == "ok" else "rate_limited")
    assert f"{left} pulls left of 100 in 6 h" in verdict.detail


def test_the_identity_that_pulls_is_judged_and_the_other_shown() -> None:
    seen = Observation("docker.io", {ANONYMOUS: Limit(100, 0), "auth.json": Limit(200, 180)}, in_use="auth.json")
    verdict = judge(seen, SETTINGS)
    assert verdict.status == "ok"
    assert verdict.evidence["identities"][ANONYMOUS]["remaining"] == 0


def test_a_refusal_for_want_of_pulls_fails() -> None:
    verdict = judge(Observation("docker.io", exhausted={ANONYMOUS: "no more (HTTP 429)"}), SETTINGS)
    assert (verdict.status, verdict.cause) == ("failed", "rate_limited")


def test_no_headers_are_no_limit() -> None:
    assert judge(Observation("quay.io"), SETTINGS).detail == "quay.io announces no limit"


def test_who_could_not_be_asked_is_named() -> None:
    seen = Observation(
        "docker.io", {ANONYMOUS: Limit(100, 90)}, failures={"auth.json": Fault("auth_failed", "refused")}
    )
    assert judge(seen, SETTINGS).evidence["not_asked"] == {"auth.json": "refused"}
