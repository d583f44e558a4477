"""Two faults at once: the CA is missing on node-4, and the registry answers 429 to everybody who gets so far.

Only manifests are refused, as Docker Hub does it; the other fault with a 429 refuses everything.
"""

from tests.lab.fault import Expected
from tests.lab.faults import ca_missing
from tests.lab.lab import Lab
from tests.lab.sites import REGISTRY

TITLE = "the CA is missing on node-4, and registry.lab answers manifests with 429"
FINDINGS = (
    *ca_missing.FINDINGS,
    Expected("rate_limited", "cluster", ("node-1", "node-2", "node-3", "node-5"), ("registry", "registry.lab")),
)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Break both."""
    lab.services.site(REGISTRY.with_429("^/v2/.+/manifests/"))
    ca_missing.begin(lab)


def end(lab: Lab) -> None:
    """Mend both."""
    lab.services.site(REGISTRY)
    ca_missing.end(lab)
