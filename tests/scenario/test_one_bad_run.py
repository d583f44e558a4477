"""A failed run between good ones is silent; the same on many nodes at once is not."""

from collections.abc import Iterable
from datetime import timedelta

from agent.contract.report import Node
from agent.contract.result import Window
from tests.scenario.five_nodes import APP_1, AT, ONE, TWO, answer, fleet, node_of, report, said, when

FIRST = Window(10, 1)


def big(failing: Iterable[int], cause: str = "connect_timeout", window: Window = FIRST) -> list[Node]:
    """120 nodes in three zones of 40; the failing ones have one bad run of one host."""
    on = set(failing)
    nodes = []
    for number in range(120):
        bad = number in on
        host = answer(
            "tcp", f"{ONE}:443", "failed" if bad else "ok", cause if bad else None,
            since=AT if bad else None, window=window if bad else Window(10, 0),
        )  # fmt: skip
        rest = [answer("tcp", f"{TWO}:443", window=Window(10, 0)), answer("dns", ONE, window=Window(10, 0))]
        nodes.append(
            node_of(f"node-{number}", results=[host, *rest], facts={"zone": "abc"[number // 40], "arch": "amd64"})
        )
    return nodes


def test_one_node_with_one_bad_run_is_no_finding() -> None:
    told = report(fleet(when("connect_timeout", nodes=["node-2"], checks="tcp", target=ONE), FIRST))
    assert (told.verdict, told.findings) == ("healthy", [])


def test_its_second_failing_run_is_one() -> None:
    told = report(fleet(when("connect_timeout", nodes=["node-2"], checks="tcp", target=f"{TWO}:443"), Window(10, 2)))
    assert ("connect_timeout", "node", f"host {TWO}", "2") in said(told)


def test_the_first_run_of_all_stands_only_when_it_fails_again() -> None:
    broken = when("connect_timeout", nodes=["node-2"], checks="tcp")
    assert said(report(fleet(broken, Window(1, 1)))) == []
    assert said(report(fleet(broken, Window(2, 2)))) == [("connect_timeout", "node", "all", "2")]


def test_two_of_120_are_chance() -> None:
    assert said(report(big([3, 77]))) == []


def test_two_of_120_are_chance_whatever_the_cause() -> None:
    assert said(report(big([3, 77], "unknown"))) == []


def test_a_zone_at_once_is_not() -> None:
    (finding,) = report(big(range(40, 80))).findings
    assert (finding.scope, finding.group and finding.group.value, finding.failing) == ("group", "b", 40)


def test_a_zone_at_once_is_not_either_where_nobody_knows_why() -> None:
    (finding,) = report(big(range(40, 80), "unknown")).findings
    assert (finding.cause, finding.scope, finding.severity) == ("unknown", "group", "warning")


def test_chance_runs_elsewhere_do_not_widen_a_fault() -> None:
    nodes = big([*range(40, 80), 5])
    for node in nodes[40:80]:
        node.results[0].window = Window(10, 3)
        node.results[0].since = AT - timedelta(minutes=5)
    (finding,) = report(nodes).findings
    assert (finding.scope, finding.failing) == ("group", 40)


def test_where_most_fail_already_the_last_ones_first_run_belongs_to_it() -> None:
    nodes = fleet(when("connect_timeout", checks="tcp", target=f"{TWO}:443"), Window(10, 2))
    for late in (result for result in nodes[1].results if result.status == "failed"):
        late.window = FIRST
    assert ("connect_timeout", "cluster", f"host {TWO}", "1 2 3 4 5") in said(report(nodes))


def test_a_pull_that_fails_too_bears_a_first_run_out() -> None:
    nodes = fleet(when("connect_timeout", nodes=["node-2"], checks="tcp", target=ONE), FIRST)
    nodes[1].results.append(answer("pull", f"{ONE}/team/app:1", "failed", "unknown", registries=[ONE]))
    assert said(report(nodes)) == [("connect_timeout", "node", f"host {ONE}", "2")]


def test_an_older_failure_above_does_not_bear_a_first_run_out() -> None:
    """The image is gone since an hour; then one run at its registry fails, and there was another bad one before."""
    gone = when("image_not_found", nodes=["node-2"], checks="manifest", target=APP_1)
    nodes = fleet(gone, Window(10, 10))
    for result in nodes[1].results:
        if result.status == "failed":
            result.since = AT - timedelta(hours=1)
        if result.key == f"registry {ONE}":
            result.status, result.cause, result.since, result.window = "failed", "connection_reset", AT, Window(10, 2)
    assert said(report(nodes)) == [("image_not_found", "node", f"image {APP_1}", "2")]


def test_a_small_zone_at_once_is_more_than_chance_though_so_many_of_all_are_not() -> None:
    nodes = big([])
    chosen = (3, 30, 50, 70, 110)
    for number in chosen:
        nodes[number].results[0] = big([number])[number].results[0]
    assert said(report(nodes)) == []
    for number in chosen:
        nodes[number].facts["zone"] = "d"
    (finding,) = report(nodes).findings
    assert (finding.scope, finding.group and finding.group.value) == ("group", "d")


def test_nodes_that_stand_already_are_not_asked_again_for_chance() -> None:
    broken = when("connect_timeout", nodes=["node-1", "node-2"], checks="tcp", target=ONE)
    nodes = fleet(broken)
    for result in nodes[0].results:
        result.window = FIRST if result.status == "failed" else None
    assert said(report(nodes)) == [("connect_timeout", "node", f"host {ONE}", "2")]
