"""Who may call `POST /trace`, for what, and how often."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from agent.contract import wire
from aggregator.app import Aggregator
from aggregator.config import Config
from aggregator.directives.traces import AT_ONCE, NODES_A_MINUTE, NODES_AT_MOST
from tests.integration.asked_fleet import IMAGE, asked, fleet, found, lines, post
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


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "expected JSON such as"),
        (b"{", 400, "expected JSON such as"),
        (b"\xff", 400, "expected JSON such as"),
        (b"[" * 5000, 400, "expected JSON such as"),
        (b'{"image": "quay.io/team/app:1"}', 400, 'expected either "nodes"'),
        (b'{"image": "quay.io/team/app:1", "nodes": ["a"], "sample": 1}', 400, 'expected either "nodes"'),
        (b'{"image": "quay.io/team/app:1", "nodes": []}', 400, "`$.nodes`"),
        (b'{"image": "quay.io/team/app:1", "nodes": ["a b"]}', 400, "`$.nodes[0]`"),
        (b'{"image": "quay.io/team/app:1", "nodes": [' + b'"a",' * NODES_AT_MOST + b'"b"]}', 400, "`$.nodes`"),
        (b'{"image": "quay.io/team/app:1", "sample": 0}', 400, "`$.sample`"),
        (b'{"image": "quay.io/team/app:1", "sample": 1e9}', 400, "`$.sample`"),
        (b'{"image": "quay.io/team/app:1", "samples": 1}', 400, "samples"),
        (b'{"image": "Quay.io/Team", "sample": 1}', 400, "image: 'Quay.io/Team'"),
        (b'{"image": "quay.io/team/app:1", "sample": 1}' + b" " * 70000, 413, "at most 65536 bytes"),
        (b'{"image": "evil.example/team/app:1", "nodes": ["node-1"]}', 403, "evil.example is refused: no node"),
        (b'{"image": "169.254.169.254/latest/app:1", "nodes": ["node-1"]}', 403, "169.254.169.254 is refused: no node"),
        (b'{"image": "quay.io:8443/team/app:1", "nodes": ["node-1"]}', 403, "quay.io:8443 is refused"),
    ],
)
async def test_a_call_that_makes_no_sense_or_may_not_be_made_is_one_line_and_asks_nobody(
    aggregator: Aggregator, caller: aiohttp.ClientSession, body: bytes, status: int, words: str
) -> None:
    async with fleet(aggregator, "node-1") as (end,):
        async with caller.post("/trace", data=body) as reply:
            text = await reply.text()
            assert (reply.status, text.count("\n")) == (status, 1) and words in text
        await end.report(2, [])
        await end.acked(2)  # raises where a directive came before it
    async with caller.get("/trace") as reply:
        assert reply.status == 405
    async with caller.post("/trace?wait=1", data=body) as reply:
        assert (reply.status, "unknown parameter" in await reply.text()) == (400, True)


async def test_no_more_callers_and_nodes_than_so_many(aggregator: Aggregator, caller: aiohttp.ClientSession) -> None:
    async with fleet(aggregator, "node-1"):
        replies = [await caller.post("/trace", json={"image": IMAGE, "nodes": ["node-1"]}) for _ in range(AT_ONCE)]
        status, text = await post(caller, nodes=["node-1"])
        assert (status, text) == (429, f"{AT_ONCE} callers are being answered: try again in 1 s\n")
        for reply in replies:
            reply.close()
        await until(lambda: not aggregator.desk.traces.askings)
        names = [f"moon-{number}" for number in range(NODES_AT_MOST)]
        assert (await post(caller, nodes=names))[0] == 200
        async with caller.post("/trace", json={"image": IMAGE, "nodes": names}) as reply:
            assert (reply.status, int(reply.headers["Retry-After"])) == (429, 60)
            assert f"at most {NODES_A_MINUTE} nodes a minute are asked" in await reply.text()
        status, _ = await post(caller, nodes=names[: NODES_AT_MOST - AT_ONCE])
        assert status == 200


async def test_a_sample_of_nobody_is_said(aggregator: Aggregator, caller: aiohttp.ClientSession) -> None:
    async with fleet(aggregator, "node-1"):
        pass
    await until(lambda: not aggregator.fleet.members["node-1"].linked)
    assert await post(caller, sample=5) == (503, "no agent has a link now that could be asked\n")


async def test_a_real_pull_of_a_limited_registry_is_asked_for_where_the_agent_asks_for_a_lease(
    aggregator: Aggregator, caller: aiohttp.ClientSession
) -> None:
    async with fleet(aggregator, "node-1") as (end,), agent_end(aggregator.url) as older:
        await older.greet("older", speaks=["run"])
        hub = result(check="registry", target="docker.io", registries=["docker.io"])
        await end.report(2, [hub])
        await end.acked(2)
        told = await lines(caller, image="nginx", nodes=["older"], pull=True)
        assert "docker.io limits pulls, and its agent is an older one" in told[0]["detail"]
        task = asyncio.create_task(lines(caller, image="nginx", nodes=["node-1"], pull=True))
        run = await asked(end)
        assert (run.image, run.pull) == ("docker.io/library/nginx:latest", True)
        await end.say(wire.Answer(id=run.id, trace=found("node-1", image=run.image or ""), done=True))
        assert (await task)[-1]["summary"] == "1 of 1 can"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-Forwarded-For": "10.0.0.1"}, 401),
        ({"Forwarded": "for=10.0.0.1"}, 401),
    ],
)
async def test_on_loopback_a_page_and_a_proxy_may_not_ask(
    aggregator: Aggregator, caller: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    async with fleet(aggregator, "node-1"):
        assert (await post(caller, headers, nodes=["moon"]))[0] == status


async def test_a_token_is_asked_for_where_one_is_configured_and_lets_in_whoever_shows_it(tmp_path: Path) -> None:
    token = tmp_path / "reader"
    token.write_text("r3ader")
    config = Config(listen="127.0.0.1:0", store=":memory:", reader_token_file=str(token))
    shown = {"Authorization": "Bearer r3ader"}
    async with (
        Aggregator(config) as running,
        aiohttp.ClientSession(running.url) as session,
        fleet(running, "node-1"),
    ):
        assert (await post(session, nodes=["moon"]))[0] == 401
        assert (await post(session, {"Authorization": "Bearer other"}, nodes=["moon"]))[0] == 401
        assert (await post(session, shown, nodes=["moon"]))[0] == 200
        assert (await post(session, shown | {"Origin": "http://ours.example"}, nodes=["moon"]))[0] == 200
