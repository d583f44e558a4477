"""Nodes and their facts, as clouds, halls and edge sites have them: facts hang together, some are unique.

Each style draws places (zones, racks, sites) and makes (pools with their instance types, architectures and systems).
A rollout gives half of a pool a newer make, with several facts at once, as rollouts do.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.fleet.world import Machine

STYLES = ("cloud", "cloud", "hall", "edge", "hybrid", "flat")
NAMES: dict[str, dict[str, str]] = {  # how the same fact is called elsewhere
    "cloud": {},
    "labels": {
        "zone": "topology.kubernetes.io/zone",
        "region": "topology.kubernetes.io/region",
        "instance_type": "node.kubernetes.io/instance-type",
        "pool": "eks.amazonaws.com/nodegroup",
    },
}
RUNTIMES = ("containerd 1.6.20", "containerd 1.7.24", "containerd 2.1.4", "cri-o 1.31.2", "podman 5.2.0")
SYSTEMS = ("ubuntu 22.04", "ubuntu 24.04", "debian 12", "rhcos 4.16", "bottlerocket 1.20", "flatcar 3975")
TYPES = ("m6i.large", "m7g.xlarge", "c6a.2xlarge", "n2-standard-8", "g5.xlarge", "r640")
POOLS = ("default", "gpu", "batch", "ingress", "arm", "spot", "system")


@dataclass(slots=True)
class Make:
    """One make of node: the facts that all nodes of a pool share."""

    facts: dict[str, Any]
    weight: float


def draw(chance: random.Random, size: int) -> tuple[str, list[Machine]]:
    """Draw a fleet's machines; gives the style's name and them."""
    style = chance.choice(STYLES)
    makes = _makes(chance, style)
    places = _places(chance, style, size)
    renamed = NAMES["labels"] if chance.random() < 0.2 else NAMES["cloud"]
    unique = _unique(chance)
    machines = []
    prefix = chance.choice(("node-", "ip-10-0-", "worker-", "k8s-n", "edge-box-"))
    for number in range(size):
        make = chance.choices(makes, [one.weight for one in makes])[0]
        place = places[number % len(places)] if chance.random() < 0.9 else chance.choice(places)
        facts = place | make.facts | {fact: value(number, chance) for fact, value in unique.items()}
        facts = {renamed.get(fact, fact): value for fact, value in facts.items()}
        machines.append(Machine(f"{prefix}{number}", facts))
    if size > 3 and chance.random() < 0.45:
        _roll_out(chance, machines)
    return style, machines


def _makes(chance: random.Random, style: str) -> list[Make]:
    count = 1 if style == "flat" else chance.choices((1, 2, 3, 5), (2, 4, 3, 1))[0]
    pools = chance.sample(POOLS, count)
    base_runtime, base_system = chance.choice(RUNTIMES), chance.choice(SYSTEMS)
    config, trust = _hash(chance), _hash(chance)
    makes = []
    for pool in pools:
        same = chance.random() < 0.6
        arm = pool == "arm" or (style in ("edge", "hybrid") and chance.random() < 0.3)
        facts: dict[str, Any] = {
            "pool": pool,
            "arch": "arm64" if arm else "amd64",
            "instance_type": chance.choice(TYPES),
            "os": base_system if same else chance.choice(SYSTEMS),
            "runtime": base_runtime if same or chance.random() < 0.5 else chance.choice(RUNTIMES),
            "registry_config": config if chance.random() < 0.7 else _hash(chance),
            "trust": trust if chance.random() < 0.75 else _hash(chance),
        }
        facts["kernel"] = f"{chance.choice(('5.15', '6.1', '6.8'))}.0-{chance.randint(20, 140)}"
        if style == "hybrid":
            facts["provider"] = chance.choice(("aws", "metal"))
        if pool == "gpu":
            facts["gpu"] = True
        if chance.random() < 0.12:
            facts["proxy"] = f"http://proxy-{pool}.corp.example:3128"
        makes.append(Make(facts, chance.choice((1.0, 1.0, 2.0, 4.0))))
    return makes


def _places(chance: random.Random, style: str, size: int) -> list[dict[str, Any]]:
    count = {"flat": 1, "edge": min(max(size // chance.choice((3, 6, 12)), 1), 400)}.get(style) or chance.randint(1, 4)
    resolver, egress = _resolver_plan(chance, style), _egress_plan(chance, style)
    name = {"hall": "rack", "edge": "site"}.get(style, "zone")
    shared = chance.random() < 0.3
    places = []
    for number in range(count):
        place: dict[str, Any] = {name: chance_name(name, number)}
        if name != "zone" and count > 2:
            place["zone"] = chance_name("zone", number % 3)
        place["region"] = "eu-1" if shared or number % 2 == 0 else "eu-2"
        if resolver is not None:
            place["resolver"] = resolver(number)
        if egress is not None:
            place["egress"] = egress(number)
        places.append(place)
    return places


def chance_name(kind: str, number: int) -> str:
    """Name a place: zones by letters, the rest by numbers."""
    return f"{'abcdefgh'[number % 8]}" if kind == "zone" else f"{kind}-{number}"


def _resolver_plan(chance: random.Random, style: str) -> Callable[[int], Any] | None:
    plan = "place" if style == "edge" else chance.choice(("one", "one", "place", "local", "two"))
    if plan == "one":
        return lambda number: "10.0.0.2"
    if plan == "local":
        return lambda number: "169.254.20.10"
    if plan == "two":
        return lambda number: "10.0.0.2,10.0.0.3" if number % 2 else "10.0.0.3,10.0.0.2"
    return lambda number: f"10.{number // 200}.{number % 200}.2"


def _egress_plan(chance: random.Random, style: str) -> Callable[[int], Any] | None:
    plan = "place" if style == "edge" else chance.choice(("one", "place", "place", "none"))
    if plan == "none":
        return None  # each node's own, drawn with what is unique
    if plan == "one":
        return lambda number: "198.51.100.7"
    return lambda number: f"198.51.{100 + number // 200}.{number % 200}"


def _unique(chance: random.Random) -> dict[str, Callable[[int, random.Random], Any]]:
    """Draw facts that are each node's own, and some that mean nothing."""
    found: dict[str, Callable[[int, random.Random], Any]] = {}
    if chance.random() < 0.6:
        found["ip"] = lambda number, _: f"10.20.{number // 250}.{number % 250}"
    if chance.random() < 0.3:
        found["serial"] = lambda number, own: f"SN{own.randrange(16**8):08x}"
    if chance.random() < 0.3:
        found["cpus"] = lambda _, own: own.choice((4, 4, 8, 16))
    if chance.random() < 0.2:
        found["boot_day"] = lambda _, own: f"2026-11-{own.randint(1, 21):02d}"
    if chance.random() < 0.15:
        found["labels"] = lambda _, own: ["linux", own.choice(("blue", "green"))]
    return found


def _roll_out(chance: random.Random, machines: list[Machine]) -> None:
    """Give a share of the nodes (or of one pool) a newer make: system, kernel, runtime, configuration, trust."""
    pools = sorted({str(one.facts.get("pool")) for one in machines if "pool" in one.facts})
    pool = chance.choice(pools) if pools and chance.random() < 0.5 else None
    share = chance.choice((0.1, 0.3, 0.5, 0.5, 0.7))
    new: dict[str, Any] = {"runtime": "containerd 2.2.0"}
    if chance.random() < 0.6:
        new |= {"os": "ubuntu 26.04", "kernel": "7.0.0-12"}
    if chance.random() < 0.5:
        new["registry_config"] = _hash(chance)
    if chance.random() < 0.3:
        new["trust"] = _hash(chance)
    if chance.random() < 0.5:
        new["image_version"] = "2026-11"
        for machine in machines:
            machine.facts["image_version"] = "2026-09"
    for machine in machines:
        if (pool is None or machine.facts.get("pool") == pool) and chance.random() < share:
            machine.facts |= new


def _hash(chance: random.Random) -> str:
    return f"{chance.randrange(16**12):012x}"
