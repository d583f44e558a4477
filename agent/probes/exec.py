"""Run one program of this machine to its end: bounded in time and output, and gone when this process is.

The child leads a process group of its own; on cancellation and at the end of patience the whole group is killed. When
this process itself is killed, the kernel kills the child (PR_SET_PDEATHSIG).

Cannot see: grandchildren that left the group, and those that outlive a killed parent of theirs.

Source: prctl(2), setpgid(2).
"""

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_OUTPUT_BYTES = 4 * 1024 * 1024  # a list of a thousand images as JSON is half a megabyte
_PR_SET_PDEATHSIG = 1
_REAP_S = 2.0  # a killed process is gone at once, unless its disk hangs

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: `status` is negative for a signal, none where patience ended first."""

    status: int | None
    stdout: str
    stderr: str

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself and says so."""
        return self.status == 0


async def run(command: Sequence[str], patience_s: float, environ: Mapping[str, str] | None = None) -> Ended:
    """Run a program with nothing on its input.

    Raises:
        OSError: where it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=None if environ is None else dict(environ),
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    outputs = asyncio.gather(_read(process.stdout), _read(process.stderr))
    try:
        async with asyncio.timeout(patience_s):
            stdout, stderr = await outputs
            return Ended(await process.wait(), stdout, stderr)
    except TimeoutError:
        return Ended(None, "", "")
    finally:
        await _end(process)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def _read(stream: asyncio.StreamReader) -> str:
    """Read to the end; what is beyond the bound is read, so that the program goes on, and dropped."""
    kept = bytearray()
    while data := await stream.read(65_536):
        kept += data[: MAX_OUTPUT_BYTES - len(kept)]
    return kept.decode("utf-8", errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait()), _REAP_S)
