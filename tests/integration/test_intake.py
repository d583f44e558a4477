"""The aggregator's end of the link: identity, order, repetition, and what is no message."""

import asyncio
import base64
import logging
import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from agent.contract import wire
from agent.contract.address import Listen
from aggregator.app import Aggregator
from aggregator.config import Config
from aggregator.intake.doors import Doors
from aggregator.store.store import Store
from tests.servers.agent_end import agent_end, result
from tests.servers.gate import until


@pytest.fixture
async def aggregator(tmp_path: Path) -> AsyncIterator[Aggregator]:
    config = Config(listen="127.0.0.1:0", store=str(tmp_path / "store.db"), cluster="c")
    async with Aggregator(config) as running:
        yield running


async def test_a_report_is_in_memory_and_on_the_disk_when_it_is_acked(aggregator: Aggregator) -> None:
    async with agent_end(aggregator.url) as agent:
        assert (await agent.greet()).seq == 0
        await agent.report(1, [result("failed"), result("ok", "quay.io", "dns")], targets=["tcp quay.io:443"])
        await agent.acked(1)
        node = aggregator.fleet.members["node-1"]
        assert list(node.results) == ["tcp quay.io:443"] and node.whole and node.facts == {"zone": "a"}
    path = aggregator.config.store
    await aggregator.__aexit__(None, None, None)
    store = Store(path)
    assert store.read("SELECT name, seq FROM node") == [("node-1", 1)]
    assert len(store.read("SELECT * FROM change")) == 2
    await store.close()


async def test_a_report_that_comes_twice_changes_nothing_and_is_acked_again(aggregator: Aggregator) -> None:
    async with agent_end(aggregator.url) as agent:
        await agent.greet()
        await agent.report(1, [result("failed")])
        await agent.report(2, [result("ok")])
        await agent.acked(2)
    async with agent_end(aggregator.url) as agent:
        assert (await agent.greet()).seq == 2
        await agent.report(1, [result("failed")])
        await agent.report(2, [result("ok")])
        await agent.acked(2)
        assert aggregator.fleet.members["node-1"].results["tcp quay.io:443"].status == "ok"
        assert aggregator.intake.repeated == 2


async def test_an_empty_report_says_that_the_agent_lives(aggregator: Aggregator) -> None:
    async with agent_end(aggregator.url) as agent:
        await agent.greet(interval_s=0.5)
        await agent.report(1)
        await agent.acked(1)
        await until(lambda: aggregator.reporter.report and aggregator.reporter.report.nodes.silent == ["node-1"])
        await agent.report(2)
        await until(lambda: aggregator.reporter.report and not aggregator.reporter.report.nodes.silent)


async def test_another_agent_of_the_same_name_takes_the_link_over(
    aggregator: Aggregator, caplog: pytest.LogCaptureFixture
) -> None:
    async with agent_end(aggregator.url) as old, agent_end(aggregator.url) as new:
        await old.greet(boot="old")
        await new.greet(boot="new")
        assert (await old.closed())[0] == wire.CLOSE_REPLACED
        await new.report(1, [result()])
        await new.acked(1)
        assert aggregator.intake.links == 1 and "another agent speaks for node-1" in caplog.text


@pytest.mark.parametrize(
    ("sent", "code", "reason"),
    [
        ("nonsense", wire.CLOSE_BAD_MESSAGE, "not a message of version 1"),
        ('{"type":"hello","version":2,"node":"n"}', wire.CLOSE_VERSION, "the agent speaks version 2"),
        ('{"type":"report","version":1,"seq":1,"at":"2026-11-22T13:00:00Z","body":{}}', wire.CLOSE_ORDER, "no hello"),
        (
            '{"type":"hello","version":1,"node":"../etc","boot":"b","at":"2026-11-22T13:00:00Z","interval_s":1}',
            wire.CLOSE_NODE,
            "no node can be called",
        ),
        (b"\x00\x01", wire.CLOSE_NOT_TEXT, "no text"),
        ("x" * (wire.MAX_MESSAGE_BYTES + 1), wire.CLOSE_TOO_BIG, ""),
    ],
)
async def test_what_is_no_hello_is_closed_with_its_code_and_a_reason(
    aggregator: Aggregator, caplog: pytest.LogCaptureFixture, sent: str | bytes, code: int, reason: str
) -> None:
    async with agent_end(aggregator.url) as agent:
        await (agent.socket.send_bytes(sent) if isinstance(sent, bytes) else agent.socket.send_str(sent))
        closed = await agent.closed()
    assert closed[0] == code and reason in closed[1]
    await until(lambda: f": {code} " in caplog.text)
    assert aggregator.intake.closed[code] == 1
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("body", ['"text"', '{"results":[{"check":"dns"}]}', '{"results":[{"status":"fine"}]}'])
async def test_a_report_of_another_form_closes_the_link_and_loses_nothing(aggregator: Aggregator, body: str) -> None:
    async with agent_end(aggregator.url) as agent:
        await agent.greet()
        await agent.report(1, [result("failed")])
        await agent.acked(1)
        await agent.socket.send_str(
            f'{{"type":"report","version":1,"seq":2,"at":"2026-11-22T13:00:00Z","body":{body}}}'
        )
        code, reason = await agent.closed()
        assert code == wire.CLOSE_BAD_MESSAGE and "report 2" in reason
    async with agent_end(aggregator.url) as agent:
        assert (await agent.greet()).seq == 1
    assert aggregator.fleet.members["node-1"].results["tcp quay.io:443"].status == "failed"


