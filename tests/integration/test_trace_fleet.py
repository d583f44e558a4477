"""Traces on demand as a person makes them: the command, a real aggregator, and real agents behind it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.contract import wire
from tests.integration.asking import serving, write
from tests.servers.agent_end import agent_end, result
from tests.servers.command import Command, command
from tests.servers.registry import serve

IMAGE = "reg.example/team/app:1"


def node(folder: Path, name: str, aggregator: str, location: str, **more: Any) -> tuple[str, ...]:
    """Write the tree of a node whose podman gets reg.example from elsewhere, and give its agent's command."""
    root = folder / name
    places = f'[[registry]]\nprefix = "reg.example"\nlocation = "{location}"\ninsecure = true\n'
    write(root, "/etc/containers/registries.conf", places)
    write(root, "/etc/containers/policy.json", {"default": [{"type": "insecureAcceptAnything"}]})
    write(root, "/etc/resolv.conf", "nameserver 127.0.0.1\n")
    config: dict[str, Any] = {
        "node": name,
        "root": str(root),
        "listen": None,
        "runtime": "podman",
        "aggregator": aggregator,
    }
    config |= {"images": [IMAGE], "interval_s": 60, "patience_s": 1} | more
    write(folder, f"{name}.json", config)
    return ("agent", "--config", str(folder / f"{name}.json"))


@asynccontextmanager
async def aggregating(folder: Path, *arguments: str) -> AsyncIterator[tuple[Command, str]]:
    async with command(folder, "aggregator", "--listen", "127.0.0.1:0", "--store", ":memory:", *arguments) as made:
        yield made, await made.url()


async def settled(url: str, nodes: int) -> None:
    """Wait until so many nodes have finished a first round."""
    async with asyncio.timeout(40), aiohttp.ClientSession(url) as session:
        while True:
            async with session.get("/snapshot") as reply:
                found = json.loads(await reply.text())["nodes"]
            if sum(any(one["check"] == "layer" for one in each["results"]) for each in found) == nodes:
                return
            await asyncio.sleep(0.1)


async def trace(folder: Path, *arguments: str, ends: int) -> list[str]:
    """Run the command, see how it ends, and give what it says."""
    async with command(folder, "trace", *arguments) as made:
        async with asyncio.timeout(60):
            assert await made.process.wait() == ends, made.said
        return made.said.splitlines()


async def test_real_agents_trace_side_by_side_and_are_kept_from_what_no_file_names(tmp_path: Path) -> None:
    async with serve(serving()) as registry, AsyncExitStack() as stack:
        _, url = await stack.enter_async_context(aggregating(tmp_path))
        for arguments in (
            node(tmp_path, "node-1", url, registry.host),
            node(tmp_path, "node-2", url, "127.0.0.1:1"),
            node(tmp_path, "node-3", url, "127.0.0.1:1", images=[f"{registry.host}/team/app:1"]),
        ):
            await stack.enter_async_context(command(tmp_path, *arguments))
        await settled(url, 3)
        said = await trace(tmp_path, "--nodes", "node-1,node-2", "--aggregator", url, IMAGE, ends=1)
        assert sorted(line.split()[:2] for line in said if line.startswith("node-")) == [
            ["node-1", "can"],
            ["node-2", "cannot"],
        ]
        assert any(line.startswith("fix connect_refused: ") for line in said)
        assert said[-1] == "1 of 2 can, node-2 cannot: connect_refused"
        assert await trace(tmp_path, "--nodes", "node-1", "--aggregator", url, IMAGE, ends=0)
        asked = len(registry.requests)
        # Its own rounds go there; no stranger sends it there.
        arguments = ("--nodes", "node-3", "--aggregator", url, "--json", f"{registry.host}/team/app:1")
        told = [json.loads(line) for line in await trace(tmp_path, *arguments, ends=3)]
        assert told[0]["verdict"] == "unknown" and told[0]["detail"].startswith("refused: 127.0.0.1 is a loopback")
        assert told[1]["summary"] == "0 of 1 can, node-3 cannot be told"
        assert len(registry.requests) == asked
        said = await trace(tmp_path, "--sample", "3", "--aggregator", url, "evil.example/team/app:1", ends=2)
        assert len(said) == 1 and "evil.example is refused: no node of this fleet" in said[0]


@pytest.mark.parametrize(
    ("arguments", "ends", "words"),
    [
        (("--nodes", "a", "--sample", "1"), 2, "--nodes and --sample: either one or the other"),
        (("--nodes", ","), 2, "--nodes: expected names such as node-1,node-2"),
        (("--nodes", "a", "--root", "/"), 2, "--root, --as and --node speak of this node"),
        (("--sample", "0"), 2, "`$.sample`"),
        (("--token-file", "gone"), 2, "say which nodes, by --nodes or --sample"),
        (("--sample", "1", "--token-file", "gone"), 2, "--token-file: gone: the token cannot be read"),
        (("--sample", "1", "--aggregator", "ftp://x"), 2, "'ftp://x' is no http or https URL"),
        (("--sample", "1", "--aggregator", "nowhere"), 2, "'nowhere' is no URL"),
        (("--sample", "1", "--aggregator", "http://127.0.0.1:1"), 3, "no answer from http://127.0.0.1:1: "),
    ],
)
async def test_a_call_that_cannot_be_answered_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], ends: int, words: str
) -> None:
    async with aggregating(tmp_path) as (_, url):
        given = () if "--aggregator" in arguments or "--token-file" in arguments else ("--aggregator", url)
        said = await trace(tmp_path, *arguments, *given, IMAGE, ends=ends)
    assert len(said) == 1 and words in said[0], said


async def test_the_token_is_shown_and_without_it_nobody_is_asked(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    (tmp_path / "reader.yaml").write_text("reader_token_file: token\n")
    async with aggregating(tmp_path, "--config", "reader.yaml") as (_, url), agent_end(url) as end:
        await end.greet(speaks=["run"])
        await end.report(1, [result(check="registry", target="reg.example")])
        await end.acked(1)
        arguments = ("--nodes", "moon", "--aggregator", url, IMAGE)
        said = await trace(tmp_path, *arguments, ends=2)
        assert said == [f"pullscope: {url} answers 401 Unauthorized: a bearer token is asked for"]
        said = await trace(tmp_path, "--token-file", "token", *arguments, ends=3)
        assert said[-1] == "0 of 1 can, moon cannot be told"


async def test_an_aggregator_that_ends_meanwhile_is_said(tmp_path: Path) -> None:
    async with aggregating(tmp_path) as (aggregator, url), agent_end(url) as end:
        await end.greet(speaks=["run"])
        await end.report(1, [result(check="registry", target="reg.example")])
        await end.acked(1)
        async with command(tmp_path, "trace", "--nodes", "node-1", "--aggregator", url, IMAGE) as made:
            assert isinstance(await end.hear(20.0), wire.Run)
            await aggregator.kill()
            async with asyncio.timeout(20):
                assert await made.process.wait() == 3
            assert made.said.startswith("pullscope: ") and made.said.count("\n") == 1
