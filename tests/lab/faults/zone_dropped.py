"""Packets of every node of zone b to the registry are dropped on their way."""

from tests.lab.fault import Expected
from tests.lab.lab import Lab

TITLE = "zone b's packets to registry.lab are dropped"
FINDINGS = (Expected("connect_timeout", "group", ("node-3", "node-4"), ("host", "registry.lab"), group=("zone", "b")),)
OF_PATH = True
_ZONE_B = (3, 4)


def begin(lab: Lab) -> None:
    """Drop them."""
    for node in _ZONE_B:
        lab.services.drop(node, "registry.lab")


def end(lab: Lab) -> None:
    """Let them through."""
    for node in _ZONE_B:
        lab.services.let_through(node, "registry.lab")
