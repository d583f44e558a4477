"""What a report does to a node in memory."""

from datetime import UTC, datetime, timedelta

from agent.contract.result import Result, Status
from agent.contract.wire import Body
from aggregator.fleet import TARGETS_AT_MOST, Fleet, Member

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def member(boot: str = "b1") -> Member:
    made = Member("node-1")
    made.greet(boot, 60.0, {"zone": "a"}, NOW)
    return made


def result(status: Status, since: datetime, at: datetime = NOW, target: str = "quay.io") -> Result:
    return Result(check="dns", target=target, status=status, at=at, since=since, cause=None if status == "ok" else "x")


def test_a_change_of_state_is_told_and_a_repetition_is_not() -> None:
    node = member()
    assert len(node.take(1, Body(results=[result("ok", ago(0))]), NOW, NOW)) == 1
    assert node.take(2, Body(results=[result("ok", ago(0))]), NOW, NOW) == []
    changes = node.take(3, Body(results=[result("failed", NOW), result("ok", NOW)]), NOW, NOW)
    assert [(one.position, one.status, one.cause) for one in changes] == [(0, "failed", "x"), (1, "ok", None)]


def test_since_stays_when_an_agent_starts_anew() -> None:
    node = member()
    node.take(1, Body(results=[result("failed", ago(3600), ago(30))]), NOW, NOW)
    node.greet("b2", 60.0, {}, NOW)
    node.take(1, Body(results=[result("failed", ago(5))]), NOW, NOW)
    assert node.results["dns quay.io"].since == ago(3600)
    node.take(2, Body(results=[result("failed", ago(5))]), NOW, NOW)
    assert node.results["dns quay.io"].since == ago(3600)


def test_since_begins_anew_after_a_gap_another_status_or_lost_changes() -> None:
    for before, dropped in (
        (result("failed", ago(7200), ago(3600)), 0),
        (result("ok", ago(3600), ago(30)), 0),
        (result("failed", ago(3600), ago(30)), 1),
    ):
        node = member()
        node.take(1, Body(results=[before]), NOW, NOW)
        node.take(2, Body(results=[result("failed", ago(5))], dropped=dropped), NOW, NOW)
        assert node.results["dns quay.io"].since == ago(5)


def test_times_of_a_clock_that_is_two_days_ahead_are_put_right() -> None:
    node, ahead = member(), timedelta(days=2)
    node.take(1, Body(results=[result("failed", ago(60) + ahead, NOW + ahead)]), NOW + ahead, NOW)
    kept = node.results["dns quay.io"]
    assert (kept.at, kept.since) == (NOW, ago(60))


def test_a_slow_network_is_no_clock_that_is_off() -> None:
    node = member()
    node.take(1, Body(results=[result("ok", ago(60), ago(3))]), ago(3), NOW)
    assert node.results["dns quay.io"].at == ago(3)


def test_targets_that_are_gone_leave() -> None:
    node = member()
    node.take(1, Body(results=[result("ok", NOW, target="a"), result("ok", NOW, target="b")]), NOW, NOW)
    assert not node.whole
    node.take(2, Body(targets=["dns a", "dns c"]), NOW, NOW)
    assert list(node.results) == ["dns a"] and node.whole


def test_another_boot_counts_from_one_and_keeps_what_is_known() -> None:
    node = member()
    node.take(7, Body(results=[result("ok", NOW)], targets=["dns quay.io"]), NOW, NOW)
    node.greet("b1", 60.0, {}, NOW)
    assert (node.seq, node.facts) == (7, {"zone": "a"})
    node.greet("b2", 60.0, {"zone": "b"}, NOW)
    assert (node.seq, node.whole, len(node.results), node.facts) == (0, False, 1, {"zone": "b"})


def test_one_node_cannot_fill_the_memory() -> None:
    node = member()
    results = [result("ok", NOW, target=f"host-{number}") for number in range(TARGETS_AT_MOST + 10)]
    node.take(1, Body(results=results), NOW, NOW)
    assert len(node.results) == TARGETS_AT_MOST


def test_silence_is_three_of_the_nodes_own_intervals() -> None:
    node = member()
    assert not node.is_silent(NOW + timedelta(seconds=180))
    assert node.is_silent(NOW + timedelta(seconds=181))
    fleet = Fleet("c")
    fleet.members["node-1"] = node
    assert fleet.silent(NOW + timedelta(seconds=181)) == {"node-1"}


def test_a_node_is_forgotten_when_it_was_not_heard_and_has_no_link() -> None:
    fleet = Fleet("c")
    fleet.members["node-1"] = node = member()
    node.linked = True
    assert fleet.forget(NOW + timedelta(days=1)) == []
    node.linked = False
    assert fleet.forget(NOW + timedelta(days=1)) == ["node-1"]
    assert fleet.snapshot(NOW).nodes == []
