"""A fault is looked into at once: what the aggregator asks of other agents, and what an agent does when it is asked."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from agent.contract import wire
from agent.contract.result import Result
from aggregator.app import Aggregator
from aggregator.config import Config
from tests.integration.test_agent import configured
from tests.servers.agent_end import AgentEnd, agent_end, result
from tests.servers.command import command
from tests.servers.gate import Gate, gate, now, say, until

SPEAKS = [wire.RUN]


@pytest.fixture
async def aggregator(tmp_path: Path) -> AsyncIterator[Aggregator]:
    async with Aggregator(Config(listen="127.0.0.1:0", store=str(tmp_path / "store.db"), cluster="c")) as running:
        yield running


async def asked(agent: AgentEnd) -> wire.Run:
    """Wait for the next directive to an agent."""
    while not isinstance(message := await agent.hear(), wire.Run):
        pass
    return message


async def test_the_first_failure_on_one_node_makes_the_others_look_and_their_word_counts(
    aggregator: Aggregator,
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        ends = [await stack.enter_async_context(agent_end(aggregator.url)) for _ in range(3)]
        for number, end in enumerate(ends):
            await end.greet(node=f"node-{number}", speaks=SPEAKS)
            await end.report(1, [result("ok")])
        await ends[0].report(2, [result("failed")])
        for end in ends[1:]:
            run = await asked(end)
            assert [(ask.name, ask.cause) for ask in run.questions] == [("tcp quay.io:443", "connect_refused")]
            await end.report(2, [result("failed")])
            await end.say(wire.Answer(id=run.id, done=True))
        async with asyncio.timeout(5):
            while [(one.cause, one.scope, len(one.nodes)) for one in (await aggregator.reporter.newest()).findings] != [
                ("connect_refused", "cluster", 3)
            ]:
                await aggregator.reporter.next(1)


async def test_an_agent_that_ignores_directives_or_knows_none_holds_nobody_up(aggregator: Aggregator) -> None:
    async with (
        agent_end(aggregator.url) as first,
        agent_end(aggregator.url) as older,
        agent_end(aggregator.url) as deaf,
    ):
        for name, end, speaks in (("node-0", first, SPEAKS), ("node-1", older, []), ("node-2", deaf, SPEAKS)):
            await end.greet(node=name, speaks=speaks)
            await end.report(1, [result("ok")])
        await first.report(2, [result("failed")])
        assert (await asked(deaf)).questions[0].name == "tcp quay.io:443"
        await older.report(2, [result("ok", "ghcr.io:443")])
        await older.acked(2)  # and no directive before it
        assert aggregator.desk.confirmation.questions == {"tcp": 1}


async def test_who_answers_twice_or_for_what_nobody_asked_changes_nothing(
    aggregator: Aggregator, caplog: pytest.LogCaptureFixture
) -> None:
    async with agent_end(aggregator.url) as agent:
        await agent.greet(speaks=SPEAKS)
        for id_ in ("never", "never", "of-another-node"):
            await agent.say(wire.Answer(id=id_, result=result("failed", "evil.example:443"), done=True))
        await agent.report(1, [result("ok")])
        await agent.acked(1)
        assert list(aggregator.fleet.members["node-1"].results) == ["tcp quay.io:443"]
        assert "Traceback" not in caplog.text


async def test_an_agent_looks_at_once_at_what_it_asks_anyway_and_says_when_it_is_done(tmp_path: Path) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        target = f"127.0.0.1:{door.getsockname()[1]}"
        seen: list[Result] = []
        rounds: list[bool] = []
        answers: list[wire.Answer] = []
        down: asyncio.Queue[wire.DownMessage] = asyncio.Queue()

        async def talk(made: Gate, link: web.WebSocketResponse) -> None:
            await made.hear(link)
            await say(link, wire.Welcome(at=now(), seq=0))
            sending = asyncio.create_task(send(link))
            with contextlib.suppress(TypeError):
                while True:
                    message = await made.hear(link)
                    if isinstance(message, wire.Answer):
                        answers.append(message)
                    elif isinstance(message, wire.Report):
                        body = wire.read_body(message)
                        seen.extend(body.results)
                        rounds.append(body.targets is not None)
                        await say(link, wire.Ack(seq=message.seq, at=now()))
            sending.cancel()

        async def send(link: web.WebSocketResponse) -> None:
            while True:
                await say(link, await down.get())

        def tcp() -> list[str]:
            return [one.status for one in seen if one.check == "tcp" and one.target == target]

        async with gate(talk) as made:
            arguments = configured(tmp_path, None, aggregator=made.url, registries=[target], interval_s=600)
            async with command(tmp_path, *arguments):
                await until(lambda: tcp() == ["ok"] and any(rounds), 20)
                door.close()
                ask = wire.Ask(check="tcp", target=target, cause="connect_refused")
                down.put_nowait(wire.Run(id="one", questions=[ask]))
                await until(lambda: answers and len(tcp()) == 3, 10)
                assert tcp()[1:] == ["failed", "failed"]  # two looks, at once
                assert answers == [wire.Answer(id="one", done=True)]
                stranger = wire.Ask(check="tcp", target="169.254.169.254:80", cause="connect_refused")
                down.put_nowait(wire.Run(id="two", questions=[stranger]))
                await until(lambda: len(answers) == 2, 10)
                assert answers[1].error == "nothing of this is asked here"
                assert not [one for one in seen if "169.254" in one.target]
