"""How soon does a large fleet's report know the scope of a fault, and what does that cost agents and aggregator?

Compared with: the interval of a minute after which every node would have looked by itself.

How: an aggregator as a process of its own, and thousands of agents' ends in this one, each with a real link over
loopback. All have looked and are well; then one reports a failure, and every agent that is asked to look answers as the
fault has it. Timed is from that first report until `/report` names the right cause and scope.

Cannot see: the time that a real check takes (a refused connection answers at once, silence takes up to 1.5 s twice);
agents that are far away. Real pulls are never asked for by a confirmation, and none is made here.
"""

import asyncio
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import psutil

from agent.contract import wire
from agent.contract.report import Report
from agent.contract.result import Result, Window
from agent.contract.table import CONFIRM_AFTER_S
from bench.figure import Figure, MissingError
from bench.process import aggregator, cpu_s
from bench.site import Site

SIZES = (1000, 5000, 10_000)
ZONES = 5
HOSTS = 10  # of registries that each node asks: thirty results
HOST = "registry-0.example"
CAUSE = "connect_refused"
INTERVAL_S = 60.0
SEEN_S = 45.0  # after which the fleet would have looked by itself, more or less
OPEN_AT_ONCE = 200
SETTLE_S = 30.0

Fails = Callable[[int], bool]


@dataclass
class End:
    """One agent's end of the link."""

    number: int
    socket: aiohttp.ClientWebSocketResponse
    fails: Fails
    seq: int = 0
    acked: int = 0
    asked: int = 0
    broken: bool = False

    async def run(self) -> None:
        """Answer what comes."""
        async for frame in self.socket:
            message = wire.read_down(frame.data)
            if isinstance(message, wire.Ack):
                self.acked = message.seq
            elif isinstance(message, wire.Run):
                self.asked += len(message.questions)
                names = {(ask.check, ask.target) for ask in message.questions}
                seen = [self.look(check, target) for check, target in names]
                await self.report(seen + [again for one in seen if (again := self.look_again(one))])
                await self.say(wire.Answer(id=message.id, done=True))

    def look(self, check: str, target: str) -> Result:
        """Give what this node sees."""
        failing = self.broken and self.fails(self.number) and (check, target) == ("tcp", f"{HOST}:443")
        result = Result(check=check, target=target, status="failed" if failing else "ok", registries=[HOST])
        if failing:
            result.cause, result.since, result.window = CAUSE, result.at, Window(10, 1)
        return result

    def look_again(self, result: Result) -> Result | None:
        """Give the second look at a first failure."""
        if result.status != "failed":
            return None
        return msgspec.structs.replace(result, window=Window(10, 2))

    async def report(self, results: list[Result], **more: object) -> None:
        """Send a report."""
        self.seq += 1
        body = wire.encode(wire.Body(results=results, **more))  # type: ignore[arg-type]  # the form's own keys
        await self.say(wire.Report(version=wire.VERSION, seq=self.seq, at=datetime.now(UTC), body=msgspec.Raw(body)))

    async def say(self, message: wire.UpMessage) -> None:
        """Send a message."""
        await self.socket.send_str(wire.encode(message).decode())


@dataclass
class Seen:
    """What one incident took."""

    verdict_s: float
    asked: int
    most: int
    cpu_ms: float


