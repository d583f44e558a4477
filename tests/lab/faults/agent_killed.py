"""The agent of node-3 is killed without a word."""

from tests.lab.fault import Expected
from tests.lab.lab import Lab

TITLE = "node-3's agent is killed"
FINDINGS = (Expected("agent_silent", "node", ("node-3",), ("all", None)),)
OF_PATH = False


def begin(lab: Lab) -> None:
    """Kill it."""
    lab.node("node-3").kill_agent()


def end(lab: Lab) -> None:
    """Start another one."""
    lab.node("node-3").start_agent()
