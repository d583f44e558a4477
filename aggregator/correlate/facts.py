"""Which nodes share which properties?

Facts as text, by value and by node, so that a question about some nodes looks at those nodes only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Facts:
    """`having` gives the nodes per fact and value, `of` the facts per node."""

    having: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    of: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def add(self, node: str, facts: Mapping[str, str]) -> None:
        """Add a node with its facts."""
        self.of[node] = facts
        for fact, value in facts.items():
            self.having.setdefault(fact, {}).setdefault(value, set()).add(node)

    def shared(self, nodes: Iterable[str]) -> dict[str, str]:
        """Give the facts that are the same on all of these nodes."""
        some = set(nodes)
        first = self.of.get(min(some), {}) if some else {}
        return {fact: value for fact, value in first.items() if some <= self.having[fact][value]}
