"""Faults of nodes: their resolver, way out, trust, proxy, disk, runtime, clock, configuration, credentials, agent."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from agent.contract.table import ROUND_S
from bench.fleet.fault import Fault
from bench.fleet.world import Machine, World

TCP = ("connect_timeout", "connect_timeout", "connect_refused", "connection_reset")


def age_s(world: World, chance: random.Random) -> float:
    """Draw how long ago a fault began: mostly long enough for every check to have met it."""
    if chance.random() < world.knobs.beginning:
        return ROUND_S * world.stretch * chance.uniform(0.94, 1.2)
    if chance.random() < world.knobs.fresh:
        return world.stretch * chance.uniform(150, 1200)
    return world.stretch * chance.uniform(4_000, 40_000)


def long_s(world: World, chance: random.Random) -> float:
    """Draw how long ago a fault began that only checks by the hour meet."""
    return world.stretch * chance.uniform(8_000, 40_000)


def rate(world: World, chance: random.Random) -> float:
    """Draw how often a fault shows: mostly always."""
    if world.sender == "whole" and chance.random() < world.knobs.flapping:
        return chance.uniform(0.2, 0.7)
    return 1.0


def names(machines: Sequence[Machine]) -> frozenset[str]:
    """Give the names of machines."""
    return frozenset(one.name for one in machines)


def some(world: World, chance: random.Random) -> list[Machine]:
    """Draw one machine, or a few that share nothing on purpose."""
    heard = world.counted()
    heard = [one for one in heard if one.name in world.focus] or heard
    if not heard:
        return []
    count = 1 if chance.random() < 0.6 else chance.randint(2, max(2, min(8, len(heard) // 4)))
    return chance.sample(heard, min(count, len(heard)))


def group(world: World, chance: random.Random, facts: Sequence[str]) -> tuple[str, list[Machine]] | None:
    """Draw a fact and the machines of one of its values, neither all nor a single one of them."""
    choices = []
    for fact in facts:
        for value in {repr(one.facts[fact]): one.facts[fact] for one in world.machines if fact in one.facts}.values():
            having = world.having(fact, value)
            if 2 <= len(having) < len(world.machines):
                choices.append((fact, having))
    return chance.choice(choices) if choices else None


def places(world: World) -> list[str]:
    """Give the facts that name places or makes in this world."""
    known = {fact for one in world.machines[:50] for fact in one.facts}
    ends = ("zone", "rack", "site", "pool", "nodegroup", "region", "instance_type", "instance-type")
    return sorted(fact for fact in known if fact.endswith(ends))


def set_apart(machines: Sequence[Machine], fact: str, value: Any) -> None:
    """Give machines another value of a fact."""
    for machine in machines:
        machine.facts[fact] = value


def own_resolver(world: World, chance: random.Random) -> Fault | None:
    """Break the resolver of one node or a few: a wrong line in resolv.conf, or a dead local cache."""
    chosen = some(world, chance)
    fact = None
    if chance.random() < 0.6 and any("resolver" in one.facts for one in world.machines):
        set_apart(chosen, "resolver", f"10.99.0.{chance.randint(2, 99)}")
        fact = "resolver"
    return _everywhere("resolver of nodes", "dns_failed", "dns", chosen, world, chance, fact)


def shared_resolver(world: World, chance: random.Random) -> Fault | None:
    """Break a resolver that a place shares."""
    found = group(world, chance, ["resolver"])
    return _everywhere("resolver of a place", "dns_failed", "dns", found[1], world, chance, found[0]) if found else None


def every_resolver(world: World, chance: random.Random) -> Fault | None:
    """Break name service for everybody."""
    return _everywhere("resolver of all", "dns_failed", "dns", world.machines, world, chance, None)


def way_out(world: World, chance: random.Random) -> Fault | None:
    """Cut the way out of some nodes."""
    return _everywhere("way out of nodes", chance.choice(TCP[:3]), "tcp", some(world, chance), world, chance, None)


def shared_way_out(world: World, chance: random.Random) -> Fault | None:
    """Cut the way out of a place or of an egress address."""
    found = group(world, chance, ["egress", *places(world)])
    if found is None:
        return None
    return _everywhere("way out of a place", chance.choice(TCP[:3]), "tcp", found[1], world, chance, found[0])


def trust_everywhere(world: World, chance: random.Random) -> Fault | None:
    """Take the company's CA, which signs for everything behind its inspection, from the nodes of one trust store."""
    found = _newer(world, chance, "trust")
    return _everywhere("trust everywhere", "tls_untrusted", "tls", found, world, chance, "trust") if found else None


