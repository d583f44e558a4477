"""A fleet that an aggregator may ask for traces, and a caller who does: what the tests of `POST /trace` share."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp

from agent.contract import wire
from agent.contract.report import Trace
from aggregator.app import Aggregator
from tests.servers.agent_end import AgentEnd, agent_end, result

IMAGE = "quay.io/team/app:1"
JSON = {"Accept": "application/x-ndjson"}


@asynccontextmanager
async def fleet(aggregator: Aggregator, *nodes: str, **more: Any) -> AsyncIterator[list[AgentEnd]]:
    """Agents' ends of these nodes, which use quay.io."""
    async with AsyncExitStack() as stack:
        ends = []
        for node in nodes:
            end = await stack.enter_async_context(agent_end(aggregator.url))
            await end.greet(node, speaks=["run", "lease"], **more)
            await end.report(1, [result(check="registry", target="quay.io")])
            await end.acked(1)
            ends.append(end)
        yield ends


async def asked(end: AgentEnd) -> wire.Run:
    """Wait for the directive."""
    while True:
        message = await end.hear()
        if isinstance(message, wire.Run) and message.image is not None:
            return message


def found(node: str, verdict: str = "ok", cause: str | None = None, image: str = IMAGE) -> Trace:
    detail = "said so" if cause else ""
    return Trace(node=node, image=image, verdict=verdict, cause=cause, detail=detail)  # type: ignore[arg-type]  # a word


async def answer(end: AgentEnd, trace: Trace) -> str:
    """Let an agent give an answer, and give the id of what it was asked."""
    run = await asked(end)
    await end.say(wire.Answer(id=run.id, result=result()))
    await end.say(wire.Answer(id=run.id, trace=trace, done=True))
    return run.id


async def post(caller: aiohttp.ClientSession, headers: dict[str, str] | None = None, **body: Any) -> tuple[int, str]:
    async with caller.post("/trace", json={"image": IMAGE} | body, headers=headers) as reply:
        return reply.status, await reply.text()


async def lines(caller: aiohttp.ClientSession, **body: Any) -> list[dict[str, Any]]:
    status, text = await post(caller, JSON, **body)
    assert status == 200, text
    return [json.loads(line) for line in text.splitlines()]
