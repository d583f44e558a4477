"""The wall clock of node-2 is two days ahead, as its agent sees it; its monotonic clock runs as it should."""

from tests.lab.fault import Expected
from tests.lab.lab import Lab
from tests.lab.node import AHEAD

TITLE = "node-2's clock is two days ahead"
FINDINGS = (Expected("clock_skew", "node", ("node-2",), ("all", None)),)
OF_PATH = False


def begin(lab: Lab) -> None:
    """Start the agent anew under another clock."""
    node = lab.node("node-2")
    node.stop_agent()
    node.start_agent(**AHEAD)


def end(lab: Lab) -> None:
    """Start it anew under the true one."""
    node = lab.node("node-2")
    node.stop_agent()
    node.start_agent()
