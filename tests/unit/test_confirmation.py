"""Who is asked to look now, with time as a number and a fleet as a table."""

from agent.contract.result import Result, Status
from aggregator.directives.confirmation import (
    ANSWER_S,
    CASE_S,
    NODE_AT_MOST,
    PAUSE_S,
    QUIET,
    REGISTRY_BURST,
    WAVES,
    Confirmation,
    Key,
    Peer,
)
from aggregator.directives.spread import Facts, cleared_by, near, spread

TCP: Key = ("tcp", "quay.io:443")


def facts(**facts: str) -> Facts:
    return frozenset(facts.items())


def peers(count: int) -> dict[str, Peer]:
    """Nodes in three zones and two makes, all well and linked."""
    return {
        f"node-{number:03}": Peer(facts(zone="abc"[number % 3], make="xy"[number % 2]), "ok", True)
        for number in range(count)
    }


def told(status: Status = "failed", key: Key = TCP, **more: object) -> list[Result]:
    cause = "connect_refused" if status == "failed" else None
    return [Result(check=key[0], target=key[1], status=status, cause=cause, registries=["quay.io"])]


def settle(confirmation: Confirmation, fleet: dict[str, Peer], failing: set[str], now: float = 0.0) -> set[str]:
    """Answer every wave truly, and give who was asked."""
    asked: set[str] = set()
    for _ in range(100):
        for key in confirmation.due(now):
            wave = confirmation.wave(key, lambda _: fleet, now, limited=False)
            for name, ask in wave.items():
                assert ask.name == "tcp quay.io:443"
                confirmation.heard(name, told("failed" if name in failing else "ok"), now)
            assert not asked & set(wave)
            asked |= set(wave)
        now += PAUSE_S
    return asked


def test_nobody_is_asked_about_what_is_well_or_only_this_nodes_own() -> None:
    confirmation = Confirmation()
    confirmation.heard("node-000", told("ok"), 0)
    confirmation.heard("node-000", told("failed", ("disk", "/var/lib")), 0)
    confirmation.heard("node-000", told("failed", ("pull", "quay.io/a/b:1")), 0)
    assert confirmation.due(0) == []


def test_one_failing_node_makes_a_few_of_every_kind_look_and_no_more_when_they_are_well() -> None:
    fleet = peers(90)
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    asked = settle(confirmation, fleet, {"node-000"})
    assert "node-000" not in asked and len(asked) < 40
    assert {dict(fleet[name].facts)["zone"] for name in asked} == set("abc")


def test_a_zone_that_fails_is_asked_whole_and_the_others_are_not() -> None:
    fleet = peers(60)
    zone = {name for name, peer in fleet.items() if dict(peer.facts)["zone"] == "b"}
    confirmation = Confirmation()
    confirmation.heard("node-001", told(), 0)
    asked = settle(confirmation, fleet, zone)
    assert zone - {"node-001"} <= asked
    assert len(asked - zone) <= WAVES[0] + WAVES[1]


def test_a_small_fleet_that_fails_is_asked_at_once() -> None:
    fleet = peers(5)
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    assert confirmation.due(0) == [TCP]
    wave = confirmation.wave(TCP, lambda _: fleet, 0, limited=False)
    assert set(wave) == set(fleet) - {"node-000"}
    assert {ask.cause for ask in wave.values()} == {"connect_refused"}


def test_when_it_ends_those_that_still_fail_are_asked_and_no_others() -> None:
    fleet = peers(6)
    confirmation = Confirmation()
    for name in ("node-000", "node-001", "node-002"):
        confirmation.heard(name, told(), 0)
        fleet[name] = Peer(fleet[name].facts, "failed", True)
    confirmation.heard("node-000", told("ok"), 1)
    wave = confirmation.wave(TCP, lambda _: fleet, 1, limited=False)
    assert set(wave) == {"node-001", "node-002"} and wave["node-001"].cause is None


