"""One image of the registry is deleted; another one of the same repository is still there."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab

_IMAGE = "registry.lab/team/app:2"
TITLE = f"the image {_IMAGE} is deleted"
FINDINGS = (Expected("image_not_found", "cluster", EVERY_NODE, ("image", _IMAGE)),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Delete it."""
    lab.delete(_IMAGE)


def end(lab: Lab) -> None:
    """Push it again."""
    lab.push(_IMAGE)
