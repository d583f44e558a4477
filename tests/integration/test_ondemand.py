"""What an agent does when it is asked for a trace: bounded, and with one last answer in any case."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from agent.check import PULLS, Settings
from agent.contract import wire
from agent.contract.result import Result
from agent.contract.table import CADENCES
from agent.host.node import Node
from agent.host.root import Root
from agent.host.runtime import Runtime
from agent.ondemand import A_MINUTE, AT_ONCE, OnDemand
from agent.pulls import Pulls
from tests.integration.asking import CONFIG, mirrors, serving
from tests.servers.gate import until
from tests.servers.registry import serve
from tests.servers.tls import serve_raw

SETTINGS = {name: Settings(enabled=name != "layer", every_s=1, patience_s=1.0) for name in CADENCES}
IMAGE = "reg.example/team/app:1"


class Asked:
    """An agent's traces on demand, and all that it says."""

    def __init__(self, folder: Path) -> None:
        self.words: list[wire.Answer] = []
        self._folder = folder
        self.pulls = Pulls(None)  # without an aggregator: by what the registry itself told
        self.traces = OnDemand(self._node, SETTINGS, lambda: {PULLS: self.pulls}, self._heard)

    def _node(self) -> Node:
        node = Node(Root(self._folder), None, "node-1")
        node.__dict__["runtime"] = Runtime("containerd", config=CONFIG)  # its path, without a daemon that could fail
        return node

    def _heard(self, word: wire.Word) -> None:
        assert isinstance(word, wire.Answer)
        wire.read_up(wire.encode(word))
        self.words.append(word)

    def last(self, id_: str) -> list[wire.Answer]:
        return [word for word in self.words if word.id == id_ and word.done]

    def ask(self, id_: str, image: str = IMAGE, within_s: float = 30.0) -> None:
        self.traces.run(wire.Run(id=id_, image=image, within_s=within_s))


@contextlib.asynccontextmanager
async def asked(folder: Path) -> AsyncIterator[Asked]:
    made = Asked(folder)
    try:
        yield made
    finally:
        await made.traces.close()


@contextlib.asynccontextmanager
async def silence() -> AsyncIterator[str]:
    async def say_nothing(*_: object) -> None:
        await asyncio.sleep(3600)

    async with serve_raw(say_nothing) as port:
        yield f"127.0.0.1:{port}"


async def test_results_come_as_they_are_known_and_the_trace_at_the_end(tmp_path: Path) -> None:
    async with serve(serving()) as registry, asked(tmp_path) as agent:
        mirrors(tmp_path, "reg.example", registry.host)
        agent.ask("1")
        agent.ask("1")  # the same directive again changes nothing
        await until(lambda: agent.last("1"))
    assert len(agent.last("1")) == 1
    trace = agent.words[-1].trace
    assert trace is not None and (trace.node, trace.image, trace.verdict) == ("node-1", IMAGE, "ok")
    told = [word.result.key for word in agent.words if word.result is not None]
    assert told == [result.key for result in trace.results] and f"layer {IMAGE}" in told


async def test_no_more_than_so_many_at_once_and_the_rest_is_told_so(tmp_path: Path) -> None:
    async with silence() as host, asked(tmp_path) as agent:
        mirrors(tmp_path, "reg.example", host)
        for number in range(AT_ONCE + 1):
            agent.ask(str(number))
        assert [word.error for word in agent.last(str(AT_ONCE))] == [
            f"{AT_ONCE} traces are under way here: ask again when they have ended"
        ]
        await until(lambda: all(agent.last(str(number)) for number in range(AT_ONCE)))
        agent.ask("after")
        await until(lambda: agent.last("after"))
        assert agent.last("after")[0].trace is not None


async def test_no_more_than_so_many_a_minute(tmp_path: Path) -> None:
    async with asked(tmp_path) as agent:
        for number in range(A_MINUTE):
            agent.ask(str(number), "127.0.0.1:1/team/app:1")
            await until(partial(agent.last, str(number)))
        agent.ask("more")
        assert (agent.last("more")[0].error or "").startswith(f"{A_MINUTE} traces a minute are made here")


async def test_one_that_does_not_end_in_time_is_cut_and_said(tmp_path: Path) -> None:
    async with silence() as host, asked(tmp_path) as agent:
        mirrors(tmp_path, "reg.example", host)
        agent.ask("1", within_s=0.2)
        agent.ask("2", within_s=-1)
        await until(lambda: agent.last("1") and agent.last("2"))
    assert (agent.last("1")[0].error, agent.last("2")[0].error) == ("no end within 0.2 s", "no end within 0 s")


async def test_a_text_that_names_no_image_is_said(tmp_path: Path) -> None:
    async with asked(tmp_path) as agent:
        agent.ask("1", "No/Image")
        await until(lambda: agent.last("1"))
    assert "No/Image" in (agent.last("1")[0].error or "")


async def test_the_agents_end_is_the_end_of_its_traces_and_still_said(tmp_path: Path) -> None:
    async with silence() as host, asked(tmp_path) as agent:
        mirrors(tmp_path, "reg.example", host)
        agent.ask("1")
        await asyncio.sleep(0)
    assert [word.error for word in agent.last("1")] == ["the trace broke off"]


async def test_what_a_registry_counts_as_a_pull_goes_by_the_budget(tmp_path: Path) -> None:
    def told(left: int) -> Result:
        evidence = {"identities": {"anonymous": {"limit": 100, "remaining": left, "window_s": 21600, "source": ""}}}
        return Result(check="rate_limit", target="reg.example", status="ok", evidence=evidence)

    async with serve(serving()) as registry, asked(tmp_path) as agent:
        mirrors(tmp_path, "reg.example", registry.host)
        agent.pulls.heard(told(left=9))  # a tenth of that is no pull
        agent.ask("1")
        await until(lambda: agent.last("1"))
        refused = agent.last("1")[0].trace
        assert refused is not None and refused.verdict == "unknown"
        assert "a tenth of the 9 pulls that reg.example has left is spent" in refused.detail
        assert [one.method for one in registry.asked("/manifests/")] == ["HEAD"]
        agent.pulls.heard(told(left=90))
        agent.ask("2")
        await until(lambda: agent.last("2"))
        granted = agent.last("2")[0].trace
        assert granted is not None and granted.verdict == "ok"
