"""kill -9 in the middle of reports: nothing that was acked is lost, and nothing is double."""

import asyncio
import contextlib
import random
import socket
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from agent.contract.report import Snapshot
from agent.contract.result import Result
from agent.contract.wire import Ack
from tests.servers.agent_end import AgentEnd, agent_end, result
from tests.servers.command import command
from tests.servers.gate import until

NODES = 8
KILLS = 3


@dataclass
class Teller:
    """A node that never tires of telling changes, as an agent does: what is not acked is told again."""

    name: str
    sent: int = 0
    acked: int = 0

    async def tell(self, url: str) -> None:
        """Report until the link breaks; every report is a change of state, so that each leaves a row."""
        with contextlib.suppress(aiohttp.ClientError, OSError, TypeError):
            async with agent_end(url) as end:
                welcome = await end.greet(self.name)
                assert welcome.seq >= self.acked, "an acked report is lost"
                assert welcome.seq <= self.sent, "a report is known that was never sent"
                for seq in range(welcome.seq + 1, self.sent + 1):
                    await end.report(seq, [self.result(seq)])
                await asyncio.gather(self._send(end), self._hear(end))

    async def settle(self, url: str) -> None:
        """Tell what is missing, until all is acked."""
        async with agent_end(url) as end:
            welcome = await end.greet(self.name)
            assert welcome.seq >= self.acked, "an acked report is lost"
            for seq in range(self.acked + 1, self.sent + 1):  # some of them are there already
                await end.report(seq, [self.result(seq)])
            if self.sent > self.acked:
                await end.acked(self.sent)

    async def _send(self, end: AgentEnd) -> None:
        while True:
            if self.sent - self.acked < 16:
                self.sent += 1  # before: what is half sent may arrive
                await end.report(self.sent, [self.result(self.sent)])
            await asyncio.sleep(0.001)

    async def _hear(self, end: AgentEnd) -> None:
        while True:
            message = await end.hear()
            assert isinstance(message, Ack) and message.seq <= self.sent
            self.acked = message.seq

    def result(self, seq: int) -> Result:
        """Make the one result of a report."""
        return result("failed" if seq % 2 else "ok", detail=f"report {seq}")


def read(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """Read rows of the store while the aggregator has it open."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return connection.execute(statement).fetchall()


def free_port() -> int:
    """Give a port that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def test_an_aggregator_that_is_killed_loses_nothing_that_it_acked(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    tellers = [Teller(f"node-{number}") for number in range(NODES)]
    chance = random.Random(9)
    for _ in range(KILLS):
        async with command(tmp_path, "aggregator", "--listen", "127.0.0.1:0", "--store", str(store)) as aggregator:
            url = await aggregator.url()
            telling = [asyncio.create_task(teller.tell(url)) for teller in tellers]
            before = sum(teller.acked for teller in tellers)
            await until(lambda: sum(teller.acked for teller in tellers) >= before + 100, 30)  # noqa: B023 - waited for here
            await asyncio.sleep(chance.uniform(0, 0.3))  # another moment of a commit each time
            await aggregator.kill()
            await asyncio.gather(*telling)
        assert any(teller.sent > teller.acked for teller in tellers), "nothing was under way: not the middle"
    async with command(tmp_path, "aggregator", "--listen", "127.0.0.1:0", "--store", str(store)) as aggregator:
        url = await aggregator.url()
        for teller in tellers:
            await teller.settle(url)
        async with aiohttp.ClientSession() as session, session.get(f"{url}/snapshot") as answer:
            snapshot = msgspec.json.decode(await answer.read(), type=Snapshot)
    told = Counter(read(store, "SELECT node, seq FROM change"))
    assert set(told.values()) == {1}, "a report is double"
    assert set(told) == {(teller.name, seq) for teller in tellers for seq in range(1, teller.sent + 1)}
    newest = {node.name: node.results[0].detail for node in snapshot.nodes}
    assert newest == {teller.name: f"report {teller.sent}" for teller in tellers}


async def findings(url: str, wanted: int) -> list[tuple[str, str | None, str | None]]:
    """Wait until the report has so many findings, and give id, subject and beginning of each."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            async with session.get(f"{url}/report?format=json") as answer:
                found = (await answer.json())["findings"]
            if len(found) == wanted:
                return [(one["id"], one["subject"]["value"], one["since"]) for one in found]
            await asyncio.sleep(0.05)


async def test_an_agent_that_is_killed_again_and_again_leaves_one_incident_with_one_beginning(tmp_path: Path) -> None:
    """It watches a port that refuses; each start is another boot, and the fault is the same all the time."""
    store, port = tmp_path / "store.db", free_port()
    config = tmp_path / "agent.yaml"
    config.write_text(f"interval_s: 1\nlisten: null\nregistries: ['127.0.0.1:{port}']\nroot: {tmp_path}\n")
    told = []
    async with command(tmp_path, "aggregator", "--listen", "127.0.0.1:0", "--store", str(store)) as aggregator:
        url = await aggregator.url()
        for _ in range(KILLS):
            arguments = ("agent", "--node", "node-1", "--aggregator", url, "--config", str(config))
            async with command(tmp_path, *arguments) as agent:
                await agent.says("linked to")
                told.append((await findings(url, 1))[0])
                await agent.kill()
    assert len(set(told)) == 1, told
    changes = Counter(read(store, 'SELECT "check", target, status FROM change WHERE "check" = \'tcp\''))
    assert changes == {("tcp", f"127.0.0.1:{port}", "failed"): 1}
    assert len(read(store, "SELECT id FROM incident")) == 1
