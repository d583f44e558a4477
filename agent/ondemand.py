"""Traces that somebody asks for through the aggregator: guarded, and within bounds that the agent keeps by itself.

Each result goes up as it comes, and one last answer ends it, whatever happens: with the trace, or with the reason why
there is none. What is asked may go to no place that `agent.probes.guard` refuses.

Cannot see: whether anybody still waits for the answer. A trace ends by itself in its time.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from agent.check import Settings
from agent.contract import wire
from agent.contract.reference import InvalidReferenceError
from agent.contract.report import Trace
from agent.contract.result import Result
from agent.contract.table import CADENCES, TRACE_WITHIN_S
from agent.host.node import Node
from agent.spool import encode

log = logging.getLogger(__name__)

AT_ONCE = 2  # each holds a few connections and some memory; the node's own rounds go on meanwhile
A_MINUTE = 12  # one every five seconds: a person who tries again and again, and no load on any registry
MINUTE_S = 60.0
WITHIN_AT_MOST_S = TRACE_WITHIN_S + CADENCES["pull"].patience_s  # what a trace with a real pull takes at most

_result = msgspec.json.Decoder(Result)


class OnDemand:
    """Traces what is asked for.

    Args:
        node: gives the node as it is configured now.
        remembered: gives what checks may `recall`: the leases without which nothing is pulled that a registry counts.
        say: sends a word to the aggregator.
    """

    def __init__(
        self,
        node: Callable[[], Node],
        settings: Mapping[str, Settings],
        remembered: Callable[[], Mapping[str, Any]],
        say: Callable[[wire.Word], object],
    ) -> None:
        self._node = node
        self._remembered = remembered
        # What this agent does not check by itself is part of the way all the same.
        self._settings = {name: msgspec.structs.replace(one, enabled=True) for name, one in settings.items()}
        self._say = say
        self._running: dict[str, asyncio.Task[None]] = {}
        self._started: deque[float] = deque()

    def run(self, run: wire.Run) -> None:
        """Begin a trace, or say why there will be none."""
        if run.id in self._running:
            return  # the same again: it is being answered
        refusal = self._refusal(time.monotonic())
        if refusal is not None:
            self._say(wire.Answer(id=run.id, error=refusal, done=True))
            return
        self._started.append(time.monotonic())
        task = self._running[run.id] = asyncio.create_task(self._answer(run), name=f"trace {run.image}")
        task.add_done_callback(lambda done: self._ended(run.id, done))

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _refusal(self, now: float) -> str | None:
        if len(self._running) >= AT_ONCE:
            return f"{len(self._running)} traces are under way here: ask again when they have ended"
        while self._started and self._started[0] <= now - MINUTE_S:
            self._started.popleft()
        if len(self._started) >= A_MINUTE:
            left_s = self._started[0] + MINUTE_S - now
            return f"{A_MINUTE} traces a minute are made here: ask again in {left_s:.0f} s"
        return None

    async def _answer(self, run: wire.Run) -> None:
        last = wire.Answer(id=run.id, error="the trace broke off", done=True)
        within_s = min(max(run.within_s, 0.0), WITHIN_AT_MOST_S)
        try:
            async with asyncio.timeout(within_s):
                last.trace = await self._trace(run)
            last.error = None
        except TimeoutError:
            last.error = f"no end within {within_s:g} s"
        except InvalidReferenceError as error:
            last.error = str(error)
        finally:
            self._say(last)

    async def _trace(self, run: wire.Run) -> Trace:
        from agent.trace import trace  # not for an agent that is never asked

        def tell(result: Result) -> None:
            self._say(wire.Answer(id=run.id, result=_sound(result)))

        found = await trace(
            run.image or "",
            self._node(),
            self._settings,
            on_result=tell,
            pull=run.pull,
            guarded=True,
            remembered=self._remembered(),
        )
        found.results = [_sound(result) for result in found.results]
        if len(wire.encode(wire.Answer(id=run.id, trace=found))) > wire.REPORT_BYTES:
            found.results = [msgspec.structs.replace(result, evidence={}) for result in found.results]
        return found

    def _ended(self, id_: str, task: "asyncio.Task[None]") -> None:
        del self._running[id_]
        if not task.cancelled() and task.exception() is not None:
            log.error("a trace on demand broke", exc_info=task.exception())


def _sound(result: Result) -> Result:
    """Give a result as the link can carry it: not too long, and nothing in its evidence that is no data."""
    return _result.decode(encode(result))
