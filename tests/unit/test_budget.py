"""The pull budget: never more than a tenth of what is left, in fair order, whatever agents do. Time is a number."""

from itertools import pairwise

import pytest

from aggregator.directives.budget import PULLS_AT_MOST, Budget, Decision, Key
from aggregator.directives.clock import Clock
from aggregator.directives.line import FORGOTTEN_S, PRESENT_S, Waiting
from aggregator.directives.pool import LEASE_S, MARGIN_S, WINDOW_S
from bench.pulls import DAY_S, Plan, World

HUB: Key = ("docker.io", "198.51.100.7")


def budget(left: int = 100, limit: int | None = 100, **more: object) -> Budget:
    made = Budget(**more)  # type: ignore[arg-type]  # a hook
    made.tell(*HUB, left, limit, WINDOW_S, 0.0)
    return made


def asks(made: Budget, node: str, now: float = 0.0, pulls: int = 1, id_: str = "") -> Decision:
    return made.want(id_ or f"{node} at {now}", node, HUB, pulls, now)


def spend(made: Budget, nodes: int, now: float = 0.0) -> int:
    """Let nodes ask one after the other, and give how many pulled."""
    granted = 0
    for number in range(nodes):
        decision = asks(made, f"node-{number:04}", now)
        if decision.lease is not None:
            made.give_back(decision.lease.id, decision.lease.node, 1, now + 30)
            granted += 1
    return granted


@pytest.mark.parametrize(("left", "wanted"), [(0, 0), (9, 0), (10, 1), (50, 4), (100, 9), (5000, 454)])
def test_at_most_a_tenth_of_what_is_left_is_granted(left: int, wanted: int) -> None:
    granted = spend(budget(left), 600)
    assert granted == wanted and granted <= left // 10


def test_what_is_spent_comes_back_a_window_after_it_was_and_not_before() -> None:
    made = budget()
    assert spend(made, 9) == 9
    made.tell(*HUB, 100, 100, WINDOW_S, WINDOW_S)
    assert asks(made, "node-x", 30 + WINDOW_S + MARGIN_S - 1).lease is None
    assert asks(made, "node-x", 30 + WINDOW_S + MARGIN_S).lease is not None


def test_nothing_is_granted_of_what_nobody_was_told_of_or_too_long_ago() -> None:
    made = Budget()
    assert "not known what docker.io has left" in asks(made, "node-1").why
    made.tell(*HUB, 100, 100, WINDOW_S, 0.0)
    assert asks(made, "node-1", WINDOW_S + 1).lease is None
    made.tell(*HUB, 100, 100, WINDOW_S, WINDOW_S)
    made.tell(*HUB, 5000, 100, WINDOW_S, 10.0)  # came late
    assert spend(made, 600, WINDOW_S + 1) == 9


def test_the_longest_waiting_is_first_and_nobody_takes_what_it_needs() -> None:
    made = budget(10)
    assert spend(made, 1) == 1
    assert asks(made, "node-a", 100).lease is None and asks(made, "node-b", 200).lease is None
    free = 30 + WINDOW_S + MARGIN_S
    made.tell(*HUB, 10, 100, WINDOW_S, free)
    asks(made, "node-a", free - 700)  # it is still there
    assert asks(made, "node-b", free).lease is None
    assert asks(made, "node-a", free + 1).lease is not None


def test_who_has_not_asked_for_long_holds_nobody_up_and_keeps_its_place_for_a_day() -> None:
    made = budget(10)
    spend(made, 1)
    asks(made, "node-a", 100)
    asks(made, "node-b", 200)
    free = 100 + WINDOW_S + PRESENT_S
    made.tell(*HUB, 10, 100, WINDOW_S, free)
    assert asks(made, "node-b", free).lease is not None
    asks(made, "node-c", free + 1)
    asks(made, "node-a", free + 2)
    place = made.waiting("node-a", HUB[0])
    assert place is not None and place.since == 100 and made.turn("node-c", HUB, free + 3).before == 1
    _, tired = made.forget(free + 2 + FORGOTTEN_S + 1)
    assert ("node-a", "docker.io") in tired and made.waiting("node-a", "docker.io") is None


def test_nodes_that_never_had_a_turn_go_before_all_that_had_and_who_is_validated_goes_with_them() -> None:
    validated: set[str] = set()
    made = budget(10, validated=validated.__contains__)
    spend(made, 1)  # node-0000
    asks(made, "node-0000", 100)
    asks(made, "node-new", 200)
    assert [made.turn(node, HUB, 300).before for node in ("node-new", "node-0000")] == [0, 1]
    validated.add("node-0000")
    asks(made, "node-0000", 300)
    assert [made.turn(node, HUB, 300).before for node in ("node-new", "node-0000")] == [1, 0]


def test_a_turn_is_said_from_the_start_and_a_thousand_nodes_behind_one_address_take_weeks() -> None:
    made = budget()
    turns = []
    for number in range(1000):
        decision = asks(made, f"node-{number:04}", number / 100)
        turns.append(decision.next_at if decision.lease is None else 0.0)
    assert turns[9] == pytest.approx(LEASE_S + WINDOW_S + MARGIN_S, abs=30)
    assert all(before <= after for before, after in pairwise(turns) if before and after)
    assert 21 * DAY_S < (turns[-1] or 0) < 35 * DAY_S
    last = made.turn("node-0999", HUB, 10.0)
    assert last.next_at == pytest.approx(turns[-1], rel=0.01) and last.before == 990
    assert "9 in 6 h are for tests" in last.why


