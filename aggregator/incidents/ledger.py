"""When did each incident open, when was it confirmed, when was it over?

An incident is open from the first report that names it, confirmed when its failure was seen twice or stands for a
round, and cleared when a report names it no more. What comes back within ten minutes (`correlate.incident`) is the same
incident: its beginning stays, its end is taken back. One that came back twice comes and goes: it is `intermittent`, as
is one that the correlator calls so.

Cannot see: what became of a fault while no report was formed; it is over when that is seen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.contract.report import Finding, IncidentRecord, Report
from agent.contract.table import ROUND_S
from aggregator.correlate import Incident, incidents
from aggregator.correlate.history import utc
from aggregator.correlate.incident import LINGER_S

RETURNS = 2  # coming back once may be a fix that did not hold; twice within minutes each is flapping
NAMES_KEPT = 50  # of the nodes of an incident; the report of that time names all


@dataclass(slots=True)
class Kept:
    """An incident: what the correlator remembers of it, and its record."""

    incident: Incident
    record: IncidentRecord


@dataclass(frozen=True, slots=True)
class Looks:
    """What the nodes' own answers tell of a finding: whether a failure was seen twice, and when it began last."""

    seen_twice: Callable[[Finding], bool]
    began: Callable[[Finding], datetime | None]


class Ledger:
    """The incidents that are open, or were until a while ago.

    Args:
        kept: as an earlier process left them.
        now: what is open lasts until now at least; the time without an aggregator is no pause of an incident.
    """

    def __init__(self, kept: Iterable[Kept], now: datetime) -> None:
        self._kept: dict[str, Kept] = {}
        for one in kept:
            if one.record.until is None:
                one.incident = _with(one.incident, last_seen=now)
            self._kept[one.incident.id] = one

    @property
    def opened(self) -> list[Incident]:
        """What the correlator is to know: it gives back the same id and beginning."""
        return [one.incident for one in self._kept.values()]

    @property
    def records(self) -> list[IncidentRecord]:
        """The records of the same incidents."""
        return [one.record for one in self._kept.values()]

    @property
    def lasting(self) -> list[Kept]:
        """What is open."""
        return [one for one in self._kept.values() if one.record.until is None]

    def take(self, report: Report, looks: Looks) -> list[Kept]:
        """Take a new report, and give what changed in a way that is to be stored.

        A finding whose incident came back again and again is marked `intermittent` in the report, too.
        """
        at = utc(report.at)
        before = {one.id: _not_after(one, at) for one in self.opened}
        findings = {finding.id: finding for finding in report.findings}
        changed = []
        still: dict[str, Kept] = {}
        for incident in incidents(report, list(before.values())):
            finding = findings.get(incident.id)
            kept = self._kept.pop(incident.id, None)
            if finding is not None:
                one = still[incident.id] = Kept(incident, _record(finding, kept, at, looks))
                if kept is None or _differs(kept.record, one.record):
                    changed.append(one)
            elif kept is not None:
                still[incident.id] = kept
                kept.incident = incident
                changed += [kept] if _clear(kept.record, at) else []
        for gone in self._kept.values():  # its time is over; none stays open for want of somebody who closes it
            changed += [gone] if _clear(gone.record, at) else []
        self._kept = still
        return changed

    def shift(self, jump: timedelta) -> None:
        """Let the clock have jumped: how long ago an incident was seen last stays."""
        for one in self._kept.values():
            one.incident = _with(one.incident, last_seen=_moved(one.incident.last_seen, jump))


def _record(finding: Finding, kept: Kept | None, at: datetime, looks: Looks) -> IncidentRecord:
    """Give the record of an incident that stands in the report."""
    before = kept.record if kept is not None else None
    opened = min(utc(before.opened), at) if before is not None else at
    returns, returned = (before.returns, before.returned) if before is not None else (0, None)
    if before is not None and before.until is not None:
        began = looks.began(finding)
        if began is not None and utc(began) > (returned or opened):  # it was good in between, not merely unheard
            returns, returned = returns + 1, at
    flaps = returns >= RETURNS and returned is not None and at - utc(returned) <= timedelta(seconds=LINGER_S)
    finding.intermittent = finding.intermittent or flaps
    confirmed = min(utc(before.confirmed), at) if before is not None and before.confirmed is not None else None
    if confirmed is None and (at - opened >= timedelta(seconds=ROUND_S) or looks.seen_twice(finding)):
        confirmed = at
    return IncidentRecord(
        id=finding.id,
        cause=finding.cause,
        severity=finding.severity,
        subject=finding.subject,
        scope=finding.scope,
        group=finding.group,
        state="confirmed" if confirmed is not None else "open",
        since=_beginning(finding, before, at),
        opened=opened,
        confirmed=confirmed,
        last_seen=at,
        intermittent=finding.intermittent or (before is not None and before.intermittent),
        returns=returns,
        returned=returned,
        nodes=finding.nodes[:NAMES_KEPT],
        failing=finding.failing,
        observed=finding.observed,
    )


def _beginning(finding: Finding, before: IncidentRecord | None, at: datetime) -> datetime:
    times = [at, *(utc(one) for one in (finding.since, before.since if before is not None else None) if one)]
    return min(times)


def _clear(record: IncidentRecord, at: datetime) -> bool:
    """Note the end, once; it is never before the beginning, whatever the clock did."""
    if record.until is not None:
        return False
    record.state, record.until = "cleared", max(at, utc(record.since))
    return True


def _differs(before: IncidentRecord, now: IncidentRecord) -> bool:
    """Whether there is more to store than that it goes on."""
    return _gist(before) != _gist(now)


def _gist(record: IncidentRecord) -> object:
    return record.state, record.since, record.until, record.scope, record.group, record.intermittent, record.returns


def _not_after(one: Incident, at: datetime) -> Incident:
    """Take back times that lie ahead: the clock was put back."""
    if utc(one.opened) <= at and (one.last_seen is None or utc(one.last_seen) <= at):
        return one
    return _with(one, opened=min(utc(one.opened), at), last_seen=min(utc(one.last_seen or at), at))


def _moved(moment: datetime | None, jump: timedelta) -> datetime | None:
    try:
        return utc(moment) + jump if moment is not None else None
    except OverflowError:  # a jump to the end of time
        return moment


def _with(one: Incident, opened: datetime | None = None, last_seen: datetime | None = None) -> Incident:
    return Incident(
        id=one.id,
        cause=one.cause,
        subject=one.subject,
        opened=opened or one.opened,
        since=one.since,
        last_seen=last_seen or one.last_seen,
        scope=one.scope,
    )
