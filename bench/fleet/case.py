"""One case by its seed: a world, what is broken in it, the snapshot that its agents would make, and the truth."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent.contract.report import Node, Snapshot
from bench.fleet import faults, pods, registries, topology, truth
from bench.fleet.agent import Seen, Walk, leave_out
from bench.fleet.fault import Fault
from bench.fleet.knobs import HARD, Knobs
from bench.fleet.near import at_port
from bench.fleet.noise import Noise
from bench.fleet.truth import Expected
from bench.fleet.world import AT, Image, Machine, Registry, Sender, State, World

SENDERS: tuple[Sender, ...] = ("whole", "no_windows", "no_beginnings")
AWAY: tuple[State, ...] = ("cordoned", "not_ready", "leaving")


@dataclass(slots=True)
class Case:
    """A snapshot and what a perfect report of it would find."""

    seed: int
    world: World
    faults: list[Fault]
    snapshot: Snapshot
    expected: list[Expected]


def cases(seeds: Iterable[int], knobs: Knobs = HARD) -> Iterator[Case]:
    """Make one case per seed, one after the other: nothing is kept."""
    for seed in seeds:
        yield case(seed, knobs)


def case(seed: int, knobs: Knobs = HARD, *, size: int | None = None, count: int | None = None) -> Case:
    """Make a case.

    Args:
        size: nodes, instead of a drawn number.
        count: faults, instead of a drawn number.
    """
    chance = random.Random(seed)
    world, broken, noise = situation(chance, knobs, size, count)
    snapshot, walks = _snapshot(world, broken, noise, chance)
    expected = truth.expected(world, broken, walks)
    if chance.random() < knobs.pods:
        snapshot.pods = pods.draw(world, walks, expected, chance)
    return Case(seed, world, broken, snapshot, expected)


def situation(
    chance: random.Random, knobs: Knobs, size: int | None, count: int | None, known: tuple[Registry, ...] = ()
) -> tuple[World, list[Fault], Noise]:
    """Draw a world, what is broken in it, and its noise; with `known` registries every machine asks them all."""
    if size is None:
        _, fewest, most = chance.choices(knobs.sizes, [one[0] for one in knobs.sizes])[0]
        size = chance.randint(fewest, most)
    world = _world(chance, size, knobs, known)
    count = chance.choices(range(len(knobs.faults)), knobs.faults)[0] if count is None else count
    broken = faults.draw(world, chance, count)
    _take_effect(world, broken, chance)
    return world, broken, _noise(world, broken, chance)


def _world(chance: random.Random, size: int, knobs: Knobs, given: tuple[Registry, ...]) -> World:
    known = given or registries.draw(chance)
    style, machines = topology.draw(chance, size)
    world = World(f"{style}-1", knobs, known, machines, style)
    world.sender = chance.choices(SENDERS, knobs.senders)[0]
    world.remarks = chance.random() < knobs.remarks
    if given:
        for machine in machines:
            machine.asks = [(one, one.images) for one in given]
    else:
        _share_out(world, chance)
    away = chance.choice(knobs.excluded)
    interval_s = chance.choice((60.0, 60.0, 60.0, 30.0, 120.0, 300.0))
    says = chance.random() < 0.9 or interval_s > 60.0
    for machine in machines:
        machine.interval_s, machine.says_interval = interval_s, says
        machine.proxied = "proxy" in machine.facts
        machine.age_s = chance.choice((90_000.0, 400_000.0)) + chance.uniform(0, 9_000)
        if chance.random() < 0.03:
            machine.age_s = chance.uniform(20, 3_000)
        machine.ahead_s = chance.uniform(-2, 2)
        if size > 2 and chance.random() < away:
            machine.state = chance.choice(AWAY)
        elif size > 2 and chance.random() < 0.01:
            machine.is_new = True
    return world


def _share_out(world: World, chance: random.Random) -> None:
    """Say which machine asks what, and by which mirror."""
    whole = [(one, one.images) for one in world.registries]
    mode = chance.choices(("same", "pool", "own"), (6, 3, 1))[0]
    by_pool: dict[str, list[tuple[Registry, tuple[Image, ...]]]] = {}
    mirrored = chance.choice(world.registries).name if chance.random() < 0.25 else None
    configs = sorted({str(one.facts.get("registry_config")) for one in world.machines})
    with_mirror = {one for one in configs if chance.random() < 0.7}
    for machine in world.machines:
        if mode == "same":
            machine.asks = whole
        elif mode == "own":
            machine.asks = _subset(whole, chance)
        else:
            pool = str(machine.facts.get("pool"))
            machine.asks = by_pool.setdefault(pool, _subset(whole, chance))
        if mirrored and str(machine.facts.get("registry_config")) in with_mirror:
            machine.mirrors = {mirrored: registries.MIRROR}


def _subset(
    whole: Sequence[tuple[Registry, tuple[Image, ...]]], chance: random.Random
) -> list[tuple[Registry, tuple[Image, ...]]]:
    kept = [one for one in whole if chance.random() < 0.8] or [chance.choice(whole)]
    return [(registry, tuple(i for i in images if chance.random() < 0.8) or images[:1]) for registry, images in kept]


def _take_effect(world: World, broken: Sequence[Fault], chance: random.Random) -> None:
    """Let faults of clocks and agents change their machines, and the agents say which facts they know."""
    ago = chance.uniform(3.5, 30.0)
    lost, bare = chance.random() < 0.3, chance.random() < world.knobs.bare
    never = chance.random() < 0.15
    for machine in world.machines:
        for fault in broken:
            if machine.name in fault.on and fault.cause == "clock_skew":
                size_s = chance.uniform(86_400, 3e8) if fault.follows else chance.uniform(120, 4_000)
                machine.ahead_s = chance.choice((-1, 1)) * size_s
            if machine.name in fault.on and fault.cause == "agent_silent" and not machine.is_new:
                machine.silent_s = ago * max(machine.interval_s, 60.0) * chance.uniform(1.0, 1.2)
                machine.never_heard = never
        keep = 1.0 - world.knobs.missing if lost else 1.0
        known = machine.facts.items() if not bare else [(fact, machine.facts[fact]) for fact in ("arch", "os")]
        machine.told = {fact: value for fact, value in known if chance.random() < keep}


def _noise(world: World, broken: Sequence[Fault], chance: random.Random) -> Noise:
    if world.sender == "no_windows":
        return Noise()
    noise = Noise(chance.choice(world.knobs.noise_rates), world.knobs.instruments, chance.choice((0.1, 0.3, 1.0)))
    registry = chance.choice(world.registries)
    key = chance.choice(
        (("registry", registry.name), ("tcp", at_port(registry.host)), ("manifest", registry.images[0].name))
    )
    if any(fault.hits(*key) for fault in broken):
        return noise
    if chance.random() < 0.1:
        noise.hiccups[key] = (chance.uniform(60, 900), chance.uniform(0.05, 1.0))
    elif chance.random() < 0.04:
        noise.over[key] = chance.randint(2, 7)
    return noise


def _snapshot(
    world: World, broken: Sequence[Fault], noise: Noise, chance: random.Random
) -> tuple[Snapshot, dict[str, list[Seen]]]:
    walks: dict[str, list[Seen]] = {}
    nodes = []
    for machine in world.machines:
        node, seen = report(world, machine, broken, noise, chance)
        nodes.append(node)
        if machine.counts and machine.silent_s is None and not machine.is_new:
            walks[machine.name] = seen
    chance.shuffle(nodes)
    return Snapshot(cluster=world.cluster, at=AT, nodes=nodes), walks


def report(
    world: World, machine: Machine, broken: Sequence[Fault], noise: Noise, chance: random.Random
) -> tuple[Node, list[Seen]]:
    """Give what the aggregator knows of one machine, and which faults its answers show."""
    heard_s = machine.silent_s or chance.uniform(0.5, 0.9 * machine.interval_s)
    seen: list[Seen] = []
    if not machine.is_new and not machine.never_heard:
        own = [fault for fault in broken if machine.name in fault.on]
        walk = Walk(machine, own, noise, heard_s, chance)
        walk.remarks = world.remarks
        seen = walk.all()
        for one in seen if world.sender != "whole" else ():
            leave_out(one, world.sender)
    heard_s = min([heard_s, *(one.line.ago_s for one in seen if one.line)])
    return _node(machine, seen, heard_s, chance), seen


def _node(machine: Machine, seen: Sequence[Seen], heard_s: float, chance: random.Random) -> Node:
    created_s = (
        chance.uniform(5, 60)
        if machine.is_new
        else max(machine.age_s, machine.silent_s or 0.0) + chance.uniform(10, 90)
    )
    return Node(
        name=machine.name,
        last_seen=None if machine.is_new or machine.never_heard else AT - timedelta(seconds=heard_s),
        created=AT - timedelta(seconds=created_s),
        ready=machine.state != "not_ready",
        schedulable=machine.state != "cordoned",
        leaving=machine.state == "leaving",
        interval_s=machine.interval_s if machine.says_interval else None,
        facts=machine.told,
        results=[one.result for one in seen],
    )
