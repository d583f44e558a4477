"""Does the registry's host name resolve on this node?

Goes through the sources of nsswitch.conf as the runtime does: /etc/hosts, and every resolver of resolv.conf, all at
once. The verdict is that of the walk which Go makes; what such a walk does not come to is evidence.

Cannot see: whether an answer is true; names that only mdns, nss-resolve or another service of the node knows; DNS over
TLS behind systemd-resolved; a resolver slower than the patience, for which Go might still wait.

Source: resolv.conf(5), nsswitch.conf(5), hosts(5); `agent.host.lookup`.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.check import Check, Look, Settings
from agent.contract.result import Verdict, failed, ok, warn
from agent.host import addrselect, hosts, nsswitch
from agent.host.lookup import Reply, Walk, candidates, walks
from agent.host.lookup_words import by_server, clause, evidence, seconds
from agent.host.resolv_conf import Server
from agent.host.resolver import STUBS, ResolverConfig
from agent.probes import resolve, route

SLOW_S = 2.0  # a cold recursion takes tenths of a second; what takes longer is felt in every pull
LOCALHOST = ("127.0.0.1", "::1")  # what nss-myhostname gives for it


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one name.

    `addresses` stand in the order in which the runtime dials. `source` is what gave them: `literal`, /etc/hosts,
    `myhostname` or `dns`; empty where nothing did. `names` are those of the search path that were asked.
    """

    host: str
    addresses: tuple[str, ...]
    source: str
    config: ResolverConfig | None = None
    names: tuple[str, ...] = ()
    replies: tuple[Reply, ...] = ()
    behind: tuple[Reply, ...] = ()


async def observe(host: str, look: Look) -> Observation:
    """Look the name up as the runtime would, and ask every resolver."""
    if _is_literal(host):
        return Observation(host, (host,), "literal")
    config = look.node.resolver
    seen = Observation(host, (), "", config)
    by_glibc = config.reader == "glibc" or nsswitch.left_to_glibc(config.sources, host)
    sources = config.sources if by_glibc else nsswitch.as_go_asks(config.sources)
    has_dns = any(source.name == "dns" for source in sources)
    for source in sources:
        status: nsswitch.Status = "notfound"
        if source.name == "files":
            seen = _found(seen, hosts.PATH, hosts.addresses(look.node.root, host, by_glibc=by_glibc))
        elif source.name == "dns" or (source.name == "resolve" and not has_dns):
            asked = await resolve.ask_all(host, config, look.settings.patience_s)
            seen = replace(seen, names=asked.names, replies=asked.replies, behind=asked.behind)
            lookups = walks(asked.names, asked.replies, config)
            seen = _found(seen, "dns", next((one.addresses for one in lookups if one.addresses), ()))
            status = _status(lookups)
        elif source.name == "myhostname" and nsswitch.is_localhost(host):
            seen = _found(seen, source.name, LOCALHOST)
        else:
            status = "unavail"
        if seen.addresses or status in source.ends_on:
            break
    return seen


def judge(seen: Observation, settings: Settings) -> Verdict:
    """Say whether a lookup ends with an address, and what it stumbles over."""
    config = seen.config
    if config is None or (seen.addresses and not seen.replies):
        return ok(f"{seen.source}: {', '.join(seen.addresses)}", source=seen.source, addresses=list(seen.addresses))
    if not seen.names:
        return failed("dns_failed", _why_not_asked(seen, config), sources=[source.name for source in config.sources])
    lookups = walks(seen.names, seen.replies, config)
    good = [one for one in lookups if one.addresses]
    waits_s = max(one.waits_s for one in lookups)
    facts = _facts(seen, config, (good or lookups)[0]) | ({"waits_s": waits_s} if waits_s else {})
    if not seen.addresses:
        return failed("dns_failed", _why_failed(seen, config, lookups[0]), **facts)
    remarks = [f"every pull waits {seconds(waits_s)} for a resolver that is silent"] if waits_s else []
    if good and len(good) < len(lookups):
        remarks.append(f"{len(lookups) - len(good)} of {len(lookups)} lookups fail, by `options rotate`")
    remarks += _remarks(seen, config, good[0]) if good else []
    if remarks:
        return warn("dns_failed", "; ".join(remarks), **facts)
    return ok(f"{seen.source}: {', '.join(seen.addresses)}", source=seen.source, **facts)


