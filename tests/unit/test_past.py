"""What is kept of reports: differences, within a bound, and the way back."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from agent.contract.report import Report
from aggregator.incidents.allowance import BURST_BYTES, BYTES_PER_DAY, DAY_S, PAGE_BYTES, Allowance
from aggregator.incidents.delta import DeltaError, applied, difference, flat, is_minor, unflat
from aggregator.incidents.journal import CHAIN, MINOR_S, Journal, restored
from aggregator.web.moment import moment_of
from tests.scenario.five_nodes import AT, ONE, both, fleet, report, when

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def some_reports(count: int) -> list[Report]:
    """Give reports of a fleet in which faults come and go by chance."""
    chance = random.Random(6)
    names = [f"node-{number}" for number in range(1, 6)]
    told = []
    for _ in range(count):
        some = chance.sample(names, chance.randint(0, 5))
        fault = when("connect_refused", nodes=some, checks="tcp", target=f"{ONE}:443")
        other = when("rate_limited", nodes=some[:2], checks="rate_limit manifest", target="two.lab")
        nodes = fleet(both(fault, other) if chance.random() < 0.5 else fault)
        nodes[chance.randrange(5)].ready = chance.random() < 0.5
        told.append(report(nodes))
    return told


def test_every_report_can_be_told_as_the_difference_to_any_other() -> None:
    forms = [flat(one) for one in some_reports(20)]
    for before in forms:
        for after in forms:
            kept = msgspec.json.encode(before)
            change = difference(before, after)
            assert (applied(before, msgspec.json.decode(msgspec.json.encode(change))) if change else before) == after
            assert msgspec.json.encode(before) == kept, "it changed what it read"


def test_a_report_that_was_kept_is_what_was_said() -> None:
    journal, whole = Journal(Allowance()), 0
    chain: list[bytes] = []
    for number, one in enumerate(some_reports(3 * CHAIN)):
        entry = journal.take(one, 100.0 * number)
        if entry is not None:
            chain = [entry.body] if entry.whole else [*chain, entry.body]
            whole += entry.whole
        assert restored(chain, AT) == msgspec.structs.replace(one, at=AT)
        assert len(chain) <= CHAIN + 1
    assert whole >= 3


def test_a_node_that_joins_thousands_costs_its_name() -> None:
    before = flat(some_reports(1)[0])
    before["nodes"]["silent"] = [f"node-{number:05}" for number in range(5000)]
    after = before | {"nodes": before["nodes"] | {"silent": [*before["nodes"]["silent"], "node-99999"]}}
    change = difference(before, after)
    assert len(msgspec.json.encode(change)) < 100 and applied(before, change) == after


@pytest.mark.parametrize("names", [["b", "a"], ["a", "a"], [1, 2], [{"a": 1}]])
def test_a_list_that_is_no_sorted_names_is_told_whole(names: list[Any]) -> None:
    assert difference({"x": ["a"]}, {"x": names}) == {"put": {"x": names}}
    assert applied({"x": ["a"]}, {"put": {"x": names}}) == {"x": names}


def test_what_changes_with_every_answer_waits_and_what_is_new_does_not() -> None:
    nodes = fleet(when("connect_refused", nodes=["node-1"], checks="tcp", target=f"{ONE}:443"))
    first, later, wider = report(nodes), report(nodes), report(fleet(when("connect_refused", checks="tcp")))
    later.findings[0].last_seen = AT + timedelta(seconds=1)
    later.checklist[0].detail = "another"
    assert is_minor(difference(flat(first), flat(later))) and not is_minor(difference(flat(first), flat(wider)))
    journal = Journal(Allowance())
    assert journal.take(first, 0.0) is not None and journal.take(first, 1.0) is None and not journal.behind
    assert journal.take(later, 2.0) is None
    assert [journal.behind, journal.take(wider, 3.0) is not None, journal.behind] == [True, True, False]
    assert journal.take(first, 4.0) is not None
    assert journal.take(later, 4.0 + MINOR_S) is not None and journal.left_out == 0


def test_what_costs_too_much_is_left_out_until_there_is_an_allowance_again() -> None:
    first, second, third = some_reports(8)[:3]
    allowance = Allowance()
    journal = Journal(allowance)
    assert journal.take(first, 0.0) is not None
    allowance.spend(BURST_BYTES // 2)
    assert journal.take(second, 1.0) is None and journal.behind and journal.left_out == 1
    assert journal.take(third, 1000.0) is not None


def test_an_allowance_fills_slowly_and_not_beyond_its_burst() -> None:
    allowance = Allowance()
    assert allowance.has(0.0)
    allowance.spend(BURST_BYTES // 2)
    beside = allowance.spent_bytes - BURST_BYTES
    assert 4 * PAGE_BYTES <= beside <= 6 * PAGE_BYTES, "written twice, in whole pages, and two beside it"
    assert not allowance.has(0.0) and allowance.has(10.0)
    allowance.spend(BYTES_PER_DAY // 2)
    assert not allowance.has(DAY_S * 0.9) and allowance.has(DAY_S * 1.1)
    assert allowance.has(1e9) and allowance.left_bytes == BURST_BYTES


@pytest.mark.parametrize("bodies", [[], [b"no zlib"]])
def test_what_is_damaged_is_said(bodies: list[bytes]) -> None:
    with pytest.raises(DeltaError):
        restored(bodies, AT)
    with pytest.raises(DeltaError):
        applied({"a": 1}, {"change": {"b": {}}})
    with pytest.raises(DeltaError):
        unflat({"order": ["x"], "findings": {}}, AT.isoformat())


def moment(text: str) -> datetime | None:
    return moment_of(make_mocked_request("GET", "/").clone(rel_url=f"/report?at={text}"), "at", NOW)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-22T12:00:00Z", NOW - timedelta(minutes=30)),
        ("2026-11-22t12:00:00z", NOW - timedelta(minutes=30)),
        ("2026-11-22T13:00:00%2B01:00", NOW - timedelta(minutes=30)),
        ("2026-11-22T13:00:00+01:00", NOW - timedelta(minutes=30)),
        ("2026-11-22T11:00:00.25-01:00", NOW - timedelta(minutes=30, seconds=-0.25)),
        ("2026-11-22 12:00:00 UTC", NOW - timedelta(minutes=30)),
        ("2026-11-22 12:00", NOW - timedelta(minutes=30)),
        ("2026-11-22", NOW.replace(hour=0, minute=0)),
        ("-2h", NOW - timedelta(hours=2)),
        ("15m", NOW - timedelta(minutes=15)),
        ("1.5d", NOW - timedelta(hours=36)),
        ("0s", NOW),
        ("2026-11-22T12:30:00.9Z", NOW),
    ],
)
def test_a_moment_is_a_time_or_how_long_ago(text: str, wanted: datetime) -> None:
    assert moment(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "now", "2h30m", "99999999d", "2026-13-01", "2026-11-22T25:00:00Z", "1700000000", "20261122",
     "0001-01-01T00:00:00%2B23:00", "2026-11-22T12:00:60Z"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(web.HTTPBadRequest) as caught:
        moment(text)
    assert str(caught.value.text).startswith("at: expected a time such as") and str(caught.value.text).count("\n") == 1


def test_the_future_is_refused_and_no_moment_is_none() -> None:
    with pytest.raises(web.HTTPBadRequest) as caught:
        moment("2026-11-22T12:30:02Z")
    assert caught.value.text == "at: '2026-11-22T12:30:02Z' is in the future; it is 2026-11-22T12:30:00Z here\n"
    assert moment_of(make_mocked_request("GET", "/report"), "at", NOW) is None
