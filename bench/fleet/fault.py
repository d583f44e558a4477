"""One thing that is broken: where it shows, on which machines, and what sets these apart."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """A fault of the world.

    Args:
        kind: its class, by which misses are counted.
        checks, targets: where an agent meets it; no targets are all targets of these checks.
        on: the machines that it is on, by name.
        fact: the fact that sets them apart, where one does; what a report should name as different.
        age_s: how long ago it began.
        rate: how many runs in a row of them it spoils.
        together: whether a run spoils every target of the round, or each by itself.
        near: of two faults in one place the nearer to the node shows.
        reach: `node` where it is the node's whatever it asks, `far` where it is the registry's or a host's. A living
            mirror hides what is far.
        follows: further failures that it makes on its machines: (check, targets or none, cause).
    """

    kind: str
    cause: str
    checks: frozenset[str]
    on: frozenset[str]
    targets: frozenset[str] | None = None
    fact: str | None = None
    age_s: float = 3600.0
    rate: float = 1.0
    together: bool = False
    near: int = 0
    reach: Literal["node", "far", "image"] = "far"
    status: Literal["failed", "warn"] = "failed"
    follows: tuple[tuple[str, frozenset[str] | None, str], ...] = field(default=())

    def hits(self, check: str, target: str) -> bool:
        """Tell whether this question meets it."""
        return check in self.checks and (self.targets is None or target in self.targets)

    def cause_of_following(self, check: str, target: str) -> str | None:
        """Give the cause of what it brings with it elsewhere on its machines."""
        for named, targets, cause in self.follows:
            if check == named and (targets is None or target in targets):
                return cause
        return None
