"""What the aggregator asks of this agent now, within bounds that the agent keeps by itself.

Questions are asked only where the node asks them anyway, never as a real pull, and their results go the way of all
results; here is only kept which directive still waits for which answer.

Cannot see: whether the aggregator has heard an answer; what it misses comes with the next round.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable

from agent.contract import wire
from agent.schedule import Schedule

QUESTIONS_AT_MOST = 300  # in a minute, from all directives: about three rounds of a node with 20 images
MINUTE_S = 60.0
WITHIN_AT_MOST_S = 60.0  # a directive that allows more is held to this: nobody waits longer for an answer


class Directives:
    """Does what is asked.

    Args:
        known: gives the names of all questions that this node asks, real pulls left out.
        hurry: called when a question was made due.
        say: sends a word to the aggregator.
    """

    def __init__(
        self,
        schedule: Schedule,
        known: Callable[[], Iterable[str]],
        hurry: Callable[[], None],
        say: Callable[[wire.Word], object],
    ) -> None:
        self._schedule = schedule
        self._known = known
        self._hurry = hurry
        self._say = say
        self._waits: dict[str, set[str]] = {}  # by directive: what it still waits for
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._asked_at: deque[float] = deque()

    def run(self, run: wire.Run) -> None:
        """Do what a directive asks for; each gets one last answer."""
        if run.id in self._waits:
            return  # the same again: it is being answered
        known = set(self._known())
        wanted = [ask for ask in run.questions if ask.name in known]
        if not wanted:
            self._say(wire.Answer(id=run.id, error="nothing of this is asked here", done=True))
            return
        if not self._granted(len(wanted)):
            self._say(wire.Answer(id=run.id, error="asked too often: more in a minute", done=True))
            return
        self._waits[run.id] = {ask.name for ask in wanted}
        within_s = min(max(run.within_s, 0.0), WITHIN_AT_MOST_S)
        self._ends[run.id] = asyncio.get_running_loop().call_later(within_s, self._end, run.id, "not answered in time")
        for ask in wanted:
            self._schedule.hasten(ask.name, ask.cause, time.monotonic())
        self._hurry()

    def settled(self, name: str) -> None:
        """Take note that a question is answered."""
        for id_ in [id_ for id_, names in self._waits.items() if name in names]:
            self._waits[id_].discard(name)
            if not self._waits[id_]:
                self._end(id_, None)

    def _end(self, id_: str, error: str | None) -> None:
        self._waits.pop(id_, None)
        self._ends.pop(id_).cancel()
        self._say(wire.Answer(id=id_, error=error, done=True))

    def _granted(self, questions: int) -> bool:
        now = time.monotonic()
        while self._asked_at and self._asked_at[0] < now - MINUTE_S:
            self._asked_at.popleft()
        if len(self._asked_at) + questions > QUESTIONS_AT_MOST:
            return False
        self._asked_at.extend([now] * questions)
        return True
