"""Reports that are wrong, old, twice or too many: no crash, no wrong scope, one line that says what was left out."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from agent.contract.report import Report, Snapshot
from aggregator.correlate import correlate
from tests.scenario.five_nodes import AT, ONE, TWO, answer, fleet, node_of, report, said, snapshot, when


def left_out(told: Report) -> str:
    return " ".join(item.detail for item in told.checklist if item.ask.startswith("everything that was reported"))


def test_a_cause_of_a_newer_agent_is_a_failure_and_is_said() -> None:
    told = report(fleet(when("gremlins", nodes=["node-2"], checks="tcp", target=f"{ONE}:443")))
    assert said(told) == [("gremlins", "node", f"host {ONE}", "2")]
    assert told.findings[0].severity == "failure"


def test_a_check_of_a_newer_agent_is_placed_by_its_target() -> None:
    nodes = fleet()
    for node in nodes:
        node.results.append(answer("quantum", "three.lab:443", "failed", "gremlins"))
        node.results.append(answer("aura", f"{TWO}/shop/cart:9", "failed", "gremlins"))
        node.results.append(answer("mood", "/etc/mood", "failed", "gremlins"))
    kinds = {finding[2] for finding in said(report(nodes))}
    assert kinds == {"host three.lab", f"image {TWO}/shop/cart:9", "all"}


def test_of_two_nodes_with_one_name_the_one_heard_last_counts() -> None:
    old = node_of("node-2", when("disk_full", checks="disk"), last_seen=AT - timedelta(seconds=60))
    for nodes in ([*fleet(), old], [old, *fleet()]):
        told = report(nodes)
        assert (said(told), told.nodes.expected) == ([], 5)
        assert left_out(told) == "left out: 2 nodes are called node-2: the one heard last counts"


def test_of_two_answers_to_one_question_the_newer_counts() -> None:
    nodes = fleet()
    old = answer("tcp", f"{ONE}:443", "failed", "connect_refused")
    old.at = AT - timedelta(minutes=1)
    nodes[0].results.append(old)
    nodes[1].results.insert(0, old)
    assert said(report(nodes)) == []


def test_answers_that_are_years_old_are_left_out() -> None:
    nodes = fleet()
    old = answer("tcp", "three.lab:443", "failed", "connect_refused")
    old.at = AT.replace(year=2020)
    nodes[0].results.append(old)
    told = report(nodes)
    assert (said(told), left_out(told)) == ([], "left out: node-1: 1 results older than a day")


@pytest.mark.parametrize("when_at", [datetime.min, datetime.max, datetime(2026, 11, 22, 13), AT.replace(year=2099)])
def test_impossible_times_break_nothing(when_at: datetime) -> None:
    for aware in (when_at, when_at.replace(tzinfo=UTC)):
        nodes = fleet(when("connect_refused", checks="tcp", target=f"{ONE}:443"))
        for result in nodes[0].results:
            result.at = result.since = aware
        nodes[1].last_seen = nodes[2].created = aware
        nodes[3].results[0].since = aware
        assert report(nodes).findings[0].cause in ("connect_refused", "agent_silent")


def test_thousands_of_targets_of_one_node_are_cut_and_the_others_still_count() -> None:
    nodes = fleet(when("connect_refused", checks="tcp", target=f"{ONE}:443"))
    nodes[4].results += [answer("tcp", f"z{number}.lab:443", "ok") for number in range(5_000)]
    told = report(nodes)
    assert ("connect_refused", "cluster", f"host {ONE}", "1 2 3 4 5") in said(told)
    assert "results" in left_out(told)


def test_no_number_breaks_the_checklist() -> None:
    nodes = fleet()
    nodes[0].results.append(answer("pull", f"{ONE}/team/app:1", took_s=float("nan")))
    nodes[1].results.append(answer("rate_limit", "x", evidence={"remaining": float("nan"), "identities": ["?"]}))
    nodes[2].results.append(answer("rate_limit", "y", evidence={"identities": {"a": 7, "b": {"remaining": "many"}}}))
    nodes[3].interval_s = float("nan")
    nodes[4].interval_s = -1.0
    assert said(report(nodes)) == []


def test_facts_of_any_shape_are_compared() -> None:
    nodes = fleet(when("dns_failed", nodes=["node-3"], checks="dns"))
    for node in nodes:
        node.facts |= {"resolvers": ["10.0.0.2", "10.0.0.3"], "labels": {"b": 1, "a": None}, "gpu": False, "none": None}
    nodes[2].facts["resolvers"] = ["10.0.0.9"]
    told = report(nodes)
    assert [(one.fact, one.failing, one.healthy) for one in told.findings[0].differs] == [
        ("resolvers", "10.0.0.9", "10.0.0.2, 10.0.0.3")
    ]


def test_text_from_outside_reaches_no_command_and_no_terminal() -> None:
    nodes = fleet()
    evil = "$(reboot).lab:443"
    nodes[0].results.append(answer("tcp", evil, "failed", "connect_refused"))
    nodes[0].results[-1].detail = "\x1b[2J bearer abcdefghijklmnopqrstuvwxyz0123456789"
    (finding,) = report(nodes).findings
    assert not any("reboot" in step for step in finding.remedy.steps)
    assert "\x1b" not in "".join(finding.evidence)
    assert "abcdefghijklmnop" not in "".join(finding.evidence)


def test_the_smallest_snapshot_that_can_be_read_gives_a_report() -> None:
    read = msgspec.json.decode(
        b'{"at": "2026-11-22T13:00:00", "nodes": [{"name": "a"}, {"name": "b", "results": '
        b'[{"check": "dns", "target": "x.lab", "status": "failed", "at": "2026-11-22T12:59:59"}]}]}',
        type=Snapshot,
    )
    told = correlate(read)
    assert [(one.cause, one.nodes) for one in told.findings] == [("agent_silent", ["a"]), ("unknown", ["b"])]
    assert snapshot([]).nodes == []


def test_a_bare_snapshot_of_nobody_gives_a_report() -> None:
    assert correlate(Snapshot(at=AT)).verdict == "unknown"
