"""What does one report cost the aggregator's CPU, from the frame to the ack?

Compared with: a bare aiohttp WebSocket server that sends the same bytes back.

How: both run as processes of their own. Ten nodes send reports over ten links, each the next one when the last is
answered, as agents do; the body is what a real round of this site gave. An answer of the aggregator is an ack, so each
report is on the disk. Process CPU in user and system is divided by the number of reports.

Cannot see: what happens at leisure, such as correlation of a large fleet; links that come and go. Every report says the
same of the same targets, as those of a calm fleet do; a change of state costs a row in the store on top.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import psutil

from agent.contract import wire
from agent.host.node import Node
from agent.round import Question, Round
from bench.figure import Figure, MissingError
from bench.process import aggregator, cpu_s, free_port, listens, running, until
from bench.site import Site

NODES = 10
REPORTS = 200  # of each node
WARM = 10


def measure(site: Site) -> list[Figure]:
    """Measure both."""
    body = asyncio.run(_body(site))
    folder = site.folder / "ingest"
    folder.mkdir()
    ours, peer = _aggregator(folder, body), _echo(folder, body)
    return [
        Figure(
            "CPU of the aggregator for one report",
            "ms",
            ours * 1000,
            "aiohttp echo of the same bytes",
            peer * 1000,
            notes=(
                f"{NODES} links, {REPORTS} reports each, of {len(body)} bytes; the aggregator stores before it acks",
            ),
        )
    ]


async def _body(site: Site) -> bytes:
    node = Node(site.root, name="bench")
    results = await Round(node, {}).ask([Question("layer", site.image, (site.registry,))])
    if any(result.status not in ("ok", "warn") for result in results):
        raise MissingError(f"a round of this site is not ok: {[(r.key, r.status, r.detail) for r in results]}")
    return wire.encode(wire.Body(results=results))


def _report(seq: int, body: bytes) -> str:
    report = wire.Report(version=wire.VERSION, seq=seq, at=datetime.now(UTC), body=msgspec.Raw(body))
    return wire.encode(report).decode()


def _aggregator(folder: Path, body: bytes) -> float:
    with aggregator(folder) as (port, process):
        return asyncio.run(_drive(f"ws://127.0.0.1:{port}{wire.PATH}", body, process, greet=True))


def _echo(folder: Path, body: bytes) -> float:
    port = free_port()
    with running([sys.executable, "-m", "bench.echo", str(port)], folder / "echo.log", dict(os.environ)) as process:
        until(lambda: listens(port), "the echo")
        return asyncio.run(_drive(f"ws://127.0.0.1:{port}/", body, process, greet=False))


async def _drive(url: str, body: bytes, process: psutil.Process, *, greet: bool) -> float:
    """Send all reports over all links, and give the CPU seconds of one."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(120):
        links = [await session.ws_connect(url, compress=0) for _ in range(NODES)]
        if greet:
            await asyncio.gather(*(_greet(link, number) for number, link in enumerate(links)))
        await asyncio.gather(*(_send(link, body, 1, WARM, acked=greet) for link in links))
        before = cpu_s(process)
        await asyncio.gather(*(_send(link, body, WARM + 1, WARM + REPORTS, acked=greet) for link in links))
        spent = cpu_s(process) - before
        for link in links:
            await link.close()
        return spent / (NODES * REPORTS)


async def _greet(link: aiohttp.ClientWebSocketResponse, number: int) -> None:
    hello = wire.Hello(
        version=wire.VERSION,
        node=f"node-{number}",
        boot="bench",
        at=datetime.now(UTC),
        interval_s=60.0,
        facts={"zone": "a"},
    )
    await link.send_str(wire.encode(hello).decode())
    await link.receive_str()


async def _send(link: aiohttp.ClientWebSocketResponse, body: bytes, first: int, last: int, *, acked: bool) -> None:
    for seq in range(first, last + 1):
        await link.send_str(_report(seq, body))
        while True:
            answer = await link.receive()
            if answer.type is not aiohttp.WSMsgType.TEXT:
                raise MissingError(f"the server closed the link: {answer.data} {answer.extra}")
            if not acked:
                break
            message = wire.read_down(answer.data)
            if isinstance(message, wire.Ack) and message.seq >= seq:
                break
