"""What is written of the reports that were said: each behind the one before."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SaidWrite:
    """A report that was said from `at` on: whole, or as the difference to the one before.

    `goes_on`: the one before was said until then; else nobody was there to say anything.
    """

    at: float
    whole: bool
    body: bytes
    goes_on: bool = False
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Put it behind the others."""
        if self.goes_on:
            SaidUntil(self.at).write(connection)
        connection.execute(
            "INSERT INTO said (at, until, whole, body) VALUES (?, ?, ?, ?)", (self.at, self.at, self.whole, self.body)
        )


@dataclass(frozen=True, slots=True)
class SaidUntil:
    """The newest report of the past was said until `at`, at least."""

    at: float
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Note it."""
        connection.execute(
            "UPDATE said SET until = ? WHERE number = (SELECT max(number) FROM said) AND until < ?", (self.at, self.at)
        )


@dataclass(frozen=True, slots=True)
class NotAfter:
    """The clock was put back to `at`: nothing was said later than that, and the order in which it was said stays."""

    at: float
    committed: Callable[[], None] | None = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Take back the times that lie ahead."""
        connection.execute("UPDATE said SET at = ?, until = ? WHERE at > ?", (self.at,) * 3)
        connection.execute(
            "UPDATE said SET until = min(until, ?) WHERE number = "
            "(SELECT number FROM said WHERE at <= ? ORDER BY at DESC, number DESC LIMIT 1)",
            (self.at, self.at),
        )
