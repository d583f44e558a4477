"""The registry's token service answers 503."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab

TITLE = "the token service auth.lab answers 503"
FINDINGS = (Expected("registry_unavailable", "cluster", EVERY_NODE, ("registry", "registry.lab")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Refuse every token."""
    lab.services.token_service(status=503)


def end(lab: Lab) -> None:
    """Give tokens again."""
    lab.services.token_service()