def test_a_limit_too_small_for_a_tenth_is_never_and_said() -> None:
    made = budget(5, 9)
    assert asks(made, "node-1").next_at is None
    assert made.turn("node-1", HUB, 0).why.startswith("never: one part in 10 of the 9 pulls")
    made.tell(*HUB, 100, 100, WINDOW_S, 1.0)
    assert asks(made, "node-2", 2.0).lease is not None  # it holds nobody up, and there is room for it as well


def test_an_exhausted_registry_is_asked_again_when_its_window_ends() -> None:
    made = budget(0, 100)
    assert asks(made, "node-1", 60).next_at == WINDOW_S


def test_a_lease_that_never_comes_back_is_spent() -> None:
    made = budget(10)
    lease = asks(made, "node-1").lease
    assert lease is not None and list(made.expire(LEASE_S - 1)) == []
    assert list(made.expire(LEASE_S)) == [lease] and list(made.expire(LEASE_S + 1)) == []
    assert made.spent["docker.io"] == 1
    assert "counted as spent" in made.give_back(lease.id, "node-1", 0, LEASE_S + 2)[1]
    assert asks(made, "node-2", LEASE_S + 3).lease is None
    assert made.forget(LEASE_S + WINDOW_S + MARGIN_S) == ([lease.id], [])


def test_a_lease_that_came_too_late_goes_back_unused_and_its_node_keeps_its_place() -> None:
    made = budget(10)
    spend(made, 0)
    lease = asks(made, "node-1", 5).lease
    assert lease is not None
    asks(made, "node-2", 6)
    made.give_back(lease.id, "node-1", 0, 20)
    assert made.spent["docker.io"] == 0
    assert asks(made, "node-2", 21).lease is not None or made.turn("node-1", HUB, 21).since == 5


def test_asking_twice_gives_one_lease() -> None:
    made = budget()
    first = asks(made, "node-1", id_="a")
    again = asks(made, "node-1", 1, id_="a")
    assert first.is_new and again.lease is first.lease and not again.is_new
    assert "not back yet" in asks(made, "node-1", 2, id_="b").why
    assert "granted before" in asks(made, "node-2", 3, id_="a").why
    assert asks(made, "node-1", 4, pulls=2, id_="a").lease is None
    assert made.granted["docker.io"] == 1


def test_nobody_gives_back_for_another_node_or_twice() -> None:
    made = budget()
    lease = asks(made, "node-1").lease
    assert lease is not None
    assert made.give_back(lease.id, "node-2", 0, 1) == (None, "node-2 gives back a lease of node-1: not taken")
    assert made.give_back(lease.id, "node-1", 1, 2) == (lease, "")
    assert made.give_back(lease.id, "node-1", 0, 3)[0] is None and lease.pulls == 1


@pytest.mark.parametrize(("says", "counted"), [(5, 5), (-3, 1), (1, 1)])
def test_what_an_agent_says_it_spent_is_counted_and_more_than_it_may_is_said(says: int, counted: int) -> None:
    made = budget()
    lease = asks(made, "node-1").lease
    assert lease is not None
    _, line = made.give_back(lease.id, "node-1", says, 1)
    assert made.spent["docker.io"] == counted and bool(line) is (says > 1)


@pytest.mark.parametrize("pulls", [0, -1, PULLS_AT_MOST + 1])
def test_a_number_that_is_no_lease_is_refused(pulls: int) -> None:
    assert asks(budget(), "node-1", pulls=pulls).lease is None


def test_a_lease_of_another_aggregator_is_said_and_halves_what_is_granted() -> None:
    made = budget()
    assert "is there another aggregator?" in made.give_back("foreign", "node-1", 1, 0)[1]
    assert spend(made, 100) == 4
    made.tell(*HUB, 100, 100, WINDOW_S, WINDOW_S)
    assert made.room(HUB, WINDOW_S - 1) == 0 and made.room(HUB, WINDOW_S + 1) == 5


def test_leases_and_places_outlive_a_restart() -> None:
    before = budget(20)
    lease = asks(before, "node-1", 5).lease
    assert lease is not None
    after = Budget()
    after.remember(lease, WINDOW_S)
    after.wait("docker.io", HUB[1], Waiting("node-2", 1, 3.0, 10.0, first=True))
    assert asks(after, "node-3", 11).lease is None  # nothing was told yet
    after.tell(*HUB, 20, 100, WINDOW_S, 12)
    assert asks(after, "node-3", 13).lease is None and after.turn("node-3", HUB, 14).before == 1
    assert "not back yet" in asks(after, "node-1", 15).why


def test_the_budgets_clock_goes_on_from_where_it_was_whatever_the_machines_clocks_say() -> None:
    ticks = 1_000_000.0
    clock = Clock(50.0, lambda: ticks)
    assert clock.now() == 50.0
    ticks += 7
    assert clock.now() == 57.0


@pytest.mark.parametrize(
    "plan",
    [
        Plan(60, days=2),
        Plan(60, egresses=3, days=2, lost=0.2, kills=10),
        Plan(60, egresses=2, days=2, others=0.7, lost=0.1, kills=5, seed=2),
        Plan(40, limit=9, days=1),
    ],
)
def test_over_days_no_window_ever_holds_more_and_nobody_is_overtaken(plan: Plan) -> None:
    seen = World(plan).run()
    assert (seen.over, seen.overtaken) == (0, 0)
    assert seen.most_in_a_window <= plan.limit // 10
    assert seen.pulls == 0 if plan.limit < 10 else plan.others or seen.served == plan.nodes
