"""What a pull would get of the addresses that answered so and so."""

import pytest

from agent.check import Settings
from agent.checks.tcp import Dial, Observation, judge, winner
from agent.probes.fault import Fault

SETTINGS = Settings.default("tcp")


def good(address: str, took_s: float = 0.01) -> Dial:
    return Dial(address, took_s)


def silent(address: str) -> Dial:
    return Dial(address, 5.0, Fault("connect_timeout", f"{address}:443 does not answer within 5 s"))


def refused(address: str) -> Dial:
    return Dial(address, 0.01, Fault("connect_refused", f"{address}:443 refuses", errno="ECONNREFUSED"))


def unrouted(address: str) -> Dial:
    return Dial(address, 0.0, Fault("connect_timeout", f"{address}: network is unreachable", errno="ENETUNREACH"))


def observed(*dials: Dial) -> Observation:
    return Observation("quay.io:443", dials, None)


@pytest.mark.parametrize(
    ("dials", "address", "delay_s"),
    [
        ([good("10.0.0.1"), good("10.0.0.2", 0.001)], "10.0.0.1", 0.01),
        ([refused("10.0.0.1"), good("10.0.0.2")], "10.0.0.2", 0.02),
        ([silent("10.0.0.1"), good("10.0.0.2")], "10.0.0.2", 15.01),
        ([silent("10.0.0.1"), silent("10.0.0.2"), good("10.0.0.3")], "10.0.0.3", 20.01),
        ([silent("fd00::1"), good("10.0.0.1")], "10.0.0.1", 0.31),
        ([refused("fd00::1"), good("10.0.0.1")], "10.0.0.1", 0.02),
        ([unrouted("fd00::1"), good("10.0.0.1")], "10.0.0.1", 0.01),
        ([good("fd00::1", 0.2), good("10.0.0.1")], "fd00::1", 0.2),
        ([good("fd00::1", 0.5), good("10.0.0.1")], "10.0.0.1", 0.31),
        ([silent("fd00::1"), silent("10.0.0.1")], None, 30.0),
        ([], None, 0.0),
    ],
)
def test_the_runtime_ends_up_where_go_would(dials: list[Dial], address: str | None, delay_s: float) -> None:
    used, after_s = winner(dials)
    assert (used.address if used else None) == address
    assert after_s == pytest.approx(delay_s)


def test_all_addresses_good_is_ok() -> None:
    verdict = judge(observed(good("10.0.0.1"), good("10.0.0.2")), SETTINGS)
    assert verdict.status == "ok"
    assert verdict.evidence["dials"]["10.0.0.1"] == {"ok": True, "took_s": 0.01}


def test_one_dead_address_among_good_ones_is_a_warning_that_names_it_and_its_cost() -> None:
    verdict = judge(observed(silent("10.0.0.1"), good("10.0.0.2")), SETTINGS)
    assert (verdict.status, verdict.cause) == ("warn", "connect_timeout")
    assert "10.0.0.1" in verdict.detail
    assert "waits 15.0 s" in verdict.detail
    assert verdict.evidence["dials"]["10.0.0.1"]["ok"] is False


@pytest.mark.parametrize("dead", ["fd00::1", "10.9.9.9"])
def test_a_family_without_any_route_is_no_warning_while_the_other_works(dead: str) -> None:
    alive = "10.0.0.1" if ":" in dead else "fd00::1"
    verdict = judge(observed(unrouted(dead), good(alive)), SETTINGS)
    assert verdict.status == "ok"
    assert verdict.evidence["dials"][dead]["ok"] is False


def test_nothing_that_connects_fails_with_the_cause_of_the_first_address() -> None:
    verdict = judge(observed(refused("10.0.0.1"), silent("10.0.0.2")), SETTINGS)
    assert (verdict.status, verdict.cause) == ("failed", "connect_refused")
    assert "1 other" in verdict.detail


def test_a_missing_ipv6_route_does_not_hide_why_ipv4_fails() -> None:
    verdict = judge(observed(unrouted("fd00::1"), refused("10.0.0.1")), SETTINGS)
    assert verdict.cause == "connect_refused"


def test_no_route_at_all_is_a_timeout_in_the_catalogues_words() -> None:
    assert judge(observed(unrouted("10.0.0.1")), SETTINGS).cause == "connect_timeout"


def test_addresses_that_were_left_out_are_said() -> None:
    observation = Observation("quay.io:443", (good("10.0.0.1"),), None, left_out=4)
    assert judge(observation, SETTINGS).evidence["addresses_not_dialled"] == 4
