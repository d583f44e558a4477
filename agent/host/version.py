"""Which version of a runtime is running?

The meaning of a configuration file follows it. Asked over the runtime's own socket, once in a daemon's life: a version
does not change before the process does.

Cannot see: the version of a runtime that does not answer within a moment; the `runtime` check waits longer.

Source: CRI, runtime.v1.RuntimeService/Version; Docker's and podman's `GET /version`; `podman --version`.
"""

import os
import re
import subprocess
from pathlib import Path

from agent.host import grpc
from agent.host.peer import CONNECT_S, connect

CRI_VERSION = "/runtime.v1.RuntimeService/Version"
_RUNTIME_VERSION = 3  # the field of VersionResponse
_NUMBER = re.compile(r"v?(\d+(?:\.\d+)+(?:[-+][0-9A-Za-z.-]+)?)")

_known: dict[tuple[str, object], str] = {}


def short(text: str) -> str | None:
    """Give `1.6.20` of `v1.6.20~ds1` or of `podman version 1.6.20`; none where no version is in the text."""
    found = _NUMBER.search(text)
    return found[1] if found else None


def of_socket(path: Path, pid: int | None, *, http: bool = False) -> str | None:
    """Ask the daemon behind a socket; `http` for those that speak Docker's API instead of CRI."""
    key = (str(path), pid)
    if pid is None or key not in _known:
        try:
            answer = _ask_http(path) if http else _ask_cri(path)
        except (OSError, ValueError):
            return None
        if answer is None:
            return None
        _known[key] = answer
    return _known[key]


def of_program(path: Path) -> str | None:
    """Ask a program of this machine, again only when its file has changed."""
    try:
        found = path.stat()
        key = (str(path), (found.st_mtime_ns, found.st_ino))
        if key not in _known:
            # A program that prints its version answers in hundredths of a second; two seconds mean a stuck disk.
            run = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=2, check=False)
            _known[key] = short(run.stdout) or ""
    except (OSError, subprocess.SubprocessError):
        return None
    return _known[key] or None


def _ask_cri(path: Path) -> str | None:
    with connect(path) as connection:
        connection.settimeout(CONNECT_S)
        connection.sendall(grpc.call(CRI_VERSION))
        answer = grpc.Answer()
        while not answer.ended:
            data = connection.recv(16_384)
            if not data:
                break
            answer.feed(data)
    return short(grpc.strings(answer.message).get(_RUNTIME_VERSION, "")) if answer.message else None


def _ask_http(path: Path) -> str | None:
    with connect(path) as connection:
        connection.settimeout(CONNECT_S)
        connection.sendall(b"GET /version HTTP/1.0\r\nHost: localhost\r\n\r\n")
        body = b""
        while len(body) < grpc.MAX_ANSWER_BYTES:
            data = connection.recv(16_384)
            if not data:
                break
            body += data
    found = re.search(rb'"Version"\s*:\s*"([^"]+)"', body)
    return short(os.fsdecode(found[1])) if found else None
