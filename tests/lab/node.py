"""A node of the lab: namespaces with their own /etc, /run and image stores, and containerd and an agent in them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import images, network
from tests.lab.daemon import FIRST, Daemon
from tests.lab.process import LabError, Process, environment

ZONES = {1: "a", 2: "a", 3: "b", 4: "b", 5: "c"}
WITH_PODMAN = (1, 2)
HIDDEN_PODMAN = "/run/hidden-podman"  # where a node that has none keeps it for tests that want every tool on every node
INTERVAL_S = 3
PATIENCE_S = 2
STORE_MIB = 64  # room for every image of the lab many times over, and quickly filled
AHEAD = {  # the environment of a program whose wall clock is two days ahead
    "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1",  # the loader knows what $LIB is here
    "FAKETIME": "+2d",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
}
CUT_OFF_S = (
    8  # a pull that is not through by then is called stuck: Go dials for 30 s, podman repeats itself for minutes
)
_PATH_CHECKS = (
    "tls",
    "manifest",
    "platform",
    "layer",
    "rate_limit",
)  # by the table less often than once in an interval

# Everything that a runtime reads or writes is the node's own. /etc is laid over the machine's; podman is hidden from
# the nodes that have none. The holder of the namespaces sleeps; all that runs in the node enters through it.
_SETUP = """
set -e
hostname {name}
mount -t tmpfs -o size=16m,mode=0755 tmpfs {home}
mkdir {home}/upper {home}/work
cp -r {home}.etc/. {home}/upper
mount -t overlay -o lowerdir=/etc,upperdir={home}/upper,workdir={home}/work overlay /etc
mount --bind /etc/lab-certificates /etc/ssl/certs
mkdir -p /var/lib/containerd /var/lib/containers
for store in /var/lib/containerd /var/lib/containers; do
    mount -t tmpfs -o size={store_mib}m,mode=0711 tmpfs $store
done
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/lock /run/home
{hide}
touch /run/ready
exec sleep infinity
"""

_HIDE = f"""
touch {HIDDEN_PODMAN}
mount --bind $(command -v podman) {HIDDEN_PODMAN}
mount --bind /dev/null $(command -v podman)
"""


@dataclass(frozen=True)
class Pull:
    """How a real pull went: whether the image came, and the runtime's words."""

    worked: bool
    words: str


