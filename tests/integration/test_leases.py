"""Leases over the real link: granted when they are on the disk, counted over kill -9, said in /nodes/NAME."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.contract import wire
from agent.contract.result import Result
from tests.integration.test_agent import configured
from tests.servers.agent_end import AgentEnd, agent_end, result
from tests.servers.command import Command, command
from tests.servers.gate import until
from tests.servers.images import image
from tests.servers.registry import Registry, Reply, Request, serve

HUB = "docker.io"


def told(left: int = 100, source: str = "198.51.100.7", registry: str = HUB) -> Result:
    limit = {"limit": 100, "remaining": left, "window_s": 21600, "source": source}
    evidence = {"identities": {"anonymous": limit}}
    return result(check="rate_limit", target=registry, registries=[registry], evidence=evidence)


async def get(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return json.loads(await answer.text())


async def joined(end: AgentEnd, node: str, **more: Any) -> None:
    """Link as a node that was told what is left."""
    welcome = await end.greet(node, speaks=list(wire.SPEAKS))
    await end.report(welcome.seq + 1, [told(**more)])
    await end.acked(welcome.seq + 1)


async def asks(end: AgentEnd, id_: str, registry: str = HUB, pulls: int = 1, identity: str | None = None) -> wire.Lease:
    await end.say(wire.Want(id=id_, registry=registry, pulls=pulls, identity=identity))
    while True:
        message = await end.hear()
        if isinstance(message, wire.Lease):
            assert message.id == id_
            return message


def aggregator(folder: Path, store: str = "store.db") -> contextlib.AbstractAsyncContextManager[Command]:
    return command(folder, "aggregator", "--listen", "127.0.0.1:0", "--store", store)


async def test_nodes_behind_one_address_share_a_tenth_and_are_told_when_their_turns_are(tmp_path: Path) -> None:
    async with aggregator(tmp_path) as there, contextlib.AsyncExitStack() as stack:
        url = await there.url()
        leases = []
        for number in range(12):
            end = await stack.enter_async_context(agent_end(url))
            await joined(end, f"node-{number}")
            leases.append(await asks(end, f"lease-{number}"))
        assert [lease.granted for lease in leases] == [True] * 9 + [False] * 3
        assert leases[0].until is not None and leases[0].until > datetime.now(UTC)
        assert leases[9].next_at is not None and leases[9].next_at - datetime.now(UTC) > timedelta(hours=6)
        (turn,) = (await get(f"{url}/nodes/node-11"))["turns"]
        assert (turn["registry"], turn["identity"], turn["before"]) == (HUB, "198.51.100.7", 2)
        assert turn["since"] and turn["next_at"] > datetime.now(UTC).isoformat()
        assert "100 pulls left for 198.51.100.7, 9 in 6 h are for tests" in turn["why"]
        async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        assert 'pullscope_leases_total{answer="granted",registry="docker.io"} 9.0' in lines
        assert 'pullscope_leases_total{answer="refused",registry="docker.io"} 3.0' in lines
        assert 'pullscope_pulls_in_window{registry="docker.io"} 9.0' in lines


async def test_a_kill_forgets_no_lease_and_no_place(tmp_path: Path) -> None:
    async with aggregator(tmp_path) as there:
        url = await there.url()
        async with agent_end(url) as first, agent_end(url) as second, agent_end(url) as third:
            await joined(first, "node-1", left=20)
            await joined(second, "node-2", left=20)
            await joined(third, "node-3", left=20)
            assert (await asks(first, "a")).granted
            assert not (await asks(second, "b")).granted
            await third.report(2, [result()])
            await third.acked(2)  # the place of node-2 was written before
            await there.kill()
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        assert connection.execute("SELECT id, node, ended FROM lease").fetchall() == [("a", "node-1", None)]
    async with aggregator(tmp_path) as there, agent_end(await there.url()) as first:
        url = await there.url()
        await joined(first, "node-1", left=20)
        async with agent_end(url) as third:
            await joined(third, "node-3", left=20)
            refused = await asks(third, "c")
            assert not refused.granted and refused.why.startswith("1 before it")
            await first.say(wire.Spent(id="a", pulls=0))  # it was not used after all: back in its place, and room again
            await until_turn(url, lambda turn: turn["since"] is not None)
            assert not (await asks(third, "d")).granted  # there is room for two, and two are before it


async def test_odd_agents_get_a_clear_line_and_no_pull_more(tmp_path: Path) -> None:
    async with aggregator(tmp_path, ":memory:") as there, agent_end(await there.url()) as first:
        await joined(first, "node-1")
        async with agent_end(await there.url()) as second:
            await joined(second, "node-2")
            assert (await asks(first, "a")).granted
            assert "not back yet" in (await asks(first, "b")).why  # asks twice
            await second.say(wire.Spent(id="a", pulls=0))  # of another node
            await there.says("node-2 gives back a lease of node-1: not taken")
            await first.say(wire.Spent(id="a", pulls=3))
            await there.says("node-1 spent 3 pulls with a lease for 1")
            await first.say(wire.Spent(id="a", pulls=0))
            await there.says("gives back a lease that was over")
            await second.say(wire.Spent(id="elsewhere", pulls=1))
            await there.says("is there another aggregator?")
            assert "has not been told yet what quay.io allows it" in (await asks(second, "c", "quay.io")).why
            assert "no lease" in (await asks(second, "d", pulls=1000)).why
            claimed = await asks(second, "e", identity="192.0.2.99")  # nobody told it that it is this one
            assert claimed.granted
            (turn,) = (await get(f"{await there.url()}/nodes/node-2"))["turns"]
            assert turn["identity"] == "198.51.100.7"
        assert "Traceback" not in there.said


async def test_an_identity_is_the_egress_where_the_registry_names_none_and_else_the_links_address(
    tmp_path: Path,
) -> None:
    async with aggregator(tmp_path, ":memory:") as there, agent_end(await there.url()) as end:
        url = await there.url()
        await end.greet("node-1", facts={"egress": "192.0.2.5"})
        await end.report(1, [told(source="")])
        await end.acked(1)
        assert (await get(f"{url}/nodes/node-1"))["turns"][0]["identity"] == "192.0.2.5"
        async with agent_end(url) as other:
            await joined(other, "node-2", source="")
            assert (await get(f"{url}/nodes/node-2"))["turns"][0]["identity"] == "127.0.0.1"


@pytest.mark.parametrize("left", [100, 5])
async def test_an_agent_reads_a_manifest_that_counts_once_and_by_lease_only(tmp_path: Path, left: int) -> None:
    made = Registry()
    made.add("1", image())
    limits = {"RateLimit-Limit": f"{left};w=21600", "RateLimit-Remaining": f"{left};w=21600"}

    def announce(asked: Request) -> Reply:
        reply = made._right(asked)
        return replace(reply, headers=reply.headers | limits)

    made.rules.append(announce)
    async with serve(made) as registry, aggregator(tmp_path, ":memory:") as there:
        url = await there.url()
        name = f"{registry.host}/team/app:1"
        checks = {"rate_limit": {"every_s": 1}, "platform": {"every_s": 1}, "layer": {"every_s": 1}}
        checks["manifest"] = {"every_s": 1}
        arguments = configured(tmp_path, None, aggregator=url, images=[name], registries=[], checks=checks)
        async with command(tmp_path, *arguments):
            await until_turn(url, lambda turn: True)
            before = len(gets(made))
            await until(lambda: len(made.asked("/manifests/")) >= before + 20, 60)
            word = "ok" if left == 100 else "waits for its turn to pull from"
            await until_said(url, "platform", word)
            assert len(gets(made)) <= before + 1  # one more by lease, or one that was on its way before it was known


def gets(made: Registry) -> list[Request]:
    return [one for one in made.asked("/manifests/") if one.method == "GET"]


async def until_said(url: str, check: str, words: str) -> None:
    """Wait until the check of node-1 says so."""
    async with asyncio.timeout(60):
        while True:
            results = (await get(f"{url}/nodes/node-1"))["results"]
            if any(words in f"{one['status']} {one['detail']}" for one in results if one["check"] == check):
                return
            await asyncio.sleep(0.1)


async def until_turn(url: str, is_so: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the turn of node-1 is such."""
    async with asyncio.timeout(30):
        while True:
            turns = (await get(f"{url}/nodes/node-1")).get("turns")
            if turns and is_so(turns[0]):
                return
            await asyncio.sleep(0.05)
