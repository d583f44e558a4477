"""What the aggregator remembers of its reports: incidents with their times, and what was said when.

Everything that is to be stored waits here while the store cannot be written, each incident once, and while the
`allowance` is used up; nothing is lost by that but the steps in between.
"""

import logging
import time
from datetime import UTC, datetime, timedelta

import msgspec

from agent.contract.causes import severity_of
from agent.contract.report import Finding, IncidentRecord, Report
from aggregator.correlate import Incident
from aggregator.correlate.history import utc
from aggregator.correlate.incident import LINGER_S
from aggregator.fleet import Fleet
from aggregator.incidents.allowance import Allowance
from aggregator.incidents.journal import MINOR_S, Journal
from aggregator.incidents.ledger import NAMES_KEPT, Kept, Ledger
from aggregator.incidents.seen import looks_at
from aggregator.store.past_writes import NotAfter, SaidUntil, SaidWrite
from aggregator.store.store import Store
from aggregator.store.writes import IncidentWrite

log = logging.getLogger(__name__)

REMIND_S = 30.0  # what goes on is noted this often: until then it is known to have lasted, whatever kills this process

_encoder = msgspec.json.Encoder()


class Memory:
    """Incidents and reports, in memory and in the store. Reads the store: made before it is started.

    Raises:
        StoreError: where the store cannot be read.
    """

    def __init__(self, fleet: Fleet, store: Store) -> None:
        now = datetime.now(UTC)
        self._fleet = fleet
        self._store = store
        self._ledger = Ledger(_load(store, now), now)
        self._allowance = Allowance()
        self._journal = Journal(self._allowance)
        self._waiting: dict[str, Kept] = {}
        self._findings: dict[str, Finding] = {}
        self._reminded_at = time.monotonic()
        self._said_at: datetime | None = None
        self._first = True
        self._behind = False
        self._tried_at = 0.0

    @property
    def opened(self) -> list[Incident]:
        """What the correlator is to know."""
        return self._ledger.opened

    @property
    def records(self) -> list[IncidentRecord]:
        """Incidents that are open, or were until a while ago, and those that wait to be written."""
        known = {one.record.id: one.record for one in self._waiting.values()}
        return list((known | {one.id: one for one in self._ledger.records}).values())

    @property
    def kept_bytes(self) -> int:
        """How much was written of it since the start."""
        return self._allowance.spent_bytes

    @property
    def left_out(self) -> int:
        """How many reports were not kept, because the past costs enough already."""
        return self._journal.left_out

    def note(self, report: Report) -> None:
        """Take a new report: bring the incidents up to date."""
        for one in self._ledger.take(report, looks_at(self._fleet.members)):
            self._waiting[one.record.id] = one
        self._findings = {finding.id: finding for finding in report.findings}
        self._said_at = self._in_order(utc(report.at))

    def is_behind(self) -> bool:
        """Whether something that was said is not kept yet, and it is time to try again."""
        return self._behind and time.monotonic() - self._tried_at > MINOR_S

    def keep(self, report: Report) -> None:
        """Keep what was said, if it is new. May take as long as forming the report: for a thread."""
        self._tried_at = time.monotonic()
        self._behind = bool(self._store.done.fault)
        if self._behind or self._said_at is None:
            return  # the next one that can be kept tells the sum
        entry = self._journal.take(report, self._tried_at)
        self._behind = entry is None and self._journal.behind
        if entry is not None:
            self._store.put(SaidWrite(self._said_at.timestamp(), entry.whole, entry.body, goes_on=not self._first))
            self._first = False

    def tick(self, now: datetime, *, ending: bool = False) -> None:
        """Write what waits, and now and then that it goes on."""
        ticks = time.monotonic()
        if self._store.done.fault and not ending:
            return
        if ending or ticks - self._reminded_at > REMIND_S:
            self._reminded_at = ticks
            if not self._first:
                self._store.put(SaidUntil(utc(now).timestamp()))
            for one in self._ledger.lasting:
                self._waiting.setdefault(one.record.id, one)
        for id_ in list(self._waiting):
            if not (ending or self._allowance.has(ticks)):
                return
            write = _write(self._waiting.pop(id_), self._findings.get(id_))
            self._allowance.spend(write.size_bytes)
            self._store.put(write)

    def shift(self, jump: timedelta) -> None:
        """Let the clock have jumped."""
        self._ledger.shift(jump)

    def _in_order(self, at: datetime) -> datetime:
        """Give the time of a report, and take back what was said later than now, by a clock that was ahead."""
        if self._said_at is None or at < self._said_at:
            self._store.put(NotAfter(at.timestamp()))
        return at


def _write(one: Kept, finding: Finding | None) -> IncidentWrite:
    record, incident = one.record, one.incident
    if finding is not None:
        finding = msgspec.structs.replace(finding, nodes=finding.nodes[:NAMES_KEPT], pods=finding.pods[:NAMES_KEPT])
    return IncidentWrite(
        id=record.id,
        opened=record.opened.timestamp(),
        last_seen=record.last_seen.timestamp(),
        cleared=record.until.timestamp() if record.until is not None else None,
        cause=record.cause,
        kind=record.subject.kind,
        value=record.subject.value,
        incident=_encoder.encode(incident),
        finding=_encoder.encode(finding) if finding is not None else None,
        record=_encoder.encode(record),
    )


def _load(store: Store, now: datetime) -> list[Kept]:
    """Read the incidents that are open, or were until a while ago. Raises `StoreError`."""
    recent = now.timestamp() - LINGER_S
    found = []
    for id_, cleared, incident, record in store.read(
        "SELECT id, cleared, incident, record FROM incident WHERE cleared IS NULL OR cleared > ?", recent
    ):
        try:
            known = msgspec.json.decode(incident, type=Incident)
            kept = msgspec.json.decode(record, type=IncidentRecord) if record else _of_old(known, cleared)
            found.append(Kept(known, kept))
        except msgspec.MsgspecError as error:
            log.warning("%s: the incident %s cannot be read: %s", store.path, id_, error)
    return found


def _of_old(one: Incident, cleared: float | None) -> IncidentRecord:
    """Make the record of an incident that a version without records has kept."""
    return IncidentRecord(
        id=one.id,
        cause=one.cause,
        severity=severity_of(one.cause),
        subject=one.subject,
        scope=one.scope or "nodes",
        state="confirmed" if cleared is None else "cleared",
        since=one.since or one.opened,
        opened=one.opened,
        confirmed=one.opened,
        until=datetime.fromtimestamp(cleared, UTC) if cleared is not None else None,
        last_seen=one.last_seen or one.opened,
        failing=0,
        observed=0,
    )
