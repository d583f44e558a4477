"""The registry's certificate ended yesterday."""

from tests.lab.fault import EVERY_NODE, Expected
from tests.lab.lab import Lab
from tests.lab.sites import REGISTRY

TITLE = "the certificate of registry.lab has expired"
FINDINGS = (Expected("tls_expired", "cluster", EVERY_NODE, ("host", "registry.lab")),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Serve an old certificate."""
    lab.services.authority.issue("registry.lab", expired=True)
    lab.services.site(REGISTRY)


def end(lab: Lab) -> None:
    """Serve a new one."""
    lab.services.authority.issue("registry.lab")
    lab.services.site(REGISTRY)
