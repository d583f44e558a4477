"""Ask a daemon behind a Unix socket one thing: a gRPC call, or a GET of Docker's or podman's API.

Cannot see: why a call failed; see `agent.host.grpc`.

Source: CRI v1; containerd's services; Docker Engine API, podman's `/libpod/_ping`.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from agent.host import grpc
from agent.host.peer import SUN_PATH_BYTES
from agent.probes.fault import Fault

MAX_HTTP_BYTES = 65_536  # `GET /version` of Docker is 1 KiB
CONTAINERD_VERSION = "/containerd.services.version.v1.Version/Version"


async def call(
    path: Path, method: str, message: bytes, patience_s: float, headers: Mapping[str, str] | None = None
) -> bytes | None:
    """Make one unary gRPC call; none where the daemon speaks gRPC and the call failed.

    Raises:
        Fault: runtime_unavailable, where nobody listens, or nothing or nonsense comes back.
        PermissionError: where this process may not connect.
    """
    answer = grpc.Answer()
    try:
        async with asyncio.timeout(patience_s):
            reader, writer = await _open(path)
            try:
                writer.write(grpc.call(method, message, headers))
                while not answer.ended and (data := await reader.read(16_384)):
                    answer.feed(data)
            finally:
                writer.transport.abort()
    except ValueError as error:
        raise Fault("runtime_unavailable", str(error)) from error
    except TimeoutError as error:
        raise _silent(patience_s) from error
    except OSError as error:
        raise _closed(error) from error
    if not answer.speaks:
        raise Fault("runtime_unavailable", "its socket accepts, and hangs up without an answer")
    return answer.message


async def get(path: Path, target: str, patience_s: float) -> bytes:
    """Make one HTTP GET and give the body of a 200. Raises as `call`."""
    try:
        async with asyncio.timeout(patience_s):
            reader, writer = await _open(path)
            try:
                writer.write(f"GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
                raw = b""
                while len(raw) < MAX_HTTP_BYTES and (data := await reader.read(16_384)):
                    raw += data
            finally:
                writer.transport.abort()
    except TimeoutError as error:
        raise _silent(patience_s) from error
    except OSError as error:
        raise _closed(error) from error
    head, _, body = raw.partition(b"\r\n\r\n")
    words = head.split(b"\r\n")[0].split()
    if len(words) < 2 or words[1] != b"200":
        said = head[:80].decode("ascii", errors="replace")
        raise Fault("runtime_unavailable", f"GET {target} is not answered with 200: {said!r}")
    return body


async def _open(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if len(os.fsencode(path)) <= SUN_PATH_BYTES:
        return await asyncio.open_unix_connection(path)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def _silent(patience_s: float) -> Fault:
    return Fault("runtime_unavailable", f"no answer within {patience_s:g} s")


def _closed(error: OSError) -> Fault:
    if isinstance(error, PermissionError):
        raise error
    if isinstance(error, FileNotFoundError):
        return Fault("runtime_unavailable", "its socket is not there")
    return Fault("runtime_unavailable", f"its socket does not answer: {error.strerror or error}")
