"""What does every resolver of the node say of a name?

All are asked at once, also those that a lookup would not come to: for evidence. The verdict is the walk's
(`agent.host.lookup`). Where the first name of the search path gives no address, the others are asked too, of the
resolvers that spoke at all.

Cannot see: answers that come after the patience.

Source: resolv.conf(5): timeout, attempts, single-request, use-vc; Go net/dnsclient_unix.go (tryOneName).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.host.lookup import Kind, Reply, candidates, walk
from agent.host.resolv_conf import Server
from agent.host.resolver import ResolverConfig
from agent.probes import dns

LEAST_S = 0.05  # with less than this left of the patience, no further try is begun
MAX_TRIES = 5  # glibc's bound; Go has none, but the same error a sixth time would say nothing new


@dataclass(frozen=True, slots=True)
class Asked:
    """The names that were asked, what was said of them, and what stands behind systemd-resolved's stub."""

    names: tuple[str, ...] = ()
    replies: tuple[Reply, ...] = ()
    behind: tuple[Reply, ...] = ()


async def ask_all(host: str, config: ResolverConfig, patience_s: float) -> Asked:
    """Ask all resolvers for the first name, and where the walk goes on, for the others; nothing for what is no name.

    Args:
        host: as the runtime asks for it.
        config: resolvers, search path and patience of the node.
        patience_s: seconds for each of the two steps.
    """
    names = candidates(host, config)
    if not names:
        return Asked()
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(_each(names[:1], config.servers, config, patience_s))
        beyond = group.create_task(_each(names[:1], config.behind, replace(config, attempts=1), patience_s))
    replies, behind = asked.result(), beyond.result()
    if len(names) == 1 or walk(names[:1], replies, config).addresses:
        return Asked(names[:1], replies, behind)
    speak = [server for server in config.servers if any(one.fault is None for one in replies if one.server == server)]
    silent = [reply for reply in replies if reply.server not in speak]
    more = await _each(names[1:], speak, config, patience_s)
    assumed = tuple(replace(reply, name=name) for name in names[1:] for reply in silent)
    return Asked(names, replies + more + assumed, behind)


async def _each(
    names: Iterable[str], servers: Iterable[Server], config: ResolverConfig, patience_s: float
) -> tuple[Reply, ...]:
    """Ask every server for every name at once, A and AAAA; one after the other where `single-request` wants it."""
    kinds: tuple[Kind, ...] = ("A",) if config.no_aaaa else ("A", "AAAA")
    groups = [(kind,) for kind in kinds] if config.single_request else [kinds]
    replies: list[Reply] = []
    for together in groups:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_persist(server, name, kind, config, patience_s))
                for name in names
                for server in dict.fromkeys(servers)
                for kind in together
            ]
        replies.extend(task.result() for task in tasks)
    return tuple(replies)


async def _persist(server: Server, name: str, kind: Kind, config: ResolverConfig, patience_s: float) -> Reply:
    """Ask one server as often as resolv.conf allows within the patience, until it says something of use."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    ends_at = started + min(config.timeout_s * config.attempts, patience_s)
    most, tries = min(config.attempts, MAX_TRIES), 0
    while True:
        tries += 1
        left_s = ends_at - loop.time()
        wait_s = min(config.timeout_s, left_s)
        # a datagram may be lost: where the patience lasts for no further try, it is sent again within this one
        again_s = wait_s / 2 if tries < most and left_s - wait_s < LEAST_S else None
        reply = await dns.ask(
            server.address,
            server.port,
            name,
            kind,
            wait_s,
            config.over_tcp,
            edns=config.edns,
            resend_after_s=again_s,
        )
        if reply.state != "no use" or tries == most or ends_at - loop.time() < LEAST_S:
            return replace(reply, took_s=loop.time() - started, tries=tries)
