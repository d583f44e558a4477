"""The newest report: formed soon after the fleet has changed, and when a node falls silent.

A report is a pure function of the fleet and the open incidents (`aggregator.correlate`), whose matrix is kept and
changed node by node; here is when that is done. What is remembered of it is in `aggregator.incidents.memory`: incidents
keep their id and their beginning over a restart of this process.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from agent.contract.report import Freshness, Node, Report
from aggregator.correlate import Matrix, report_of, take
from aggregator.fleet import Fleet
from aggregator.incidents.memory import Memory
from aggregator.store.store import Store
from aggregator.store.writes import KEEP_S, Forget

log = logging.getLogger(__name__)

SOON_S = 0.2  # reports of many agents come together: one report of the fleet for all of them
TICK_S = 0.5  # silence is nothing that happens: it is looked for this often
SHARE = 4  # forming the report takes at most a fifth of the time: after each, four times as long is waited
MOST_PAUSE_S = 1.0  # but no longer than this: after a change of the whole fleet the next one is rarely as large
FORGET_S = 600.0  # how often the fleet is looked through for nodes that have left, and the store for what is too old
JUMP_S = 5.0  # the wall clock goes with the monotonic one, but for what a time service puts right bit by bit
TRUST_AFTER_S = 3_600.0  # a clock that jumped is not believed for so long, when it says that the past is too old


class Reporter:
    """Forms the report and keeps it."""

    def __init__(self, fleet: Fleet, store: Store, forget_after_s: float, keep_s: float = KEEP_S) -> None:
        self._fleet = fleet
        self._store = store
        self._matrix = Matrix(fleet.cluster)
        self._forget_after = timedelta(seconds=forget_after_s)
        self._forming = asyncio.Lock()
        self._of_version = -1
        self._silent: frozenset[str] = frozenset()
        self._keep_s = keep_s
        self._clock = datetime.now(UTC), time.monotonic()
        self._trusted_from = 0.0
        self._looked_at = 0.0
        self.freshness: Callable[[], Freshness | None] = lambda: None
        self.memory = Memory(fleet, store)
        self.changed = asyncio.Event()
        self.formed = asyncio.Condition()
        self.took_s = 0.0
        self.report: Report | None = None
        self.formed_at: datetime | None = None

    async def run(self) -> None:
        """Keep the report new until cancelled."""
        try:
            await self._run()
        finally:
            self.memory.tick(datetime.now(UTC), ending=True)

    async def _run(self) -> None:
        forget_at = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(TICK_S):
                    await self.changed.wait()
                await asyncio.sleep(self._pause_s)
            except TimeoutError:
                pass
            self.changed.clear()
            if time.monotonic() >= forget_at:
                self._forget(datetime.now(UTC))
                forget_at = time.monotonic() + FORGET_S
            await self.newest()

    async def newest(self) -> Report:
        """Give a report of the fleet as it is now, or was a moment ago: many readers make it no more work than one."""
        async with self._forming:
            ticks = time.monotonic()
            if self.report is not None and ticks - self._looked_at < self._pause_s:
                return self.report
            self._looked_at = ticks
            now = self._now()
            silent = self._fleet.silent(now)
            if self.report is None or self._of_version != self._fleet.version or silent != self._silent:
                await self._form(now, silent)
            elif self.memory.is_behind():
                await asyncio.to_thread(self.memory.keep, self.report)
            assert self.report is not None
            self.report.at = now  # nothing has changed until now
            self.memory.tick(now)
            return self.report

    async def next(self, patience_s: float) -> None:
        """Wait for the next report, or until patience is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s), self.formed:
                await self.formed.wait()

    @property
    def _pause_s(self) -> float:
        return min(max(SOON_S, SHARE * self.took_s), MOST_PAUSE_S)

    async def _form(self, now: datetime, silent: frozenset[str]) -> None:
        started = time.perf_counter()
        version = self._fleet.version
        nodes, gone = self._fleet.news()
        report = await asyncio.to_thread(self._take, nodes, gone, now)  # the links go on meanwhile
        report.freshness = self.freshness() or msgspec.UNSET
        self.memory.note(report)
        self.report, self.formed_at = report, now
        self._of_version, self._silent = version, silent
        async with self.formed:
            self.formed.notify_all()
        await asyncio.to_thread(self.memory.keep, report)
        self.took_s = time.perf_counter() - started

    def _take(self, nodes: Sequence[Node], gone: Sequence[str], now: datetime) -> Report:
        """Bring the matrix up to date, and read it. Nobody else has it meanwhile: `_forming` is held."""
        for name in gone:
            self._matrix.drop(name)
        take(self._matrix, nodes)
        self._matrix.advance(now)
        return report_of(self._matrix, self.memory.opened)

    def _now(self) -> datetime:
        """Give the time, and put right what hangs on it where the clock has jumped."""
        (wall, ticks), now = self._clock, (datetime.now(UTC), time.monotonic())
        self._clock = now
        jump = now[0] - wall - timedelta(seconds=now[1] - ticks)
        if abs(jump.total_seconds()) > JUMP_S:
            log.warning("the clock of this machine has jumped by %.0f s", jump.total_seconds())
            self._fleet.shift(jump, now[0])
            self.memory.shift(jump)
            self._trusted_from = now[1] + TRUST_AFTER_S
        return now[0]

    def _forget(self, now: datetime) -> None:
        gone = self._fleet.forget(now - self._forget_after)
        if gone:
            log.info("not heard for %s, forgotten: %s", self._forget_after, ", ".join(gone))
        trusted = time.monotonic() >= self._trusted_from
        self._store.put(Forget(gone, now.timestamp(), self._keep_s if trusted else None))
