"""`POST /trace` over the real link, with agents' ends that a test speaks for: well, badly, or not at all."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from agent.contract import wire
from aggregator.app import Aggregator
from aggregator.config import Config
from tests.integration.asked_fleet import IMAGE, JSON, answer, asked, fleet, found, lines, post
from tests.servers.agent_end import agent_end, result
from tests.servers.gate import until


@pytest.fixture
async def aggregator() -> AsyncIterator[Aggregator]:
    async with Aggregator(Config(listen="127.0.0.1:0", store=":memory:")) as running:
        yield running


@pytest.fixture
async def caller(aggregator: Aggregator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(aggregator.url) as session:
        yield session


async def test_answers_stream_side_by_side_and_a_last_line_sums_them_up(
    aggregator: Aggregator, caller: aiohttp.ClientSession
) -> None:
    nodes = [f"node-{number}" for number in range(1, 6)]
    async with fleet(aggregator, *nodes) as ends:
        body = {"image": "quay.io/team/app:1", "nodes": nodes}
        async with caller.post("/trace", json=body, headers=JSON) as reply:
            assert (reply.status, reply.content_type) == (200, "application/x-ndjson")
            await answer(ends[2], found("node-3", "failed", "tls_untrusted"))
            first = json.loads(await reply.content.readline())
            assert (first["node"], first["cause"]) == ("node-3", "tls_untrusted")
            for number in (0, 1, 3, 4):
                await answer(ends[number], found(nodes[number], "warn" if number == 4 else "ok"))
            rest = [json.loads(line) async for line in reply.content]
    assert sorted(one["node"] for one in rest[:-1]) == ["node-1", "node-2", "node-4", "node-5"]
    assert rest[-1]["summary"] == "4 of 5 can, node-3 cannot: tls_untrusted"
    assert (rest[-1]["verdict"], rest[-1]["asked"], rest[-1]["cannot"]) == ("failed", 5, {"node-3": "tls_untrusted"})
    await until(lambda: aggregator.desk.traces.waiting == 0)


async def test_a_person_with_curl_gets_text(aggregator: Aggregator, caller: aiohttp.ClientSession) -> None:
    async with fleet(aggregator, "node-1") as (end,):
        task = asyncio.create_task(post(caller, nodes=["node-1"]))
        await answer(end, found("node-1", "failed", "dns_failed"))
        status, text = await task
    assert status == 200
    assert text.splitlines()[0].split()[:2] == ["node-1", "cannot"] and "dns_failed: said so" in text
    assert text.splitlines()[-1] == "0 of 1 can, node-1 cannot: dns_failed"


async def test_a_sample_takes_nodes_that_can_be_asked_and_differ(
    aggregator: Aggregator, caller: aiohttp.ClientSession
) -> None:
    async with (
        fleet(aggregator, "a-1", "a-2", "a-3", facts={"zone": "a"}) as alike,
        fleet(aggregator, "b-1", facts={"zone": "b"}) as (other,),
        agent_end(aggregator.url) as old,
    ):
        await old.greet("0-old", facts={"zone": "c"})
        task = asyncio.create_task(lines(caller, sample=2))
        await answer(alike[0], found("a-1"))
        await answer(other, found("b-1"))
        told = await task
    assert told[-1]["can"] == ["a-1", "b-1"]


async def test_who_cannot_be_asked_is_a_line_of_its_own(aggregator: Aggregator, caller: aiohttp.ClientSession) -> None:
    async with agent_end(aggregator.url) as old, fleet(aggregator, "gone"):
        await old.greet("old")
    async with fleet(aggregator, "node-1") as (end,), agent_end(aggregator.url) as old:
        await old.greet("old")
        await until(lambda: not aggregator.fleet.members["gone"].linked)
        task = asyncio.create_task(lines(caller, nodes=["node-1", "old", "gone", "moon", "node-1"]))
        await answer(end, found("node-1"))
        told = await task
    details = {one["node"]: one["detail"] for one in told[:-1]}
    assert "an older one" in details["old"] and "no link now; last heard 20" in details["gone"]
    assert details["moon"] == "no node of this name was ever heard"
    assert told[-1]["summary"] == "1 of 4 can, gone, moon, old cannot be told"
    assert told[-1]["verdict"] == "unknown"


async def test_an_agent_that_answers_for_another_node_or_image_or_nothing_is_told_so(
    aggregator: Aggregator, caller: aiohttp.ClientSession
) -> None:
    nodes = ["node-1", "node-2", "node-3", "node-4"]
    async with fleet(aggregator, *nodes) as ends:
        task = asyncio.create_task(lines(caller, nodes=nodes))
        await answer(ends[0], found("node-9"))
        await answer(ends[1], found("node-2", image="quay.io/team/other:1"))
        third = await asked(ends[2])
        fourth = await asked(ends[3])
        await ends[3].say(wire.Answer(id=third.id, trace=found("node-3"), done=True))  # not its own to answer
        await ends[2].say(wire.Answer(id=third.id, error="asked too often", done=True))
        await ends[3].say(wire.Answer(id=fourth.id, done=True))
        told = await task
    details = {one["node"]: one["detail"] for one in told[:-1]}
    assert details == {
        "node-1": "its agent answered for another node, 'node-9'",
        "node-2": "its agent answered for another image, 'quay.io/team/other:1'",
        "node-3": "asked too often",
        "node-4": "its agent ended without an answer",
    }


async def test_an_answer_given_twice_or_too_late_changes_nothing(
    aggregator: Aggregator, caller: aiohttp.ClientSession
) -> None:
    async with fleet(aggregator, "node-1", "node-2") as (one, two):
        task = asyncio.create_task(lines(caller, nodes=["node-1", "node-2"]))
        id_ = await answer(one, found("node-1", "failed", "dns_failed"))
        for _ in range(3):
            await one.say(wire.Answer(id=id_, trace=found("node-1"), done=True))
        await answer(two, found("node-2"))
        told = await task
        await one.say(wire.Answer(id=id_, trace=found("node-1"), done=True))
        await one.report(2, [])
        await one.acked(2)  # the link lives, and all that came before is taken
    assert told[-1]["summary"] == "1 of 2 can, node-1 cannot: dns_failed"


async def test_a_link_that_breaks_is_said_at_once(aggregator: Aggregator, caller: aiohttp.ClientSession) -> None:
    async with fleet(aggregator, "node-1") as (end,):
        task = asyncio.create_task(lines(caller, nodes=["node-1"]))
        await asked(end)
        await end.socket.close()
        told = await task
    assert told[0]["detail"] == "its link broke before it answered"


async def test_an_agent_that_ignores_the_directive_is_waited_for_in_bounds(
    aggregator: Aggregator, caller: aiohttp.ClientSession
) -> None:
    async with fleet(aggregator, "node-1", "node-2") as (silent, chatty):
        task = asyncio.create_task(lines(caller, nodes=["node-1", "node-2"]))
        await asked(silent)
        run = await asked(chatty)
        await chatty.say(wire.Answer(id=run.id, result=result()))
        await chatty.report(2, [])
        await chatty.acked(2)
        [asking] = aggregator.desk.traces.askings
        asking.ends_at = 0.0  # its time is up
        told = await task
    details = {one["node"]: one["detail"] for one in told[:-1]}
    assert details == {
        "node-1": "no answer within 35 s: it ignores the question",
        "node-2": "no answer within 35 s: after 1 results",
    }
    assert aggregator.desk.traces.waiting == 0 and not aggregator.desk.traces.askings


async def test_a_caller_who_goes_away_leaves_nothing_behind(
    aggregator: Aggregator, caller: aiohttp.ClientSession
) -> None:
    async with fleet(aggregator, "node-1") as (end,):
        reply = await caller.post("/trace", json={"image": IMAGE, "nodes": ["node-1"]})
        await asked(end)
        assert aggregator.desk.traces.waiting == 1
        reply.close()
        await until(lambda: not aggregator.desk.traces.askings)
    assert aggregator.desk.traces.waiting == 0
