"""Does the file stay below its bound? The oldest of the past goes first, and its pages are given back.

Nodes and what they said last are never deleted: a bound below that cannot be kept, and is said to be so.
"""

import sqlite3

from aggregator.store.database import JOURNAL_BYTES
from aggregator.store.writes import forget_before

STEPS_OF_THE_PAST = 50  # what goes at once is a fiftieth of all: under a second's work, in which nothing is acked
GIVE_BACK_PAGES = 2_000  # in one step: 8 MB to move at most
SHARE = 0.9  # of the bound; a commit adds some megabytes at most before this is looked at again


def size_of(connection: sqlite3.Connection) -> int:
    """Give how many bytes the file has, what still stands in the journal included."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return int(pages * _page_bytes(connection))


def make_room(connection: sqlite3.Connection, at_most_bytes: int) -> bool:
    """Delete what is oldest until the file is below its bound; tell whether that was possible.

    Raises:
        sqlite3.Error: as statements do.
    """
    target = int(SHARE * at_most_bytes) - 2 * JOURNAL_BYTES
    while size_of(connection) > target:
        if not _give_back(connection) and not _forget_oldest(connection):
            return False
    return True


def _give_back(connection: sqlite3.Connection) -> bool:
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    if free:
        connection.executescript(f"PRAGMA incremental_vacuum({GIVE_BACK_PAGES})")  # `execute` ends after its first page
    return bool(free)


def _forget_oldest(connection: sqlite3.Connection) -> bool:
    """Delete the oldest part of the past that sets a page free; tell whether there was any."""
    first, last = connection.execute(
        "SELECT min(first), max(last) FROM (SELECT min(at) AS first, max(at) AS last FROM said"
        " UNION ALL SELECT min(at), max(at) FROM change UNION ALL SELECT min(cleared), max(cleared) FROM incident)"
    ).fetchone()
    if first is None:
        return False
    for step in range(1, STEPS_OF_THE_PAST + 1):
        connection.execute("BEGIN IMMEDIATE")
        forget_before(connection, first + (last - first) * step / STEPS_OF_THE_PAST)
        connection.execute("COMMIT")
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        if free:
            return True
    return False


def _page_bytes(connection: sqlite3.Connection) -> int:
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(size)
