"""One machine watched: aggregator and agent in one process, told as it goes.

Progress goes to standard error, reports to standard output.
"""

import asyncio
import signal
import time

import click

from agent.app import Agent
from agent.config import Config as AgentConfig
from agent.contract.report import Report
from agent.contract.result import Result
from aggregator.app import Aggregator
from aggregator.config import Config as AggregatorConfig
from aggregator.web.text import render
from pullscope import trace_text

FIRST_REPORT_S = 25.0  # what is known by then is told: somebody waits
LOOK_S = 0.5  # how often a report is looked at for something new


async def watch(agent: AgentConfig, aggregator: AggregatorConfig) -> None:
    """Run both until SIGINT or SIGTERM.

    Raises:
        ConfigError: where the aggregator cannot start.
    """
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with Aggregator(aggregator, any_port=True) as serving:
        click.echo(f"the report is served at {serving.url}/report; Ctrl-C ends", err=True)
        agent.aggregator = serving.url
        progress = _Progress()
        working = Agent(agent, on_result=progress.show)
        tasks = {asyncio.create_task(working.run()), asyncio.create_task(_tell(serving, agent.node, progress))}
        ending = asyncio.create_task(told.wait())
        done, _ = await asyncio.wait({*tasks, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in {*tasks, ending} - done:
            task.cancel()
        await asyncio.gather(*tasks, ending, return_exceptions=True)
        for task in done & tasks:
            task.result()
    click.echo("ended, nothing left behind", err=True)


class _Progress:
    """Each answer of the first round, as it comes."""

    def __init__(self) -> None:
        self.wanted = True

    def show(self, result: Result) -> None:
        if self.wanted:
            click.echo(trace_text.stage(result), err=True)


async def _tell(serving: Aggregator, node: str, progress: _Progress) -> None:
    """Print the first report when the first round is done or somebody has waited long enough; then what changes."""
    ends_at = time.monotonic() + FIRST_REPORT_S
    while time.monotonic() < ends_at:
        member = serving.fleet.members.get(node)
        if member is not None and member.whole and not any(map(_is_first_failure, member.results.values())):
            break
        await serving.reporter.next(min(LOOK_S, max(ends_at - time.monotonic(), 0.01)))
    progress.wanted = False
    said: object = None
    while True:
        report = await serving.reporter.newest()
        if said != (said := _gist(report)):
            click.echo(f"\n{render(report).rstrip()}\n\nserved at {serving.url}/report")
        await serving.reporter.next(LOOK_S)


def _is_first_failure(result: Result) -> bool:
    """Tell a failure that is checked once more in a second, and no finding before that."""
    return result.status == "failed" and result.window is not None and result.window.runs == 1


def _gist(report: Report) -> object:
    """Give what makes a report another one for a person: verdict and findings, not the clock."""
    return report.verdict, sorted((finding.id, finding.scope, finding.severity) for finding in report.findings)
