"""What does one resolver say of one name?

One question, from a socket of its own that takes datagrams of that resolver only; answers to something else are passed
over until the patience ends. After a truncated answer the question is asked again by TCP.

Cannot see: whether the answer is true; TCP answers that are left out where UDP carried all.

Source: RFC 1035; RFC 7766; Go net/dnsclient_unix.go (exchange).
"""

import asyncio
import contextlib
import errno
import secrets
import socket
import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from agent.host.lookup import Fault, Kind, Reply
from agent.host.resolv_conf import Server
from agent.probes import dns_message
from agent.probes.dns_message import Answer, NonsenseError, Question

MAX_DATAGRAM_BYTES = 65535  # more than we offer to take: what is sent all the same is read whole
_OWN_WANTS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})  # says nothing of the resolver


async def ask(
    server: str,
    port: int,
    name: str,
    kind: Kind,
    patience_s: float,
    tcp: bool = False,
    *,
    edns: bool = True,
    resend_after_s: float | None = None,
) -> Reply:
    """Ask one resolver once.

    Args:
        server: an IP literal, with its zone where it needs one.
        port: 53, unless a test asks.
        name: absolute, with or without the last dot.
        kind: `A` or `AAAA`.
        patience_s: seconds for the whole, TCP after UDP included.
        tcp: ask by TCP at once.
        edns: offer EDNS, as Go does and glibc does not.
        resend_after_s: send the same datagram once more after so many seconds without an answer.

    Raises:
        ValueError: where the name or the address is none.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    asked = dns_message.question(secrets.randbits(16), name, kind, edns=edns)
    reply = partial(Reply, Server(server, port), name, kind)
    truncated = False
    try:
        async with asyncio.timeout(patience_s):
            found = await (_by_tcp(server, port, asked) if tcp else _by_udp(server, port, asked, resend_after_s))
            truncated = found.truncated
            if truncated and not tcp:
                tcp = True
                found = await _by_tcp(server, port, asked)
    except (TimeoutError, OSError, EOFError, NonsenseError) as error:
        return reply(fault=_fault(error), truncated=truncated, via_tcp=tcp, took_s=loop.time() - started)
    return reply(
        rcode=found.rcode,
        addresses=tuple(found.addresses),
        chain=tuple(found.chain),
        truncated=truncated,
        authoritative=found.authoritative,
        recursive=found.recursive,
        lame=found.lame,
        via_tcp=tcp,
        took_s=loop.time() - started,
    )


async def _by_udp(server: str, port: int, asked: Question, resend_after_s: float | None) -> Answer:
    loop = asyncio.get_running_loop()
    with _socket(server, port, socket.SOCK_DGRAM) as (sock, address):
        sock.connect(address)
        sock.send(asked.wire)
        resend = loop.call_later(resend_after_s, _send_again, sock, asked.wire) if resend_after_s else None
        try:
            while True:
                found = dns_message.answer(await loop.sock_recv(sock, MAX_DATAGRAM_BYTES), asked)
                if found is not None:
                    return found
                await asyncio.sleep(0)  # a flood of them must not hold up the patience
        finally:
            if resend is not None:
                resend.cancel()


def _send_again(sock: socket.socket, wire: bytes) -> None:
    with contextlib.suppress(OSError):  # the one who waits for the answer is told the same
        sock.send(wire)


async def _by_tcp(server: str, port: int, asked: Question) -> Answer:
    loop = asyncio.get_running_loop()
    with _socket(server, port, socket.SOCK_STREAM) as (sock, address):
        await loop.sock_connect(sock, address)
        await loop.sock_sendall(sock, struct.pack("!H", len(asked.wire)) + asked.wire)
        (size,) = struct.unpack("!H", await _exactly(sock, 2))
        found = dns_message.answer(await _exactly(sock, size), asked)
    if found is None:
        raise NonsenseError  # nobody but the resolver itself can have sent this
    return found


async def _exactly(sock: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    content = b""
    while len(content) < size:
        part = await loop.sock_recv(sock, size - len(content))
        if not part:
            raise EOFError
        content += part
    return content


@contextlib.contextmanager
def _socket(server: str, port: int, kind: socket.SocketKind) -> Iterator[tuple[socket.socket, Any]]:
    """Open a socket, and give it with the address in the form that its family wants; no name is ever looked up."""
    try:
        family, _, _, _, address = socket.getaddrinfo(server, port, type=kind, flags=socket.AI_NUMERICHOST)[0]
    except socket.gaierror as error:
        if "%" in server:  # a zone that this machine has not
            raise OSError(errno.ENETUNREACH, str(error)) from error
        raise ValueError(f"{server!r} is no IP address") from error
    with socket.socket(family, kind) as sock:
        sock.setblocking(False)
        yield sock, address


def _fault(error: Exception) -> Fault:
    """Give a name to what went wrong on the way to the resolver.

    Raises:
        OSError: the same error, where it is this process that has run out of something.
    """
    if isinstance(error, ConnectionRefusedError):
        return "refused connection"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, (EOFError, NonsenseError, ConnectionResetError, BrokenPipeError)):
        return "malformed"
    if isinstance(error, OSError) and error.errno in _OWN_WANTS:
        raise error
    return "unreachable"
