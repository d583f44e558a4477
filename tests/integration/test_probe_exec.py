"""Real child processes: they end with their parent, their patience or by themselves."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.probes import exec  # noqa: A004 - the instrument's name is the house's


async def test_a_program_ends_with_its_status_and_output() -> None:
    ended = await exec.run(["sh", "-c", "echo out; echo err >&2; exit 3"], 5)
    assert (ended.status, ended.stdout, ended.stderr, ended.succeeded) == (3, "out\n", "err\n", False)


async def test_a_program_has_no_input_and_the_environment_that_is_given() -> None:
    ended = await exec.run(["/bin/sh", "-c", "cat; echo $A$HOME"], 5, {"A": "1"})
    assert (ended.succeeded, ended.stdout) == (True, "1\n")


async def test_output_is_bounded_and_the_program_ends_all_the_same() -> None:
    ended = await exec.run(["head", "-c", str(exec.MAX_OUTPUT_BYTES + 100_000), "/dev/zero"], 10)
    assert (ended.succeeded, len(ended.stdout)) == (True, exec.MAX_OUTPUT_BYTES)


async def test_patience_ends_it_with_all_its_children(tmp_path: Path) -> None:
    started = time.monotonic()
    ended = await exec.run(["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait"], 0.5)
    assert ended.status is None
    assert time.monotonic() - started < 5
    await gone(int(read(tmp_path / "pid")))


async def test_cancellation_ends_it_and_passes(tmp_path: Path) -> None:
    task = asyncio.create_task(exec.run(["sh", "-c", f"echo $$ > {tmp_path}/pid; exec sleep 60"], 60))
    await written(tmp_path / "pid")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int(read(tmp_path / "pid")))


async def test_a_killed_parent_takes_its_child_along(tmp_path: Path) -> None:
    code = (
        "import asyncio; from agent.probes import exec;"
        f"asyncio.run(exec.run(['sh', '-c', 'echo $$ > {tmp_path}/pid; exec sleep 60'], 60))"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    await written(tmp_path / "pid")
    parent.kill()
    await parent.wait()
    await gone(int(read(tmp_path / "pid")))


async def test_what_cannot_be_started_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        await exec.run(["/no/such/program"], 1)


def read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


async def written(path: Path) -> None:
    await asyncio.to_thread(until, lambda: read(path))


async def gone(pid: int) -> None:
    await asyncio.to_thread(until, lambda: not lives(pid))


def until(condition: Callable[[], object], within_s: float = 10) -> None:
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at
        time.sleep(0.02)


def lives(pid: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip()) and not found.stdout.startswith("Z")
