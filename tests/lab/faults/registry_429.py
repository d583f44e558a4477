"""The registry answers everything with 429."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab
from tests.lab.sites import REGISTRY

TITLE = "registry.lab answers 429"
FINDINGS = (Expected("rate_limited", "cluster", EVERY_NODE, ("registry", "registry.lab")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Refuse everything as too many."""
    lab.services.site(REGISTRY.with_429("^/v2/"))


def end(lab: Lab) -> None:
    """Serve again."""
    lab.services.site(REGISTRY)
