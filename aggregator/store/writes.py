"""What can be written: each kind knows its own statements. Several of one transaction come as a list, in order."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

KEEP_S = 30 * 86_400.0  # changes and incidents that are over: a month answers "since when" of most people


class Write(Protocol):
    """One thing to write."""

    @property
    def committed(self) -> Callable[[], None] | None:
        """Called in the event loop when it is on the disk."""

    def write(self, connection: sqlite3.Connection) -> None:
        """Execute the statements inside the transaction that is open."""


@dataclass(frozen=True, slots=True)
class Change:
    """One state that a check on a target took; `position` counts within the report that told it."""

    position: int
    at: float
    check: str
    target: str
    status: str
    cause: str | None
    detail: str

    @property
    def state(self) -> tuple[str, str | None, str]:
        """What became of the target."""
        return self.status, self.cause, self.detail


@dataclass(slots=True)
class NodeWrite:
    """A node as a report left it. `results`: all of them as JSON; none where the report changed none."""

    name: str
    boot: str
    seq: int
    last_seen: float
    interval_s: float
    facts: bytes
    whole: bool
    results: bytes | None = None
    changes: Sequence[Change] = ()
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Write the node, its results, and what changed; the same report again changes nothing."""
        connection.execute(
            "INSERT INTO node VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET boot = excluded.boot, "
            "seq = excluded.seq, last_seen = excluded.last_seen, interval_s = excluded.interval_s, "
            "facts = excluded.facts, whole = excluded.whole",
            (self.name, self.boot, self.seq, self.last_seen, self.interval_s, self.facts.decode(), self.whole),
        )
        if self.results is not None:
            connection.execute(
                "INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET results = excluded.results",
                (self.name, self.results.decode()),
            )
        if self.changes:
            connection.executemany(
                "INSERT OR IGNORE INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (self.name, self.boot, self.seq, one.position, one.at, one.check, one.target, *one.state)
                    for one in self.changes
                ],
            )


@dataclass(frozen=True, slots=True)
class IncidentWrite:
    """An incident with its newest finding; `cleared` is none while it lasts, `finding` is none when it is over.

    `record` is what a reader gets of it.
    """

    id: str
    cause: str
    kind: str
    value: str | None
    opened: float
    last_seen: float
    cleared: float | None
    incident: bytes
    finding: bytes | None
    record: bytes | None = None
    committed: Callable[[], None] | None = None

    @property
    def size_bytes(self) -> int:
        """How much it is."""
        return len(self.incident) + len(self.finding or b"") + len(self.record or b"")

    def write(self, connection: sqlite3.Connection) -> None:
        """Open it, or bring it up to date; the last finding of one that is over stays."""
        finding = self.finding.decode() if self.finding is not None else None
        connection.execute(
            "INSERT INTO incident VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "opened = excluded.opened, last_seen = excluded.last_seen, cleared = excluded.cleared, "
            "incident = excluded.incident, finding = coalesce(excluded.finding, finding), record = excluded.record",
            (
                *(self.id, self.cause, self.kind, self.value, self.opened, self.last_seen, self.cleared),
                *(self.incident.decode(), finding, self.record.decode() if self.record is not None else None),
            ),
        )


@dataclass(frozen=True, slots=True)
class Forget:
    """Nodes that have left the fleet, and what is older than `keep_s` before `now`; none: nothing is too old."""

    nodes: Sequence[str]
    now: float
    keep_s: float | None = KEEP_S
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Delete it."""
        for name in self.nodes:
            connection.execute("DELETE FROM node WHERE name = ?", (name,))
            connection.execute("DELETE FROM state WHERE name = ?", (name,))
        if self.keep_s is not None:
            forget_before(connection, self.now - self.keep_s)


def forget_before(connection: sqlite3.Connection, moment: float) -> None:
    """Delete the past before a moment, as far as nothing that stays is told as a difference to it."""
    connection.execute("DELETE FROM change WHERE at < ?", (moment,))
    connection.execute("DELETE FROM incident WHERE cleared < ?", (moment,))
    connection.execute(
        "DELETE FROM said WHERE number < "
        "(SELECT number FROM said WHERE whole AND at <= ? ORDER BY at DESC, number DESC LIMIT 1)",
        (moment,),
    )
