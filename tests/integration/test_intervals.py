"""The fleet's load over the real link: agents are told to ask less often, and the report says what that means."""

import contextlib
import json
from pathlib import Path
from typing import Any

import aiohttp

from agent.contract import wire
from tests.servers.agent_end import agent_end, result
from tests.servers.command import command


async def get(url: str, **headers: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return await answer.text()


def aggregator(folder: Path, rate: float) -> contextlib.AbstractAsyncContextManager[Any]:
    (folder / "aggregator.yaml").write_text(f"{{listen: '127.0.0.1:0', store: ':memory:', registry_rate: {rate}}}")
    return command(folder, "aggregator", "--config", "aggregator.yaml")


async def test_a_fleet_beyond_the_rate_is_told_a_longer_interval_and_the_report_how_old_answers_are(
    tmp_path: Path,
) -> None:
    async with aggregator(tmp_path, 0.01) as there, agent_end(await there.url()) as end:
        url = await there.url()
        await end.greet("node-1")
        await end.report(1, [result(check="registry", target="quay.io")])
        stretched = await interval_of(end)
        assert 100 <= (stretched or 0) < 125  # one request a round, at most one in a hundred seconds
        await end.report(2, interval_s=stretched)
        await end.acked(2)
        await end.report(3, [result("failed", check="registry", target="quay.io")])
        await end.acked(3)
        text = await get(f"{url}/report", Accept="text/plain")
        assert "stay under 0.01 requests/s at quay.io" in " ".join(text.split())
        freshness = json.loads(await get(f"{url}/report?format=json"))["freshness"]
        assert freshness["interval_s"] == stretched == freshness["stretched"]["quay.io"]
        assert freshness["up_to_s"]["registry"] > (stretched or 0)
        assert "pullscope_registry_requests" in await get(f"{url}/metrics")


async def test_an_agent_that_was_stretched_by_an_aggregator_before_gets_its_own_interval_back(tmp_path: Path) -> None:
    async with aggregator(tmp_path, 20.0) as there, agent_end(await there.url()) as end:
        await end.greet("node-1", interval_s=500.0)
        assert await interval_of(end) is None


async def interval_of(end: Any) -> float | None:
    """Wait for the directive, and give what it says."""
    while True:
        message = await end.hear(20)
        if isinstance(message, wire.Interval):
            return message.interval_s
