"""One repository is closed to anonymous clients: its tokens come without access, as public registries do it."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab

TITLE = "the repository team/app of registry.lab is closed"
FINDINGS = (Expected("auth_failed", "cluster", EVERY_NODE, ("repository", "registry.lab/team/app")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Close it."""
    lab.services.token_service(closed=("team/app",))


def end(lab: Lab) -> None:
    """Open it."""
    lab.services.token_service()
