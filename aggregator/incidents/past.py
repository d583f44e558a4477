"""What was said at a time, and which incidents were there since: read out of the store."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from agent.contract.report import IncidentRecord, Report
from aggregator.correlate.history import utc
from aggregator.incidents.delta import DeltaError
from aggregator.incidents.journal import restored
from aggregator.store.store import Store, StoreError

MOST_LISTED = 1_000  # incidents of one answer, the newest ones; a month of a fleet that has thirty a day

_SAID = """
WITH newest AS (SELECT number FROM said WHERE at <= ? ORDER BY at DESC, number DESC LIMIT 1),
     whole AS (SELECT number FROM said WHERE whole AND number <= (SELECT number FROM newest)
               ORDER BY number DESC LIMIT 1)
SELECT at, until, body FROM said
WHERE number BETWEEN (SELECT number FROM whole) AND (SELECT number FROM newest) ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A report of the past. `unheard`: no aggregator ran at the time asked for; this is the last one before."""

    report: Report
    unheard: bool = False


async def said_at(store: Store, moment: datetime) -> Said | None:
    """Give the report that was said at a time; none where the records do not reach back so far.

    Raises:
        StoreError: where it cannot be read.
    """
    rows = await store.look(_SAID, moment.timestamp())
    if not rows:
        return None
    until = datetime.fromtimestamp(rows[-1][1], UTC)
    try:
        return Said(restored([body for _, _, body in rows], min(moment, until)), unheard=moment > until)
    except DeltaError as error:
        raise StoreError(f"{store.path}: what was said then is damaged: {error}") from error


async def begins_at(store: Store) -> datetime | None:
    """Give when the records begin. Raises `StoreError`."""
    ((first,),) = await store.look("SELECT min(at) FROM said")
    return datetime.fromtimestamp(first, UTC) if first is not None else None


async def incidents_since(store: Store, moment: datetime, known: list[IncidentRecord]) -> list[IncidentRecord]:
    """Give the incidents that were open at some time since then, the one that began last first.

    Args:
        known: those in memory, which are newer than what the store has of them.

    Raises:
        StoreError: where they cannot be read.
    """
    rows = await store.look(
        "SELECT record FROM incident WHERE (cleared IS NULL OR cleared >= ?) AND record IS NOT NULL "
        "ORDER BY opened DESC LIMIT ?",
        moment.timestamp(),
        MOST_LISTED,
    )
    try:
        found = [msgspec.json.decode(text, type=IncidentRecord) for (text,) in rows]
    except msgspec.MsgspecError as error:
        raise StoreError(f"{store.path}: an incident is damaged: {error}") from error
    newest = {one.id: one for one in [*found, *known]}
    since = [one for one in newest.values() if one.until is None or utc(one.until) >= moment]
    return sorted(since, key=lambda one: (one.since, one.opened, one.id), reverse=True)[:MOST_LISTED]
