"""Fleets for measuring: as many answers on every node, whatever the size, and reports in time."""

from collections import Counter

from bench.fleet import stream
from bench.fleet.stream import RESULTS


def test_every_node_has_as_many_answers() -> None:
    assert {len(node.results) for node in stream.nodes(120)} == {RESULTS}
    assert Counter(len(node.results) for node in stream.snapshot(7).nodes) == {RESULTS: 7}


def test_something_is_broken_in_it() -> None:
    causes = {one.cause for node in stream.nodes(120) for one in node.results if one.status == "failed"}
    assert {"disk_full", "dns_failed", "connect_timeout", "image_not_found"} <= causes


def test_updates_change_one_node_a_second() -> None:
    fleet = stream.snapshot(12)
    before = {node.name: node for node in fleet.nodes}
    for at, node in stream.updates(fleet, 5):
        assert node.last_seen == at > fleet.at
        changed = [
            new for new, old in zip(node.results, before[node.name].results, strict=True) if new.status != old.status
        ]
        assert len(changed) <= 1
        before[node.name] = node


def test_the_same_updates_as_whole_snapshots_share_all_other_nodes() -> None:
    fleet = stream.snapshot(12)
    last = fleet
    for snapshot in stream.snapshots(fleet, 4):
        same = sum(1 for new, old in zip(snapshot.nodes, last.nodes, strict=True) if new is old)
        assert same == 11
        last = snapshot
