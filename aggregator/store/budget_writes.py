"""What is written of the pull budget, so that a restart neither forgets a lease nor who waits.

Times are seconds of the budget's own clock (`aggregator.directives.clock`), not of the epoch.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeaseWrite:
    """A lease as it is now; `ended` is none while it is out. The newest of a lease is the right one."""

    id: str
    registry: str
    identity: str
    node: str
    pulls: int
    since: float
    granted: float
    until: float
    ended: float | None
    window_s: float
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Write it; nothing but its end changes afterwards."""
        connection.execute(
            "INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "pulls = excluded.pulls, ended = excluded.ended",
            (
                *(self.id, self.registry, self.identity, self.node, self.pulls, self.since),
                *(self.granted, self.until, self.ended, self.window_s),
            ),
        )


@dataclass(frozen=True, slots=True)
class TurnWrite:
    """A node's place in a line: it waits `since`, or with none it does not. `served`: it has had a turn."""

    node: str
    registry: str
    identity: str
    pulls: int
    since: float | None
    served: bool = False
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Write it; who had a turn once is remembered as that."""
        connection.execute(
            "INSERT INTO turn VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (node, registry) DO UPDATE SET "
            "identity = excluded.identity, pulls = excluded.pulls, since = excluded.since, "
            "served = max(served, excluded.served)",
            (self.node, self.registry, self.identity, self.pulls, self.since, self.served),
        )


@dataclass(frozen=True, slots=True)
class BudgetTick:
    """How late it is on the budget's clock; leases that are in use no more, and nodes that wait no more."""

    at: float
    free: Sequence[str] = ()
    tired: Sequence[tuple[str, str]] = ()
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Write the time, and delete the rest."""
        connection.execute(
            "INSERT INTO clock VALUES ('budget', ?) ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at)",
            (self.at,),
        )
        connection.executemany("DELETE FROM lease WHERE id = ?", [(id_,) for id_ in self.free])
        connection.executemany("UPDATE turn SET since = NULL WHERE node = ? AND registry = ?", self.tired)
