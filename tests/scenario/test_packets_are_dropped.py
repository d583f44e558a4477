"""Packets to the registry are dropped: for one node, for a zone, for some nodes without anything in common."""

from tests.scenario.five_nodes import ONE, Broken, fleet, report, said, when


def dropped(*nodes: str) -> Broken:
    return lambda node, check, target: (
        "connect_timeout" if (check, target) == ("tcp", f"{ONE}:443") and node in nodes else None
    )


def test_for_one_node_it_is_that_node() -> None:
    assert said(report(fleet(dropped("node-2")))) == [("connect_timeout", "node", f"host {ONE}", "2")]


def test_for_every_node_of_a_zone_it_is_the_zone() -> None:
    told = report(fleet(dropped("node-3", "node-4")))
    assert said(told) == [("connect_timeout", "group zone=b", f"host {ONE}", "3 4")]
    assert [(one.fact, one.failing) for one in told.findings[0].differs] == [("zone", "b")]


def test_for_half_of_two_zones_it_is_just_some_nodes() -> None:
    assert said(report(fleet(dropped("node-1", "node-3")))) == [("connect_timeout", "nodes", f"host {ONE}", "1 3")]


def test_a_node_without_any_way_out_fails_at_everything() -> None:
    told = report(fleet(when("connect_timeout", nodes=["node-2"], checks="tcp")))
    assert said(told) == [("connect_timeout", "node", "all", "2")]
