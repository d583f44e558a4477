"""The one exception that says that what was looked at failed, and of what: a target, or the node's own policy."""

from typing import Any


class Fault(Exception):
    """What was looked at failed in a way that has a name.

    Args:
        cause: an id of the catalogue.
        detail: one line for a person, without secrets.
        evidence: JSON-like facts.
    """

    def __init__(self, cause: str, detail: str, **evidence: Any) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = detail
        self.evidence = evidence
