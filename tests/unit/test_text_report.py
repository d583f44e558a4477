from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.contract.causes import CATALOGUE, remedy_for
from agent.contract.report import Difference, Finding, Group, Report, Scope, Subject
from aggregator.web.columns import WIDTH
from aggregator.web.text import ago, first_line, render, where
from tests.scenario.five_nodes import AT, ONE, answer, both, fleet, report, when

GOLDEN = Path(__file__).parent / "golden"


def lines(told: Report) -> list[str]:
    return render(told).splitlines()


def two_faults() -> Report:
    nodes = fleet(
        both(
            when("tls_untrusted", nodes=["node-4"], checks="tls"),
            when("rate_limited", checks="rate_limit manifest", target=ONE),
        )
    )
    nodes[3].facts["trust"] = "sha256:0badcafe"
    for node in (*nodes[:3], nodes[4]):
        node.facts["trust"] = "sha256:4f1e0011"
    nodes[0].results.append(answer("pull", "two.lab/shop/cart:1", took_s=4.1))
    nodes[4].ready = False
    return report(nodes)


def test_the_whole_report_of_two_faults_is_as_it_was_agreed() -> None:
    assert render(two_faults()) == (GOLDEN / "two_faults.txt").read_text(encoding="ascii")


def test_the_whole_report_of_a_healthy_fleet_is_as_it_was_agreed() -> None:
    assert render(report(fleet())) == (GOLDEN / "healthy.txt").read_text(encoding="ascii")


def test_the_first_line_is_the_verdict_and_the_counts() -> None:
    assert lines(two_faults())[0] == "FAILING: 2 failures, 0 warnings; 4 of 4 nodes reporting"
    assert first_line(report(fleet()[:1])) == "HEALTHY: 0 failures, 0 warnings; 1 of 1 node reporting"
    assert first_line(report([])) == "UNKNOWN: 0 failures, 0 warnings; 0 of 0 nodes reporting"


def test_silent_and_uncounted_nodes_are_named() -> None:
    nodes = fleet()
    nodes[1].last_seen, nodes[4].leaving = AT - timedelta(hours=1), True
    told = lines(report(nodes))
    assert "silent: node-2" in told
    assert "not counted (NotReady, cordoned or leaving): node-5" in told


def finding(scope: Scope, names: list[str], observed: int, **more: object) -> Finding:
    made = Finding(
        id="1", cause="dns_failed", severity="failure", scope=scope, nodes=names, failing=len(names), observed=observed,
        subject=Subject(kind="host", value=ONE), checks=["dns"], since=AT, last_seen=AT,
        remedy=remedy_for("dns_failed", host=ONE),
    )  # fmt: skip
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("scope", "count", "observed", "counted", "expected"),
    [
        ("cluster", 118, 118, 118, "all 118 nodes"),
        ("cluster", 4, 4, 5, "all 4 nodes that could tell"),
        ("cluster", 2, 2, 2, "all 2 nodes"),
        ("node", 1, 5, 5, "1 of 5: node-0"),
        ("nodes", 3, 9, 9, "3 of 9: node-0, node-1, node-2"),
        ("nodes", 14, 20, 20, "14 of 20: " + ", ".join(f"node-{n}" for n in range(12)) + " and 2 more"),
    ],
)
def test_where_is_said_with_its_denominator(
    scope: Scope, count: int, observed: int, counted: int, expected: str
) -> None:
    names = sorted(f"node-{number}" for number in range(count))
    assert where(finding(scope, names, observed), counted) == expected


def test_a_group_is_named_by_its_fact() -> None:
    told = finding("group", ["node-3", "node-4"], 5, group=Group(fact="zone", value="b"))
    assert where(told, 5) == "zone b: node-3, node-4 (2 of 5 nodes)"


