"""A real containerd of a test's own: root, state, socket and registry configuration in one folder.

Ended by its pid; what it mounted is unmounted.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests import need

_CONFIG = """version = 2
root = "{root}"
state = "{home}/state"
oom_score = 0
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{home}/containerd.sock"
[ttrpc]
  address = "{home}/containerd.sock.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "{pause}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "{home}/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{home}/certs.d"
"""
_START_S = 20  # a cold start on a busy machine
_STOP_S = 10


class Containerd:
    """One daemon. `environ` is added to this process's."""

    def __init__(
        self, home: Path, environ: dict[str, str] | None = None, store: Path | None = None, pause: str = "none"
    ) -> None:
        self.home = home
        self.socket = home / "containerd.sock"
        self.root = store or home / "root"
        self.config = home / "config.toml"
        self.config.write_text(_CONFIG.format(home=home, root=self.root, pause=pause))
        self._environ = os.environ | (environ or {})
        self._log = home / "containerd.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [need.program("containerd"), "--config", str(self.config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=self._environ)
        ends_at = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends_at:
                raise AssertionError(f"containerd does not start:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        asked = self.crictl("version")
        return asked.returncode == 0 or "unknown service" in asked.stderr  # its CRI plugin is switched off

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> None:
        if self._process is None:
            return
        self._process.send_signal(sent)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def serve_plain(self, registry: str) -> None:
        """Let a registry on loopback be asked over plain HTTP."""
        folder = self.home / "certs.d" / registry
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("hosts.toml").write_text(
            f'server = "http://{registry}"\n[host."http://{registry}"]\n  capabilities = ["pull", "resolve"]\n'
        )

    def crictl(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        endpoint = f"unix://{self.socket}"
        options = ["--runtime-endpoint", endpoint, "--image-endpoint", endpoint, "--timeout", "10s"]
        command = [need.program("crictl"), *options, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def create_container(self, image: str) -> None:
        """Create a pod on the node's network, and a container in it that is not started."""
        pod = {"metadata": {"name": "pod", "namespace": "test", "uid": "1"}, "log_directory": str(self.home)}
        pod["linux"] = {"security_context": {"namespace_options": {"network": 2}}}
        container = {"metadata": {"name": "one"}, "image": {"image": image}, "log_path": "one.log"}
        for name, content in (("pod", pod), ("container", container)):
            self.home.joinpath(f"{name}.json").write_text(json.dumps(content))
        started = self.crictl("runp", str(self.home / "pod.json"))
        assert started.returncode == 0, started.stderr
        files = (str(self.home / "container.json"), str(self.home / "pod.json"))
        created = self.crictl("create", started.stdout.strip(), *files)
        assert created.returncode == 0, created.stderr

    def remove_pods(self) -> None:
        """Stop and remove every pod."""
        self.crictl("rmp", "--force", "--all")

    def names(self) -> set[str]:
        """Give every image record of containerd's own books, the ids among them."""
        command = [need.program("ctr"), "--address", str(self.socket), "-n", "k8s.io", "images", "list", "-q"]
        return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    def blobs(self) -> set[str]:
        """Give every blob that is kept, and what is half fetched."""
        content = self.root / "io.containerd.content.v1.content"
        return {path.name for place in ("blobs/sha256", "ingest") for path in content.glob(f"{place}/*")}


@contextlib.contextmanager
def containerd(
    home: Path,
    environ: dict[str, str] | None = None,
    *,
    store: Path | None = None,
    prepared: Containerd | None = None,
) -> Iterator[Containerd]:
    """Run a containerd in `home`, its images there too or in `store`."""
    need.root()
    daemon = prepared or Containerd(home, environ, store)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.stop()
        _unmount_below(home)
        shutil.rmtree(home / "root", ignore_errors=True)


def _unmount_below(home: Path) -> None:
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((place for place in mounts if place.startswith(f"{home}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False)
