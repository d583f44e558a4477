"""The container runtime of node-5 is stopped."""

from tests.lab.fault import Expected
from tests.lab.lab import Lab

TITLE = "node-5's containerd is stopped"
FINDINGS = (Expected("runtime_unavailable", "node", ("node-5",), ("all", None)),)
OF_PATH = False


def begin(lab: Lab) -> None:
    """Stop it."""
    lab.node("node-5").stop_containerd()


def end(lab: Lab) -> None:
    """Start it."""
    lab.node("node-5").start_containerd()
