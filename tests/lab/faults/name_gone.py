"""The registry's name is gone from both DNS servers."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab
from tests.lab.services import NAMES

TITLE = "the name registry.lab is gone for everybody"
FINDINGS = (Expected("dns_failed", "cluster", EVERY_NODE, ("host", "registry.lab")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Take the name out."""
    lab.services.names({name: address for name, address in NAMES.items() if name != "registry.lab"})


def end(lab: Lab) -> None:
    """Put it back."""
    lab.services.names(NAMES)
