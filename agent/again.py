"""Looks again, at once: at what failed here for the first time, and at what the aggregator asks about.

A lane beside the rounds, which may be waiting for something slow. It waits for nothing longer than `HURRIED_S`: a
second look is to bear out what was seen, here or on another node, and an answer that takes longer than this does not
contradict it. Where the hurry alone may be the reason of a failure, because another cause was seen than the one that is
looked for, nothing is said, and the question is asked in the next round with all its patience.

Cannot see: a target that is slow on this node and, by the same cause, dead on another.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from agent.check import Settings
from agent.contract.result import Result
from agent.host.node import Node
from agent.host.root import HostFileError
from agent.round import Question, Round
from agent.schedule import Again, Schedule, Start

HURRIED_S = 1.5  # a lost SYN is sent again after one second; two looks, and what lies between, stay under five
HURRIED_SHARE = 0.9  # of that patience used up: the hurry may be the reason
AGAIN_AFTER_S = 0.25  # between two hurried looks: both together are to be over soon
IDLE_S = 5.0  # the plan may have changed meanwhile

Take = Callable[
    [Result, Start, float], None
]  # (result, start of its round, seconds until a first failure's second look)


class SecondLook:
    """The lane.

    Args:
        node: gives a fresh reading of the node.
        questions: gives all that this node asks.
        remembered: gives what a round may recall from outside.
        take: takes each result that counts.
        settled: called with the name of each question that is answered and need not be asked once more.
    """

    def __init__(
        self,
        schedule: Schedule,
        settings: Mapping[str, Settings],
        node: Callable[[], Node],
        questions: Callable[[], Sequence[Question]],
        remembered: Callable[[], Mapping[str, Any]],
        take: Take,
        settled: Callable[[str], None],
    ) -> None:
        self._schedule = schedule
        self._settings = {
            name: msgspec.structs.replace(own, patience_s=min(own.patience_s, HURRIED_S))
            for name, own in settings.items()
        }
        self._node = node
        self._questions = questions
        self._remembered = remembered
        self._take = take
        self._settled = settled
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that something may be due sooner than before."""
        self._wake.set()

    async def run(self) -> None:
        """Look again whenever something is due, until cancelled."""
        while True:
            self._wake.clear()
            now = time.monotonic()
            questions = self._questions()
            due = self._schedule.take_again(questions, now)
            if due:
                await self._look(due)
                continue
            wait_s = min(self._schedule.next_again_at(questions) - now, IDLE_S)
            try:
                async with asyncio.timeout(wait_s if math.isfinite(wait_s) else IDLE_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _look(self, due: Iterable[Again]) -> None:
        wanted = {f"{one.question.check} {one.question.target}": one for one in due}
        start = self._schedule.start(time.monotonic())
        hurt = False

        def take(result: Result) -> None:
            nonlocal hurt
            if hurried(result, wanted[result.key].cause if result.key in wanted else None):
                hurt = True
                self._schedule.due_now(result.key, time.monotonic())
            elif not (hurt and result.status == "skipped"):
                self._take(result, start, AGAIN_AFTER_S)

        try:
            round_ = Round(self._node(), self._settings, on_result=take, remembered=self._remembered())
            await round_.ask([one.question for one in wanted.values()])
        except (HostFileError, OSError):
            pass  # the rounds say so
        for name in wanted:
            if not self._schedule.is_again(name):
                self._settled(name)


def hurried(result: Result, cause: str | None) -> bool:
    """Tell whether a failure may come of the hurry alone.

    Args:
        cause: what is looked for: then a long silence bears it out.
    """
    late = result.took_s >= HURRIED_SHARE * HURRIED_S
    return result.status == "failed" and late and result.cause != cause
