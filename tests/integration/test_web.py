"""What readers get over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from agent.contract.report import Report, Snapshot
from agent.contract.result import Window
from agent.contract.strict import ConfigError
from aggregator.app import Aggregator
from aggregator.config import Config
from tests.servers.agent_end import AgentEnd, agent_end, result
from tests.servers.gate import until

BROKEN: dict[str, Any] = {"status": "failed", "window": Window(2, 2)}


@pytest.fixture
async def aggregator() -> AsyncIterator[Aggregator]:
    async with Aggregator(Config(listen="127.0.0.1:0", store=":memory:", cluster="prod-1")) as running:
        yield running


@pytest.fixture
async def agent(aggregator: Aggregator) -> AsyncIterator[AgentEnd]:
    async with agent_end(aggregator.url) as end:
        await end.greet()
        yield end


@pytest.fixture
async def reader(aggregator: Aggregator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(aggregator.url) as session:
        yield session


async def report_of(reader: aiohttp.ClientSession, **query: str) -> Report:
    async with reader.get("/report", params={"format": "json"} | query) as answer:
        assert answer.status == 200
        return msgspec.json.decode(await answer.read(), type=Report)


async def shown(aggregator: Aggregator, findings: int) -> None:
    await until(lambda: aggregator.reporter.report and len(aggregator.reporter.report.findings) == findings)


async def test_before_anything_was_heard_there_is_a_report_that_says_so(reader: aiohttp.ClientSession) -> None:
    report = await report_of(reader)
    assert (report.verdict, report.cluster, report.nodes.expected) == ("unknown", "prod-1", 0)


async def test_the_report_names_what_an_agent_saw_and_forgets_it_when_it_is_over(
    aggregator: Aggregator, agent: AgentEnd, reader: aiohttp.ClientSession
) -> None:
    await agent.report(1, [result(**BROKEN)], targets=["tcp quay.io:443"])
    await shown(aggregator, 1)
    finding = (await report_of(reader)).findings[0]
    assert (finding.cause, finding.nodes, finding.subject.value) == ("connect_refused", ["node-1"], "quay.io")
    await agent.report(2, [result("ok")])
    await shown(aggregator, 0)
    assert (await report_of(reader)).verdict == "healthy"


@pytest.mark.parametrize(
    ("accept", "query", "kind"),
    [
        ("*/*", "", "text/plain"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "", "text/plain"),
        ("application/json", "", "application/json"),
        ("text/plain;q=0.1, application/json;q=0.9", "", "application/json"),
        ("application/json;q=0", "", "text/plain"),
        ("application/json;q=high", "", "text/plain"),
        ("image/png", "", "text/plain"),
        ("image/png", "?format=json", "application/json"),
        ("application/json", "?format=text", "text/plain"),
    ],
)
async def test_the_form_is_what_the_reader_asks_for_and_text_in_doubt(
    reader: aiohttp.ClientSession, accept: str, query: str, kind: str
) -> None:
    async with reader.get(f"/report{query}", headers={"Accept": accept}) as answer:
        assert (answer.status, answer.content_type) == (200, kind)


async def test_text_begins_with_the_verdict(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/report") as answer:
        assert (await answer.text()).startswith("UNKNOWN: ")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/report?form=json", 400, "unknown parameter 'form'; known here: format, node, image, at, since"),
        ("/report?format=xml", 400, "format: expected json or text, got 'xml'"),
        ("/report?node=a&node=b", 400, "the parameter 'node' stands twice"),
        ("/report?image=Nginx:latest", 400, "image: 'Nginx:latest': the repository"),
        ("/report?node=moon", 404, "no node 'moon' was ever heard"),
        ("/snapshot?node=a", 400, "unknown parameter 'node'"),
        ("/nodes/node-1?wait=long", 400, "wait: expected a duration such as 120s"),
        ("/nodes/node-1?wait=1h", 400, "wait: expected a duration"),
        ("/nodes/node-1?wait=601", 400, "at most 600s"),
        ("/nodes/moon", 404, "no node 'moon' was ever heard"),
        ("/nowhere", 404, ""),
    ],
)
async def test_a_question_that_makes_no_sense_is_answered_in_one_line(
    reader: aiohttp.ClientSession, path: str, status: int, words: str
) -> None:
    async with reader.get(path) as answer:
        text = await answer.text()
        assert answer.status == status and words in text and text.count("\n") <= 1


async def test_a_reader_may_ask_for_one_node_or_one_image(
    aggregator: Aggregator, agent: AgentEnd, reader: aiohttp.ClientSession
) -> None:
    async with agent_end(aggregator.url) as other:
        await other.greet(node="node-2")
        await other.report(1, [result(), result(target="docker.io", check="registry", registries=["docker.io"])])
        await agent.report(1, [result(**BROKEN)])
        await shown(aggregator, 1)
        assert len((await report_of(reader, node="node-1")).findings) == 1
        healthy = await report_of(reader, node="node-2")
        assert (healthy.findings, healthy.verdict) == ([], "healthy")
        assert len((await report_of(reader, image="quay.io/team/app:1")).findings) == 1
        assert (await report_of(reader, image="nginx")).findings == []


async def test_the_snapshot_is_what_correlate_reads(agent: AgentEnd, reader: aiohttp.ClientSession) -> None:
    await agent.report(1, [result(**BROKEN)], facts={"zone": "b"})
    await agent.acked(1)
    async with reader.get("/snapshot") as answer:
        snapshot = msgspec.json.decode(await answer.read(), type=Snapshot)
    node = snapshot.nodes[0]
    assert (snapshot.cluster, node.name, node.interval_s, node.facts) == ("prod-1", "node-1", 60.0, {"zone": "b"})
    assert [one.key for one in node.results] == ["tcp quay.io:443"]


async def verdict(reader: aiohttp.ClientSession, wait: str = "0") -> tuple[int, str]:
    async with reader.get("/nodes/node-1", params={"wait": wait}) as answer:
        return answer.status, json.loads(await answer.text()).get("verdict", "")


async def test_a_fresh_node_waits_is_fit_and_may_become_unfit(agent: AgentEnd, reader: aiohttp.ClientSession) -> None:
    await agent.report(1, [result()])
    await agent.acked(1)
    assert await verdict(reader) == (503, "waiting")
    held = asyncio.create_task(verdict(reader, "60s"))
    await agent.report(2, [], targets=["tcp quay.io:443"])
    assert await held == (200, "fit")
    await agent.report(3, [result(**BROKEN)])
    await agent.acked(3)
    assert await verdict(reader) == (503, "unfit")


async def test_an_answer_is_held_for_a_node_that_was_never_heard(
    aggregator: Aggregator, reader: aiohttp.ClientSession
) -> None:
    held = asyncio.create_task(verdict(reader, "1m"))
    async with agent_end(aggregator.url) as agent:
        await agent.greet()
        await agent.report(1, [result()], targets=["tcp quay.io:443"])
        assert await held == (200, "fit")
    assert await verdict(reader, "0.1s") == (200, "fit")


async def test_metrics_count_nodes_findings_and_reports(
    aggregator: Aggregator, agent: AgentEnd, reader: aiohttp.ClientSession
) -> None:
    await agent.report(1, [result(**BROKEN)])
    await agent.report(1, [result(**BROKEN)])
    await agent.acked(1)
    await shown(aggregator, 1)
    async with reader.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    for line in (
        'pullscope_nodes{state="expected"} 1.0',
        'pullscope_nodes{state="silent"} 0.0',
        'pullscope_findings{cause="connect_refused",scope="node",severity="failure"} 1.0',
        "pullscope_links 1.0",
        "pullscope_reports_total 2.0",
        "pullscope_reports_repeated_total 1.0",
        "pullscope_results_total 1.0",
        "pullscope_store_failing 0.0",
    ):
        assert line in lines
    assert not any("node-1" in line for line in lines)


async def test_health_is_the_process_and_readiness_the_report(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/healthz") as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")
    await report_of(reader)
    async with reader.get("/readyz") as answer:
        assert answer.status == 200


async def test_a_reader_token_is_asked_for_where_it_is_configured(tmp_path: Path) -> None:
    token = tmp_path / "reader"
    token.write_text("r3ader")
    config = Config(listen="127.0.0.1:0", store=":memory:", reader_token_file=str(token))
    async with Aggregator(config) as running, aiohttp.ClientSession(running.url) as session:
        for path in ("/report", "/snapshot", "/nodes/node-1", "/metrics"):
            async with session.get(path) as answer:
                assert answer.status == 401 and "Bearer" in answer.headers["WWW-Authenticate"]
        async with session.get("/report", headers={"Authorization": "Bearer r3ader"}) as answer:
            assert answer.status == 200
        async with session.get("/healthz") as answer:
            assert answer.status == 200


async def test_a_port_that_is_taken_is_one_line_or_another_port(aggregator: Aggregator) -> None:
    taken = Config(listen=aggregator.url.removeprefix("http://"), store=":memory:")
    with pytest.raises(ConfigError, match=r"^cannot listen on 127\.0\.0\.1:\d+: "):
        async with Aggregator(taken):
            pass
    async with Aggregator(taken, any_port=True) as second:
        assert second.url != aggregator.url


async def test_an_incident_keeps_its_id_and_its_beginning_over_a_restart(tmp_path: Path) -> None:
    config = Config(listen="127.0.0.1:0", store=str(tmp_path / "s.db"))
    found = []
    for seq in (1, 2):
        async with Aggregator(config) as running, agent_end(running.url) as end:
            await end.greet()
            await end.report(seq, [result(**BROKEN)])
            await end.acked(seq)
            await shown(running, 1)
            assert running.reporter.report is not None
            found += running.reporter.report.findings
    assert found[0].id == found[1].id and found[0].since == found[1].since


async def test_the_time_without_an_aggregator_is_nobodys_silence(tmp_path: Path) -> None:
    config = Config(listen="127.0.0.1:0", store=str(tmp_path / "s.db"))
    async with Aggregator(config) as running, agent_end(running.url) as end:
        await end.greet(interval_s=1.0)
        await end.report(1, [result()])
        await end.acked(1)
    await asyncio.sleep(3.2)  # more than three of its intervals
    async with Aggregator(config) as running:
        report = await running.reporter.newest()
        assert (report.nodes.silent, report.nodes.reporting) == ([], 1)
        await until(lambda: running.reporter.report and running.reporter.report.nodes.silent == ["node-1"])
