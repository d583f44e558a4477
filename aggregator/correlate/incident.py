"""What is remembered of a finding while its incident lasts, so that its id and its beginning stay."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from agent.contract.report import Finding, Report, Scope, Subject
from aggregator.correlate.history import utc

ID_DIGITS = 12  # hexadecimal: 48 bits, unique among all incidents that a cluster will ever have
LINGER_S = 600.0  # an incident that comes back within ten minutes is the same one: flapping opens one, not fifty


class Incident(msgspec.Struct, kw_only=True, frozen=True):
    """One incident: what it is (cause and subject), when it opened, since when it fails, when it was last seen."""

    id: str
    cause: str
    subject: Subject
    opened: datetime
    since: datetime | None = None
    last_seen: datetime | None = None
    scope: Scope | None = None


def id_of(cluster: str, cause: str, subject: Subject, opened: datetime) -> str:
    """Give the stable id of an incident."""
    text = "\n".join((cluster, cause, subject.kind, subject.value or "", utc(opened).isoformat()))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:ID_DIGITS]


def find(opened: Iterable[Incident], cause: str, subject: Subject) -> Incident | None:
    """Give the incident that a finding belongs to; of several the one that opened first."""
    same = (one for one in opened if one.cause == cause and one.subject == subject)
    return min(same, key=lambda one: (utc(one.opened), one.id), default=None)


def incidents(report: Report, opened: Sequence[Incident] = ()) -> list[Incident]:
    """Give what to remember after a report: its findings, and incidents that were over only a while ago."""
    now = [_of(finding, report.at, find(opened, finding.cause, finding.subject)) for finding in report.findings]
    still = {(one.cause, one.subject) for one in now}
    recent = utc(report.at) - timedelta(seconds=LINGER_S)
    over = [one for one in opened if (one.cause, one.subject) not in still]
    return now + [one for one in over if utc(one.last_seen or one.opened) >= recent]


def _of(finding: Finding, at: datetime, before: Incident | None) -> Incident:
    return Incident(
        id=finding.id,
        cause=finding.cause,
        subject=finding.subject,
        opened=before.opened if before else finding.since or at,
        since=finding.since,
        last_seen=at,
        scope=finding.scope,
    )
