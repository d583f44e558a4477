"""Does every address of the registry's host take connections?

All addresses are dialled at once. What a pull would get is worked out from that, as Go's dialler goes: the addresses of
the first one's family in their order, and after 300 ms the other family beside them; the first that connects is used.
Its connection is kept for whoever asks further.

Cannot see: what stands behind a load balancer's one address; more than 16 addresses.

Source: Go net/dial.go (dialParallel, dialSerial, partialDeadline); RFC 6555; runbook 009, Fix 4.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.check import Check, Look, Refused, Settings
from agent.contract.result import Verdict, failed, ok, warn
from agent.probes import tcp
from agent.probes.fault import Fault
from agent.probes.stream import Stream

ADDRESSES_AT_MOST = 16  # dialled for one name: more say nothing new, and would be a burst of connections
GRACE_S = 2.0  # waited for the rest once one address answers: a first packet that is lost is sent again after 1 s
FALLBACK_S = 0.3  # Go's net.Dialer.FallbackDelay
RUNTIME_PATIENCE_S = 30.0  # net.Dialer.Timeout in containerd and containers/image, for all addresses together
SHARE_AT_LEAST_S = 2.0  # what one address of several gets of that, at least
# How every address of a family answers that the node has no route for at all: IPv6 on most nodes.
NO_FAMILY = frozenset({"ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"})


@dataclass(frozen=True, slots=True)
class Dial:
    """How one address answered. `fault` is none where it took the connection."""

    address: str
    took_s: float
    fault: Fault | None = None

    @property
    def is_v6(self) -> bool:
        """Whether this is an IPv6 address."""
        return ":" in self.address

    @property
    def has_no_family(self) -> bool:
        """Whether the node has no route for such addresses at all: the runtime passes over them at once."""
        return self.fault is not None and self.fault.evidence.get("errno") in NO_FAMILY

    @property
    def costs_s(self) -> float:
        """What the runtime loses here before it goes on; infinite where nothing answers: it waits out its share."""
        silent = self.fault is not None and self.fault.cause == "connect_timeout" and "errno" not in self.fault.evidence
        return float("inf") if silent else self.took_s

    def evidence(self) -> dict[str, Any]:
        """Say how it went."""
        if self.fault is None:
            return {"ok": True, "took_s": round(self.took_s, 4)}
        return {"ok": False, "took_s": round(self.took_s, 4), "cause": self.fault.cause, "detail": self.fault.detail}


@dataclass(frozen=True, slots=True)
class Observation:
    """All dials, in the runtime's order; the open stream of the one that it would use; how many were not dialled."""

    target: str
    dials: tuple[Dial, ...]
    stream: Stream | None
    left_out: int = 0

    def evidence(self) -> dict[str, Any]:
        """Give the dials by address."""
        said: dict[str, Any] = {"dials": {dial.address: dial.evidence() for dial in self.dials}}
        if self.stream:
            said["used"] = self.stream.address
        return said | ({"addresses_not_dialled": self.left_out} if self.left_out else {})


async def observe(target: str, look: Look) -> Observation:
    """Dial every address of the target's host, and keep the connection that a pull would get."""
    host, port = tcp.place(target)
    if tcp.is_literal(host):
        addresses: Sequence[str] = (host,)
    else:
        addresses = (await look.need("dns", host, via=look.via)).addresses
    refusal = look.guard.refusal(host, port, addresses) if look.guard else None
    if refusal is not None:
        raise Refused(refusal)
    dials, streams = await _dial_all(addresses[:ADDRESSES_AT_MOST], port, look.settings.patience_s)
    used, _ = winner(dials)
    for address, stream in streams.items():
        if used is None or address != used.address:
            stream.abort()
    return Observation(target, dials, streams[used.address] if used else None, len(addresses[ADDRESSES_AT_MOST:]))


async def _dial_all(
    addresses: Sequence[str], port: int, patience_s: float
) -> tuple[tuple[Dial, ...], dict[str, Stream]]:
    """Dial all at once; those that are silent get a grace once another has answered."""
    streams: dict[str, Stream] = {}
    started = time.perf_counter()

    async def dial(address: str) -> Dial:
        try:
            streams[address] = await tcp.dial(address, port, patience_s)
        except Fault as fault:
            return Dial(address, time.perf_counter() - started, fault)
        return Dial(address, time.perf_counter() - started)

    tasks = [asyncio.create_task(dial(address)) for address in addresses]
    try:
        pending = set(tasks)
        while pending and not streams:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        if pending:
            _, pending = await asyncio.wait(pending, timeout=GRACE_S)
        dials = [
            _silent(address, port, started) if task in pending else task.result()
            for address, task in zip(addresses, tasks, strict=True)
        ]
    except BaseException:
        for stream in streams.values():
            stream.abort()
        raise
    finally:
        for task in tasks:
            task.cancel()
    return tuple(dials), streams


def _silent(address: str, port: int, started: float) -> Dial:
    waited_s = time.perf_counter() - started
    where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return Dial(
        address, waited_s, Fault("connect_timeout", f"{where} does not answer within {waited_s:.1f} s", address=address)
    )


def winner(dials: Sequence[Dial]) -> tuple[Dial | None, float]:
    """Give the dial whose connection Go would end up with, and the seconds that pass before it has it."""
    if not dials:
        return None, 0.0
    primary = [dial for dial in dials if dial.is_v6 == dials[0].is_v6]
    fallback = [dial for dial in dials if dial.is_v6 != dials[0].is_v6]
    first, first_s = _in_turn(primary)
    second, second_s = _in_turn(fallback)
    second_s += min(FALLBACK_S, first_s) if first is None else FALLBACK_S
    if first is None or (second is not None and second_s < first_s):
        return second, second_s if second else first_s
    return first, first_s


def _in_turn(dials: Sequence[Dial]) -> tuple[Dial | None, float]:
    """Go one after the other; each that is silent costs its share of what is left of the patience."""
    passed_s = 0.0
    for index, dial in enumerate(dials):
        left_s = RUNTIME_PATIENCE_S - passed_s
        share_s = min(left_s, max(SHARE_AT_LEAST_S, left_s / (len(dials) - index)))
        passed_s += min(dial.costs_s, share_s)
        if dial.fault is None:
            return dial, passed_s
    return None, passed_s


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Fail where no address connects, warn where one of several does not."""
    dials = observation.dials
    evidence = observation.evidence()
    used, delay_s = winner(dials)
    if not dials:
        return failed("dns_failed", f"there is no address for {observation.target}", **evidence)
    if used is None:
        return _all_dead(observation, evidence)
    dead = [dial.fault for dial in dials if dial.fault and not dial.has_no_family]
    if dead:
        cost = f"; a new connection waits {delay_s:.1f} s for it" if delay_s > FALLBACK_S + used.took_s else ""
        detail = f"{len(dead)} of {len(dials)} addresses: {dead[0].detail}{cost}"
        return warn(dead[0].cause, detail, **evidence, delay_s=round(delay_s, 3))
    return ok(f"connected to {used.address} in {used.took_s * 1000:.1f} ms", **evidence)


def _all_dead(observation: Observation, evidence: dict[str, Any]) -> Verdict:
    """Name the cause that a runtime would: its first address's, but for families that the node has no route for."""
    dials = observation.dials
    fault = next((dial.fault for dial in dials if dial.fault and not dial.has_no_family), dials[0].fault)
    assert fault is not None
    others = f" (nor do {len(dials) - 1} other addresses)" if len(dials) > 1 else ""
    return failed(fault.cause, f"{fault.detail}{others}", **evidence)


CHECK = Check("tcp", observe, judge)