def frame(payload: bytes, *, declared: int | None = None, opcode: int = 1, masked: bool = True) -> bytes:
    """Give one WebSocket frame of a client; `declared` is a length that it only claims."""
    head = struct.pack("!BBH", 0x80 | opcode, (0x80 if masked else 0) | 126, declared or len(payload))
    return head + (bytes(4) if masked else b"") + payload  # a mask of zeros leaves the payload as it is


@pytest.mark.parametrize(
    "sent",
    [
        frame(b'{"type":', declared=500),
        frame(b"{}", opcode=3),
        frame(b"\xff\xfe\xfd"),
        b"\xff" * 64,
        b"GET / HTTP/1.1\r\n\r\n",
        b"",
    ],
    ids=["half a frame", "an opcode that is none", "no UTF-8", "noise", "HTTP again", "nothing"],
)
async def test_a_broken_frame_is_one_line_at_most_and_the_next_link_is_well(
    aggregator: Aggregator, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    caplog.set_level(logging.INFO)
    parts = urlsplit(aggregator.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET {wire.PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readline()
    writer.write(sent)
    writer.write_eof()
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()
    async with agent_end(aggregator.url) as agent:
        await agent.greet()
        await agent.report(1, [result()])
        await agent.acked(1)
    assert "Traceback" not in caplog.text
    assert all("\n" not in record.getMessage() for record in caplog.records)


async def test_an_agent_that_says_nothing_is_not_kept(aggregator: Aggregator) -> None:
    async with agent_end(aggregator.url) as agent:
        await agent.greet()
        async with aiohttp.ClientSession() as session, session.get(aggregator.url + wire.PATH) as answer:
            assert answer.status == 426
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await session.ws_connect(aggregator.url + wire.PATH, headers={"Origin": "https://elsewhere.example"})


async def test_off_loopback_an_agent_without_the_token_is_refused(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    config = Config(listen="0.0.0.0:0", store=":memory:", token_file=str(token))
    async with Aggregator(config) as running:
        url = running.url.replace("0.0.0.0", "127.0.0.1")
        for shown in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
                async with agent_end(url, **shown):
                    pass
        async with agent_end(url, Authorization="Bearer s3cret") as agent:
            await agent.greet()
        token.write_text("rotated")
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            async with agent_end(url, Authorization="Bearer s3cret"):
                pass


async def test_a_door_without_a_token_file_off_loopback_is_shut() -> None:
    async def ask(request: aiohttp.web.Request) -> aiohttp.web.Response:
        refused = doors.refuse_agent(request)
        return refused if refused is not None else aiohttp.web.Response(text="come in")

    doors = Doors(Listen("0.0.0.0", 0))
    app = aiohttp.web.Application()
    app.router.add_get("/", ask)
    runner = aiohttp.web.AppRunner(app, access_log=None)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Authorization": "Bearer "}) as answer:
        assert answer.status == 401
    await runner.cleanup()


async def test_a_directive_reaches_the_agent_that_understands_it_and_its_word_comes_back(
    aggregator: Aggregator,
) -> None:
    words: list[tuple[str, wire.Word]] = []
    links: list[tuple[str, bool]] = []
    aggregator.intake.on_word = lambda node, word: words.append((node, word))
    aggregator.intake.on_link = lambda node, linked: links.append((node, linked))
    run = wire.Run(id="r1", image="quay.io/a/b:1")
    async with agent_end(aggregator.url) as agent, agent_end(aggregator.url) as older:
        assert not aggregator.intake.direct("node-1", run)
        await agent.greet(speaks=["run"])
        await older.greet(node="node-2")
        await until(lambda: len(links) == 2)
        assert aggregator.intake.speaks("node-1", wire.RUN) and not aggregator.intake.speaks("node-1", wire.LEASE)
        assert not aggregator.intake.speaks("node-2", wire.RUN) and not aggregator.intake.speaks("node-3", wire.RUN)
        assert aggregator.intake.direct("node-1", run)
        assert await agent.hear() == run
        await agent.say(wire.Answer(id="r1", done=True))
        await agent.report(1)
        await agent.acked(1)  # what is no report is no hello either, and the link goes on
        assert words == [("node-1", wire.Answer(id="r1", done=True))]
    await until(lambda: ("node-1", False) in links and ("node-2", False) in links)
