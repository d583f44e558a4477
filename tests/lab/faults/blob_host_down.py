"""The host that images.lab redirects to for blobs is down; its manifests are served."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab

TITLE = "the blob host blobs.lab is down"
FINDINGS = (Expected("connect_refused", "cluster", EVERY_NODE, ("host", "blobs.lab")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Stop it."""
    lab.services.stop_site("blobs.lab")


def end(lab: Lab) -> None:
    """Start it."""
    lab.services.start_site("blobs.lab")
