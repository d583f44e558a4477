"""HTTP over a real connection: what is bounded, what is reused, what counts as a fault."""

import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agent.host.endpoint import Origin
from agent.probes import tcp
from agent.probes.fault import Fault
from agent.probes.http import Connection, Response, StaleFault
from tests.servers.registry import Registry, Reply, serve

PATIENCE_S = 1.0


@asynccontextmanager
async def connected(*replies: Reply) -> AsyncIterator[tuple[Connection, Registry]]:
    """Serve the replies one after the other, the last for ever, and connect."""
    registry = Registry()
    left = list(replies)
    registry.rules.append(lambda asked: left.pop(0) if len(left) > 1 else left[0])
    async with serve(registry):
        port = int(registry.host.rpartition(":")[2])
        stream = await tcp.dial("127.0.0.1", port, PATIENCE_S)
        try:
            yield Connection(stream, Origin("http", "127.0.0.1", port)), registry
        finally:
            stream.abort()


async def ask(connection: Connection, method: str = "GET", max_bytes: int = 1000, **more: Any) -> Response:
    return await connection.request(method, "/x?y=1", patience_s=PATIENCE_S, max_bytes=max_bytes, **more)


async def test_an_answer_comes_with_its_headers_and_address() -> None:
    async with connected(Reply(200, {"X-Two": "a", "Content-Type": "text/plain; charset=x"}, b"hello")) as (
        found,
        server,
    ):
        answer = await ask(found, headers={"Accept": "*/*"})
        assert (answer.status, answer.body, answer.truncated) == (200, b"hello", False)
        assert answer.header("x-two") == "a"
        assert answer.header("x-none") == ""
        assert answer.media_type == "text/plain"
        assert answer.url == f"http://{server.host}/x?y=1"
        assert server.requests[0].headers["host"] == server.host


async def test_a_connection_is_used_again() -> None:
    async with connected(Reply(200, {}, b"one")) as (found, _):
        found.lent = True
        await ask(found)
        assert found.is_reusable
        assert not found.lent
        assert (await ask(found)).body == b"one"


async def test_an_answer_to_head_has_no_body() -> None:
    async with connected(Reply(200, {}, b"never sent")) as (found, _):
        answer = await ask(found, "HEAD")
        assert answer.body == b""
        assert answer.header("content-length") == "10"
        assert found.is_reusable


async def test_a_body_is_cut_at_the_bound_and_the_connection_ended() -> None:
    async with connected(Reply(200, {}, b"x" * 5000)) as (found, _):
        answer = await ask(found)
        assert (len(answer.body), answer.truncated) == (1000, True)
        assert not found.is_reusable


async def test_a_body_of_exactly_the_bound_is_whole() -> None:
    async with connected(Reply(200, {}, b"x" * 1000)) as (found, _):
        answer = await ask(found)
        assert (len(answer.body), answer.truncated) == (1000, False)


async def test_a_body_without_a_length_ends_with_the_connection() -> None:
    async with connected(Reply(raw=b"HTTP/1.0 200 OK\r\n\r\nhello", then="close")) as (found, _):
        assert (await ask(found)).body == b"hello"
        assert not found.is_reusable


async def test_what_was_asked_for_compressed_is_undone() -> None:
    reply = Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"y" * 800))
    async with connected(reply) as (found, _):
        assert (await ask(found, headers={"Accept-Encoding": "gzip"})).body == b"y" * 800
        assert (await ask(found)).body == reply.body


async def test_a_compressed_bomb_costs_no_more_than_the_bound() -> None:
    reply = Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000))
    async with connected(reply) as (found, _):
        answer = await ask(found, headers={"Accept-Encoding": "gzip"})
        assert (len(answer.body), answer.truncated) == (1000, True)


async def test_compression_that_ends_too_early_is_nonsense() -> None:
    cut = gzip.compress(b"y" * 800)[:-4]
    async with connected(Reply(200, {"Content-Encoding": "gzip"}, cut)) as (found, _):
        with pytest.raises(Fault) as raised:
            await ask(found, headers={"Accept-Encoding": "gzip"})
        assert raised.value.cause == "registry_unavailable"


async def test_informational_answers_are_passed_over_up_to_a_bound() -> None:
    few = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    async with connected(Reply(raw=few * 5 + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as (found, _):
        assert (await ask(found)).body == b"ok"
    async with connected(Reply(raw=few * 6, then="hang")) as (found, _):
        with pytest.raises(Fault) as raised:
            await ask(found)
        assert raised.value.cause == "registry_unavailable"


async def test_silence_ends_with_the_patience() -> None:
    async with connected(Reply(raw=b"", then="hang")) as (found, _):
        started = time.monotonic()
        with pytest.raises(Fault) as raised:
            await ask(found)
        assert raised.value.cause == "registry_unavailable"
        assert time.monotonic() - started < PATIENCE_S + 1
        assert not found.is_reusable


async def test_the_head_may_be_enough() -> None:
    cut = b"HTTP/1.1 401 No\r\nContent-Length: 900\r\n\r\npart"
    async with connected(Reply(raw=cut, then="close")) as (found, _):
        answer = await ask(found, head_is_enough=True)
        assert (answer.status, answer.body, answer.truncated) == (401, b"part", True)


async def test_a_used_connection_that_is_gone_is_stale_and_no_fault_of_the_host() -> None:
    async with connected(Reply(200, {}, b"one"), Reply(raw=b"", then="close")) as (found, _):
        await ask(found)
        with pytest.raises(StaleFault):
            await ask(found)


async def test_a_fresh_connection_that_is_gone_is_a_reset() -> None:
    async with connected(Reply(raw=b"", then="reset")) as (found, _):
        with pytest.raises(Fault) as raised:
            await ask(found)
        assert type(raised.value) is Fault
        assert raised.value.cause == "connection_reset"


async def test_a_body_after_head_is_not_taken_for_the_next_answer() -> None:
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
    async with connected(Reply(raw=sent)) as (found, _):
        assert (await ask(found, "HEAD")).status == 200
        assert not found.is_reusable
