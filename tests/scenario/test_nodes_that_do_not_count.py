"""NotReady, cordoned and leaving nodes stand apart; `unknown` and `skipped` answers count nowhere."""

from datetime import timedelta

from tests.scenario.five_nodes import AT, ONE, fleet, report, said, when


def test_their_faults_are_no_finding_and_their_names_are_said() -> None:
    nodes = fleet(when("disk_full", nodes=["node-1", "node-2", "node-3"], checks="disk"))
    nodes[0].ready, nodes[1].schedulable, nodes[2].leaving = False, False, True
    told = report(nodes)
    assert (told.verdict, said(told)) == ("healthy", [])
    assert (told.nodes.expected, told.nodes.reporting) == (2, 2)
    assert told.nodes.excluded == ["node-1", "node-2", "node-3"]


def test_their_silence_is_none_either() -> None:
    nodes = fleet()
    nodes[0].ready, nodes[0].last_seen = False, AT - timedelta(hours=1)
    assert (said(report(nodes)), report(nodes).nodes.silent) == ([], [])


def test_they_are_in_no_denominator() -> None:
    nodes = fleet(when("registry_unavailable", nodes=["node-1", "node-2"], checks="registry", target=ONE))
    nodes[2].ready = nodes[3].ready = nodes[4].ready = False
    finding = report(nodes).findings[0]
    assert (finding.scope, finding.failing, finding.observed) == ("cluster", 2, 2)


def test_who_could_not_look_is_not_counted() -> None:
    nodes = fleet(when("registry_unavailable", nodes=["node-1", "node-2"], checks="registry", target=ONE))
    for node in nodes[2:]:
        for result in node.results:
            if result.key == f"registry {ONE}":
                result.status = "unknown"
    assert said(report(nodes)) == [("registry_unavailable", "cluster", f"registry {ONE}", "1 2")]


def test_where_nobody_could_tell_anything_the_verdict_is_unknown() -> None:
    nodes = fleet()
    for node in nodes:
        for result in node.results:
            result.status = "unknown"
    assert report(nodes).verdict == "unknown"


def test_an_empty_fleet_is_unknown() -> None:
    told = report([])
    assert (told.verdict, told.findings, told.nodes.expected) == ("unknown", [], 0)
