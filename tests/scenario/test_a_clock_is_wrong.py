"""node-2's clock is two days ahead."""

from datetime import timedelta

from tests.scenario.five_nodes import AT, BEGAN, ONE, both, fleet, report, said, when

WRONG = when("clock_skew", nodes=["node-2"], checks="clock")


def test_it_is_the_node() -> None:
    assert said(report(fleet(WRONG))) == [("clock_skew", "node", "all", "2")]


def test_certificates_that_look_expired_there_follow_from_it() -> None:
    told = report(fleet(both(WRONG, when("tls_expired", nodes=["node-2"], checks="tls"))))
    assert said(told) == [("clock_skew", "node", "all", "2")]


def test_a_certificate_that_has_expired_for_everybody_does_not() -> None:
    expired = when("tls_expired", checks="tls", target=f"{ONE}:443")
    told = report(fleet(both(WRONG, expired)))
    assert ("clock_skew", "node", "all", "2") in said(told)
    assert told.findings[0].cause == "tls_expired"
    assert told.findings[0].nodes == ["node-1", "node-2", "node-3", "node-4", "node-5"]


def test_its_times_are_read_by_the_aggregators_clock() -> None:
    nodes = fleet(WRONG)
    for result in nodes[1].results:
        result.at += timedelta(days=2)
        result.since = result.since + timedelta(days=2) if result.since else None
    finding = report(nodes).findings[0]
    assert finding.since is not None
    assert abs(finding.since - BEGAN) < timedelta(seconds=10)
    assert finding.last_seen is not None
    assert finding.last_seen <= AT


def test_where_another_certificate_is_well_it_is_not_the_clock() -> None:
    half = when("tls_expired", nodes=["node-2", "node-3", "node-4"], checks="tls", target=f"{ONE}:443")
    told = report(fleet(both(WRONG, half)))
    assert ("tls_expired", "nodes", f"host {ONE}", "2 3 4") in said(told)
