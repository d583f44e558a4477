"""The store: read once at the start, then written by one thread, a transaction for all that waits.

The longer a commit takes, the more reports the next one carries. What cannot be written is kept and tried again:
nothing is acked before it is on the disk, and the agents keep what is not acked.
"""

import asyncio
import contextlib
import logging
import os
import queue
import sqlite3
import threading
import time
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.store.database import BUSY_S, StoreError, lock, open_database
from aggregator.store.room import make_room, size_of
from aggregator.store.writes import NodeWrite, Write

__all__ = ["Store", "StoreError"]

log = logging.getLogger(__name__)

BATCH_AT_MOST = 2000  # writes in one transaction: some tens of megabytes in memory, and a commit of under a second
GATHER_S = 0.0005  # waited for more before a commit: costs nobody anything, and halves the commits of a busy fleet
IN_MEMORY = ":memory:"
NO_ROOM_S = 60.0  # where nothing is left to delete, it is looked at again after so long
TRY_AGAIN_S = 1.0  # a disk that is full stays so for longer, and a commit that fails costs little


@dataclass(slots=True)
class Commits:
    """What the thread has done so far."""

    commits: int = 0
    writes: int = 0
    seconds: float = 0.0
    fault: str = ""  # why nothing can be written now
    size_bytes: int = 0  # of the file


class Store:
    """An open store.

    Args:
        path: the SQLite file, or `:memory:`.
        at_most_bytes: the oldest of the past goes before the file is larger; none: it may grow.

    Raises:
        StoreError: where it cannot be used.
    """

    def __init__(self, path: str, at_most_bytes: int | None = None) -> None:
        self.path = path
        self._at_most_bytes = at_most_bytes
        self._no_room_until = 0.0
        self.done = Commits()
        self._lock = lock(path)
        try:
            self._connection = open_database(path)
        except StoreError:
            self._unlock()
            raise
        self._waiting: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()  # nobody waits for more, or to try again, when the end is asked for
        self._loop: asyncio.AbstractEventLoop | None = None

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read rows; before `start` only.

        Raises:
            StoreError: where the file is damaged.
        """
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: is damaged: {error}") from error

    async def look(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read rows that are committed, while the writer writes.

        Raises:
            StoreError: where they cannot be read.
        """
        return await asyncio.to_thread(self._look, statement, values)

    def _look(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            if self.path == IN_MEMORY:  # nobody else can see it; SQLite lets one caller in at a time
                return self._connection.execute(statement, values).fetchall()
            uri = f"file:{urllib.parse.quote(self.path)}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as reading:
                return reading.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: cannot be read: {error}") from error

    def start(self) -> None:
        """Start the writer; what it committed is told in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    def put(self, write: Write) -> None:
        """Take something to write; returns at once."""
        self._waiting.put(write)

    @property
    def waiting(self) -> int:
        """How many writes wait."""
        return self._waiting.qsize()

    async def close(self) -> None:
        """Write what waits, if that is possible, and close the file."""
        if self._thread is not None:
            self._waiting.put(None)
            self._ending.set()
            await asyncio.to_thread(self._thread.join)
        self._connection.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _work(self) -> None:
        """Write until told to end."""
        ending = False
        while not ending:
            batch, ending = self._batch()
            while batch and not self._commit(batch):
                if ending or self._ending.is_set():
                    return
                self._ending.wait(TRY_AGAIN_S)
                ending = self._take_more(batch)

    def _batch(self) -> tuple[list[Write], bool]:
        first = self._waiting.get()
        if first is None:
            return [], True
        batch = [first]
        self._ending.wait(GATHER_S)
        return batch, self._take_more(batch)

    def _take_more(self, batch: list[Write]) -> bool:
        """Add what else waits; tell whether the end was asked for."""
        while len(batch) < BATCH_AT_MOST:
            try:
                write = self._waiting.get_nowait()
            except queue.Empty:
                return False
            if write is None:
                return True
            batch.append(write)
        return False

    def _commit(self, batch: Sequence[Write]) -> bool:
        started = time.perf_counter()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for write in _without_older(batch):
                write.write(self._connection)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if not self.done.fault:
                log.error("%s: cannot be written: %s; nothing is acked until it can", self.path, error)
            self.done.fault = str(error)
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return False
        if self.done.fault:
            log.warning("%s: can be written again", self.path)
        self.done.fault = ""
        self.done.commits += 1
        self.done.writes += len(batch)
        self.done.seconds += time.perf_counter() - started
        self._tell([write.committed for write in batch if write.committed is not None])
        self._keep_small()
        return True

    def _keep_small(self) -> None:
        """Keep the file below its bound. What cannot be deleted now is so later: nothing that came hangs on it."""
        try:
            bound = self._at_most_bytes if time.monotonic() >= self._no_room_until else None
            if bound is not None and not make_room(self._connection, bound):
                log.warning("%s: what nodes said last needs more than %d bytes", self.path, bound)
                self._no_room_until = time.monotonic() + NO_ROOM_S
            self.done.size_bytes = size_of(self._connection)
        except sqlite3.Error as error:
            log.warning("%s: the past cannot be deleted now: %s", self.path, error)
            self._no_room_until = time.monotonic() + NO_ROOM_S
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _tell(self, listeners: list[Callable[[], None]]) -> None:
        def tell() -> None:
            for listener in listeners:
                listener()

        if listeners and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for the answer
                self._loop.call_soon_threadsafe(tell)


def _without_older(batch: Sequence[Write]) -> Sequence[Write]:
    """Leave out results of a node that a later write of the same batch replaces."""
    newest: set[str] = set()
    for write in reversed(batch):
        if isinstance(write, NodeWrite) and write.results is not None:
            if write.name in newest:
                write.results = None
            newest.add(write.name)
    return batch
