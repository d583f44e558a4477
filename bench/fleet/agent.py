"""What a machine's agent would report: the walk of a round, first causes only, what stands above them skipped.

With every result goes the fault that it shows, where it is the first cause: that is what the truth is made of.
"""

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from agent.contract.result import Result
from bench.fleet import runs
from bench.fleet.fault import Fault
from bench.fleet.noise import Noise
from bench.fleet.runs import Line, Pace
from bench.fleet.world import AT, Image, Machine, Registry, Sender

NAMED_FOR_S = 7200.0  # what an answer named is asked by itself for so long after, as the agents do it
SOCKET = "/run/containerd/containerd.sock"


class Block(NamedTuple):
    """What stops a question: the key of the first cause, since how many seconds, and what stopped it before that."""

    by: str
    since_s: float
    before: "Block | None" = None


def both(first: Block | None, other: Block | None) -> Block | None:
    """Chain two blocks: the other one counts where the first one is too young."""
    if first is None or other is None:
        return first or other
    return first._replace(before=both(first.before, other))


@dataclass(slots=True)
class Seen:
    """One answer of one node. `fault` is the fault that it shows as the first cause, `line` what its runs were.

    `optional` is what a pull can do without: it warns at most.
    """

    node: str
    result: Result
    fault: Fault | None = None
    line: Line | None = None
    optional: bool = False