def test_an_agent_that_does_not_answer_is_not_waited_for_and_not_asked_again_at_once() -> None:
    fleet = peers(2)
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    assert set(confirmation.wave(TCP, lambda _: fleet, 0, limited=False)) == {"node-001"}
    assert confirmation.due(ANSWER_S - 0.1) == []
    assert confirmation.due(ANSWER_S) == [TCP]
    assert confirmation.wave(TCP, lambda _: fleet, ANSWER_S, limited=False) == {}
    assert confirmation.due(3 * ANSWER_S) == []  # nothing new was learned
    assert confirmation.due(CASE_S + 1) == [] and confirmation.cases == ()


def test_who_has_no_link_or_does_not_ask_this_is_left_alone() -> None:
    fleet = peers(4)
    fleet["node-001"] = Peer(facts(), "ok", False)
    fleet["node-002"] = Peer(facts(), None, True)
    fleet["node-003"] = Peer(facts(), "skipped", True)
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    assert confirmation.wave(TCP, lambda _: fleet, 0, limited=False) == {}


def test_what_counts_as_a_pull_is_not_asked_for_where_pulls_are_limited() -> None:
    key = ("layer", "docker.io/library/nginx:1")
    confirmation = Confirmation()
    confirmation.heard("node-000", told("failed", key), 0)
    assert confirmation.wave(key, lambda _: peers(4), 0, limited=True) == {}
    confirmation = Confirmation()
    confirmation.heard("node-000", told("failed", key), 0)
    assert len(confirmation.wave(key, lambda _: peers(4), 0, limited=False)) == 3


def test_a_registry_is_not_flooded_however_much_begins_to_fail() -> None:
    fleet = peers(1000)
    confirmation = Confirmation()
    for number in range(50):
        confirmation.heard("node-000", told("failed", ("tcp", f"quay.io:{number}")), 0)
    asked = sum(len(confirmation.wave(key, lambda _: fleet, 0, limited=False)) for key in confirmation.due(0))
    assert asked == REGISTRY_BURST
    assert confirmation.due(1.0) != []  # the rest waits for its turn
    later = sum(len(confirmation.wave(key, lambda _: fleet, 1.0, limited=False)) for key in confirmation.due(1.0))
    assert later <= 20


def test_a_node_is_asked_so_much_in_a_minute_and_no_more() -> None:
    fleet = peers(2)
    confirmation = Confirmation()

    def ask(now: float) -> int:
        asked = 0
        for number in range(100):
            key = ("tcp", f"host-{number}:443")
            confirmation.heard("node-000", [Result(check=key[0], target=key[1], status="failed", cause="x")], now)
            asked += len(confirmation.wave(key, lambda _: fleet, now, limited=False))
            confirmation.heard("node-000", [Result(check=key[0], target=key[1], status="ok")], now)
        return asked

    assert [ask(now) for now in (0, 10, 20, 61)] == [100, 100, NODE_AT_MOST - 200, 100]


def test_a_node_that_changes_by_itself_later_makes_the_others_look_anew() -> None:
    fleet = peers(3)
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    assert set(confirmation.wave(TCP, lambda _: fleet, 0, limited=False)) == {"node-001", "node-002"}
    confirmation.heard("node-001", told("ok"), 1)
    confirmation.heard("node-002", told(), 7)  # the answer to what it was asked, late
    assert confirmation.wave(TCP, lambda _: fleet, 7, limited=False) == {}
    confirmation.left("node-000")
    confirmation.heard("node-000", told(), 8)
    assert set(confirmation.wave(TCP, lambda _: fleet, 8, limited=False)) == {"node-001", "node-002"}


def test_a_good_answer_that_was_on_its_way_is_no_word_on_what_begins() -> None:
    fleet = peers(3)
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    confirmation.heard("node-001", told("ok"), 0.1)
    confirmation.heard("node-002", told("failed"), 0.1)
    assert set(confirmation.wave(TCP, lambda _: fleet, 0.2, limited=False)) == {"node-001"}


def test_in_a_large_fleet_that_fails_who_has_not_looked_yet_is_outdated_until_he_has() -> None:
    fleet = peers(300)
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    asked: set[str] = {"node-000"}
    outdated: set[str] = set()

    def follow() -> None:
        for node, key, is_outdated in confirmation.outdated():
            assert key == TCP and (node in outdated) is not is_outdated
            outdated.symmetric_difference_update({node})

    for step in range(3):
        for name in confirmation.wave(TCP, lambda _: fleet, step, limited=False):
            asked.add(name)
            confirmation.heard(name, told(), step)
        follow()
        assert bool(outdated) is (step > 0)  # one node alone convinces nobody, a wave of them does
    assert outdated == set(fleet) - asked
    confirmation.heard("node-299", told("ok"), 3)
    follow()
    assert "node-299" not in outdated
    confirmation.due(3 + CASE_S)
    follow()
    assert outdated == set()


