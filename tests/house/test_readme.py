"""Every command that README.md shows is run: here in a network namespace of its own, or by the test that is named."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import need
from tests.house.project import ROOT
from tests.house.readme import blocks, commands

# What sets up or takes minutes: the file that runs it.
ELSEWHERE = {
    "make run": "tests/integration/test_command_run.py",
    "make test": ".ci/run",
    "make image-parts": "tests/integration/test_image.py",
    "buildah bud --build-arg BASE=localhost/base:1 -t pullscope .": "tests/integration/test_image.py",
}
SERVING = ("pullscope aggregator ", "pullscope agent ")
PATIENCE_S = 40  # a trace ends within 30
SNAPSHOT = '{"version": 1, "cluster": "prod-1", "at": "2026-01-01T00:00:00Z", "nodes": []}\n'


class Place:
    """A folder with the files that the README speaks of, and a network with nothing but loopback."""

    def __init__(self, folder: Path, holder: int) -> None:
        self.folder = folder
        self._enter = ("nsenter", f"--target={holder}", "--net", "--")
        self._environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        (folder / "host").mkdir()
        (folder / "token").write_text("a-word-that-both-sides-know")
        (folder / "messages.txt").write_text("manifest unknown\n")
        (folder / "snapshots.jsonl").write_text(SNAPSHOT)
        (folder / "agent.yaml").write_text(self._local(blocks("yaml")[0]))

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        words = (*self._enter, "bash", "-o", "pipefail", "-c", self._local(command))
        return subprocess.run(
            words,
            capture_output=True,
            text=True,
            env=self._environment,
            cwd=self.folder,
            timeout=PATIENCE_S,
            check=False,
        )

    @contextmanager
    def serving(self, command: str) -> Iterator[None]:
        """Start a command that serves, wait until it does, and end it as Ctrl-C would."""
        words = (*self._enter, *self._local(command).split())
        with subprocess.Popen(words, env=self._environment, cwd=self.folder) as process:
            try:
                port = 8080 if command.startswith(SERVING[0]) else 9090
                end = time.monotonic() + PATIENCE_S
                while self.run(f"curl -s http://127.0.0.1:{port}/healthz").returncode != 0:
                    assert process.poll() is None, f"{command} ended with {process.returncode}"
                    assert time.monotonic() < end, f"{command} does not serve"
                    time.sleep(0.1)
                yield
            finally:
                process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_S) == 0

    def _local(self, text: str) -> str:
        """Let the paths of a real node point into the folder."""
        return text.replace("/etc/pullscope/token", f"{self.folder}/token").replace("--root /host", "--root host")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give the place."""
    need.root()
    words = ("unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep infinity")
    with subprocess.Popen(words, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        try:
            assert holder.stdout.readline() == b"ready\n"
            yield Place(tmp_path_factory.mktemp("readme"), holder.pid)
        finally:
            holder.kill()


@pytest.fixture(scope="module")
def fleet(place: Place) -> Iterator[Place]:
    """Give the place with the README's aggregator and agent, as it starts them first."""
    first = [next(one for one in commands() if one.startswith(kind)) for kind in SERVING]
    with place.serving(first[0]), place.serving(first[1]):
        yield place


def serving() -> list[str]:
    return [one for one in commands() if one.startswith(SERVING)]


def answering() -> list[str]:
    return [one for one in commands() if not one.startswith(SERVING) and one not in ELSEWHERE]


def test_what_is_run_elsewhere_is_in_the_readme_and_has_its_place() -> None:
    assert [one for one in ELSEWHERE if one not in commands()] == []
    assert [file for file in ELSEWHERE.values() if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("command", serving())
def test_a_command_serves_until_ctrl_c(command: str, place: Place) -> None:
    with place.serving(command):
        pass


@pytest.mark.parametrize("command", answering())
def test_a_command_answers(command: str, fleet: Place) -> None:
    done = fleet.run(command)
    # Without a network the images cannot be pulled, and the report says so: 1 and 3 are answers, 2 is a mistake.
    assert done.returncode in ((0, 1, 3) if "pullscope" in command else (0,)), done.stderr
    assert done.stdout or ">" in command
    assert "Traceback" not in done.stderr
