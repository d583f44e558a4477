"""Processes that are measured from outside: started, awaited, their CPU and memory read, and ended by their pid."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from bench.figure import MissingError

START_S = 15.0  # a program that does not listen after this never will


def program(name: str) -> str:
    """Give the path of a program. Raises `MissingError`."""
    found = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise MissingError(f"the program {name} is not installed")
    return found


@contextlib.contextmanager
def aggregator(folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run an aggregator with an empty store, and give its port and process."""
    port = free_port()
    words = ["aggregator", "--listen", f"127.0.0.1:{port}", "--store", str(folder / "store.db"), "--cluster", "bench"]
    with running([sys.executable, "-m", "pullscope", *words], folder / "aggregator.log", dict(os.environ)) as process:
        until(lambda: listens(port), "the aggregator")
        yield port, process


@contextlib.contextmanager
def running(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Iterator[psutil.Process]:
    """Run a program for a while; what it says goes to `log`."""
    with log.open("wb") as out:
        process = psutil.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(10)


def until(condition: Callable[[], bool], what: str, patience_s: float = START_S) -> None:
    """Wait for a condition. Raises `MissingError` where it does not come."""
    ends_at = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > ends_at:
            raise MissingError(f"waited {patience_s:g} s in vain for {what}")
        time.sleep(0.02)


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Tell whether somebody accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def free_port() -> int:
    """Give a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_s(process: psutil.Process) -> float:
    """Give what the living threads of a process have used of the CPU, in user and system together.

    The scheduler counts in nanoseconds; the process's own times are counted in ticks of 10 ms.
    """
    tasks = Path(f"/proc/{process.pid}/task")
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
    except OSError as error:
        raise MissingError(f"this kernel does not count the time of threads: {error}") from error


def rss_mib(process: psutil.Process) -> float:
    """Give the resident memory of a process."""
    return float(process.memory_info().rss) / 1024 / 1024


def wall_s(command: Sequence[str], env: Mapping[str, str] | None = None, exit_code: int = 0) -> float:
    """Run a command and give its wall time. Raises `MissingError` where it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=env, check=False)
    taken_s = time.perf_counter() - started
    if done.returncode != exit_code:
        raise MissingError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-300:]}")
    return taken_s
