"""What a pull would leave behind if this process were killed: written down before the pull, undone at the next start.

One folder for each node name holds a lock, so that no two pulls run at once, and a file for each pull under way.
Whoever holds the lock is alone: every file that lies there then is a leftover.

Source: flock(2): the kernel releases a lock with the process that held it.
"""

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

AGAIN_S = 0.1  # between two tries for the lock


class Entry(msgspec.Struct, kw_only=True):
    """One pull under way.

    For CRI: its `socket`, the `names` that it may add and those that were there `before`; for podman: the `folders`
    that are its own.
    """

    runtime: str
    socket: str = ""
    names: list[str] = msgspec.field(default_factory=list)
    config_digest: str = ""
    before: list[str] = msgspec.field(default_factory=list)
    folders: list[str] = msgspec.field(default_factory=list)


class BusyError(Exception):
    """Another pull is under way on this node."""


def state_folder(node: str) -> Path:
    """Give where this node's entries lie: on disk, so that they outlive a container of the agent."""
    if os.geteuid() == 0:
        base = Path("/var/lib/pullscope")
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "pullscope"
    return base / node.replace("/", "_")


@contextlib.asynccontextmanager
async def alone(folder: Path, patience_s: float) -> AsyncIterator[None]:
    """Be the only one who pulls.

    Raises:
        BusyError: where another one still does when patience ends.
        OSError: where nothing can be written there.
    """
    ends_at = time.monotonic() + patience_s
    with _lock_of(folder) as lock:
        while not _take(lock.fileno()):
            if time.monotonic() >= ends_at:
                raise BusyError
            await asyncio.sleep(AGAIN_S)
        yield


def _lock_of(folder: Path) -> BinaryIO:
    folder.mkdir(parents=True, exist_ok=True)
    return folder.joinpath("lock").open("ab")


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write(folder: Path, entry: Entry) -> Path:
    """Write an entry so that it outlives a kill, and a loss of power. Raises `OSError`."""
    path = folder / f"pull-{time.time_ns()}.json"
    with path.open("xb") as file:
        file.write(msgspec.json.encode(entry))
        file.flush()
        os.fsync(file.fileno())
    parent = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
    return path


def entries(folder: Path) -> Iterator[tuple[Path, Entry | None]]:
    """Give every entry that lies there; none for one that was cut off: its pull had not begun."""
    for path in sorted(folder.glob("pull-*.json")):
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=Entry)
        except (OSError, msgspec.DecodeError):
            yield path, None
