"""Dialling real sockets on loopback: taken, refused, silent, cut off, nowhere."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from agent.probes import tcp
from agent.probes.fault import Fault
from tests.servers.tls import answer_hello, serve_raw


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose queue is full: further connections get no answer, as behind a firewall that drops."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    yield listener.getsockname()[1]
    for filler in [*fillers, listener]:
        filler.close()


async def test_a_connection_can_be_used_and_is_aborted_at_once() -> None:
    async with serve_raw(answer_hello) as port:
        stream = await tcp.dial("127.0.0.1", port, 5)
        stream.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await stream.reader.readline() == b"HTTP/1.1 200 OK\r\n"
        assert stream.is_open
        stream.abort()
        assert not stream.is_open


async def test_ipv6_is_dialled_too() -> None:
    async with serve_raw(answer_hello, host="::1") as port:
        stream = await tcp.dial("::1", port, 5)
        assert stream.address == "::1"
        stream.abort()


async def test_a_closed_port_is_refused() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        with pytest.raises(Fault, match="refuses") as caught:
            await tcp.dial("127.0.0.1", reserved.getsockname()[1], 5)
    assert caught.value.cause == "connect_refused"


async def test_silence_is_a_timeout_after_the_patience_and_not_later(silent_port: int) -> None:
    started = time.monotonic()
    with pytest.raises(Fault, match=r"within 0\.3 s") as caught:
        await tcp.dial("127.0.0.1", silent_port, 0.3)
    assert caught.value.cause == "connect_timeout"
    assert 0.25 < time.monotonic() - started < 2


async def test_no_way_to_an_address_is_a_timeout_that_says_why() -> None:
    with pytest.raises(Fault) as caught:  # a broadcast address: the kernel has no way to connect there
        await tcp.dial("255.255.255.255", 443, 5)
    assert caught.value.cause == "connect_timeout"
    assert caught.value.evidence["errno"] in ("ENETUNREACH", "EACCES", "EINVAL")


async def test_a_server_that_goes_is_seen() -> None:
    async def goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with serve_raw(goodbye) as port:
        stream = await tcp.dial("127.0.0.1", port, 5)
        async with asyncio.timeout(5):
            assert await stream.reader.read() == b""
        assert not stream.is_open
        stream.abort()


@pytest.mark.parametrize(
    ("target", "place"),
    [("quay.io:443", ("quay.io", 443)), ("[::1]:5000", ("::1", 5000)), ("10.0.0.1:80", ("10.0.0.1", 80))],
)
def test_a_target_is_host_and_port(target: str, place: tuple[str, int]) -> None:
    assert tcp.place(target) == place


@pytest.mark.parametrize("target", ["quay.io", "quay.io:", ":443", "::1:443", "[::1]", "quay.io:https", "[]:1"])
def test_what_is_no_host_and_port_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match="is no host and port"):
        tcp.place(target)
