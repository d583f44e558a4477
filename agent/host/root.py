"""The tree that holds the node's files: `/` on the node itself, `/host` in the DaemonSet.

Absolute symbolic links resolve inside the root, as they would for the node itself.
"""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

THIS_MACHINE = Path("/")
MAX_LINKS = 40  # as the kernel: more is a loop
MAX_FILE_BYTES = 8 * 1024 * 1024  # a configuration file or a CA bundle; more is a mistake and would fill the agent


class HostFileError(Exception):
    """A file of the node cannot be used: `path` as the node names it, `why` in words.

    `forbidden` tells that it is this process that may not read it, which says nothing about the node.
    """

    def __init__(self, path: str, why: str, *, forbidden: bool = False) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why
        self.forbidden = forbidden


@dataclass(frozen=True, slots=True)
class Root:
    """A tree of node files. Paths that go in and come out are the node's own: absolute, without the root."""

    path: Path = Path("/")

    @property
    def is_this_machine(self) -> bool:
        """Whether programs of this machine may speak for the node."""
        return self.path == THIS_MACHINE

    def real(self, path: str) -> Path:
        """Give where the node's `path` lies on this machine, links resolved inside the root.

        Raises:
            HostFileError: on a loop of links.
        """
        return Path(self._real(path))

    def _real(self, path: str) -> str:
        """Resolve in plain text: a round asks for a hundred files, and a Path costs more than asking the kernel."""
        if self.is_this_machine:
            return path
        top = str(self.path)
        todo = _steps(path)
        done: list[str] = []
        links = 0
        absent = False  # nothing lies below what is not there, so nothing of it need be asked
        while todo:
            part = todo.pop()
            if part == "..":
                done = done[:-1]
                absent = False
                continue
            done.append(part)
            if absent:
                continue
            try:
                target = os.readlink("/".join((top, *done)))  # noqa: PTH115 - see above
            except OSError as error:
                absent = error.errno == errno.ENOENT
                continue
            links += 1
            if links > MAX_LINKS:
                raise HostFileError(path, "too many levels of symbolic links")
            done = [] if target.startswith("/") else done[:-1]
            todo.extend(_steps(target))
        return "/".join((top, *done))

    def exists(self, path: str) -> bool:
        """Tell whether the node has something at `path` that this process can see."""
        try:
            return os.path.exists(self._real(path))  # noqa: PTH110 - see _real
        except (HostFileError, OSError):
            return False

    def read_bytes(self, path: str) -> bytes:
        """Read a file of the node.

        Raises:
            FileNotFoundError: where there is none: the caller knows what that means.
            HostFileError: where there is one that cannot be read.
        """
        try:
            content = _read(self._real(path), path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FileNotFoundError(path) from error
        except PermissionError as error:
            raise HostFileError(path, "may not be read by this process", forbidden=True) from error
        except OSError as error:
            raise HostFileError(path, error.strerror or str(error)) from error
        if len(content) > MAX_FILE_BYTES:
            raise HostFileError(path, f"is larger than {MAX_FILE_BYTES} bytes")
        return content

    def read_text(self, path: str) -> str:
        """Read a text file of the node; bytes that are no UTF-8 are replaced. Raises as `read_bytes`."""
        return self.read_bytes(path).decode("utf-8", errors="replace")

    def list(self, path: str) -> list[str]:
        """Give the sorted names in a directory of the node; empty where there is none.

        Raises:
            HostFileError: where there is one that cannot be read.
        """
        try:
            return sorted(entry.name for entry in self.real(path).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except PermissionError as error:
            raise HostFileError(path, "may not be read by this process", forbidden=True) from error
        except OSError as error:
            raise HostFileError(path, error.strerror or str(error)) from error


def _steps(path: str) -> list[str]:
    """Give the parts of a path, the last one first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _read(real: str, path: str) -> bytes:
    descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a named pipe must not hold us
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HostFileError(path, "is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)
