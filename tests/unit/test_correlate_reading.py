"""A snapshot as text: what is read strictly, what is read leniently and said, and what is refused."""

import json
import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from agent.contract.report import Report, Snapshot
from aggregator.correlate import correlate, report_of
from aggregator.correlate.reading import ReadError, read
from tests.scenario.five_nodes import AT, ONE, answer, fleet, node_of, snapshot, when

BROKEN = when("connect_refused", checks="tcp", target=f"{ONE}:443")


def text(made: Snapshot) -> bytes:
    return msgspec.json.encode(made)


def loose(**more: Any) -> dict[str, Any]:
    """The five nodes, of which all fail, as JSON makes them."""
    told: dict[str, Any] = json.loads(text(snapshot(fleet(BROKEN)))) | more
    return told


def report(told: object) -> Report:
    return report_of(read(json.dumps(told).encode()))


def left_out(told: Report) -> str:
    return " ".join(item.detail for item in told.checklist if item.ask.startswith("everything that was reported"))


def whole(told: Report) -> None:
    """Check that the fault of all five is still said, of all five."""
    one = told.findings[0]
    assert (one.cause, one.scope, one.failing) == ("connect_refused", "cluster", 5)


def test_text_gives_the_report_of_the_snapshot() -> None:
    made = snapshot(fleet(BROKEN))
    assert report_of(read(text(made))) == correlate(made)


def test_two_nodes_of_one_name_are_as_in_a_snapshot_whatever_their_order() -> None:
    old = node_of("node-2", when("disk_full", checks="disk"), last_seen=AT - timedelta(seconds=60))
    nodes = [*fleet(BROKEN), old, node_of("node-2", last_seen=AT - timedelta(seconds=90))]
    random.Random(1).shuffle(nodes)
    made = snapshot(nodes)
    assert report_of(read(text(made))) == correlate(made)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-3.5"])
def test_durations_that_are_none_are_left_out(number: str) -> None:
    made = loose()
    made["nodes"][1]["results"][0]["took_s"] = "HERE"
    made["nodes"][1]["results"].append(
        {**made["nodes"][1]["results"][0], "check": "pull", "target": f"{ONE}/team/app:1"}
    )
    told = report_of(read(json.dumps(made).replace('"HERE"', number).encode()))
    whole(told)
    assert ("no number" in left_out(told)) is (number in ("NaN", "Infinity", "-Infinity"))
    assert not any("slowest" in item.detail for item in told.checklist)


def test_a_window_that_is_none_costs_one_result_and_is_said() -> None:
    made = loose()
    made["nodes"][0]["results"][0]["window"] = {"runs": float("nan"), "failures": 1}
    told = report(made)
    whole(told)
    assert left_out(told).startswith("left out: node-1: results[0]: ")


@pytest.mark.parametrize("change", [{"status": "odd"}, {"at": "yesterday"}, {"registries": 5}, {"check": None}])
def test_results_of_an_unknown_form_are_counted_and_the_first_is_named(change: dict[str, object]) -> None:
    made = loose()
    for result in made["nodes"][4]["results"][3:5]:
        result.update(change)
    told = report(made)
    assert told.findings
    assert "node-5: results[3]: " in left_out(told) and "and 1 more" in left_out(told)


@pytest.mark.parametrize("node", [5, None, {}, {"name": 5}, {"name": "x", "facts": 3}, "text"])
def test_a_node_of_an_unknown_form_is_said_and_the_others_count(node: object) -> None:
    made = loose()
    made["nodes"].insert(2, node)
    told = report(made)
    whole(told)
    assert "nodes[2]: " in left_out(told)


def test_pods_of_an_unknown_form_and_bytes_that_are_no_text_cost_only_themselves() -> None:
    made = loose(pods=[{"namespace": "a", "name": 5}], cluster="HERE")
    told = report_of(read(json.dumps(made).encode().replace(b"HERE", b"\xff")))
    whole(told)
    assert "pods[0]: " in left_out(told)


def test_numbers_that_are_none_inside_evidence_harm_nothing() -> None:
    made = loose()
    made["nodes"][0]["results"].append(
        json.loads(msgspec.json.encode(answer("rate_limit", "x", evidence={"remaining": 0}))) | {"evidence": "HERE"}
    )
    told = report_of(read(json.dumps(made).replace('"HERE"', '{"remaining": NaN}').encode()))
    whole(told)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "line 1 column 2"),
        (b"[]", "Expected `object`"),
        (b"{}", "at"),
        (b'{"at": 5e99}', "$.at"),
        (b'{"at": "2026-11-22T13:00:00Z", "version": 9}', "version 9"),
        (b"[" * 100_000, ""),
    ],
)
def test_what_is_no_snapshot_is_refused_with_the_place(line: bytes, why: str) -> None:
    with pytest.raises(ReadError, match=None) as raised:
        read(line)
    assert why in str(raised.value)


@pytest.mark.parametrize("seed", range(30))
def test_any_damage_gives_a_report_or_a_refusal(seed: int) -> None:
    chance = random.Random(seed)
    line = bytearray(text(snapshot(fleet(BROKEN))))
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(line))
        line[place : place + chance.randint(0, 3)] = chance.choice((b"", b"9", b"null", b'"', b"}", b"\xff", b"NaN"))
    try:
        assert report_of(read(line)).version == 1
    except ReadError as error:
        assert str(error)
