"""The scorer counts what is right, missing, too much and doubtful; the alerts are its yardstick."""

import pytest

from agent.contract.report import Difference, Scope, Snapshot, Subject
from bench.fleet.alerts import alerts
from bench.fleet.case import case
from bench.fleet.run import as_json, as_text, calibration, score
from bench.fleet.score import Said, Tally
from bench.fleet.truth import Expected
from tests.scenario.five_nodes import ONE, fleet, snapshot, when

HOST = Subject(kind="host", value=ONE)
TRUE = Expected({"host down"}, "connect_refused", HOST, {"a", "b"}, ["group", "nodes"], {"c"}, fact="zone")


def said(*nodes: str, scope: Scope = "group", facts: tuple[str, ...] = ("zone",), confidence: float = 0.9) -> Said:
    differs = tuple(Difference(fact=fact, failing="a", healthy="b") for fact in facts)
    return Said("connect_refused", HOST, scope, frozenset(nodes), differs, confidence)


def tally(*given: Said, truth: tuple[Expected, ...] = (TRUE,)) -> Tally:
    counted = Tally()
    counted.add(1, given, truth)
    return counted


def test_the_same_is_exact() -> None:
    counted = tally(said("a", "b"))
    assert (counted.exact, counted.right, counted.difference_first, counted.f1()) == (1, 1, 1, 1.0)
    assert not counted.misses


def test_a_node_too_many_is_wrong_and_where_it_is_doubtful_only_strictly_so() -> None:
    assert (tally(said("a", "b", "x")).exact, tally(said("a", "b", "x")).exact_lenient) == (0, 0)
    assert (tally(said("a", "b", "c")).exact, tally(said("a", "b", "c")).exact_lenient) == (0, 1)
    assert [label.partition(":")[0] for label in tally(said("a", "b", "c")).misses] == ["doubtful"]


def test_another_scope_is_wrong_unless_the_words_leave_it_open() -> None:
    assert tally(said("a", "b", scope="cluster")).exact_lenient == 0
    assert (tally(said("a", "b", scope="nodes")).exact, tally(said("a", "b", scope="nodes")).exact_lenient) == (0, 1)


def test_what_is_not_said_and_what_is_said_too_much_lower_f1() -> None:
    assert tally().f1() == 0.0
    assert tally(said("a", "b"), Said("dns_failed", HOST, "node", frozenset("a"))).f1() == pytest.approx(2 / 3)
    assert tally(said("a", "b"), Said("dns_failed", HOST, "node", frozenset("a"))).exact == 0


def test_what_need_not_be_said_is_no_miss_where_doubt_is_allowed() -> None:
    hardly = Expected({"host down"}, "connect_refused", HOST, {"a"}, ["node"], sure=False)
    assert (tally(truth=(hardly,)).exact, tally(truth=(hardly,)).exact_lenient) == (0, 1)


def test_a_difference_counts_first_or_anywhere() -> None:
    counted = tally(said("a", "b", facts=("pool", "zone")))
    assert (counted.differences, counted.difference_named, counted.difference_first) == (1, 1, 0)


def test_calibration_counts_by_bucket() -> None:
    counted = tally(said("a", "b", confidence=0.92), said("a", "b", confidence=0.3))
    assert [(row["from"], row["findings"], row["right"]) for row in calibration(counted)] == [
        (0.0, 1, 1.0),
        (0.9, 1, 1.0),
    ]


def test_tallies_add_up() -> None:
    one, other = tally(said("a", "b")), tally(said("a", "b", "x"))
    one.merge(other)
    assert (one.fleets, one.exact, one.said, one.true) == (2, 1, 2, 2)
    assert sum(one.miss_counts.values()) == sum(other.miss_counts.values()) == 1


def test_alerts_look_at_each_target_by_itself() -> None:
    given = alerts(snapshot(fleet(when("connect_refused", checks="tcp", target=f"{ONE}:443"))))
    assert [(one.cause, one.subject, one.scope, len(one.nodes)) for one in given] == [
        ("connect_refused", HOST, "cluster", 5)
    ]
    assert alerts(snapshot(fleet())) == []


def test_an_alert_takes_more_than_a_few_nodes() -> None:
    given = snapshot(fleet(when("connect_refused", nodes=["node-1"], checks="tcp", target=f"{ONE}:443")))
    assert [one.scope for one in alerts(given)] == ["node"]
    assert alerts(given, threshold=0.2) == []


def test_scores_are_the_same_for_the_same_seeds_and_say_both_sides() -> None:
    first, second = score(range(6)), score(range(6))
    first.ours.took_s = second.ours.took_s = 0.0
    assert as_json(first) == as_json(second)
    assert first.ours.fleets == first.alerting.fleets == 6
    assert "exact set of findings" in as_text(first, misses=3)


def test_a_case_is_the_same_for_the_same_seed() -> None:
    one, other = case(5), case(5)
    assert one.snapshot == other.snapshot
    assert [true.key for true in one.expected] == [true.key for true in other.expected]
    assert isinstance(one.snapshot, Snapshot)
