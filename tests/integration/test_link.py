"""The agent's link against servers that behave, break and refuse."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from agent.contract import wire
from agent.contract.result import Result
from agent.link import Link, Speaker
from agent.spool import Spool
from tests.servers.gate import Gate, gate, now, say, until


class Agent:
    """The agent's end."""

    def __init__(self, url: str, token_file: str | None = None, interval_s: float = 1.0) -> None:
        self.spool = Spool()
        self.directives: list[wire.Directive] = []
        speaker = Speaker("node-1", "boot-1", interval_s, {"zone": "a"})
        self.link = Link(url, token_file, speaker, self.spool, self.directives.append, random.Random(1))

    def tell(self, target: str, status: str = "ok") -> None:
        self.spool.put(Result(check="dns", target=target, status=status))  # type: ignore[arg-type]  # a status's word
        self.link.news()


@asynccontextmanager
async def agent(url: str, token_file: str | None = None, interval_s: float = 1.0) -> AsyncIterator[Agent]:
    made = Agent(url, token_file, interval_s)
    task = asyncio.create_task(made.link.run())
    try:
        yield made
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def serve_well(made: Gate, socket: web.WebSocketResponse) -> None:
    """Greet, and ack everything at once."""
    await made.hear(socket)
    await say(socket, wire.Welcome(at=now(), seq=0))
    with contextlib.suppress(TypeError):  # the other side has closed
        while True:
            message = await made.hear(socket)
            assert isinstance(message, wire.Report)
            await say(socket, wire.Ack(seq=message.seq, at=now()))


def reports(made: Gate, link: int = -1) -> list[wire.Report]:
    return [one for one in made.links[link] if isinstance(one, wire.Report)]


def targets(report: wire.Report) -> list[str]:
    return [result.target for result in wire.read_body(report).results]


async def test_an_agent_says_who_it_is_and_what_it_knows() -> None:
    async with gate(serve_well) as made, agent(made.url) as ours:
        ours.tell("quay.io")
        await until(lambda: ours.link.connected and made.links and reports(made))
        hello = made.links[0][0]
        assert isinstance(hello, wire.Hello)
        assert (hello.node, hello.boot, hello.facts, hello.interval_s) == ("node-1", "boot-1", {"zone": "a"}, 1.0)
        assert targets(reports(made)[0]) == ["quay.io"]
        who, there, here = ours.link.reference or ("", now(), now())
        assert who == "aggregator" and abs((there - here).total_seconds()) < 1


async def test_it_says_that_it_lives_once_an_interval_and_numbers_its_reports() -> None:
    async with gate(serve_well) as made, agent(made.url, interval_s=0.05):
        await until(lambda: made.links and len(reports(made)) >= 4)
        assert [report.seq for report in reports(made)[:4]] == [1, 2, 3, 4]
        assert all(bytes(report.body) == b"{}" for report in reports(made))


