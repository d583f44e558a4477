"""The agent as a process: alone, with a port that is taken, told to end, and told nonsense."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from agent.contract import wire
from tests.servers.agent_end import agent_end
from tests.servers.command import command
from tests.servers.gate import Gate, gate, now, say, until


def configured(folder: Path, port: int | None, **more: object) -> tuple[str, ...]:
    """Write a configuration that watches a port that refuses, and give the command."""
    listen = f"127.0.0.1:{port}" if port is not None else None
    (folder / "etc").mkdir()
    (folder / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    config = {"interval_s": 1, "listen": listen, "registries": ["127.0.0.1:1"], "root": str(folder), "node": "node-1"}
    (folder / "agent.yaml").write_text(json.dumps(config | more))
    return ("agent", "--config", str(folder / "agent.yaml"))


def taken_port() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken


async def get(url: str) -> tuple[int, str]:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientConnectorError:
        return 0, ""


async def wait_for(url: str, status: int) -> str:
    async with asyncio.timeout(20):
        while True:
            got, text = await get(url)
            if got == status:
                return text
            await asyncio.sleep(0.05)


async def test_alone_it_checks_and_shows_what_it_sees(tmp_path: Path) -> None:
    with taken_port() as taken:
        port = taken.getsockname()[1]
    async with command(tmp_path, *configured(tmp_path, port)) as agent:
        await wait_for(f"http://127.0.0.1:{port}/readyz", 200)
        assert await get(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")
        lines = (await wait_for(f"http://127.0.0.1:{port}/metrics", 200)).splitlines()
        assert 'pullscope_check_up{check="tcp",target="127.0.0.1:1"} 0.0' in lines
        assert 'pullscope_check_failed{cause="connect_refused",check="tcp",target="127.0.0.1:1"} 1.0' in lines
        assert "pullscope_link_connected 0.0" in lines
        assert any(line.startswith('pullscope_check_runs_total{check="tcp",status="failed"}') for line in lines)
        assert not any("_created" in line for line in lines)
        assert await agent.end() == 0
        assert "Traceback" not in agent.said


async def test_with_its_port_taken_and_no_aggregator_it_goes_on_and_is_there_when_one_comes(tmp_path: Path) -> None:
    with taken_port() as taken, taken_port() as later:
        port = later.getsockname()[1]
        later.close()
        address = f"127.0.0.1:{port}"
        arguments = configured(tmp_path, taken.getsockname()[1], aggregator=f"http://{address}")
        async with command(tmp_path, *arguments) as agent:
            await agent.says("no /metrics: cannot listen on")
            await agent.says("no link to")
            async with command(tmp_path, "aggregator", "--listen", address, "--store", ":memory:") as aggregator:
                url = await aggregator.url()
                await agent.says("linked to")
                report = await wait_for(f"{url}/report?node=node-1", 200)
                async with asyncio.timeout(20):
                    while "connect_refused" not in report:
                        report = await wait_for(f"{url}/report?node=node-1", 200)
                assert await aggregator.end(signal.SIGINT) == 0
            assert await agent.end(signal.SIGINT) == 0
            assert agent.said.count("no link to") <= 3  # away, closed, away: once each, not with every attempt
            assert "Traceback" not in agent.said + aggregator.said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("agent", "--config", "bad.yaml"), "bad.yaml: $.intervall_s: unknown key"),
        (("agent", "--aggregator", "http://10.0.0.1:8080"), "--aggregator: is off loopback: token_file is required"),
        (("aggregator", "--listen", "0.0.0.0:8080"), "--listen: 0.0.0.0:8080 is off loopback: token_file is required"),
        (("aggregator", "--store", "bad.yaml"), "bad.yaml: cannot be used as a store: file is not a database"),
        (("aggregator", "--store", "gone/store.db"), "gone/store.db: cannot be opened: No such file or directory"),
        (("aggregator", "--token-file", "gone"), "gone: the token cannot be read: No such file or directory"),
    ],
)
async def test_a_mistake_is_one_line_and_exit_code_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    (tmp_path / "bad.yaml").write_text("intervall_s: 5  # and so much more that it could be the header of a database\n")
    async with command(tmp_path, *arguments) as made:
        async with asyncio.timeout(20):
            assert await made.process.wait() == 2
        assert made.said.splitlines() == [f"pullscope: {words}"]


async def test_targets_that_are_configured_no_more_leave_the_fleet(tmp_path: Path) -> None:
    async with command(tmp_path, "aggregator", "--listen", "127.0.0.1:0", "--store", ":memory:") as aggregator:
        url = await aggregator.url()
        arguments = configured(tmp_path, None, aggregator=url, registries=["127.0.0.1:1", "127.0.0.1:2"])
        async with command(tmp_path, *arguments) as agent:
            await agent.says("linked to")
            await wait_for_targets(url, {"tcp 127.0.0.1:1", "tcp 127.0.0.1:2"})
            await agent.kill()
        config = json.loads((tmp_path / "agent.yaml").read_text()) | {"registries": ["127.0.0.1:2"]}
        (tmp_path / "agent.yaml").write_text(json.dumps(config))
        async with command(tmp_path, *arguments):
            await wait_for_targets(url, {"tcp 127.0.0.1:2"})


async def wait_for_targets(url: str, wanted: set[str]) -> None:
    seen: set[str] = set()
    async with asyncio.timeout(20):
        while seen != wanted:
            _, text = await get(f"{url}/snapshot")
            nodes = json.loads(text)["nodes"]
            seen = {f"tcp {one['target']}" for node in nodes for one in node["results"] if one["check"] == "tcp"}
            await asyncio.sleep(0.05)


async def test_a_directive_changes_how_often_an_agent_speaks(tmp_path: Path) -> None:
    """The agent says so in a report of its own, so that nobody takes the longer quiet for silence."""

    async def direct(made: Gate, socket: aiohttp.web.WebSocketResponse) -> None:
        await made.hear(socket)
        await say(socket, wire.Welcome(at=now(), seq=0))
        await say(socket, wire.Interval(interval_s=7.0))
        while True:
            message = await made.hear(socket)
            assert isinstance(message, wire.Report)
            intervals.append(wire.read_body(message).interval_s)
            await say(socket, wire.Ack(seq=message.seq, at=now()))

    intervals: list[float | None] = []
    async with gate(direct) as made, command(tmp_path, *configured(tmp_path, None, aggregator=made.url)):
        await until(lambda: 7.0 in intervals, 20)


async def test_a_link_that_nobody_greets_ends(tmp_path: Path) -> None:
    arguments = ("aggregator", "--listen", "127.0.0.1:0", "--store", ":memory:")
    async with command(tmp_path, *arguments) as aggregator, agent_end(await aggregator.url()) as silent:
        assert (await silent.closed(15))[0] == wire.CLOSE_IDLE