def _found(seen: Observation, source: str, found: Iterable[str]) -> Observation:
    addresses = tuple(found)
    if not addresses:
        return seen
    if len(addresses) > 1:
        addresses = addrselect.in_order(addresses, {one: route.source_of(one) for one in addresses})
    return replace(seen, addresses=addresses, source=source)


def _status(lookups: Sequence[Walk]) -> nsswitch.Status:
    """Give what nss-dns says of a walk without addresses: silence and error codes are `unavail` to it, as measured."""
    return "unavail" if lookups and lookups[0].state == "no use" else "notfound"


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _end(one: Walk) -> Reply:
    """Give the reply that brought the addresses."""
    return next(end for end in one.ends if end and end.addresses)


def _why_not_asked(seen: Observation, config: ResolverConfig) -> str:
    if not candidates(seen.host, config):
        return f"{seen.host!a} is not a name that DNS can hold"
    order = " ".join(source.name for source in config.sources)
    return f"{hosts.PATH} does not know the name, and {nsswitch.PATH} asks no resolver (hosts: {order})"


def _why_failed(seen: Observation, config: ResolverConfig, lookup: Walk) -> str:
    servers = by_server(seen.replies, lookup.name)
    told = [f"{_called(server)} {clause(replies)}" for server, replies in servers.items()]
    knows = [str(server) for server, replies in servers.items() if any(reply.addresses for reply in replies)]
    if lookup.state in ("no such name", "no address"):
        last = next(end for end in lookup.ends if end and end.state == lookup.state).server
        told = [f"{_called(last)} {clause(servers[last])}"]
        if knows:
            told.append(f"{', '.join(knows)} knows the name, but is not asked after that")
    told += [
        f"behind it {server} {clause(replies)}" for server, replies in by_server(seen.behind, seen.names[0]).items()
    ]
    reason = f"no resolver is configured: {config.missing}; what is asked then: " if config.missing else ""
    return reason + ", ".join(told)


def _remarks(seen: Observation, config: ResolverConfig, lookup: Walk) -> list[str]:
    """Say which resolvers are silent, wrong, slow or of another opinion, and who answers in their place."""
    servers = by_server(seen.replies, lookup.name)
    wrong = [server for server, replies in servers.items() if _is_odd(replies)]
    odd = [f"{_called(server)} {clause(servers[server])}" for server in wrong]
    slow = [
        f"{_called(server)} takes {seconds(max(reply.took_s for reply in replies))} to answer"
        for server, replies in servers.items()
        if server not in wrong and max(reply.took_s for reply in replies) >= SLOW_S
    ]
    if odd and _end(lookup).server not in wrong:
        odd.append(f"{_end(lookup).server} answers")
    if config.missing:
        odd.insert(0, f"no resolver is configured: {config.missing}; {_end(lookup).server} is asked all the same")
    return odd + slow


def _is_odd(replies: list[Reply]) -> bool:
    """Tell whether a resolver gives no address at all, or keeps a lookup waiting for one family."""
    return not any(reply.addresses for reply in replies) or any(reply.fault == "timeout" for reply in replies)


def _called(server: Server) -> str:
    return f"{server} (systemd-resolved)" if server.address in STUBS else str(server)


def _facts(seen: Observation, config: ResolverConfig, lookup: Walk) -> dict[str, Any]:
    servers = by_server(seen.replies, lookup.name)
    facts: dict[str, Any] = {"resolvers": {str(server): evidence(replies) for server, replies in servers.items()}}
    if lookup.name != seen.host.removesuffix("."):
        facts["name"] = lookup.name
    others = {name: by_server(seen.replies, name) for name in seen.names if name != lookup.name}
    if others:
        facts["searched"] = {
            name: {str(server): replies[0].rcode or replies[0].fault for server, replies in said.items()}
            for name, said in others.items()
        }
    if seen.behind:
        behind = by_server(seen.behind, seen.names[0])
        facts["behind_stub"] = {str(server): evidence(replies) for server, replies in behind.items()}
    told = {"ignored_lines": config.ignored, "not_asked": config.surplus}
    facts.update({key: list(value) for key, value in told.items() if value})
    return facts


CHECK = Check("dns", observe, judge)
