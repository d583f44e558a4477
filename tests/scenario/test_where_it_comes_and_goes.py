"""What comes and goes shows here and there: which host or node it is about is told by all nodes together."""

from collections.abc import Mapping
from datetime import timedelta

from agent.contract.report import Node
from agent.contract.result import Result, Window
from tests.scenario.five_nodes import AT, ONE, TWO, answer, node_of, report, said

GOOD = Window(10, 0)
Shown = tuple[Window, bool]
"""A window, and whether it fails just now."""


def name(host: str, shown: Shown) -> Result:
    window, bad = shown
    since = AT - timedelta(seconds=0 if bad else 60 if window.failures else 3600)
    return answer(
        "dns", host, "failed" if bad else "ok", "dns_failed" if bad else None, since=since, window=window
    )  # fmt: skip


def asking(nodes: Mapping[str, Mapping[str, Shown]]) -> list[Node]:
    """Nodes by name: what each says of the names that it asks for."""
    return [
        node_of(node, results=[name(host, shown) for host, shown in told.items()], facts={"zone": node[-1]})
        for node, told in nodes.items()
    ]


def test_a_node_that_is_thought_to_fail_everywhere_belongs_to_the_place_where_others_fail() -> None:
    """Of twelve nodes ten see one host come and go; on one of them another host had a bad run, too."""
    nodes = {f"node-{n}": {ONE: (Window(10, 4), n % 2 == 0), TWO: (GOOD, False)} for n in range(10)}
    nodes["node-0"] = {ONE: (Window(10, 3), True), TWO: (Window(10, 2), False)}
    nodes |= {f"node-{n}": {ONE: (GOOD, False), TWO: (GOOD, False)} for n in (10, 11)}
    assert [one[0::2] for one in said(report(asking(nodes)))] == [("dns_failed", f"host {ONE}")]


def test_where_no_other_node_fails_there_it_is_the_node() -> None:
    nodes = {f"node-{n}": {ONE: (GOOD, False), TWO: (GOOD, False)} for n in range(12)}
    nodes["node-0"] = {ONE: (Window(10, 3), True), TWO: (Window(10, 2), False)}
    assert said(report(asking(nodes))) == [("dns_failed", "node", "all", "0")]


def test_a_node_that_shows_it_at_one_host_only_belongs_to_what_others_have_everywhere() -> None:
    nodes = {f"node-{n}": {ONE: (Window(10, 4), n % 2 == 0), TWO: (Window(10, 4), n % 2 == 0)} for n in range(12)}
    nodes["node-0"] = {ONE: (Window(10, 4), True), TWO: (GOOD, False)}
    assert said(report(asking(nodes)))[0][:3] == ("dns_failed", "cluster", "all")
    assert len(report(asking(nodes)).findings) == 1


def test_a_host_that_stays_down_for_a_node_is_said_beside_what_comes_and_goes() -> None:
    nodes = {f"node-{n}": {ONE: (Window(10, 4), n % 2 == 0), TWO: (Window(10, 4), n % 2 == 0)} for n in range(12)}
    nodes["node-0"] = {ONE: (Window(10, 10), True), TWO: (GOOD, False)}
    assert ("dns_failed", "node", f"host {ONE}", "0") in said(report(asking(nodes)))


def test_a_bad_run_elsewhere_does_not_part_those_who_ask_one_host_from_those_who_ask_two() -> None:
    """Ten nodes of a zone ask one host only, one asks two, all fail; a node of another zone has one bad run."""
    nodes = {f"node-{n}a": {ONE: (Window(10, 10), True)} for n in range(10)}
    nodes["node-10a"] = {ONE: (Window(10, 10), True), TWO: (Window(10, 10), True)}
    nodes |= {f"node-{n}b": {ONE: (GOOD, False), TWO: (GOOD, False)} for n in range(20)}
    nodes["node-7b"] = {ONE: (Window(10, 1), True), TWO: (GOOD, False)}
    ((cause, scope, subject, _),) = said(report(asking(nodes)))
    assert (cause, scope, subject) == ("dns_failed", "group zone=a", "all")


def test_what_has_begun_lately_does_not_come_and_go_where_hardly_anybody_rests() -> None:
    """An older sender gives no beginnings: four of ten failed, on all of a zone at once; others had their bad luck."""
    nodes = asking(
        {f"node-{n}a": {ONE: (Window(10, 4), True)} for n in range(40)}
        | {f"node-{n}b": {ONE: (Window(10, 2) if n < 2 else GOOD, False)} for n in range(40)}
    )
    for node in nodes:
        node.results[0].since = None
    ((_, scope, _, _),) = said(report(nodes))
    assert scope == "group zone=a"


def test_nodes_that_ask_many_hosts_always_fail_at_one_of_them_and_it_comes_and_goes_all_the_same() -> None:
    """Each run by itself: at six of ten somebody always fails somewhere. One node has a long bad moment at one host."""
    hosts = [f"{n}.lab" for n in range(8)]
    nodes = {
        f"node-{n}": {host: (Window(10, 6), (n * 3 + h * (n % 3 + 1)) % 5 < 3) for h, host in enumerate(hosts)}
        for n in range(30)
    }
    nodes["node-0"] = {host: (GOOD if h else Window(10, 8), not h) for h, host in enumerate(hosts)}
    fleet = asking(nodes)
    fleet[0].results[0].since = AT - timedelta(minutes=8)
    ((cause, scope, subject, _),) = said(report(fleet))
    assert (cause, scope, subject) == ("dns_failed", "cluster", "all")
