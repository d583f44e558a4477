"""The catalogue of causes."""

import pytest

from agent.contract.causes import BY_ID, CATALOGUE, Cause, remedy_for, severity_of

IDS = """
rate_limited image_not_found auth_failed dns_failed connect_refused connect_timeout connection_reset tls_timeout
tls_untrusted tls_expired tls_name_mismatch tls_protocol clock_skew proxy_failed registry_unavailable
blob_unavailable digest_mismatch unsupported_media_type wrong_architecture invalid_reference
short_name_ambiguous signature_rejected policy_blocked disk_full storage_error runtime_unavailable
pull_qps_exceeded image_never_pulled cancelled pull_slow agent_silent config_invalid unknown
"""


def test_the_ids_are_stable() -> None:
    assert sorted(cause.id for cause in CATALOGUE) == sorted(IDS.split())


@pytest.mark.parametrize("cause", CATALOGUE, ids=lambda cause: cause.id)
def test_every_remedy_can_be_filled_in_and_says_where_to_read_on(cause: Cause) -> None:
    remedy = remedy_for(cause.id, host="quay.io", registry="quay.io", image="quay.io/a/b:1", repository="quay.io/a/b")
    assert remedy.summary.endswith(".")
    assert remedy.steps
    assert remedy.see.startswith("runbook 009")
    assert not any("{host}" in step or "{image}" in step or "{{" in step for step in remedy.steps)


def test_what_a_finding_does_not_know_is_left_as_an_upper_case_placeholder() -> None:
    assert any("HOST" in step for step in remedy_for("dns_failed").steps)


def test_a_cause_of_a_newer_writer_is_a_failure_with_a_remedy() -> None:
    assert "solar_flare" not in BY_ID
    assert severity_of("solar_flare") == "failure"
    assert remedy_for("solar_flare").steps
