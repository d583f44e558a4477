"""node-3's agent is killed."""

from datetime import timedelta

from tests.scenario.five_nodes import AT, ONE, answer, fleet, node_of, report, said, when


def test_after_three_intervals_the_node_is_silent() -> None:
    nodes = fleet()
    nodes[2].last_seen = AT - timedelta(seconds=181)
    told = report(nodes)
    assert said(told) == [("agent_silent", "node", "all", "3")]
    assert (told.nodes.reporting, told.nodes.silent, told.findings[0].observed) == (4, ["node-3"], 5)
    assert told.findings[0].since == nodes[2].last_seen


def test_before_that_it_is_not() -> None:
    nodes = fleet()
    nodes[2].last_seen = AT - timedelta(seconds=179)
    assert said(report(nodes)) == []


def test_the_nodes_own_interval_counts() -> None:
    nodes = fleet()
    nodes[2].last_seen, nodes[2].interval_s = AT - timedelta(seconds=10), 3.0
    assert said(report(nodes)) == [("agent_silent", "node", "all", "3")]


def test_what_it_said_last_is_not_current() -> None:
    nodes = fleet(when("disk_full", nodes=["node-3"], checks="disk"))
    nodes[2].last_seen = AT - timedelta(hours=1)
    assert said(report(nodes)) == [("agent_silent", "node", "all", "3")]


def test_its_facts_hold() -> None:
    nodes = fleet()
    for node in nodes[2:4]:
        node.last_seen = AT - timedelta(hours=1)
    told = report(nodes)
    assert said(told) == [("agent_silent", "group zone=b", "all", "3 4")]


def test_where_nothing_at_all_is_heard_the_verdict_is_unknown() -> None:
    nodes = [node_of(name, last_seen=AT - timedelta(hours=1)) for name in ("node-1", "node-2")]
    told = report(nodes)
    assert (told.verdict, said(told)) == ("unknown", [("agent_silent", "cluster", "all", "1 2")])


def test_a_node_that_has_only_just_joined_is_waited_for() -> None:
    young = node_of("node-6", last_seen=None, results=[], created=AT - timedelta(seconds=30))
    told = report([*fleet(), young])
    assert (said(told), told.nodes.expected, told.nodes.reporting, told.nodes.silent) == ([], 6, 5, [])


def test_a_silent_node_is_in_nobodys_denominator() -> None:
    nodes = fleet(when("registry_unavailable", checks="registry", target=ONE))
    nodes[2].last_seen = AT - timedelta(hours=1)
    nodes[2].results = [answer("registry", ONE)]
    finding = report(nodes).findings[0]
    assert (finding.scope, finding.failing, finding.observed) == ("cluster", 4, 4)


def test_who_is_waited_for_could_not_be_silent_yet() -> None:
    young = node_of("node-6", last_seen=None, results=[], created=AT - timedelta(seconds=180))
    nodes = [*fleet(), young]
    nodes[0].last_seen = AT - timedelta(hours=1)
    (finding,) = report(nodes).findings
    assert (finding.failing, finding.observed) == (1, 5)


def test_never_heard_and_not_young_is_silent() -> None:
    old = node_of("node-6", last_seen=None, results=[], created=AT - timedelta(seconds=181))
    (finding,) = report([*fleet(), old]).findings
    assert (finding.nodes, finding.evidence) == (["node-6"], ["node-6: never heard"])
