"""What `make lab` runs: takes commands, goes on Ctrl-C and leaves nothing, not even after kill -9 at the next start.

This module comes before those that bring up the lab of the tests: there is one lab on a machine at a time.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.lab import network
from tests.lab.lab import HOME
from tests.lab.process import require

PROMPT = "lab> "
PATIENCE_S = 60


class Person:
    """Somebody at the lab."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin
        assert process.stdout
        self.process = process
        self.keys: IO[str] = process.stdin
        self.screen: IO[str] = process.stdout

    def read(self) -> str:
        """Read up to the next prompt, or to the end."""
        seen = ""
        while not seen.endswith(PROMPT) and (letter := self.screen.read(1)):
            seen += letter
        return seen

    def type(self, line: str) -> str:
        """Type a line and read the answer."""
        self.keys.write(line + "\n")
        self.keys.flush()
        return self.read()


@contextmanager
def person() -> Iterator[Person]:
    """Sit down at a lab that is up."""
    words = (sys.executable, "-m", "tests.lab")
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    with process:
        try:
            somebody = Person(process)
            screen = somebody.read()
            assert screen.endswith(PROMPT), screen
            yield somebody
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def test_a_killed_lab_is_cleaned_at_the_next_start_and_ctrl_c_leaves_nothing() -> None:
    require()
    with person() as first:
        first.process.kill()
        first.process.wait()
    assert network.remains()
    with person() as second:
        assert "node-1" in second.type("exec node-1 hostname")
        end = time.monotonic() + PATIENCE_S
        while "healthy" not in (report := second.type("report").lower()):
            assert time.monotonic() < end, report
            time.sleep(1)
        assert "no fault nothing" in second.type("begin nothing")
        second.type("begin containerd_stopped")
        second.process.send_signal(signal.SIGINT)
        assert "the lab is down" in second.read()
        assert second.process.wait(PATIENCE_S) == 0
    assert not network.remains()
    assert not HOME.exists()
