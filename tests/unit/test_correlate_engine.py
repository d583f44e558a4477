from collections.abc import Sequence
from datetime import timedelta

import pytest

from agent.contract.causes import remedy_for
from agent.contract.report import Finding, Scope, Subject
from aggregator.correlate import failures
from aggregator.correlate.confidence import confidence
from aggregator.correlate.draft import Draft
from aggregator.correlate.engine import RULES, report_of
from aggregator.correlate.finding import rank
from aggregator.correlate.matrix import ALL, Matrix
from aggregator.correlate.scope import Reach
from aggregator.correlate.verdict import verdict
from tests.scenario.five_nodes import AT, ONE, answer, fleet, matrix, node_of, when


class Broken:
    """A rule with a mistake in it."""

    __name__ = "rules.broken"

    def find(self, fleet: Matrix, found: Sequence[Draft], /) -> list[Draft]:
        raise ZeroDivisionError


class Nonsense:
    """A rule whose draft cannot be finished."""

    __name__ = "rules.nonsense"

    def find(self, fleet: Matrix, found: Sequence[Draft], /) -> list[Draft]:
        return [Draft("disk_full", "failure", ALL, [], 1, 1, notes=None)]  # type: ignore[arg-type]  # that is the mistake


def test_a_rule_that_breaks_is_said_and_the_others_still_speak(caplog: pytest.LogCaptureFixture) -> None:
    looked = matrix(fleet(when("disk_full", nodes=["node-1"], checks="disk")))
    told = report_of(looked, rules=(Broken(), failures))
    assert [one.cause for one in told.findings] == ["disk_full", "unknown"]
    assert told.findings[1].evidence[0].startswith("the rule broken broke (ZeroDivisionError)")
    assert (told.findings[1].severity, told.findings[1].confidence) == ("warning", 0.0)
    assert "ZeroDivisionError" in caplog.text


def test_a_finding_that_cannot_be_finished_is_said(caplog: pytest.LogCaptureFixture) -> None:
    told = report_of(matrix(fleet()), rules=(Nonsense(),))
    assert told.findings[0].evidence[0].startswith("a finding of disk_full broke")
    assert "TypeError" in caplog.text


def test_the_rules_are_named_in_one_place() -> None:
    assert [rule.__name__.rpartition(".")[2] for rule in RULES] == ["silence", "failures", "warnings"]


def finding(scope: Scope = "node", severity: str = "failure", failing: int = 1, observed: int = 10) -> Finding:
    return Finding(
        id="1", cause="dns_failed", severity="warning" if severity == "warning" else "failure", scope=scope,
        nodes=[f"node-{number}" for number in range(failing)], failing=failing, observed=observed,
        subject=Subject(kind="all"), checks=["dns"], remedy=remedy_for("dns_failed"),
    )  # fmt: skip


def test_the_worst_comes_first() -> None:
    ranked = [
        finding("cluster", failing=9), finding("group", failing=5), finding("nodes", failing=6),
        finding("nodes", failing=2), finding("node"), finding("cluster", "warning", 9),
    ]  # fmt: skip
    assert sorted(ranked[3:] + ranked[:3], key=rank) == ranked


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "healthy"),
        ([finding("cluster", "warning", 10)], "degraded"),
        ([finding(failing=2)], "degraded"),
        ([finding(failing=5)], "failing"),
        ([finding("cluster", failing=2, observed=2)], "failing"),
    ],
)
def test_a_minority_is_degraded_and_more_is_failing(findings: list[Finding], expected: str) -> None:
    looked = matrix([node_of(f"node-{number}", results=[answer("dns", ONE)]) for number in range(10)])
    assert verdict(looked, findings) == expected


def test_faults_of_few_nodes_each_are_failing_where_they_hit_half_of_them() -> None:
    looked = matrix([node_of(f"node-{number}", results=[answer("dns", ONE)]) for number in range(4)])
    two = finding()
    two.nodes = ["node-3"]
    assert verdict(looked, [finding(), two]) == "failing"


def draft(told: int, **more: object) -> Draft:
    made = Draft("dns_failed", "failure", ALL, [], 1, (1 << told) - 1)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_confidence_falls_with_what_is_not_known() -> None:
    whole = confidence(draft(10), Reach("node"), 10)
    assert whole == 0.99
    assert confidence(draft(10, chance=0.2), Reach("node"), 10) == 0.8
    assert confidence(draft(2), Reach("node"), 10) < whole
    assert confidence(draft(10), Reach("nodes"), 10) < whole
    assert confidence(draft(10), Reach("group", rivals=2), 10) < confidence(draft(10), Reach("group"), 10)
    assert confidence(draft(10, cause="unknown"), Reach("node"), 10) == 0.49
    assert confidence(draft(10, intermittent=True), Reach("node"), 10) < whole
    assert confidence(draft(10, cause="gremlins"), Reach("node"), 10) < whole


def test_a_report_of_an_old_reader_is_silent_after_180_s_where_no_interval_is_known() -> None:
    def state(ago_s: float) -> str:
        node = node_of("node-1", last_seen=AT - timedelta(seconds=ago_s), interval_s=None)
        return matrix([node]).seats["node-1"].state

    assert (state(180), state(181)) == ("heard", "silent")