def measure(site: Site) -> list[Figure]:
    """Measure fleets of each size, where all fail and where a zone does."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    figures = []
    for size in SIZES:
        folder = site.folder / f"incident-{size}"
        folder.mkdir()
        figures += _of_size(folder, size)
    return figures


def _of_size(folder: Path, size: int) -> list[Figure]:
    figures = []
    faults: tuple[tuple[str, str, Fails], ...] = (
        ("a zone fails", "group", lambda number: number % ZONES == 0),
        ("all fail", "cluster", lambda number: True),
    )
    for words, scope, fails in faults:
        place = folder / scope
        place.mkdir()
        with aggregator(place) as (port, process):
            seen = asyncio.run(_incident(f"http://127.0.0.1:{port}", size, fails, scope, process))
        note = (
            f"{seen.asked} questions in all until then, at most {seen.most} to one agent; no real pull; "
            f"{seen.cpu_ms:.2f} ms of the aggregator's CPU for each node that was asked"
        )
        name = f"scope known, {size:,} nodes, {words}"
        figures.append(Figure(name, "s", seen.verdict_s, "their own interval", INTERVAL_S, notes=(note,)))
    return figures


async def _incident(url: str, size: int, fails: Fails, scope: str, process: psutil.Process) -> Seen:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.timeout(600):
        ends = await _link(session, url, size, fails)
        tasks = [asyncio.create_task(end.run()) for end in ends]
        try:
            await _look_first(ends)
            await _wait(session, url, lambda report: report.nodes.reporting == size and not report.findings, SETTLE_S)
            before = cpu_s(process)
            for end in ends:
                end.broken = True
            started = time.perf_counter()
            tasks.append(asyncio.create_task(_begin(ends[0])))
            await _wait(session, url, lambda report: _says(report, scope), SEEN_S)
            verdict_s = time.perf_counter() - started
            asked = sum(end.asked for end in ends)
            cpu_ms = (cpu_s(process) - before) * 1000 / max(1, sum(end.asked > 0 for end in ends))
            return Seen(verdict_s, asked, max(end.asked for end in ends), cpu_ms)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _begin(end: End) -> None:
    """Let one node see the fault in its own round, and look again as agents do."""
    first = end.look("tcp", f"{HOST}:443")
    await end.report([first])
    await asyncio.sleep(CONFIRM_AFTER_S)
    if (again := end.look_again(first)) is not None:
        await end.report([again])


async def _link(session: aiohttp.ClientSession, url: str, size: int, fails: Fails) -> list[End]:
    at_once = asyncio.Semaphore(OPEN_AT_ONCE)

    async def one(number: int) -> End:
        async with at_once:
            socket = await session.ws_connect(url + wire.PATH, compress=0)
            end = End(number, socket, fails)
            facts = {"zone": f"zone-{number % ZONES}", "pool": f"pool-{number % 4}", "arch": "amd64"}
            hello = wire.Hello(
                version=wire.VERSION, node=f"node-{number:05}", boot="bench", at=datetime.now(UTC),
                interval_s=INTERVAL_S, facts=facts, speaks=[wire.RUN],
            )  # fmt: skip
            await end.say(hello)
            welcome = wire.read_down(await socket.receive_str())
            if not isinstance(welcome, wire.Welcome):
                raise MissingError(f"no welcome: {welcome}")
            return end

    return list(await asyncio.gather(*(one(number) for number in range(size))))


async def _look_first(ends: list[End]) -> None:
    """Let every node look once, and wait until all that is committed."""
    hosts = [f"registry-{number}.example" for number in range(HOSTS)]
    questions = [
        (check, host if check == "dns" else f"{host}:443") for host in hosts for check in ("dns", "tcp", "tls")
    ]
    targets = [f"{check} {target}" for check, target in questions]
    for end in ends:
        await end.report([end.look(check, target) for check, target in questions], targets=targets)
    ends_at = time.monotonic() + SETTLE_S * 4
    while any(end.acked < end.seq for end in ends):
        if time.monotonic() > ends_at:
            raise MissingError("the aggregator does not ack what all nodes say first")
        await asyncio.sleep(0.05)


async def _wait(
    session: aiohttp.ClientSession, url: str, condition: Callable[[Report], bool], patience_s: float
) -> None:
    ends_at = time.monotonic() + patience_s
    while True:
        async with session.get(f"{url}/report?format=json") as answer:
            report = msgspec.json.decode(await answer.read(), type=Report)
        if condition(report):
            return
        if time.monotonic() > ends_at:
            said = [(one.cause, one.scope, one.failing, one.observed) for one in report.findings]
            raise MissingError(f"not in time: {report.nodes.reporting} nodes are heard, and the report says {said}")
        await asyncio.sleep(0.05)


def _says(report: Report, scope: str) -> bool:
    return [(one.cause, one.scope) for one in report.findings] == [(CAUSE, scope)]
