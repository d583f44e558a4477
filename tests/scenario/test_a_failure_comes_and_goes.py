"""A check that fails three runs of ten is intermittent, with its rate."""

from collections.abc import Mapping, Set
from datetime import timedelta

from agent.contract.report import Node
from agent.contract.result import Window
from tests.scenario.five_nodes import AT, ONE, answer, fleet, node_of, report, said


def flapping(window: Window, failing: set[str], good: Window) -> list[Node]:
    nodes = fleet()
    for node in nodes:
        node.results = [one for one in node.results if one.key != f"registry {ONE}"]
        bad = node.name in failing
        status, cause = ("failed", "registry_unavailable") if bad else ("ok", None)
        since = AT if bad else AT - timedelta(seconds=120)
        node.results.append(
            answer("registry", ONE, "failed" if bad else "ok", cause, since=since, window=window if bad else good)
        )
        assert node.results[-1].status == status
    return nodes


def test_three_of_ten_on_one_node_are_intermittent() -> None:
    (finding,) = report(flapping(Window(10, 3), {"node-2"}, Window(10, 0))).findings
    assert (finding.cause, finding.intermittent, finding.nodes) == ("registry_unavailable", True, ["node-2"])
    assert finding.evidence[0] == "comes and goes: 3 of the last 10 runs failed"


def test_two_of_ten_may_be_chance() -> None:
    assert said(report(flapping(Window(10, 2), {"node-2"}, Window(10, 0)))) == []


def test_nodes_in_a_good_moment_belong_to_it() -> None:
    (finding,) = report(flapping(Window(10, 4), {"node-2", "node-3"}, Window(10, 4))).findings
    assert (finding.scope, finding.intermittent, finding.failing) == ("cluster", True, 5)


def test_nodes_that_are_well_again_do_not() -> None:
    nodes = flapping(Window(10, 4), {"node-2", "node-3"}, Window(10, 4))
    for node in nodes:
        for result in node.results:
            if result.status == "ok":
                result.since = AT - timedelta(minutes=10)
    (finding,) = report(nodes).findings
    assert finding.nodes == ["node-2", "node-3"]


def many(windows: Mapping[range, Window], failing: Set[int], good_s: Mapping[int, float]) -> list[Node]:
    """Sixty nodes that ask one registry; `good_s`: for how long it has been well."""
    nodes = []
    for number in range(60):
        window = next(window for numbers, window in windows.items() if number in numbers)
        bad = number in failing
        since = AT - timedelta(seconds=0 if bad else good_s.get(number, 60 if window.failures else 3600))
        asked = answer(
            "registry", ONE, "failed" if bad else "ok", "registry_unavailable" if bad else None,
            since=since, window=window,
        )  # fmt: skip
        nodes.append(node_of(f"node-{number}", results=[asked], facts={"zone": "abc"[number % 3]}))
    return nodes


def test_of_many_nodes_one_has_a_long_good_moment() -> None:
    """A good moment of ten runs is no end: at this rate one node of sixty has it by chance."""
    (finding,) = report(many({range(60): Window(20, 8)}, set(range(24)), {59: 9 * 60})).findings
    assert (finding.scope, finding.failing) == ("cluster", 60)


def test_of_many_nodes_those_that_are_well_for_long_have_seen_the_end() -> None:
    well = dict.fromkeys(range(40, 60), 18 * 60.0)
    (finding,) = report(many({range(60): Window(20, 8)}, set(range(18)), well)).findings
    assert finding.failing == 40


def test_a_failure_that_stays_is_not_intermittent() -> None:
    nodes = flapping(Window(10, 3), {"node-2"}, Window(10, 0))
    nodes[1].results[-1].since = AT - timedelta(seconds=121)
    (finding,) = report(nodes).findings
    assert not finding.intermittent


def test_of_three_nodes_the_one_that_comes_and_goes_does_not_make_all_of_them_so() -> None:
    nodes = flapping(Window(10, 4), {"node-1", "node-2", "node-3"}, Window(10, 0))
    for node in nodes[:2]:
        node.results[-1].window = None
    (finding,) = report(nodes).findings
    assert (finding.nodes, finding.intermittent) == (["node-1", "node-2", "node-3"], False)
    nodes[1].results[-1].window = Window(10, 4)
    assert report(nodes).findings[0].intermittent


def test_an_outage_of_all_that_is_over_does_not_belong_to_a_node_that_fails_now() -> None:
    """Every node failed for three runs, in one spell, and one of them fails again, of something else."""
    for spells, nodes in ((1, ["node-2"]), (2, [f"node-{number}" for number in range(1, 6)])):
        failing = Window(10, 4, 2 if spells == 1 else 3)
        (finding,) = report(flapping(failing, {"node-2"}, Window(10, 3, spells))).findings
        assert finding.nodes == nodes, spells


def test_a_host_that_is_well_is_not_drawn_in_by_one_that_fails() -> None:
    nodes = flapping(Window(10, 2, 1), {f"node-{number}" for number in range(1, 6)}, Window(10, 0))
    (finding,) = report(nodes).findings
    assert (finding.subject.value, finding.scope, finding.intermittent) == (ONE, "cluster", False)
