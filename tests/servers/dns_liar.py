"""DNS servers that no real software gives: silent, lying, sending rubbish, slow.

    async with liar(lambda query: []) as server:  # silent

A liar gets each query and gives what is sent back, by UDP and by TCP; there the length comes before it.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from tests import need
from tests.servers.dns import free_address

Lie = Callable[[bytes], list[bytes]]


@dataclass
class Liar(asyncio.DatagramProtocol):
    """Where it listens, and the queries that it got."""

    lie: Lie
    address: str
    port: int
    delay_s: float = 0.0
    queries: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.queries.append(data)
        self.asked.set()
        for lie in self.lie(data):
            asyncio.get_running_loop().call_later(self.delay_s, self._send, lie, addr)

    def _send(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(data, addr)

    async def on_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            for lie in self.lie(await reader.readexactly(size)):
                writer.write(struct.pack("!H", len(lie)) + lie)
            await writer.drain()
        except (EOFError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def liar(lie: Lie, *, tcp: Lie | None = None, port: int = 53, delay_s: float = 0.0) -> AsyncIterator[Liar]:
    """Run one by UDP; by TCP too where `tcp` says what it does there."""
    if port < 1024:
        need.root()
    loop = asyncio.get_running_loop()
    address = free_address(port)
    server = Liar(lie, address, port, delay_s)
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=(address, port))
    streams = await asyncio.start_server(Liar(tcp, address, port).on_stream, address, port) if tcp else None
    try:
        yield server
    finally:
        transport.close()
        if streams is not None:
            streams.close()
            await streams.wait_closed()


def answer_to(query: bytes, *, flags: int = 0x8180, answers: bytes = b"", count: int = 0, rest: bytes = b"") -> bytes:
    """Give a well-formed answer: the question repeated, then the answer section as it is given."""
    end = query.index(b"\0", 12) + 5
    return query[:2] + struct.pack("!5H", flags, 1, count, 0, 0) + query[12:end] + answers + rest


def is_kind(query: bytes, kind: int) -> bool:
    """Tell whether a query asks for records of a type."""
    end = query.index(b"\0", 12)
    return query[end + 1 : end + 3] == struct.pack("!H", kind)


def a_record(address: bytes) -> bytes:
    """Give an A record for the name that was asked."""
    return b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, len(address)) + address
