"""What one cause is, and the sections of the runbook that remedies point to.

Source: runbook 009, Image Pull Failures.
"""

from typing import Literal

import msgspec


class Remedy(msgspec.Struct, frozen=True):
    """How a cause is fixed: one sentence, the commands in order, and the section of the runbook."""

    summary: str
    steps: list[str]
    see: str


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One entry.

    `of_node`: the fault is the node's own, whatever it asked. `transient`: a retry may help by itself. `checks`: which
    checks give it; beside them, `pull` gives whatever the runtime's words mean.
    """

    id: str
    title: str
    meaning: str
    severity: Literal["failure", "warning"] = "failure"
    transient: bool = False
    of_node: bool = False
    checks: tuple[str, ...] = ()
    summary: str
    steps: tuple[str, ...]
    see: str

    @property
    def remedy(self) -> Remedy:
        """The remedy with its placeholders as they stand."""
        return Remedy(self.summary, list(self.steps), self.see)


NETWORK = "runbook 009, Fix 4: Network Issues"
AUTH = "runbook 009, Fix 3: Registry Authentication Failed"
RATE = "runbook 009, Fix 1: Docker Hub Rate Limit Exceeded"
MISSING = "runbook 009, Fix 2: Image Does Not Exist"
ARCH = "runbook 009, Fix 5: Wrong Architecture"
NODE = "runbook 009, Diagnosis Step 3: Test Image Pull Manually"