def trust_of_own(world: World, chance: random.Random) -> Fault | None:
    """Take the company's CA from the nodes of one trust store; only its own registries show it."""
    own = [one for one in world.registries if one.private]
    found = _newer(world, chance, "trust") if own else None
    if not found:
        return None
    registry = chance.choice(own)
    targets = frozenset(at_port(host) for host in registry.hosts)
    return Fault("trust of one registry", "tls_untrusted", frozenset({"tls"}), names(found), targets, "trust",
                 age_s(world, chance), near=3, reach="node")  # fmt: skip


def proxy(world: World, chance: random.Random) -> Fault | None:
    """Break the proxy of a pool."""
    found = group(world, chance, ["proxy"]) or ("proxy", [one for one in world.machines if one.proxied])
    return _everywhere("proxy", "proxy_failed", "tls", found[1], world, chance, "proxy") if found[1] else None


def _everywhere(
    kind: str, cause: str, check: str, on: Sequence[Machine], world: World, chance: random.Random, fact: str | None
) -> Fault:
    spoils = rate(world, chance) if check != "tls" else 1.0  # a certificate is there or it is not
    return Fault(kind, cause, frozenset({check}), names(on), None, fact, age_s(world, chance), spoils,
                 chance.random() < 0.6, reach="node")  # fmt: skip


def credentials(world: World, chance: random.Random) -> Fault | None:
    """Leave the pull secret of a private registry off the nodes of a new configuration."""
    own = [one for one in world.registries if one.private]
    if not own or len(world.registries) < 2:
        return None
    registry = chance.choice(own)
    fact = chance.choice(("registry_config", "registry_config", "runtime", "pool"))
    found = _newer(world, chance, fact)
    if not found:
        return None
    targets = frozenset({registry.name, *(image.name for image in registry.images)})
    # The file may be missing, which the node sees by itself, or hold what the registry refuses.
    checks = frozenset({"credentials", "manifest"}) if len(registry.images) % 3 == 0 else frozenset({"manifest"})
    return Fault("credentials missing", "auth_failed", checks, names(found), targets, fact,
                 age_s(world, chance), near=4, reach="image")  # fmt: skip


def _newer(world: World, chance: random.Random, fact: str) -> list[Machine]:
    """Give the machines of a configuration that some have; make one where there is none."""
    found = group(world, chance, [fact]) if chance.random() < 0.5 else None
    if found is not None:
        return found[1]
    chosen = some(world, chance)
    if chance.random() < 0.4:
        chosen = [one for one in world.counted() if chance.random() < 0.4] or chosen
    if not any(fact in one.facts for one in world.machines):
        return []
    set_apart(chosen, fact, f"new-{chance.randrange(16**6):06x}")
    return chosen


def _of_node(kind: str, cause: str, check: str, **more: Any) -> Callable[[World, random.Random], Fault | None]:
    def draw(world: World, chance: random.Random) -> Fault | None:
        """Break it on one node, a few, or all of one make."""
        found = group(world, chance, [*places(world), "runtime", "os"]) if chance.random() < 0.25 else None
        on = found[1] if found else some(world, chance)
        fact = found[0] if found else None
        return Fault(kind, cause, frozenset({check}), names(on), None, fact, age_s(world, chance), near=-1,
                     reach="node", **more)  # fmt: skip

    return draw


def clock(world: World, chance: random.Random) -> Fault | None:
    """Set the clock of some nodes wrong: by minutes, or so far that certificates are not valid."""
    chosen = some(world, chance)
    follows = (("tls", None, "tls_expired"),) if chance.random() < 0.4 else ()
    return Fault("clock", "clock_skew", frozenset({"clock"}), names(chosen), None, None, age_s(world, chance), near=-1,
                 reach="node", follows=follows)  # fmt: skip


def silent(world: World, chance: random.Random) -> Fault | None:
    """Silence agents: one, a few, or a place at once."""
    found = group(world, chance, places(world)) if chance.random() < 0.3 else None
    on = found[1] if found else some(world, chance)
    return Fault("agent silent", "agent_silent", frozenset(), names(on), None, found[0] if found else None)


def at_port(host: str) -> str:
    """Give a host as a target of tcp and tls."""
    return host if ":" in host else f"{host}:443"


NEAR: tuple[tuple[float, Callable[[World, random.Random], Fault | None]], ...] = (
    (1.0, own_resolver),
    (0.8, shared_resolver),
    (0.3, every_resolver),
    (0.7, way_out),
    (0.7, shared_way_out),
    (0.7, trust_everywhere),
    (0.7, trust_of_own),
    (0.5, proxy),
    (0.8, credentials),
    (0.8, _of_node("disk", "disk_full", "disk", follows=(("pull", None, "disk_full"),))),
    (0.7, _of_node("runtime", "runtime_unavailable", "runtime")),
    (0.4, _of_node("config", "config_invalid", "config")),
    (0.6, clock),
    (0.7, silent),
)
