"""Which process listens on a Unix socket of the node, and what it was started with.

Cannot see: a listener of another PID namespace (its process number is 0 here), and whether one that accepts also
answers: that is the `runtime` check's question.

Source: unix(7), SO_PEERCRED; proc(5).
"""

import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CONNECT_S = 0.2  # a listener of this machine accepts at once; one whose queue is full is alive, and busy
SUN_PATH_BYTES = 107  # longer paths do not fit into sockaddr_un

State = Literal["absent", "dead", "alive", "forbidden"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A listener: whether it accepts, and its process where that can be seen. `environ` may hold secrets."""

    state: State
    pid: int | None = None
    program: str = ""
    arguments: tuple[str, ...] = ()
    environ: Mapping[str, str] | None = field(default=None, repr=False)

    def option(self, *names: str) -> str | None:
        """Give the value of a command line option: `--config X`, `--config=X`, `-c X`; the last one counts."""
        value = None
        for place, argument in enumerate(self.arguments):
            name, equals, rest = argument.partition("=")
            if name in names:
                following = self.arguments[place + 1] if place + 1 < len(self.arguments) else None
                value = rest if equals else following
        return value


def peer(path: Path) -> Peer:
    """Connect to the socket at `path` on this machine, ask who is there, and hang up."""
    try:
        path.lstat()
    except OSError as error:
        return Peer("forbidden" if isinstance(error, PermissionError) else "absent")
    try:
        with connect(path) as connection:
            pid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    except PermissionError:
        return Peer("forbidden")
    except (TimeoutError, BlockingIOError):
        return Peer("alive")
    except OSError:
        return Peer("dead")
    return Peer("alive", *_process(pid)) if pid > 0 else Peer("alive")


def connect(path: Path) -> socket.socket:
    """Open a blocking connection to a Unix socket, however long its path is. Raises `OSError`."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(CONNECT_S)
        if len(os.fsencode(path)) <= SUN_PATH_BYTES:
            connection.connect(str(path))
            return connection
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)
    except BaseException:
        connection.close()
        raise
    return connection


def _process(pid: int) -> tuple[int, str, tuple[str, ...], Mapping[str, str] | None]:
    folder = Path("/proc", str(pid))
    try:
        program = folder.joinpath("comm").read_text().strip()
        arguments = tuple(folder.joinpath("cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0"))
    except OSError:
        return pid, "", (), None
    try:
        raw = folder.joinpath("environ").read_bytes()
    except OSError:
        return pid, program, arguments, None
    pairs = (entry.partition("=") for entry in raw.decode(errors="replace").split("\0") if "=" in entry)
    return pid, program, arguments, {name: value for name, _, value in pairs}
