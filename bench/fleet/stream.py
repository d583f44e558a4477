"""Large fleets for measuring speed and memory: node by node, and as a sequence of snapshots in which one node changes.

Every node has the same sixty questions, so that time and memory per node can be compared between sizes.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from agent.contract.report import Node, Snapshot
from agent.contract.result import Result
from bench.fleet.case import report, situation
from bench.fleet.fault import Fault
from bench.fleet.knobs import Knobs
from bench.fleet.registries import OWN, PUBLIC
from bench.fleet.runs import window
from bench.fleet.world import AT, Image, Registry, World

RESULTS = 60  # of each node, as the goals for speed say
IMAGES = (4, 4, 2)  # of the three registries: with their hosts and the node's own checks that makes sixty questions
HOST = frozenset({"cdn01.quay.io:443"})
BEGAN_S = 5_000.0  # long enough for every check but the hourly ones, and hosts that were named are still asked
STEADY = Knobs(noise_rates=(0.001,), senders=(1.0, 0.0, 0.0))  # measured is the work, not the luck of the draw


def nodes(size: int, seed: int = 1) -> Iterator[Node]:
    """Give a fleet's nodes one by one; only the one that was given last is held."""
    chance = random.Random(seed)
    world, _, noise = situation(chance, STEADY, size, 0, _registries())
    broken = _broken(world)
    for machine in world.machines:
        machine.mirrors, machine.proxied, machine.is_new = {}, False, False
        yield report(world, machine, broken, noise, chance)[0]


def snapshot(size: int, seed: int = 1) -> Snapshot:
    """Give a whole fleet at once."""
    return Snapshot(cluster="bench", at=AT, nodes=list(nodes(size, seed)))


def updates(fleet: Snapshot, count: int, seed: int = 1) -> Iterator[tuple[datetime, Node]]:
    """Give reports in time, a second apart: each time one node says that something of it fails, or is well again."""
    chance = random.Random(seed)
    current = {node.name: node for node in fleet.nodes}
    names = sorted(current)
    for number in range(1, count + 1):
        at = fleet.at + timedelta(seconds=number)
        name = chance.choice(names)
        current[name] = _changed(current[name], at, chance)
        yield at, current[name]


def snapshots(fleet: Snapshot, count: int, seed: int = 1) -> Iterator[Snapshot]:
    """Give the same reports as whole snapshots, one after the other; all but the changed node is shared."""
    places = {node.name: number for number, node in enumerate(fleet.nodes)}
    current = list(fleet.nodes)
    for at, node in updates(fleet, count, seed):
        current[places[node.name]] = node
        yield Snapshot(cluster=fleet.cluster, at=at, nodes=list(current))


def _changed(node: Node, at: datetime, chance: random.Random) -> Node:
    results = [msgspec.structs.replace(one, at=at) for one in node.results]
    number = chance.randrange(len(results))
    results[number] = _flipped(results[number], at)
    return msgspec.structs.replace(node, last_seen=at, results=results)


def _flipped(result: Result, at: datetime) -> Result:
    if result.status == "failed":
        return msgspec.structs.replace(result, status="ok", cause=None, since=at, window=window(10, 3))
    since = at - timedelta(seconds=1)
    return msgspec.structs.replace(result, status="failed", cause="connect_timeout", since=since, window=window(10, 2))


def _broken(world: World) -> list[Fault]:
    """Break the same four things in a fleet of any size: an image, a host for some, the resolver of few, one disk."""
    machines = [one.name for one in world.machines]
    everybody = frozenset(machines)
    image = world.registries[0].images[0].name
    return [
        Fault("disk", "disk_full", frozenset({"disk"}), frozenset(machines[:1]), None, age_s=BEGAN_S),
        Fault("resolver", "dns_failed", frozenset({"dns"}), frozenset(machines[1::100]), None, age_s=BEGAN_S),
        Fault("host", "connect_timeout", frozenset({"tcp"}), frozenset(machines[2::4]), HOST, age_s=BEGAN_S),
        Fault("image", "image_not_found", frozenset({"manifest"}), everybody, frozenset({image}), age_s=BEGAN_S),
    ]


def _registries() -> tuple[Registry, ...]:
    public = [
        Registry(name, host, _images(name, count), auth=auth, blobs=blobs, limits=limits)
        for (name, host, auth, blobs, limits), count in zip(PUBLIC, IMAGES[:2], strict=False)
    ]
    name, host, _, _ = OWN[0]
    return (*public, Registry(name, host, _images(name, IMAGES[2]), private=True))


def _images(registry: str, count: int) -> tuple[Image, ...]:
    found = (f"{registry}/team/app-{number}" for number in range(count))
    return tuple(Image(f"{repository}:v1", repository, registry) for repository in found)
