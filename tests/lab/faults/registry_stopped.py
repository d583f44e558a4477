"""The registry is stopped: nothing listens on its port."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab

TITLE = "registry.lab is stopped"
FINDINGS = (Expected("connect_refused", "cluster", EVERY_NODE, ("host", "registry.lab")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Stop it."""
    lab.services.stop_site("registry.lab")


def end(lab: Lab) -> None:
    """Start it."""
    lab.services.start_site("registry.lab")
