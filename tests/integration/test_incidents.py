"""Incidents over what may happen to an aggregator, as a process of its own: one incident, and the past stays."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from agent.contract.report import IncidentRecord, Report
from agent.contract.result import Result, Window
from tests import need
from tests.servers.agent_end import AgentEnd, agent_end, result
from tests.servers.command import Command, command

KEYS = ["tcp quay.io:443"]


def broken(began: datetime, detail: str = "refused") -> Result:
    return result("failed", since=began, window=Window(10, 10), detail=detail)


def good(runs: int = 10, failures: int = 0) -> Result:
    return result("ok", since=datetime.now(UTC), window=Window(runs, failures))


@asynccontextmanager
async def aggregator(folder: Path, *more: str) -> AsyncIterator[tuple[Command, str]]:
    arguments = ("aggregator", "--listen", "127.0.0.1:0", "--store", str(folder / "store.db"), *more)
    async with command(folder, *arguments) as running:
        yield running, await running.url()


async def read(url: str, **query: str) -> Report:
    status, text = await ask(url, "/report", format="json", **query)
    assert status == 200, text
    return msgspec.json.decode(text, type=Report)


async def ask(url: str, path: str, **query: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url + path, params=query) as answer:
        return answer.status, await answer.text()


async def until_said(url: str, wanted: Callable[[Report], object], patience_s: float = 30.0, **query: str) -> Report:
    async with asyncio.timeout(patience_s):
        while True:
            report = await read(url, **query)
            if wanted(report):
                return report
            await asyncio.sleep(0.05)


async def history(url: str) -> list[IncidentRecord]:
    found = (await read(url, since="1h")).incidents
    assert isinstance(found, list)
    return found


def hits(*names: str) -> Callable[[Report], bool]:
    """Wait for one finding of these nodes, or for none."""
    return lambda report: [finding.nodes for finding in report.findings] == ([list(names)] if names else [])


async def tell(end: AgentEnd, seq: int, *results: Result) -> None:
    await end.report(seq, results, targets=KEYS)
    await end.acked(seq)


def without_looks(report: Report) -> Any:
    """Give a report without what changes with every look: its time, and when each finding was seen last."""
    form = msgspec.to_builtins(report)
    del form["at"]
    for finding in form["findings"]:
        del finding["last_seen"]
    return form


async def test_one_incident_lasts_over_kills_and_nodes_that_come_and_go_and_another_detail(tmp_path: Path) -> None:
    began = datetime.now(UTC) - timedelta(minutes=3)
    records, said = [], []
    async with aggregator(tmp_path) as (running, url), agent_end(url) as one, agent_end(url) as two:
        await one.greet("node-1")
        await two.greet("node-2")
        await tell(two, 1, good())
        await tell(one, 1, broken(began))
        said.append(await until_said(url, hits("node-1")))
        records.append((await history(url))[0])
        await running.kill()
    async with aggregator(tmp_path) as (running, url), agent_end(url) as one, agent_end(url) as two:
        await one.greet("node-1", boot="boot-2")  # the agent is another one, and knows nothing of before
        await two.greet("node-2")
        await tell(one, 1, broken(datetime.now(UTC), "refused by another host"))
        await tell(two, 2, broken(datetime.now(UTC)))  # wider
        async with agent_end(url) as three:  # joins
            await three.greet("node-3")
            await tell(three, 1, broken(datetime.now(UTC)))
            said.append(await until_said(url, hits("node-1", "node-2", "node-3")))
        records.append((await history(url))[0])
        await running.kill()
    async with aggregator(tmp_path) as (running, url):
        async with agent_end(url) as one, agent_end(url) as two, agent_end(url) as three:
            for name, end, seq in (("node-1", one, 2), ("node-2", two, 3), ("node-3", three, 2)):
                await end.greet(name, boot="boot-2" if name == "node-1" else "boot-1")
                healed = datetime.now(UTC)
                await tell(end, seq, good())
            said.append(await until_said(url, hits()))
        over = datetime.now(UTC)
        records += await history(url)
        await running.kill()
    async with aggregator(tmp_path) as (_, url):  # what is over is over, and stays so
        await until_said(url, hits())
        records += await history(url)
        for report in said[:2]:
            then = await read(url, at=report.at.isoformat())
            assert without_looks(then) == without_looks(report)
        assert {one.id for one in records} == {said[0].findings[0].id} and len(records) == 4
        assert {one.since for one in records} == {began} == {report.findings[0].since for report in said[:2]}
        assert len({(one.opened, one.confirmed) for one in records}) == 1 and records[0].opened > began
        assert [one.state for one in records] == ["confirmed", "confirmed", "cleared", "cleared"]
        assert records[2].until is not None and healed <= records[2].until <= over
        assert records[3].until == records[2].until and not records[3].intermittent


async def test_what_flaps_is_one_incident_that_comes_and_goes(tmp_path: Path) -> None:
    """Ten minutes in seconds: each state is told at once, as the correlator takes up again what was over lately."""
    first = datetime.now(UTC)
    async with aggregator(tmp_path) as (running, url), agent_end(url) as end:
        await end.greet()
        for turn in range(4):
            await tell(end, 2 * turn + 1, broken(datetime.now(UTC)))
            report = await until_said(url, hits("node-1"))
            assert report.findings[0].intermittent == (turn >= 2)
            await tell(end, 2 * turn + 2, good())
            await until_said(url, hits())
        records = await history(url)
        await running.kill()
    async with aggregator(tmp_path) as (_, url):
        assert await history(url) == records
    assert len(records) == 1
    assert (records[0].intermittent, records[0].returns, records[0].state) == (True, 3, "cleared")
    assert records[0].until is not None and first <= records[0].since < records[0].until


async def test_a_node_that_falls_silent_and_comes_back_with_the_same_fault_has_not_flapped(tmp_path: Path) -> None:
    began = datetime.now(UTC)
    async with aggregator(tmp_path) as (_, url):
        for boot in ("boot-1", "boot-2", "boot-3"):
            async with agent_end(url) as end:
                await end.greet(boot=boot, interval_s=0.3)
                await tell(end, 1, broken(began))
                report = await until_said(
                    url, lambda report: [one.cause for one in report.findings] == ["connect_refused"]
                )
                assert not report.findings[0].intermittent
            await until_said(url, lambda report: [one.cause for one in report.findings] == ["agent_silent"])
        refused = [one for one in await history(url) if one.cause == "connect_refused"]
    assert [(one.since, one.intermittent, one.returns) for one in refused] == [(began, False, 0)]


async def test_the_past_says_where_it_begins_and_when_nobody_was_there(tmp_path: Path) -> None:
    async with aggregator(tmp_path) as (running, url), agent_end(url) as end:
        await end.greet()
        await tell(end, 1, broken(datetime.now(UTC)))
        said = await until_said(url, hits("node-1"))
        assert await running.end() == 0
    ended = datetime.now(UTC)
    await asyncio.sleep(0.3)
    async with aggregator(tmp_path) as (_, url):
        await until_said(url, hits("node-1"))
        status, text = await ask(url, "/report", at=(ended + timedelta(seconds=0.2)).isoformat())
        assert status == 200 and text.startswith("nothing was said at ") and "FAILING: 1 failure" in text
        then = await read(url, at=(ended + timedelta(seconds=0.2)).isoformat())
        assert said.at <= then.at <= ended and without_looks(then) == without_looks(said)
        status, text = await ask(url, "/report", at="1h")
        assert (status, text.count("\n")) == (404, 1) and "the records begin at 20" in text
        status, text = await ask(url, "/report", since="1h")
        assert status == 200 and "1 incident since" in text and "1. CONFIRMED: " in text
        at = said.at.isoformat()
        async with command(tmp_path, "report", "--aggregator", url, "--at", at) as asked:
            assert await asked.process.wait() == 0
        assert "FAILING: 1 failure" in asked.said
        async with command(tmp_path, "report", "--aggregator", url, "--since", "5m", "--json") as asked:
            assert await asked.process.wait() == 0
        assert '"state": "confirmed"' in asked.said
        async with command(tmp_path, "report", "--aggregator", url, "--at", "2100-01-01") as asked:
            assert await asked.process.wait() == 2
        assert "is in the future" in asked.said


async def test_a_second_aggregator_on_the_same_store_is_refused_in_one_line(tmp_path: Path) -> None:
    async with aggregator(tmp_path):
        store = str(tmp_path / "store.db")
        async with command(tmp_path, "aggregator", "--listen", "127.0.0.1:0", "--store", store) as second:
            assert await second.process.wait() == 2
        assert second.said == f"pullscope: {store}: another aggregator uses it\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    need.root()
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run([need.program("mount"), "-t", "tmpfs", "-o", "size=3m", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run([need.program("umount"), str(folder)], check=True)


async def test_a_store_that_is_full_loses_no_ack_and_no_incident_sticks(tmp_path: Path, small_disk: Path) -> None:
    store, ballast = small_disk / "store.db", small_disk / "ballast"
    arguments = ("aggregator", "--listen", "127.0.0.1:0", "--store", str(store))
    async with command(tmp_path, *arguments) as running:
        url = await running.url()
        async with agent_end(url) as end:
            await end.greet()
            await tell(end, 1, broken(datetime.now(UTC)))
            await until_said(url, hits("node-1"))
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(os.urandom(4096))
            seq = 1
            while "cannot be written" not in running.said:  # until what SQLite had room for already is used up
                seq += 1
                await end.report(seq, [good()], facts={"ballast": os.urandom(50_000).hex()})
                await asyncio.sleep(0.01)
            status, text = await ask(url, "/readyz")
            assert (status, text) == (503, "the store cannot be written: database or disk is full\n")
            await until_said(url, hits())  # it goes on saying what is so
            ballast.unlink()
            await end.acked(seq)
            over = await until_said(url, lambda report: report.incidents and report.incidents[0].until, since="1h")
            assert (await ask(url, "/readyz"))[0] == 200
        await running.kill()
    with contextlib.closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT seq FROM node").fetchall() == [(seq,)]
        rows = connection.execute("SELECT id, cleared IS NULL FROM incident").fetchall()
    assert isinstance(over.incidents, list) and rows == [(over.incidents[0].id, 0)]
    assert running.said.count("cannot be written") == 1


@pytest.mark.parametrize("jump", ["+7200", "-7200"])
async def test_a_clock_that_jumps_leaves_one_incident_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: str
) -> None:
    """The aggregator's clock only; the agents' is right, and so is the reader's."""
    need.program("faketime")
    clock = tmp_path / "clock"
    clock.write_text("+0")
    monkeypatch.setenv("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(clock))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    async with aggregator(tmp_path) as (running, url), agent_end(url) as end:
        await end.greet(interval_s=1.0)
        await tell(end, 1, broken(datetime.now(UTC)))
        said = [await until_said(url, hits("node-1"))]
        seq = 1
        for turn in (jump, "+0"):
            moved = clock.with_suffix(".new")
            moved.write_text(turn)
            moved.rename(clock)
            await running.says("has jumped by")
            for _ in range(4):  # a while of rounds by the other clock
                seq += 1
                await tell(end, seq, broken(said[0].at))
                report = await read(url)
                assert hits("node-1")(report) and not report.nodes.silent, report
                said.append(report)
                await asyncio.sleep(0.3)
        await tell(end, seq + 1, good())
        await until_said(url, hits())
        records = await history(url)
        assert [one.findings[0].id for one in said] == [records[0].id] * len(said) and len(records) == 1
        assert records[0].until is not None and not records[0].intermittent
        assert records[0].since <= records[0].opened <= records[0].until <= datetime.now(UTC)
        status, _ = await ask(url, "/report", at="1s")
        assert status == 200
        await running.kill()
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        rows = connection.execute("SELECT at, until FROM said ORDER BY number").fetchall()
    times = [moment for row in rows for moment in row]
    assert times == sorted(times) and times[-1] <= datetime.now(UTC).timestamp()
