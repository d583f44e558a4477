"""`pullscope` as a process of its own, which a test may kill."""

import asyncio
import contextlib
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_numbers = itertools.count(1)


class Command:
    """A running `pullscope …`; what it writes to standard error goes to a file."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        """What it has written so far."""
        return self._log.read_text(errors="replace")

    async def says(self, words: str, patience_s: float = 20.0) -> str:
        """Wait for a line with these words, and give it.

        Raises:
            TimeoutError: where it does not come in time.
        """
        async with asyncio.timeout(patience_s):
            while True:
                for line in self.said.splitlines():
                    if words in line:
                        return line
                await asyncio.sleep(0.02)

    async def url(self) -> str:
        """Give where an aggregator serves."""
        return (await self.says("serving at ")).rpartition(" ")[2]

    async def kill(self) -> None:
        """Kill it with no chance to tidy up."""
        self.process.kill()
        await self.process.wait()

    async def end(self, number: int = signal.SIGTERM, patience_s: float = 20.0) -> int:
        """Ask it to end, and give its exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(patience_s):
            return await self.process.wait()


@asynccontextmanager
async def command(folder: Path, *arguments: str) -> AsyncIterator[Command]:
    """Start `pullscope` with arguments, in a folder of its own; it does not outlive the test."""
    log = folder / f"{arguments[0]}-{next(_numbers)}.log"
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pullscope", *arguments),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=os.environ | {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")},
        )
    try:
        yield Command(process, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