class Walk:
    """One machine's answers.

    Args:
        faults: those on this machine, the nearest first.
        heard_s: how long ago the aggregator heard it.
    """

    def __init__(
        self, machine: Machine, faults: Sequence[Fault], noise: Noise, heard_s: float, chance: random.Random
    ) -> None:
        self.machine, self.faults, self.noise, self.chance = machine, faults, noise, chance
        self.heard_s = heard_s
        self.seen: dict[tuple[str, str], Seen] = {}
        self.blocks: dict[tuple[str, str], Block | None] = {}
        self._paces: dict[str, Pace] = {}
        self._at_once: dict[tuple[int, str], Line] = {}
        self.remarks = True
        self._upstream = True

    def all(self) -> list[Seen]:
        """Walk everything that the machine asks."""
        self._own_state()
        for registry, images in self.machine.asks:
            self._registry(registry, images)
        return list(self.seen.values())

    def _own_state(self) -> None:
        for check, target in (
            ("disk", "/var/lib/containerd"),
            ("clock", self.machine.name),
            ("runtime", SOCKET),
            ("config", "/etc/containerd/config.toml"),
        ):
            self._ask(check, target, [])

    def _registry(self, registry: Registry, images: Sequence[Image]) -> None:
        mirror = self.machine.mirrors.get(registry.name)
        missed = self._host(mirror, registry.name, optional=True) if mirror else None
        self._upstream = mirror is None or missed is not None
        base = self._host(registry.host, registry.name) if self._upstream else None
        if registry.auth and self._upstream and _is_known(base):
            token = self._host(registry.auth, registry.name)
            base = both(base, token)
        remarked = missed is not None and base is None and self.remarks
        passed_over = Block(mirror or "", missed.since_s) if missed is not None and remarked else None
        reached = self._ask("registry", registry.name, [registry.name], base, passed_over=passed_over)
        self._ask("rate_limit", registry.name, [registry.name], reached)
        if registry.private:
            self._ask("credentials", registry.name, [registry.name])
        for number, image in enumerate(images):
            manifest = self._ask("manifest", image.name, [registry.name], reached)
            platform = self._ask("platform", image.name, [registry.name], manifest)
            blobs = None
            if registry.blobs and self._upstream and _is_known(platform):
                blobs = self._host(registry.blobs, registry.name)
            layer = self._ask("layer", image.name, [registry.name], platform, blobs)
            if number == 0 and registry is self.machine.asks[0][0]:
                own = self.blocks.get(("runtime", SOCKET))
                self._ask("pull", image.name, [registry.name], own, layer)

    def _host(self, host: str, registry: str, *, optional: bool = False) -> Block | None:
        target = host if ":" in host else f"{host}:443"
        below = None
        if not self.machine.proxied:
            name = self._ask("dns", host.partition(":")[0], [registry], optional=optional)
            below = self._ask("tcp", target, [registry], name, optional=optional)
        return self._ask("tls", target, [registry], below, optional=optional)

    def _ask(
        self,
        check: str,
        target: str,
        registries: list[str],
        *needs: Block | None,
        optional: bool = False,
        passed_over: Block | None = None,
    ) -> Block | None:
        """Ask once; give what it stops: its own key, or what stopped it."""
        key = (check, target)
        known = self.seen.get(key)
        if known is not None:
            if registries and registries[0] not in known.result.registries:
                known.result.registries = sorted([*known.result.registries, *registries])
            if known.result.status == "warn" and known.fault and not optional and known.fault.status == "failed":
                known.result.status = "failed"
            return self.blocks[key]
        below = functools.reduce(both, needs, None)
        pace = self._pace(check)
        stops, last_ago_s = below, self._last_ago_s(key, pace)
        while stops is not None and last_ago_s > stops.since_s:
            stops = stops.before
        if stops is not None:
            self._skip(key, registries, stops, pace)
            block = both(stops, self._behind(key, pace))
        else:
            block = both(self._met(key, registries, pace, optional=optional), below)
        if block is None and passed_over is not None and self.seen[key].result.status == "ok":
            self._remark(self.seen[key].result, passed_over)
        self.blocks[key] = block
        return block

    def _last_ago_s(self, key: tuple[str, str], pace: Pace) -> float:
        """Give when a question was last due: what was failing before is asked more often."""
        failing = any(fault.hits(*key) and fault.age_s > pace.ago_s for fault in self.faults)
        return min(pace.ago_s, self.heard_s + pace.retry_s) if failing else pace.ago_s

    def _skip(self, key: tuple[str, str], registries: list[str], below: Block, pace: Pace) -> None:
        line = runs.blocked(pace, below.since_s, self.heard_s)
        self._enter(key, registries, line, None, "skipped", None)
        result = self.seen[key].result
        result.blocked_by, result.detail = below.by, f"not asked: {below.by} failed"

    def _behind(self, key: tuple[str, str], pace: Pace) -> Block | None:
        """Give what stopped those above a skipped question before it was skipped: a fault of its own, if it has one."""
        for fault in self.faults:
            if fault.hits(*key) and fault.rate == 1.0 and fault.status == "failed":
                line = runs.solid(pace, fault.age_s, self.heard_s)
                return Block(" ".join(key), line.began_ago_s) if line.failed else None
        return None

    def _met(self, key: tuple[str, str], registries: list[str], pace: Pace, *, optional: bool) -> Block | None:
        check, target = key
        for fault in self.faults:
            if not self._upstream and fault.reach == "far" and check not in ("dns", "tcp", "tls"):
                continue
            cause, own = (fault.cause, True) if fault.hits(check, target) else (None, False)
            cause = cause or fault.cause_of_following(check, target)
            if cause is None:
                continue
            if fault.rate < 1.0:
                line = self._flapping(fault, check, pace)
            else:
                line = runs.solid(pace, fault.age_s, self.heard_s)
            if not line.seen and not line.failed and line.window.failures == 0 and fault.rate == 1.0:
                continue
            soft = optional or fault.status == "warn"
            if soft:  # as the agents' history does it: a run that warned is a good one
                line = replace(line, window=runs.window(line.window.runs, 0))
            status = ("warn" if soft else "failed") if line.failed else "ok"
            self._enter(key, registries, line, fault if own else None, status, cause if line.failed else None)
            self.seen[key].optional = soft
            return Block(f"{check} {target}", line.began_ago_s) if line.failed and fault.status == "failed" else None
        return self._well(key, registries, pace, optional=optional)

    def _flapping(self, fault: Fault, check: str, pace: Pace) -> Line:
        """Give the line of what comes and goes; a node's own trouble may spoil all targets at once."""
        known = self._at_once.get((id(fault), check)) if fault.together else None
        line = known or runs.flapping(pace, fault.age_s, fault.rate, self.heard_s, self.chance)
        self._at_once[id(fault), check] = line
        return line

    def _well(self, key: tuple[str, str], registries: list[str], pace: Pace, *, optional: bool) -> Block | None:
        odd = self.noise.draw(*key, pace, self.heard_s, self.chance)
        if odd is None:
            self._enter(key, registries, runs.well(pace), None, "ok", None)
            return None
        status = "warn" if optional and odd.status == "failed" else odd.status
        self._enter(key, registries, odd.line, None, status, odd.cause)
        return Block(f"{key[0]} {key[1]}", odd.line.ago_s) if odd.line.failed else None

    def _enter(
        self, key: tuple[str, str], registries: list[str], line: Line, fault: Fault | None, status: str,
        cause: str | None,
    ) -> None:  # fmt: skip
        ahead_s = self.machine.ahead_s
        result = Result(
            check=key[0],
            target=key[1],
            status=status,  # type: ignore[arg-type]  # one of the five, all written in this file
            cause=cause,
            detail=f"{key[0]} of {key[1]}: {cause}" if cause else "",
            registries=list(registries),
            took_s=self.noise.took_s(self.chance),
            at=AT - timedelta(seconds=line.ago_s - ahead_s),
            since=AT - timedelta(seconds=line.began_ago_s - ahead_s),
            window=runs.window(line.window.runs, 0) if status == "warn" else line.window,
        )
        self.seen[key] = Seen(self.machine.name, result, fault, line)

    def _remark(self, result: Result, passed_over: Block) -> None:
        result.status, result.cause = "warn", "registry_unavailable"
        result.detail = f"mirror {passed_over.by} is passed over"
        result.since = AT - timedelta(seconds=passed_over.since_s - self.machine.ahead_s)

    def _pace(self, check: str) -> Pace:
        """Give the pace of a check: one for all its targets, because a round asks them together."""
        known = self._paces.get(check)
        if known is None:
            own = self.machine
            phase = self.chance.random()
            known = self._paces[check] = runs.pace(check, own.interval_s, own.age_s, self.heard_s, phase)
        return known


def _is_known(below: Block | None) -> bool:
    """Tell whether a host that only an answer names is asked: it is named now, or was lately."""
    return below is None or below.since_s < NAMED_FOR_S


def leave_out(seen: Seen, sender: Sender) -> None:
    """Make a result as this sort of agent sends it."""
    if sender == "no_windows":
        seen.result.window = None
    if sender == "no_beginnings":
        seen.result.since = None
