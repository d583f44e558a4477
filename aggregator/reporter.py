"""The newest report: formed soon after the fleet has changed, and when a node falls silent.

A report is a pure function of the fleet and the open incidents (`aggregator.correlate`), whose matrix is kept and
changed node by node; here is when that is done, and what is remembered of it: incidents keep their id and their
beginning over a restart of this process.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from agent.contract.report import Finding, Node, Report
from aggregator.correlate import Incident, Matrix, incidents, report_of, take
from aggregator.fleet import Fleet
from aggregator.store.store import Store
from aggregator.store.writes import Forget, IncidentWrite

log = logging.getLogger(__name__)

SOON_S = 0.2  # reports of many agents come together: one report of the fleet for all of them
TICK_S = 0.5  # silence is nothing that happens: it is looked for this often
SHARE = 4  # forming the report takes at most a fifth of the time: after each, four times as long is waited
REMIND_S = 30.0  # an incident that goes on is written again after this, for its `last_seen`
LINGER = timedelta(minutes=10)  # incidents that cleared so lately are still the correlator's to take up again
FORGET_S = 600.0  # how often the fleet is looked through for nodes that have left

_encoder = msgspec.json.Encoder()


class Reporter:
    """Forms the report and keeps it."""

    def __init__(self, fleet: Fleet, store: Store, forget_after_s: float) -> None:
        self._fleet = fleet
        self._store = store
        self._matrix = Matrix(fleet.cluster)
        self._forget_after = timedelta(seconds=forget_after_s)
        self._forming = asyncio.Lock()
        self._of_version = -1
        self._silent: frozenset[str] = frozenset()
        self._open = _load(store)
        self._written: dict[str, tuple[Incident, float]] = {}
        self._shown: set[str] = {one.id for one in self._open}
        self.changed = asyncio.Event()
        self.formed = asyncio.Condition()
        self.took_s = 0.0
        self.report: Report | None = None

    async def run(self) -> None:
        """Keep the report new until cancelled."""
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
            now = datetime.now(UTC)
            if self.report is not None and now - self.report.at < timedelta(seconds=self._pause_s):
                return self.report
            silent = self._fleet.silent(now)
            if self.report is None or self._of_version != self._fleet.version or silent != self._silent:
                await self._form(now, silent)
            assert self.report is not None
            self.report.at = now  # nothing has changed until now
            return self.report

    async def next(self, patience_s: float) -> None:
        """Wait for the next report, or until patience is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s), self.formed:
                await self.formed.wait()

    @property
    def _pause_s(self) -> float:
        return max(SOON_S, SHARE * self.took_s)

    async def _form(self, now: datetime, silent: frozenset[str]) -> None:
        started = time.perf_counter()
        version = self._fleet.version
        nodes, gone = self._fleet.news()
        self.report = await asyncio.to_thread(self._take, nodes, gone, now)  # the links go on meanwhile
        self._of_version, self._silent = version, silent
        self.took_s = time.perf_counter() - started
        self._remember(self.report)
        async with self.formed:
            self.formed.notify_all()

    def _take(self, nodes: Sequence[Node], gone: Sequence[str], now: datetime) -> Report:
        """Bring the matrix up to date, and read it. Nobody else has it meanwhile: `_forming` is held."""
        for name in gone:
            self._matrix.drop(name)
        take(self._matrix, nodes)
        self._matrix.advance(now)
        return report_of(self._matrix, self._open)

    def _remember(self, report: Report) -> None:
        """Keep the incidents: new ones, those that ended, and now and then those that go on."""
        self._open = incidents(report, self._open)
        findings = {finding.id: finding for finding in report.findings}
        now = time.monotonic()
        for one in self._open:
            finding = findings.get(one.id)
            before, written_at = self._written.get(one.id, (None, 0.0))
            if finding is None:
                if one.id in self._shown:
                    self._shown.discard(one.id)
                    self._store.put(_write(one, None, report.at))
            elif one.id not in self._shown or before is None or _differs(before, one) or now - written_at > REMIND_S:
                self._shown.add(one.id)
                self._written[one.id] = (one, now)
                self._store.put(_write(one, finding, None))
        kept = {one.id for one in self._open}
        self._written = {id_: written for id_, written in self._written.items() if id_ in kept}

    def _forget(self, now: datetime) -> None:
        gone = self._fleet.forget(now - self._forget_after)
        if gone:
            log.info("not heard for %s, forgotten: %s", self._forget_after, ", ".join(gone))
        self._store.put(Forget(gone, now.timestamp()))


def _differs(before: Incident, one: Incident) -> bool:
    return (before.scope, before.since) != (one.scope, one.since)


def _write(one: Incident, finding: Finding | None, cleared: datetime | None) -> IncidentWrite:
    return IncidentWrite(
        id=one.id,
        opened=one.opened.timestamp(),
        last_seen=(one.last_seen or one.opened).timestamp(),
        cleared=cleared.timestamp() if cleared else None,
        cause=one.cause,
        kind=one.subject.kind,
        value=one.subject.value,
        incident=_encoder.encode(one),
        finding=_encoder.encode(finding) if finding is not None else None,
    )


def _load(store: Store) -> list[Incident]:
    """Read the incidents that are open, or were until a while ago. Raises `StoreError`."""
    recent = (datetime.now(UTC) - LINGER).timestamp()
    rows = store.read("SELECT incident FROM incident WHERE cleared IS NULL OR cleared > ?", recent)
    found = []
    for (text,) in rows:
        try:
            found.append(msgspec.json.decode(text, type=Incident))
        except msgspec.MsgspecError as error:
            log.warning("%s: an incident cannot be read: %s", store.path, error)
    return found
