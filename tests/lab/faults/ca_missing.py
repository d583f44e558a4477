"""The lab's CA is missing from node-4's trust store."""

from tests.lab.fault import Expected
from tests.lab.lab import Lab

TITLE = "the CA is missing on node-4"
FINDINGS = (Expected("tls_untrusted", "node", ("node-4",), ("all", None)),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Leave only a CA that has issued nothing here."""
    lab.node("node-4").trust(lab.services.authority.stranger)


def end(lab: Lab) -> None:
    """Put the CA back."""
    lab.node("node-4").trust(lab.services.authority.bundle)
