"""How do Go and glibc get from a name to addresses: which names are asked, and which answer ends the walk?

Both ask the resolvers in order, and the first that says something about the name ends it, be it that there is no such
name. Silence, an error code or nonsense sends them on to the next. A and AAAA are asked independently; addresses of
one family are enough.

Cannot see: glibc gives up the search path after a resolver's silence, where Go goes on; so both end with no address.

Source: Go net/dnsclient_unix.go (nameList, tryOneName, checkHeader, goLookupIPCNAMEOrder); glibc resolv/res_send.c.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.host.resolv_conf import Server
from agent.host.resolver import ResolverConfig

Kind = Literal["A", "AAAA"]
Fault = Literal["timeout", "refused connection", "unreachable", "malformed"]
State = Literal["addresses", "no address", "no such name", "no use"]

MAX_NAME = 253  # characters of a name without its last dot: 255 bytes in wire form
_SEARCHED = re.compile(r"[^.\\\s\x00-\x20\x7f-\U0010ffff]{1,63}(\.[^.\\\s\x00-\x20\x7f-\U0010ffff]{1,63})*")


@dataclass(frozen=True, slots=True)
class Reply:
    """What one resolver said of one name and kind: `rcode`, or the `fault` that stands in its place.

    `chain` are the names that CNAME records lead to. `lame`: an empty answer of a server that is neither authoritative
    nor recursive, which says nothing about the name.
    """

    server: Server
    name: str
    kind: Kind
    rcode: str | None = None
    fault: Fault | None = None
    addresses: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    truncated: bool = False
    authoritative: bool = False
    recursive: bool = True
    lame: bool = False
    via_tcp: bool = False
    took_s: float = 0.0
    tries: int = 1

    @property
    def state(self) -> State:
        """What it means for the walk; `no use` sends it on to the next resolver."""
        if self.rcode == "NXDOMAIN":
            return "no such name"
        if self.rcode != "NOERROR" or self.lame:
            return "no use"
        return "addresses" if self.addresses else "no address"


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a lookup ends: at a name, with these replies, one per kind; none where no resolver was of use.

    `waits_s`: seconds of every lookup that are spent waiting for silent resolvers.
    """

    name: str
    ends: tuple[Reply | None, ...]
    waits_s: float

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of both kinds, without repetition, A first."""
        return tuple(dict.fromkeys(address for end in self.ends if end for address in end.addresses))

    @property
    def state(self) -> State:
        """What the whole lookup comes to."""
        states = {end.state for end in self.ends if end}
        for state in ("addresses", "no such name", "no address"):
            if state in states:
                return state
        return "no use"


def is_domain_name(name: str) -> bool:
    """Tell whether Go takes the text for a name at all; for others it says so without asking anybody."""
    name = name.removesuffix(".")
    return len(name) <= MAX_NAME and bool(re.search(r"[A-Za-z_-]", name)) and all(map(_is_label, name.split(".")))


def candidates(name: str, config: ResolverConfig) -> tuple[str, ...]:
    """Give the names that are asked for, in order, each without its last dot; empty for what is no name."""
    if not is_domain_name(name):
        return ()
    as_is = name.removesuffix(".")
    if name.endswith("."):
        names = [as_is]
    else:
        searched = [f"{as_is}.{domain}" for domain in config.search if _SEARCHED.fullmatch(domain)]
        names = [as_is, *searched] if name.count(".") >= config.ndots else [*searched, as_is]
    return tuple(dict.fromkeys(one for one in names if len(one) <= MAX_NAME and not one.lower().endswith(".onion")))


def walks(names: Sequence[str], replies: Iterable[Reply], config: ResolverConfig) -> tuple[Walk, ...]:
    """Give the walk of every lookup that can happen: one, or with `rotate` one that starts with each resolver."""
    starts = range(len(config.servers) if config.rotate else 1) if names else ()
    replies = tuple(replies)
    return tuple(walk(names, replies, config, start) for start in starts)


def walk(names: Sequence[str], replies: Iterable[Reply], config: ResolverConfig, first: int = 0) -> Walk:
    """Walk through the replies as a lookup would that starts with the resolver number `first`.

    Where no name has addresses, the walk of the name as it was asked for is given, which is what Go reports.

    Args:
        names: as `candidates` gives them; at least one.
        replies: for every resolver and kind of the names that were asked; names without replies were not needed.
        config: the order of the resolvers, and their patience.
        first: with `rotate`, a lookup may start with any of them.
    """
    known = {(reply.name, reply.kind, reply.server): reply for reply in replies}
    order = config.servers[first:] + config.servers[:first]
    kinds: tuple[Kind, ...] = ("A",) if config.no_aaaa else ("A", "AAAA")
    walks: list[Walk] = []
    waits_s = 0.0
    for name in names:
        found = [_one(name, kind, [known.get((name, kind, server)) for server in order], config) for kind in kinds]
        waits = [wait_s for _, wait_s in found]
        waits_s += sum(waits) if config.single_request else max(waits)
        walks.append(Walk(name, tuple(end for end, _ in found), waits_s))
        if walks[-1].addresses:
            return walks[-1]
    as_is = min(walks, key=lambda one: len(one.name))
    return Walk(as_is.name, as_is.ends, waits_s)


def _one(name: str, kind: Kind, replies: Sequence[Reply | None], config: ResolverConfig) -> tuple[Reply | None, float]:
    """Give the reply that ends the lookup of one name and kind, and how long it waits for the silent ones before."""
    waits_s = 0.0
    for reply in replies:
        if reply is None or reply.fault == "timeout":
            waits_s += config.timeout_s if reply else 0.0
        elif reply.state != "no use":
            return reply, waits_s
    return None, waits_s * config.attempts


def _is_label(label: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", label))
