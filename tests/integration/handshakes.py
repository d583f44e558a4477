"""Shaking hands in tests: a node's trust, a handshake that should pass, and one that should not."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from agent.host.endpoint import TrustSource
from agent.host.root import Root
from agent.host.trust import GO, Manner, Trust, load
from agent.probes import tcp, tls
from agent.probes.fault import Fault
from agent.probes.stream import Stream
from tests.servers.tls import (
    Identity,
    trust_root,
)

HOST = "registry.test"
LONG_AGO = {"valid_from": timedelta(days=-90), "valid_for": timedelta(days=30)}


def trust(folder: Path, *trusted: Identity, manner: Manner = GO, source: TrustSource | None = None) -> Trust:
    return load(Root(trust_root(folder / "node", *trusted)), source or TrustSource(), manner=manner)


async def shake(
    port: int, trust: Trust, host: str = HOST, patience_s: float = 10, address: str = "127.0.0.1"
) -> Stream:
    return await tls.handshake(await tcp.dial(address, port, 5), host, trust, patience_s)


async def refused(port: int, trust: Trust, host: str = HOST, patience_s: float = 10) -> Fault:
    with pytest.raises(Fault) as caught:
        (await shake(port, trust, host, patience_s)).abort()
    return caught.value


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - the stream has nothing to wait on without taking what is there
            await asyncio.sleep(0.01)