def test_nearly_all_nodes_are_named_with_their_share() -> None:
    assert where(finding("cluster", ["a", "b"], 3), 3) == "2 of 3 nodes: a, b"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "just now"), (0, "just now"), (9, "9 s ago"), (60, "1 min ago"), (110, "1 min 50 s ago"),
        (3_605, "1 h ago"), (7_380, "2 h 3 min ago"), (200_000, "2 d 7 h ago"),
    ],
)  # fmt: skip
def test_how_long_ago_is_said_in_two_units(seconds: int, expected: str) -> None:
    assert ago(AT - timedelta(seconds=seconds), AT) == expected
    assert ago((AT - timedelta(seconds=seconds)).replace(tzinfo=None), AT) == expected


def made(*findings: Finding) -> Report:
    told = report(fleet())
    told.findings = list(findings)
    return told


def test_evidence_is_one_line_and_the_rest_is_counted() -> None:
    told = lines(made(finding("node", ["a"], 5, evidence=["dns one.lab: SERVFAIL (a)", "x", "y"])))
    assert "   seen:    dns one.lab: SERVFAIL (a); and 2 more" in told


def test_what_differs_is_said_against_the_healthy_nodes() -> None:
    differs = [
        Difference(fact="resolver", failing="10.0.0.9", healthy="10.0.0.2"),
        Difference(fact="x", failing="y", healthy=None),
    ]
    told = lines(made(finding("node", ["a"], 5, differs=differs)))
    assert "   differs: resolver 10.0.0.9; healthy nodes: 10.0.0.2" in told
    assert "   differs: x y; healthy nodes: without it" in told


def test_doubt_and_coming_and_going_are_said() -> None:
    told = render(made(finding("node", ["a"], 5, confidence=0.5, intermittent=True, since=None, pods=["shop/cart-1"])))
    assert "   sure:    50 %\n" in told
    assert "   comes:   and goes: it does not fail every time\n" in told
    assert "   since:   not known\n" in told
    assert "   pods:    shop/cart-1\n" in told


def test_after_ten_findings_the_others_are_short() -> None:
    told = render(made(*[finding("node", ["a"], 5) for _ in range(12)]))
    assert told.count("fix:") == 10
    assert told.count("where:") == 12


def test_a_cause_of_a_newer_agent_is_said_as_it_is() -> None:
    assert "FAILURE: gremlins (a cause of a newer agent) [gremlins]" in render(
        made(finding("node", ["a"], 5, cause="gremlins"))
    )


LONG = "registry-" + "x" * 90 + ".example.org"


@pytest.mark.parametrize("cause", [cause.id for cause in CATALOGUE])
def test_no_line_is_wider_than_eighty_columns(cause: str) -> None:
    image = f"{LONG}/" + "deep/" * 30 + "app@sha256:" + "a" * 64
    remedy = remedy_for(cause, host=LONG, registry=LONG, image=image, repository=image, node="n" * 200)
    names = [f"node-{number:03}.{'z' * 60}.internal" for number in range(40)]
    told = made(
        finding("nodes", names, 100, cause=cause, subject=Subject(kind="image", value=image), remedy=remedy,
                evidence=["e" * 5_000], pods=[f"{'p' * 100}/{n}" for n in range(9)]),
        finding("group", names, 100, group=Group(fact="f" * 90, value="ü" * 90)),
    )  # fmt: skip
    told.cluster = "c" * 300
    told.nodes.silent = told.nodes.excluded = names
    text = render(told)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.isascii()


def test_nothing_that_a_terminal_obeys_comes_out() -> None:
    told = made(finding("node", ["a\x1b[31m"], 5, evidence=["\x07\x1b]0;x\x07", "\r"]))
    assert all(letter == "\n" or letter.isprintable() for letter in render(told))


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    told = made()
    told.at = datetime(2026, 11, 22, 13, tzinfo=UTC).replace(tzinfo=None)
    assert lines(told)[1] == "cluster lab, 2026-11-22 13:00:00 UTC"
