"""What a door of the living corpus is: a host that is broken all the time, in one way."""

import asyncio
import contextlib
import functools
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from tests.servers import registry, tls
from tests.servers.images import Image
from tests.servers.registry import Registry, Reply
from tests.servers.tls import Handler, Identity

HTTPS = 443
PROXY_PORT = 3128
PATIENCE_S = 65.0  # twice the 30 s that Go dials: some tools try plain HTTP after TLS


@dataclass(frozen=True)
class Place:
    """Where a door stands, and what it may use."""

    host: str
    address: str
    image: Image  # like no other door's, so that no tool has any part of it from elsewhere
    folder: Path
    authority: Identity  # every node trusts it

    def context(self, identity: Identity | None = None) -> ssl.SSLContext:
        """Make the context of a server: without a fault, if no other identity is given."""
        return tls.server_context(identity or self.authority.issue(self.host), self.folder)


Arrange = Callable[[Registry, Image], None]
Serve = Callable[[Place], AbstractAsyncContextManager[object]]


@dataclass(frozen=True)
class Door:
    """One broken host. Tools are named by their names or engines, as in `tools.py`.

    Attributes:
        serve: what listens there; without it, nothing does.
        address: instead of an address of its own; an empty one is none at all.
        dropped: whether its packets are dropped.
        slow: whether tools wait there for long rather than work.
        by_digest: whether it is asked for the image by digest.
        patience_s: how long a tool may try before it is stopped.
        pulls: tools that can pull all the same, each with the reason.
        otherwise: tools whose words truly tell of another cause: the cause and the reason.
        spared: tools that are not asked, each with the reason.
    """

    story: str
    cause: str
    serve: Serve | None = None
    address: str | None = None
    dropped: bool = False
    slow: bool = False
    by_digest: bool = False
    patience_s: float = PATIENCE_S
    pulls: Mapping[str, str] = field(default_factory=dict)
    otherwise: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    spared: Mapping[str, str] = field(default_factory=dict)


def for_containers(reason: str) -> dict[str, str]:
    """Give a reason for each tool that is made of containers/image."""
    return dict.fromkeys(("podman", "buildah", "skopeo"), reason)


def raw(handler: Handler) -> Serve:
    """Serve connections by hand, without TLS."""
    return lambda place: tls.serve_raw(handler, host=place.address, port=HTTPS)


def in_tls(make: Callable[[Place], ssl.SSLContext], handler: Handler = tls.answer_hello) -> Serve:
    """Serve connections by hand behind TLS."""
    return lambda place: tls.serve_raw(handler, context=make(place), host=place.address, port=HTTPS)


def http(*replies: tuple[str, Reply], arrange: Arrange = lambda registry, image: None, plain: bool = False) -> Serve:
    """Serve a registry that is right but for the replies to paths that hold their words."""

    def serve(place: Place) -> AbstractAsyncContextManager[object]:
        served = Registry()
        served.add("1", place.image)
        arrange(served, place.image)
        for part, reply in replies:
            served.on(part, reply)
        return registry.serve(served, context=None if plain else place.context(), host=place.address, port=HTTPS)

    return serve


def alerting(make: Callable[[Place], ssl.SSLContext]) -> Serve:
    """Serve TLS that fails with an alert: asyncio's own closes without it."""

    async def handle(context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        end = context.wrap_bio(incoming, outgoing, server_side=True)
        while data := await reader.read(65536):
            incoming.write(data)
            with contextlib.suppress(ssl.SSLError):
                end.do_handshake()
            writer.write(outgoing.read())
            await writer.drain()

    def serve(place: Place) -> AbstractAsyncContextManager[object]:
        context = make(place)
        return tls.serve_raw(functools.partial(handle, context), host=place.address, port=HTTPS)

    return serve


async def odd_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer CONNECT with the status that the host's name begins with after a letter, or close."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        asked = head.split()[1].partition(b".")[0][1:]
        if asked.isdigit():
            status = HTTPStatus(int(asked))
            writer.write(f"HTTP/1.1 {status} {status.phrase}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of an end."""
    own: socket.socket = writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
