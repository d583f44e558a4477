"""A real kubelet as a tool: a static pod is its order to pull, and the pod's events are its words.

It runs without an API server and writes the events that it would send into its log, word for word. Its containerd is
the node's second.
"""

import ast
import itertools
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab.daemon import Daemon
from tests.lab.living.tool import Ask, Heard
from tests.lab.node import LabNode
from tests.lab.process import PATH, TOOLS, run

PAUSE = "images.lab/base/pause:1"
# Beside the node's own, under the same fault: files, trust, full disk. Its shim is of its own version.
SECOND = Daemon(
    "containerd2", "containerd2", "/2", {"PATH": f"{TOOLS.parent}/containerd:{PATH}"}, f'sandbox_image = "{PAUSE}"'
)
_HOME = "/var/lib/kubelet"
_LOGS = "/var/log"
_LOOK_EVERY_S = 0.1
_TELLING = {"Pulled", "InspectFailed", "ErrImageNeverPull", "FailedCreatePodSandBox"}
# A runtime that was started anew is dialled again with growing pauses, and pods hear of that meanwhile.
_REDIALS = "Error while dialing"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class _Event:
    kind: str
    reason: str
    message: str

    @property
    def tells(self) -> bool:
        """Whether it says how the pull went."""
        return self.reason in _TELLING or self.message.startswith("Failed to pull image")


@dataclass(frozen=True)
class Kubelet:
    """The tool."""

    name: str = "kubelet"
    engine: str = "containerd 2"

    def hear(self, ask: Ask) -> Heard:
        """Make a pod with the image, wait for an event that tells, and take the pod away."""
        pod = f"pod-{next(_numbers)}"
        log = ask.node.log_of(self.name)
        before = log.stat().st_size
        manifest = _write(ask.node, pod, ask.image, "Never" if "never" in ask.options else "Always")
        ends_at = time.monotonic() + ask.patience_s
        while not any(event.tells for event in _events(_since(log, before), pod)) and time.monotonic() < ends_at:
            ask.node.check(self.name)
            time.sleep(_LOOK_EVERY_S)
        manifest.unlink()
        text = _since(log, before)
        events = _events(text, pod)
        warnings = [event.message for event in events if event.kind == "Warning"]
        logged = [
            line for line in text.splitlines() if line.startswith("E") and f"{pod}-" in line and _REDIALS not in line
        ]
        worked = any(event.reason == "Pulled" for event in events)
        return Heard(self, worked, "\n".join(warnings), "\n".join(logged))


def start(node: LabNode, *, pulls_per_s: int = 0) -> None:
    """Start a node's kubelet; its files go with the node. It may pull as often as it likes, unless told otherwise."""
    for folder in (_HOME, _LOGS):
        run(*node.inside(), "sh", "-c", f"mkdir -p {folder} && mount -t tmpfs -o mode=0755 tmpfs {folder}")
    node.path(f"{_HOME}/static").mkdir()
    node.path(f"{_HOME}/config.json").write_text(json.dumps(_configuration(pulls_per_s)))
    options = (f"--config={_HOME}/config.json", f"--root-dir={_HOME}", f"--cert-dir={_HOME}/pki")
    process = node.start("kubelet", ("kubelet", *options, f"--hostname-override={node.name}", "--v=3"))
    process.wait_until(lambda: "Starting kubelet." in node.log_of("kubelet").read_text())


def stop(node: LabNode) -> None:
    """Stop a node's kubelet and take away what is left of its pods."""
    node.stop("kubelet")
    node.run("crictl", *SECOND.endpoints, "rmp", "--force", "--all")
    for folder in (_HOME, _LOGS):  # a kubelet mounts its own folder once more
        run(
            *node.inside(),
            "sh",
            "-c",
            f"while umount --lazy {folder} 2>/dev/null; do :; done; ! mountpoint -q {folder}",
        )


def _configuration(pulls_per_s: int) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "containerRuntimeEndpoint": f"unix:///run/containerd{SECOND.place}/containerd.sock",
        "staticPodPath": f"{_HOME}/static",
        "podLogsDir": f"{_HOME}/logs",
        "enableServer": False,
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},  # the only mode without an API server; nobody can ask it anything
        "serializeImagePulls": False,
        "registryPullQPS": pulls_per_s,
        "registryBurst": max(pulls_per_s, 1),
        "eventRecordQPS": 0,
        # It shares the machine with everything else, and may not change it.
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "localStorageCapacityIsolation": False,
        "makeIPTablesUtilChains": False,
        "evictionHard": {"memory.available": "0%"},
        "imageGCHighThresholdPercent": 100,
    }


def _write(node: LabNode, pod: str, image: str, policy: str) -> Path:
    spec = {
        "hostNetwork": True,
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "containers": [{"name": "main", "image": image, "imagePullPolicy": policy}],
    }
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod}, "spec": spec}
    new = node.path(f"{_HOME}/{pod}.json")
    new.write_text(json.dumps(manifest))
    return new.rename(node.path(f"{_HOME}/static/{pod}.json"))


def _since(log: Path, before: int) -> str:
    with log.open("rb") as file:
        file.seek(before)
        return file.read().decode(errors="replace")


def _events(text: str, pod: str) -> list[_Event]:
    head = rf'"Event occurred" object="default/{pod}-[^"]*" .*type="(\w+)" reason="(\w+)" message='
    found = re.findall(head + r'(?:"((?:[^"\\\n]|\\.)*)"|<\n((?:\t.*\n)*) >)', text)
    # A message of several lines is written as it is, each behind a tab.
    events = [
        _Event(kind, reason, ast.literal_eval(f'"{quoted}"') if quoted else lines.replace("\n\t", "\n").strip())
        for kind, reason, quoted, lines in found
    ]
    return [event for event in events if _REDIALS not in event.message]
