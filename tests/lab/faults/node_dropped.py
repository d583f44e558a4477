"""Packets of node-2 to the registry are dropped on their way."""

from tests.lab.fault import Expected
from tests.lab.lab import Lab

TITLE = "node-2's packets to registry.lab are dropped"
FINDINGS = (Expected("connect_timeout", "node", ("node-2",), ("host", "registry.lab")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Drop them."""
    lab.services.drop(2, "registry.lab")


def end(lab: Lab) -> None:
    """Let them through."""
    lab.services.let_through(2, "registry.lab")
