"""The file system of node-1's containerd has not a byte left; podman's own is another one."""

from tests.lab.fault import Expected
from tests.lab.lab import Lab

TITLE = "node-1's store is full"
FINDINGS = (Expected("disk_full", "node", ("node-1",), ("all", None)),)
OF_PATH = False


def begin(lab: Lab) -> None:
    """Fill it."""
    lab.node("node-1").fill("/var/lib/containerd")


def end(lab: Lab) -> None:
    """Free it."""
    lab.node("node-1").free("/var/lib/containerd")
