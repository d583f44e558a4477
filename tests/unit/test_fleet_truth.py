"""The truth that the simulator tells follows the design's words: subject, scope, differences, and who is counted."""

import random
from collections.abc import Sequence
from typing import Any

from agent.contract.report import Subject
from bench.fleet import truth
from bench.fleet.agent import Seen, Walk
from bench.fleet.fault import Fault
from bench.fleet.knobs import Knobs
from bench.fleet.noise import Noise
from bench.fleet.truth import Expected
from bench.fleet.world import Image, Machine, Registry, World

HUB = Registry(
    "one.lab",
    "one.lab",
    tuple(Image(f"one.lab/{name}:1", f"one.lab/{name}", "one.lab") for name in ("app", "web")),
    auth="auth.one.lab",
)
OWN = Registry("two.lab", "two.lab", (Image("two.lab/cart:1", "two.lab/cart", "two.lab"),), blobs="blobs.two.lab")
ALL = Subject(kind="all")


def world(size: int = 12, **facts: Any) -> World:
    """Make nodes in zones a and b, half each, that ask both registries."""
    machines = [
        Machine(f"n{number}", {"zone": "ab"[number * 2 // size], "ip": f"10.0.0.{number}"} | facts)
        for number in range(size)
    ]
    for machine in machines:
        machine.asks = [(HUB, HUB.images), (OWN, OWN.images)]
    return World("lab", Knobs(), (HUB, OWN), machines)


def fault(cause: str, checks: str, on: Sequence[str], *targets: str, **more: Any) -> Fault:
    """Make a fault that began an hour and a half ago."""
    asked = frozenset(targets) if targets else None
    return Fault("test", cause, frozenset(checks.split()), frozenset(on), asked, **({"age_s": 5_400.0} | more))


def names(*numbers: int) -> list[str]:
    return [f"n{number}" for number in numbers]


def tell(where: World, *faults: Fault) -> list[Expected]:
    """Let the agents walk, and derive the truth."""
    walks: dict[str, list[Seen]] = {}
    for machine in where.machines:
        machine.told = dict(machine.facts)
    for machine in where.counted():
        own = [one for one in faults if machine.name in one.on]
        walks[machine.name] = Walk(machine, own, Noise(), 5.0, random.Random(machine.name)).all()
    return truth.expected(where, faults, walks)


def short(found: Sequence[Expected]) -> list[tuple[str, ...]]:
    """Write a truth short."""
    return sorted(
        (one.cause, one.scopes[0], one.subject.kind, one.subject.value or "", " ".join(sorted(one.nodes)))
        for one in found
    )


def test_nothing_broken_is_no_finding() -> None:
    assert tell(world()) == []


def test_a_resolver_of_one_node_is_all() -> None:
    assert short(tell(world(), fault("dns_failed", "dns", names(3)))) == [("dns_failed", "node", "all", "", "n3")]


def test_a_host_down_for_a_zone_is_a_group_and_its_fact_differs() -> None:
    (found,) = tell(world(), fault("connect_refused", "tcp", names(*range(6)), "two.lab:443", fact="zone"))
    assert (found.scopes, found.subject) == (["group"], Subject(kind="host", value="two.lab"))
    assert found.group is not None
    assert (found.group.fact, found.group.value, found.fact) == ("zone", "a", "zone")


def test_nine_in_ten_are_the_cluster() -> None:
    (found,) = tell(world(), fault("connect_refused", "tcp", names(*range(11)), "two.lab:443"))
    assert found.scopes == ["cluster"]


def test_some_nodes_without_anything_in_common_are_nodes() -> None:
    (found,) = tell(world(), fault("connect_refused", "tcp", names(0, 11), "two.lab:443"))
    assert (found.scopes, found.group, found.fact) == (["nodes"], None, None)


def test_a_fact_that_is_not_reported_is_no_difference() -> None:
    where = world()
    for machine in where.machines:
        del machine.facts["zone"]
    (found,) = tell(where, fault("connect_refused", "tcp", names(*range(6)), "two.lab:443", fact="zone"))
    assert (found.scopes, found.fact) == (["nodes"], None)


def test_a_fact_that_healthy_nodes_have_too_is_no_difference() -> None:
    where = world(rack="r1")
    (found,) = tell(where, fault("connect_refused", "tcp", names(0, 11), "two.lab:443", fact="rack"))
    assert found.fact is None


def test_a_node_that_asks_one_host_fails_at_that_host() -> None:
    where = world()
    for machine in where.machines:
        machine.asks = [(Registry("two.lab", "two.lab", OWN.images), OWN.images)]
    (found,) = tell(where, fault("dns_failed", "dns", names(3)))
    assert found.subject == Subject(kind="host", value="two.lab")


def test_a_node_that_has_not_seen_it_yet_is_not_counted() -> None:
    where = world()
    where.machines[0].interval_s = 86_400.0
    where.machines[0].age_s = 400_000.0
    (found,) = tell(where, fault("image_not_found", "manifest", names(*range(12)), "two.lab/cart:1", age_s=900.0))
    assert found.nodes == set(names(*range(1, 12)))


def test_what_lies_behind_another_fault_is_not_true_of_those_nodes() -> None:
    big = fault("dns_failed", "dns", names(*range(6)))
    small = fault("image_not_found", "manifest", names(*range(12)), "two.lab/cart:1")
    found = {one.cause: one for one in tell(world(), big, small)}
    assert found["image_not_found"].nodes == set(names(*range(6, 12)))
    assert found["image_not_found"].scopes == ["cluster"]


def test_a_fault_that_nobody_could_see_is_not_in_the_truth() -> None:
    gone = fault("dns_failed", "dns", names(*range(12)), "two.lab")
    refused = fault("image_not_found", "manifest", names(*range(12)), "two.lab/cart:1")
    assert [one.cause for one in tell(world(), gone, refused)] == ["dns_failed"]


def test_one_image_is_the_image_and_two_repositories_of_a_registry_are_the_registry() -> None:
    (one,) = tell(world(), fault("image_not_found", "manifest", names(*range(12)), "one.lab/app:1"))
    assert one.subject == Subject(kind="image", value="one.lab/app:1")
    (both,) = tell(world(), fault("auth_failed", "manifest", names(*range(12)), "one.lab/app:1", "one.lab/web:1"))
    assert both.subject == Subject(kind="registry", value="one.lab")


def test_two_images_of_one_repository_are_the_repository() -> None:
    tags = tuple(Image(f"one.lab/app:{tag}", "one.lab/app", "one.lab") for tag in (1, 2))
    registry = Registry("one.lab", "one.lab", tags)
    where = world()
    where.registries = (registry, OWN)
    for machine in where.machines:
        machine.asks = [(registry, tags), (OWN, OWN.images)]
    (found,) = tell(where, fault("image_not_found", "manifest", names(*range(12)), "one.lab/app:1", "one.lab/app:2"))
    assert found.subject == Subject(kind="repository", value="one.lab/app")


def test_a_check_of_the_registry_is_the_registry() -> None:
    (found,) = tell(world(), fault("registry_unavailable", "registry", names(*range(12)), "two.lab"))
    assert found.subject == Subject(kind="registry", value="two.lab")


def test_nodes_that_do_not_count_are_not_there() -> None:
    where = world()
    where.machines[0].state = "cordoned"
    where.machines[1].silent_s = 900.0
    found = tell(where, fault("dns_failed", "dns", names(0, 1, 2)))
    assert short(found) == [("agent_silent", "node", "all", "", "n1"), ("dns_failed", "node", "all", "", "n2")]


def test_who_fails_of_something_else_in_the_same_place_makes_the_scope_doubtful() -> None:
    stopped = fault("connect_refused", "tcp", names(*range(12)), "blobs.two.lab:443", near=2)
    dropped = fault("connect_timeout", "tcp", names(0, 1, 2), "blobs.two.lab:443")
    found = {one.cause: one for one in tell(world(), dropped, stopped)}
    assert found["connect_refused"].scopes == ["nodes", "cluster"]


def test_what_comes_and_goes_counts_every_node_that_showed_it() -> None:
    flapping = fault("registry_unavailable", "registry", names(*range(12)), "one.lab", rate=0.5, age_s=90_000.0)
    (found,) = tell(world(), flapping)
    assert len(found.nodes) >= 11
    assert found.scopes == ["cluster"]
    assert found.sure


def test_a_node_that_has_not_shown_yet_what_comes_and_goes_may_be_left_out() -> None:
    flapping = fault("registry_unavailable", "registry", names(*range(12)), "one.lab", rate=0.3, age_s=200.0)
    (found,) = tell(world(), flapping)
    assert 0 < len(found.nodes) < 12
    assert found.maybe >= set(names(*range(12))) - found.nodes


def test_what_a_nodes_own_resolver_spoils_now_and_then_is_all() -> None:
    (found,) = tell(world(), fault("dns_failed", "dns", names(4), rate=0.5, age_s=90_000.0))
    assert (found.subject, found.nodes) == (ALL, {"n4"})


def test_a_clock_that_is_far_off_explains_the_certificates() -> None:
    skewed = fault("clock_skew", "clock", names(2), follows=(("tls", None, "tls_expired"),))
    assert short(tell(world(), skewed)) == [("clock_skew", "node", "all", "", "n2")]
