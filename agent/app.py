"""The agent as a service: rounds by the schedule, what they say to the spool, and the link that reports it.

It never dies of what it looks at, nor of a missing aggregator, nor of a port that is taken.
"""

import asyncio
import contextlib
import gc
import logging
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent import plan
from agent.again import SecondLook
from agent.check import PULLS, Leave
from agent.config import Config
from agent.contract import wire
from agent.contract.result import Result
from agent.contract.table import CONFIRM_AFTER_S
from agent.directives import Directives
from agent.history import History
from agent.host.node import Node
from agent.host.root import HostFileError, Root
from agent.link import Link, Speaker
from agent.ondemand import OnDemand
from agent.pulls import NotYet, Pulls
from agent.round import Question, Round
from agent.runtimes import journal, leftover
from agent.runtimes.images import Used, used
from agent.schedule import Schedule, Start, key
from agent.spool import Spool
from agent.testpulls import prepaid

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 5.0  # a node whose own files cannot be read is tried again after this
USED_FOR_S = 600.0  # what a node uses is asked of its runtimes this often: each time costs child processes


class Agent:
    """One agent.

    Args:
        on_result: called with each result when it is known.
        on_round: called at the end of each round.
    """

    def __init__(
        self,
        config: Config,
        *,
        on_result: Callable[[Result], None] | None = None,
        on_round: Callable[[], None] | None = None,
    ) -> None:
        self.config = config
        self.spool = Spool()
        self._first_round = asyncio.Event()
        self._settings = config.settings()
        self._used: tuple[Used, float] | None = None
        self._on_result = on_result
        self._on_round = on_round
        self._history = History()
        self._schedule = Schedule(self._settings, config.interval_s, time.monotonic())
        self._speaker = Speaker(config.node, secrets.token_hex(8), config.interval_s)
        self._planned: Sequence[Question] = ()
        self._second = SecondLook(
            self._schedule, self._settings, self._node, self._questions, self._remembered, self._take, self._answered
        )
        self._directives = Directives(self._schedule, lambda: map(key, self._questions()), self._second.wake, self._say)
        self._pulls = Pulls(self._say if config.aggregator is not None else None, lambda: self._link)
        self._on_demand = OnDemand(self._node, self._settings, self._remembered, self._say)
        self._link: Link | None = None
        self._count: Callable[[Result], None] | None = None
        self._round_ended: Callable[[float], None] | None = None

    @property
    def ready(self) -> bool:
        """Whether the first round has ended."""
        return self._first_round.is_set()

    async def run(self) -> None:
        """Run until cancelled."""
        async with contextlib.AsyncExitStack() as stack:
            await self._serve(stack)
            stack.push_async_callback(self._on_demand.close)
            self._speaker.facts = dict(self._node().facts())
            tasks = [
                asyncio.create_task(self._rounds(pulls=False)),
                asyncio.create_task(self._rounds(pulls=True)),
                asyncio.create_task(self._second.run()),
            ]
            if self.config.aggregator is not None:
                self._link = Link(
                    self.config.aggregator, self.config.token_file, self._speaker, self.spool, self._directed
                )
                tasks.append(asyncio.create_task(self._link.run()))
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, stack: contextlib.AsyncExitStack) -> None:
        listen = self.config.listens_at()
        if listen is None:
            return
        from agent.metrics import Metrics  # not for an agent that serves none
        from agent.server import serve

        metrics = Metrics(self.spool)
        self._count, self._round_ended = metrics.count, metrics.round_ended
        runner = await serve(
            listen,
            self.config.token_file,
            lambda: metrics.text(connected=self._link is not None and self._link.connected),
            lambda: self.ready,
        )
        if runner is not None:
            stack.push_async_callback(runner.cleanup)

    def _node(self) -> Node:
        config = self.config
        configured = {name: str(value) for name, value in config.facts.items()}
        return Node(Root(Path(config.root).resolve()), config.runtime, config.node, configured)

    async def _plan(self, node: Node) -> list[Question]:
        config = self.config
        images: Sequence[str] = config.images
        registries: Sequence[str] = config.registries
        if not images and not registries:
            in_use = await self._in_use(node)
            images, registries = in_use.images, in_use.registries
        return plan.of_fleet(node, images, registries, config.pull.image)

    async def _in_use(self, node: Node) -> Used:
        """Give what the node really uses, where the configuration names nothing."""
        now = time.monotonic()
        if self._used is None or self._used[1] + USED_FOR_S < now:
            found = await used(node)
            if self._used is None or self._used[0].source != found.source:
                log.info("checked are %s", found.source)
            self._used = (found, now)
        return self._used[0]

    async def _rounds(self, *, pulls: bool) -> None:
        """Ask what is due, round after round; real pulls take minutes and have a lane of their own, after the first."""
        if pulls:
            await leftover.clean(journal.state_folder(self.config.node))
            if self.config.pull.image is None:
                return
            await self._first_round.wait()
        while True:
            node = self._node()
            try:
                planned = await self._plan(node)
            except (HostFileError, OSError) as error:
                log.warning("cannot plan a round: %s", error)
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            questions = self._schedule.questions(planned, time.monotonic())
            lane = [question for question in questions if (question.check == "pull") is pulls]
            due = self._schedule.due(lane, time.monotonic())
            if pulls:  # a second look at a pull is a pull, and goes its way
                due = due or [one.question for one in self._schedule.take_again(lane, time.monotonic())]
            else:
                self._planned = planned
            if due and pulls:
                await self._pull(node, planned, due)
            elif due:
                await self._round(node, planned, due)
                self._tidy(node, planned)
            else:
                next_at = min(self._schedule.next_at(lane), self._schedule.next_again_at(lane if pulls else ()))
                wait_s = next_at - time.monotonic() if lane else self._schedule.interval_s
                await asyncio.sleep(min(max(wait_s, 0.01), self._schedule.interval_s))

    def _questions(self) -> list[Question]:
        """Give all that this node asks, real pulls left out."""
        every = self._schedule.questions(self._planned, time.monotonic())
        return [question for question in every if question.check != "pull"]

    async def _pull(self, node: Node, planned: Sequence[Question], due: Sequence[Question]) -> None:
        """Make a real pull, if it is this node's turn."""
        try:
            async with prepaid(self._pulls, node, due) as leave:
                await self._round(node, planned, due, leave)
        except NotYet as refusal:
            for question in due:
                self._schedule.put_off(key(question), time.monotonic() + refusal.after_s)

    async def _round(
        self, node: Node, planned: Sequence[Question], due: Sequence[Question], leave: Leave | None = None
    ) -> None:
        start = self._schedule.start(time.monotonic())

        def take(result: Result) -> None:
            self._take(result, start)
            if self._schedule.is_again(result.key):  # looked at once more before this round ends: so it must be known
                self._schedule.named(round_.needs, planned, time.monotonic())
                self._second.wake()

        remembered = self._remembered() | ({PULLS: leave} if leave is not None else {})
        round_ = Round(node, self._settings, on_result=take, remembered=remembered)
        await round_.ask(due)
        self._schedule.named(round_.needs, planned, time.monotonic())

    def _remembered(self) -> dict[str, Any]:
        dates = {"dates": [self._link.reference]} if self._link and self._link.reference else {}
        return dates | {PULLS: self._pulls}

    def _take(self, result: Result, start: Start, again_after_s: float = CONFIRM_AFTER_S) -> None:
        """Take a result of any round: remember it, report it, and look again where it is a first failure."""
        now = time.monotonic()
        first_failure = self._history.enter(result, now)
        self._schedule.answered(result, start, first_failure=first_failure, now=now, again_after_s=again_after_s)
        if not first_failure:
            self._answered(result.key)
        self._pulls.heard(result)
        again_at = self._pulls.again_at(result.registries) if result.status == "unknown" else 0.0
        if result.check == "platform" and again_at > now:
            self._schedule.put_off(result.key, again_at)
        self.spool.put(result)
        if self._count is not None:
            self._count(result)
        if self._link is not None:
            self._link.news(soon=True)
        if self._on_result is not None:
            self._on_result(result)

    def _answered(self, name: str) -> None:
        self._directives.settled(name)

    def _say(self, word: wire.Word) -> bool:
        return self._link is not None and self._link.say(word)

    def _tidy(self, node: Node, planned: Sequence[Question]) -> None:
        """End a round: forget what is asked no more, and say what the node is like."""
        for name in self.spool.targets(map(key, self._schedule.questions(planned, time.monotonic()))):
            self._history.forget(name)
            self._schedule.forget(name)
        facts = dict(node.facts())
        if facts != self._speaker.facts:
            self._speaker.facts = facts
            self.spool.tell(facts=facts)
        if self._round_ended is not None:
            self._round_ended(time.time())
        if self._link is not None:
            self._link.news()
        if not self.ready:
            self._first_round.set()
            gc.collect()
            gc.freeze()  # what the first round has loaded stays: no collection need look at it again
        if self._on_round is not None:
            self._on_round()

    def _directed(self, directive: wire.Directive) -> None:
        """Do what the aggregator asks for."""
        if isinstance(directive, wire.Interval):
            self._stretch(directive.interval_s)
        elif isinstance(directive, wire.Lease):
            self._pulls.answered(directive)
        elif isinstance(directive, wire.Run) and directive.image is not None:
            self._on_demand.run(directive)
        elif isinstance(directive, wire.Run):
            self._directives.run(directive)

    def _stretch(self, interval_s: float | None) -> None:
        self._schedule.stretch(interval_s)
        if self._speaker.interval_s != self._schedule.interval_s:
            self._speaker.interval_s = self._schedule.interval_s
            self.spool.tell(interval_s=self._schedule.interval_s)
            log.info("the aggregator asks for an interval of %g s", self._schedule.interval_s)


async def run_agent(
    config: Config,
    *,
    on_result: Callable[[Result], None] | None = None,
    on_round: Callable[[], None] | None = None,
) -> None:
    """Run an agent until cancelled; arguments as `Agent`."""
    await Agent(config, on_result=on_result, on_round=on_round).run()


def serve(config: Config) -> None:
    """Run an agent until SIGTERM or SIGINT."""

    async def until_told() -> None:
        task = asyncio.create_task(run_agent(config))
        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(until_told())
