"""Processes of the lab: started into a namespace, awaited with a deadline, ended by their pid."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests import need

STEP_S = 0.02  # between two looks at a condition: short against everything that is waited for here
TOOLS = Path(os.environ.get("PULLSCOPE_TOOLS", Path.home() / ".cache/pullscope/tools")) / "bin"
PATH = f"{TOOLS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabError(Exception):
    """Something of the lab itself did not work: no word about Pullscope."""


def run(*command: str, text: str | None = None, patience_s: float = 30) -> str:
    """Run a command to its end and give its output.

    Raises:
        LabError: where it failed, with what it said.
    """
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=patience_s, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def until(condition: Callable[[], object], what: str, patience_s: float = 15) -> None:
    """Wait for a condition.

    Raises:
        LabError: where it does not come in time.
    """
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            raise LabError(f"waited {patience_s} s in vain for {what}")
        time.sleep(STEP_S)


class Process:
    """One long-running program of the lab; its output goes to a file beside the lab's others."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(env),
                start_new_session=True,  # Ctrl-C is the lab's, which ends its processes in order
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._child.poll() is None

    def children(self) -> set[int]:
        """Give the pids of its children."""
        return {int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()}

    def wait_until(self, condition: Callable[[], object], patience_s: float = 15) -> None:
        """Wait until it is of use; a process that ends instead is told with the end of its log."""

        def ready() -> bool:
            self.check()
            return bool(condition())

        until(ready, f"{self.name}; see {self.log}", patience_s)

    def check(self) -> None:
        """Raise LabError where it has ended by itself, with the end of its log."""
        if not self.running:
            last_words = self.log.read_text(errors="replace")[-1500:]
            raise LabError(f"{self.name} ended with {self._child.returncode}: {last_words}")

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._child.send_signal(number)

    def stop(self, patience_s: float = 10) -> None:
        """End it, first asking."""
        if self.running:
            self.signal(signal.SIGTERM)
        try:
            self._child.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it without asking."""
        if self.running:
            self.signal(signal.SIGKILL)
        self._child.wait()


def environment(**more: str) -> dict[str, str]:
    """Give the environment of the lab's programs: nothing of the caller's proxies, homes or trust stores."""
    return {"PATH": PATH, "HOME": "/run/home", "LC_ALL": "C.UTF-8", **more}


def require() -> None:
    """Ask for everything that the lab is made of."""
    need.root()
    for name in ("ip", "iptables", "nsenter", "unshare", "knotd", "dnsmasq", "nginx", "docker-registry"):
        need.program(name)
    for name in ("containerd", "runc", "crictl", "podman", "skopeo", "curl", "faketime"):
        need.program(name)