class LabNode:
    """One node."""

    def __init__(self, number: int, home: Path, bundle: str) -> None:
        self.number = number
        self.name = f"node-{number}"
        self.home = home / self.name
        self.bundle = bundle
        self.runtimes = ("containerd", "podman") if number in WITH_PODMAN else ("containerd",)
        self._log = home
        self._processes: dict[str, Process] = {}
        self._daemons = {FIRST.name: FIRST}

    def begin(self, token: str) -> None:
        """Make the namespaces and start containerd."""
        self.home.mkdir()
        self._write_etc(token)
        hide = "" if "podman" in self.runtimes else _HIDE
        setup = _SETUP.format(name=self.name, home=self.home, store_mib=STORE_MIB, hide=hide)
        words = ("unshare", "--mount", "--uts", "--propagation", "private", "--", "/bin/sh", "-c", setup)
        net = network.inside(network.namespace_of(self.number))
        holder = Process(self.name, (*net, *words), self._log / f"{self.name}.log", environment())
        self._processes["holder"] = holder
        holder.wait_until(lambda: self.path("/run/ready").exists())
        self.start_containerd()

    def end(self) -> None:
        """End everything in the node; its mounts go with it."""
        for process in reversed(self._processes.values()):
            process.stop()

    def start_containerd(self) -> None:
        """Start containerd and wait until it answers."""
        for daemon in self._daemons.values():
            self._start_daemon(daemon)

    def stop_containerd(self) -> None:
        """Stop containerd as an init system would."""
        for daemon in self._daemons.values():
            self._processes[daemon.name].stop()

    def add(self, daemon: Daemon) -> None:
        """Start one more containerd, which from now on starts and stops with the first."""
        self._daemons[daemon.name] = daemon
        config = self.path(daemon.config)
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(daemon.configuration)
        self._start_daemon(daemon)

    def remove(self, daemon: Daemon) -> None:
        """Stop a containerd that was added."""
        self._daemons.pop(daemon.name)
        self._processes.pop(daemon.name).stop()

    @property
    def podman(self) -> str:
        """The way to podman, on a node that has none as well."""
        return "podman" if "podman" in self.runtimes else HIDDEN_PODMAN

    def log_of(self, name: str) -> Path:
        """Give the file with what a program of the node says."""
        return self._log / f"{self.name}-{name}.log"

    def start_agent(self, **env: str) -> None:
        """Start the agent, with more environment where a fault wants it."""
        self.start(
            "agent", (sys.executable, "-m", "pullscope", "agent", "--config", "/etc/pullscope/agent.json"), **env
        )

    def stop_agent(self) -> None:
        """Stop the agent as an init system would."""
        self._processes["agent"].stop()

    def kill_agent(self) -> None:
        """Kill the agent without a word."""
        self._processes["agent"].kill()

    def stop(self, name: str) -> None:
        """Stop a program of the node as an init system would."""
        self._processes[name].stop()

    def check(self, name: str) -> None:
        """Raise LabError where a program of the node has ended by itself."""
        self._processes[name].check()

    def inside(self) -> tuple[str, ...]:
        """Give the words that run a command in the node; it keeps the pid."""
        return ("nsenter", f"--target={self._processes['holder'].pid}", "--mount", "--uts", "--net", "--")

    def run(self, *command: str, patience_s: float = 60, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in the node to its end, whatever that is."""
        words = (*self.inside(), *command)
        everything = environment(**env)
        return subprocess.run(words, capture_output=True, text=True, env=everything, timeout=patience_s, check=False)

    def path(self, inside: str) -> Path:
        """Give the way from outside to a file of the node."""
        return Path(f"/proc/{self._processes['holder'].pid}/root{inside}")

    def fill(self, folder: str) -> None:
        """Fill the file system of a folder to its last byte."""
        done = self.run("dd", "if=/dev/zero", f"of={folder}/filler", "bs=4k")
        if "No space left" not in done.stderr:
            raise LabError(f"{folder} of {self.name} did not fill: {done.stderr}")

    def free(self, folder: str) -> None:
        """Undo `fill`."""
        self.path(f"{folder}/filler").unlink()

    def trust(self, bundle: str) -> None:
        """Replace the node's trust store; containerd reads it once in its life, so it starts anew."""
        self.path("/etc/ssl/certs/ca-certificates.crt").write_text(bundle)
        self.stop_containerd()
        self.start_containerd()

    def pull(self, runtime: str, image: str) -> Pull:
        """Pull an image afresh by the runtime itself, and leave nothing of it behind."""
        words = ("crictl", "pull") if runtime == "containerd" else ("podman", "pull", "--quiet")
        self._forget(runtime, image)
        done = self.run("timeout", "--kill-after=2", str(CUT_OFF_S), *words, image)
        self._forget(runtime, image)
        return Pull(done.returncode == 0, (done.stderr or done.stdout).strip())

    def inspect(self, image: str) -> Pull:
        """Read an image's manifest and configuration by skopeo, which goes the same path and keeps nothing."""
        done = self.run("timeout", "--kill-after=2", str(CUT_OFF_S), "skopeo", "inspect", f"docker://{image}")
        return Pull(done.returncode == 0, done.stderr.strip())

    def trace(self, runtime: str, image: str) -> "subprocess.CompletedProcess[str]":
        """Run `pullscope trace` in the node."""
        return self.run(sys.executable, "-m", "pullscope", "trace", "--json", "--as", runtime, image)

    def _forget(self, runtime: str, image: str) -> None:
        # It fails where the image is not there, and where containerd is stopped: both are as good.
        self.run(*(("crictl", "rmi") if runtime == "containerd" else ("podman", "rmi", "--force")), image)

    def start(self, name: str, command: Sequence[str], **env: str) -> Process:
        """Start a program in the node."""
        log = self.log_of(name)
        everything = environment(PYTHONUNBUFFERED="1", **env)
        self._processes[name] = Process(f"{name} of {self.name}", (*self.inside(), *command), log, everything)
        return self._processes[name]

    def _start_daemon(self, daemon: Daemon) -> None:
        process = self.start(daemon.name, (daemon.program, "--config", daemon.config), **daemon.env)
        process.wait_until(lambda: self.run("crictl", *daemon.endpoints, "version").returncode == 0)

    def _write_etc(self, token: str) -> None:
        agent = {
            "node": self.name,
            "aggregator": f"http://{network.BRIDGE}:8080",
            "token_file": "/etc/pullscope/token",
            "interval_s": INTERVAL_S,
            "patience_s": PATIENCE_S,
            "images": list(images.ALL),
            "pull": {"image": images.OF_IMAGES[1]},
            "facts": {"zone": ZONES[self.number]},
            "runtime": "containerd",
            "checks": {name: {"every_s": INTERVAL_S} for name in _PATH_CHECKS},
        }
        files = {
            "resolv.conf": "nameserver 10.99.0.2\nnameserver 10.99.0.3\n",
            "hosts": f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n",
            "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
            "hostname": f"{self.name}\n",
            "lab-certificates/ca-certificates.crt": self.bundle,
            "containerd/config.toml": FIRST.configuration,
            "crictl.yaml": "runtime-endpoint: unix:///run/containerd/containerd.sock\ntimeout: 10\n",
            "containers/policy.json": '{"default": [{"type": "insecureAcceptAnything"}]}',
            "containers/registries.conf": "unqualified-search-registries = []\n",
            "pullscope/agent.json": json.dumps(agent, indent=1),  # JSON is YAML
            "pullscope/token": token,
        }
        for name, text in files.items():
            path = self.home.with_suffix(".etc") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.home.with_suffix(".etc") / "pullscope/token").chmod(0o600)