async def test_what_was_not_acked_is_sent_again_with_its_number_and_nothing_else_is() -> None:
    async def forget_the_second(made: Gate, socket: web.WebSocketResponse) -> None:
        await made.hear(socket)
        await say(socket, wire.Welcome(at=now(), seq=1 if len(made.links) > 1 else 0))
        if len(made.links) > 1:
            await serve_rest(made, socket)
            return
        first = await made.hear(socket)
        assert isinstance(first, wire.Report)
        await say(socket, wire.Ack(seq=first.seq, at=now()))
        await made.hear(socket)

    async def serve_rest(made: Gate, socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(TypeError):
            while True:
                message = await made.hear(socket)
                assert isinstance(message, wire.Report)
                await say(socket, wire.Ack(seq=message.seq, at=now()))

    async with gate(forget_the_second) as made, agent(made.url) as ours:
        ours.tell("first")
        await until(lambda: made.links and reports(made))
        ours.tell("second")
        await until(lambda: len(made.links) > 1 and reports(made))
        again = reports(made)[0]
        assert (again.seq, targets(again)) == (2, ["second"])
        assert bytes(again.body) == bytes(reports(made, 0)[1].body)


async def test_an_aggregator_that_lost_its_store_gets_all_that_is_known() -> None:
    async def lose(made: Gate, socket: web.WebSocketResponse) -> None:
        if len(made.links) > 1:
            await serve_well(made, socket)
            return
        await made.hear(socket)
        await say(socket, wire.Welcome(at=now(), seq=0))
        report = await made.hear(socket)
        assert isinstance(report, wire.Report)
        await say(socket, wire.Ack(seq=report.seq, at=now()))
        await socket.close()

    async with gate(lose) as made, agent(made.url) as ours:
        ours.tell("quay.io")
        await until(lambda: len(made.links) > 1 and any(targets(report) for report in reports(made)))
        assert [target for report in reports(made) for target in targets(report)] == ["quay.io"]


async def test_not_more_than_the_window_is_under_way_without_an_ack() -> None:
    async def never_ack(made: Gate, socket: web.WebSocketResponse) -> None:
        await made.hear(socket)
        await say(socket, wire.Welcome(at=now(), seq=0))
        with contextlib.suppress(TypeError):
            while True:
                await made.hear(socket)

    async with gate(never_ack) as made, agent(made.url, interval_s=0.02) as ours:
        await until(lambda: made.links and len(reports(made)) >= wire.IN_FLIGHT)
        for number in range(100):
            ours.tell(f"host-{number}")
        await asyncio.sleep(0.3)  # twelve more intervals: time for a report too many
        assert len(reports(made)) == wire.IN_FLIGHT
        assert len(ours.spool) == 100


async def test_a_directive_is_followed_and_an_unknown_one_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def direct(made: Gate, socket: web.WebSocketResponse) -> None:
        await made.hear(socket)
        await say(socket, wire.Welcome(at=now(), seq=0))
        await socket.send_str('{"type":"dance"}')
        await say(socket, wire.Interval(interval_s=90.0))
        await asyncio.sleep(60)

    caplog.set_level(logging.INFO)
    async with gate(direct) as made, agent(made.url) as ours:
        await until(lambda: ours.directives)
        assert ours.directives == [wire.Interval(interval_s=90.0)]
        assert "'dance'" in caplog.text


@pytest.mark.parametrize("code", [wire.CLOSE_VERSION, wire.CLOSE_NODE, wire.CLOSE_REPLACED])
async def test_a_close_that_only_a_person_can_mend_is_said_once_and_retried_slowly(
    code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def close(made: Gate, socket: web.WebSocketResponse) -> None:
        await made.hear(socket)
        await socket.close(code=code, message=b"because")

    async with gate(close) as made, agent(made.url):
        await until(lambda: "because" in caplog.text)
        await asyncio.sleep(0.5)  # a quick retry would come within this
        assert len(made.links) == 1
        assert caplog.text.count("because") == 1 and str(code) in caplog.text


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_token_is_one_line_without_the_token(
    status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret-s3cret\n")
    async with gate(serve_well) as made:
        made.refuse_with = status
        async with agent(made.url, str(token)):
            await until(lambda: str(status) in caplog.text)
            await asyncio.sleep(0.5)  # a quick retry would come within this
    assert made.headers[0]["Authorization"] == "Bearer s3cret-s3cret"
    assert len(made.links) == 1 and caplog.text.count("no link to") == 1
    assert "s3cret" not in caplog.text


async def test_a_token_that_was_rotated_is_read_anew(tmp_path: Path) -> None:
    async def hang_up(made: Gate, socket: web.WebSocketResponse) -> None:
        await made.hear(socket)
        token.write_text("new")

    token = tmp_path / "token"
    token.write_text("old")
    async with gate(hang_up) as made, agent(made.url, str(token)):
        await until(lambda: len(made.headers) >= 2)
        assert [one["Authorization"] for one in made.headers[:2]] == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(
    "text", ["nonsense", '{"type":"welcome"}', '{"type":"ack","seq":1,"at":"2026-01-01T00:00:00Z"}']
)
async def test_an_aggregator_that_talks_nonsense_does_not_end_the_agent(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def babble(made: Gate, socket: web.WebSocketResponse) -> None:
        await made.hear(socket)
        if len(made.links) > 1:
            await say(socket, wire.Welcome(at=now(), seq=0))
            await asyncio.sleep(60)
        await socket.send_str(text)
        await asyncio.sleep(60)

    async with gate(babble) as made, agent(made.url) as ours:
        await until(lambda: ours.link.connected)
        assert "Traceback" not in caplog.text and "no link to" in caplog.text


async def test_a_report_that_the_aggregator_cannot_take_does_not_stop_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def refuse_the_first(made: Gate, socket: web.WebSocketResponse) -> None:
        await made.hear(socket)
        await say(socket, wire.Welcome(at=now(), seq=0))
        report = await made.hear(socket)
        assert isinstance(report, wire.Report)
        if report.seq == 1:
            await socket.close(code=wire.CLOSE_BAD_MESSAGE, message=b"not like this")
            return
        await say(socket, wire.Ack(seq=report.seq, at=now()))
        await asyncio.sleep(60)

    async with gate(refuse_the_first) as made, agent(made.url, interval_s=0.2):
        await until(lambda: any(report.seq == 2 for link in range(len(made.links)) for report in reports(made, link)))
        assert "report 1 is lost" in caplog.text


async def test_without_an_aggregator_it_says_so_once_and_keeps_what_it_sees(caplog: pytest.LogCaptureFixture) -> None:
    async with gate(serve_well) as made:
        url = made.url
    async with agent(url) as ours:
        ours.tell("quay.io")
        await until(lambda: "no link to" in caplog.text)
        await asyncio.sleep(1)  # some retries
        assert caplog.text.count("no link to") == 1
        assert not ours.link.connected and len(ours.spool) == 1


async def test_what_is_said_besides_reports_goes_up_and_is_lost_with_the_link() -> None:
    async def talk(made: Gate, socket: web.WebSocketResponse) -> None:
        hello = await made.hear(socket)
        assert isinstance(hello, wire.Hello) and hello.speaks == ["run", "lease"]
        await say(socket, wire.Welcome(at=now(), seq=0))
        await say(socket, wire.Run(id="r1", image="quay.io/a/b:1"))
        with contextlib.suppress(TypeError):
            while not isinstance(await made.hear(socket), wire.Answer):
                pass

    async with gate(talk) as made, agent(made.url) as ours:
        assert not ours.link.say(wire.Answer(id="r0", done=True))  # nobody is there yet
        await until(lambda: ours.directives)
        assert ours.directives == [wire.Run(id="r1", image="quay.io/a/b:1")]
        assert ours.link.say(wire.Answer(id="r1", error="not here", done=True))
        await until(lambda: any(isinstance(one, wire.Answer) for one in made.links[0]))
        assert [one for one in made.links[0] if isinstance(one, wire.Answer)] == [
            wire.Answer(id="r1", error="not here", done=True)
        ]
