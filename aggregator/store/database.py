"""Opening the file: ours or nobody's, whole, of a version that we know, and ours alone.

The journal is a WAL, so that a process that is killed loses nothing that was committed; `synchronous=FULL` flushes it
with each commit, so that an ack also outlives a power cut. One commit carries the reports of all agents that wait, so
the flush is paid once for all of them.
"""

import fcntl
import os
import sqlite3
from pathlib import Path

from aggregator.store.schema import STEPS

APPLICATION_ID = 0x50554C53  # "PULS": tells our files from others'
INCREMENTAL = 2  # of `PRAGMA auto_vacuum`
JOURNAL_BYTES = 8_388_608  # what a WAL is cut back to: twice what it has when SQLite moves it into the file
BUSY_S = 5.0  # a person who reads the file with sqlite3 may hold it up for so long


class StoreError(Exception):
    """The file cannot be used as a store. The message is one line with its path."""


def open_database(path: str) -> sqlite3.Connection:
    """Open the file, or make it, and bring its tables up to date. The caller may use it from any one thread.

    Raises:
        StoreError: where it is damaged, another program's, newer than this version, or cannot be written.
    """
    try:
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be opened: {_why(path, error)}") from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"{path}: cannot be used as a store: {_why(path, error)}") from error
    except StoreError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise StoreError(f"{path}: is another program's database")
    if version > len(STEPS):
        raise StoreError(f"{path}: is of version {version}, this aggregator reads up to {len(STEPS)}")
    _let_it_shrink(connection, bool(tables))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA journal_size_limit={JOURNAL_BYTES}")
    if version < len(STEPS):  # else nothing is written: a full disk is no reason not to start
        connection.execute("BEGIN IMMEDIATE")
        for number in range(version, len(STEPS)):
            for statement in STEPS[number]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={len(STEPS)}")
        connection.execute("COMMIT")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreError(f"{path}: is damaged: {str(verdict).splitlines()[-1]}")


def _let_it_shrink(connection: sqlite3.Connection, used: bool) -> None:
    """Let pages that become free be given back; a file of an older version is written anew once for that."""
    (mode,) = connection.execute("PRAGMA auto_vacuum").fetchone()
    if mode == INCREMENTAL:
        return
    connection.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")
    if used:
        connection.execute("VACUUM")


def lock(path: str) -> int | None:
    """Keep other aggregators off the file; give what holds the lock until it is closed, none for a store in memory.

    A file of its own is locked: SQLite's locks on the database would be lost when this one is closed.

    Raises:
        StoreError: where another process has it, or it cannot be made.
    """
    if path == ":memory:":
        return None
    try:
        held = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(held)
        raise StoreError(f"{path}: another aggregator uses it") from error
    return held


def _why(path: str, error: sqlite3.Error) -> str:
    folder = Path(path).parent
    if not folder.is_dir():
        return f"there is no directory {folder}"
    return str(error)
