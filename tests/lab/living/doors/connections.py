"""Doors that no connection passes, or that break it before TLS."""

import asyncio

from tests.lab.living.door import Door, raw, reset


async def _reset_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    reset(writer)


async def _end_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65536)
    writer.close()


DOORS = (
    Door("no such name", "dns_failed", address=""),
    Door("nothing listens", "connect_refused"),
    Door("packets are dropped", "connect_timeout", dropped=True, slow=True),
    Door("nobody has the address", "connect_timeout", address="10.99.3.1", slow=True),
    Door("no route leads there", "connect_timeout", address="192.0.2.1"),
    Door("the connection is reset", "connection_reset", raw(_reset_at_once)),
    Door("the connection ends", "connection_reset", raw(_end_at_once)),
)