def test_a_zone_that_fails_outdates_nobody_of_another_zone() -> None:
    fleet = {name: Peer(facts(zone="a" if name < "node-250" else "b"), "ok", True) for name, peer in peers(500).items()}
    confirmation = Confirmation()
    confirmation.heard("node-499", told(), 0)
    for step in range(6):
        for name in confirmation.wave(TCP, lambda _: fleet, step * PAUSE_S, limited=False):
            confirmation.heard(name, told("failed" if name >= "node-250" else "ok"), step * PAUSE_S)
    outdated = {node for node, _, is_outdated in confirmation.outdated() if is_outdated}
    assert outdated and all(name >= "node-250" for name in outdated)


def test_a_rack_of_ten_in_a_thousand_is_found_and_asked_whole() -> None:
    fleet = {
        f"node-{number:03}": Peer(facts(zone="abc"[number % 3], rack=str(number // 10)), "ok", True)
        for number in range(1000)
    }
    rack = {name for name, peer in fleet.items() if ("rack", "17") in peer.facts}
    confirmation = Confirmation()
    confirmation.heard("node-175", told(), 0)
    asked = settle(confirmation, fleet, rack)
    assert rack - {"node-175"} <= asked


def test_a_fault_of_one_node_costs_a_large_fleet_a_few_questions() -> None:
    fleet = peers(1000)
    confirmation = Confirmation()
    confirmation.heard("node-500", told(), 0)
    assert QUIET <= len(settle(confirmation, fleet, {"node-500"})) <= WAVES[0] + WAVES[1]


def test_a_fact_that_looks_well_by_chance_clears_nobody() -> None:
    """Zone and pool cross: in the first wave a pool may have no failing node, and yet a fifth of it fails."""
    fleet = {
        f"node-{number:03}": Peer(facts(zone=str(number % 5), pool=str(number % 4), arch="amd64"), "ok", True)
        for number in range(1000)
    }
    zone = {name for name, peer in fleet.items() if ("zone", "0") in peer.facts}
    confirmation = Confirmation()
    confirmation.heard("node-000", told(), 0)
    asked = settle(confirmation, fleet, zone)
    assert zone - {"node-000"} <= asked and len(asked - zone) < 60


def test_a_spread_sees_every_value_before_it_sees_one_twice() -> None:
    fleet = peers(30)
    nodes = {name: peer.facts for name, peer in fleet.items()}
    chosen = spread(nodes, [fleet["node-000"].facts], 5)
    assert {dict(nodes[name])["zone"] for name in chosen} == set("abc")
    assert {dict(nodes[name])["make"] for name in chosen} == set("xy")
    assert spread(nodes, [], 100) == sorted(nodes) and spread(nodes, [], 0) == []
    assert not set(spread(nodes, [], 29, without=chosen)) & set(chosen)


def test_near_is_who_shares_what_is_rare() -> None:
    nodes = {"a": facts(zone="a", rack="1"), "b": facts(zone="a", rack="2"), "c": facts(zone="b", rack="2")}
    assert near(nodes, [facts(zone="a", rack="2"), facts(zone="a", rack="9")], 3) == ["b", "c", "a"]
    assert near(nodes, [facts(zone="b", rack="9")], 2) == ["c"] and near(nodes, [], 2) == []


def test_values_clear_only_where_their_fact_separates() -> None:
    well = [(facts(zone="b", make="x"), False)] * 3
    assert cleared_by([(facts(zone="a", make="y"), True), *well]) == {("zone", "b"), ("make", "x")}
    assert cleared_by([(facts(zone="a", make="x"), True), *well]) == {("zone", "b")}
    assert cleared_by([(facts(zone="a", make="y"), True), *well[:2]]) == frozenset()
    assert cleared_by(well) == frozenset()
