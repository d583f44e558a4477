"""`pullscope run`, the main job: a first report in time, served where it says, and nothing left behind."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import need

FIRST_REPORT_S = 30  # what the project promises once it is set up
RUN = f"{sys.executable} -m pullscope run"
AS_ROOT = f"exec {RUN}"
# Whoever enters a user namespace without a mapping is nobody there, with no capability left: not root.
AS_NOBODY = f"exec unshare --user {RUN}"
# Takes the port and becomes the command, which inherits the socket and so keeps it taken.
TAKE = """
import os, socket, sys
port = socket.create_server(("127.0.0.1", 8080))
port.set_inheritable(True)
os.execv(sys.executable, [sys.executable, "-m", "pullscope", "run"])
"""


@contextmanager
def running(folder: Path, command: str) -> Iterator["tuple[subprocess.Popen[str], tuple[str, ...]]"]:
    """Run it in a network with nothing but loopback; give it with the words that run a command beside it."""
    need.root()
    words = ("unshare", "--net", "sh", "-c", f"ip link set lo up; {command}")
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "TMPDIR": str(folder)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        cut_off = threading.Timer(FIRST_REPORT_S, process.kill)
        cut_off.start()
        try:
            yield process, ("nsenter", f"--target={process.pid}", "--net", "--")
        finally:
            cut_off.cancel()
            process.kill()


def read_to_the_address(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """Read the output up to the line that says where the report is served."""
    assert process.stdout
    seen = ""
    for line in process.stdout:
        seen += line
        if found := re.match(r"served at (http://\S+)/report$", line):
            return seen, found[1]
    pytest.fail(f"ended, or took over {FIRST_REPORT_S} s: {seen}")


@pytest.mark.parametrize("how", [AS_ROOT, AS_NOBODY], ids=["root", "nobody"])
def test_a_first_report_comes_in_time_and_ctrl_c_leaves_nothing(how: str, tmp_path: Path) -> None:
    with running(tmp_path, how) as (process, beside):
        seen, address = read_to_the_address(process)
        assert address == "http://127.0.0.1:8080"
        assert "Checklist" in seen
        served = subprocess.run(
            (*beside, "curl", "-s", f"{address}/report"), capture_output=True, text=True, check=True
        )
        assert "FAILING" in served.stdout  # there is no network, and the report says so, truly
        process.send_signal(signal.SIGINT)
        assert process.wait(FIRST_REPORT_S) == 0
    # podman leaves a folder of its own for every user who asks it anything: that one is not ours.
    assert [path.name for path in tmp_path.iterdir() if "pullscope" in path.name] == []


def test_another_port_is_taken_where_the_first_is_in_use(tmp_path: Path) -> None:
    taken = f"exec {sys.executable} -c '{TAKE}'"
    with running(tmp_path, taken) as (process, beside):
        _, address = read_to_the_address(process)
        assert address.startswith("http://127.0.0.1:")
        assert not address.endswith(":8080")
        subprocess.run((*beside, "curl", "-sf", f"{address}/healthz"), capture_output=True, check=True)
