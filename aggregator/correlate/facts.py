"""Which nodes share which properties?

Facts as text, by value and by node, so that a question about some nodes looks at those nodes only.
"""

from collections.abc import Mapping

from aggregator.correlate.crowd import Crowd, first_of


class Facts:
    """`having` gives the nodes per fact and value, `of` the facts per node. `version` grows with every change."""

    __slots__ = ("having", "of", "version")

    def __init__(self) -> None:
        self.having: dict[str, dict[str, Crowd]] = {}
        self.of: dict[int, Mapping[str, str]] = {}
        self.version = 0

    def add(self, number: int, facts: Mapping[str, str]) -> None:
        """Add a node with its facts."""
        self.version += 1
        self.of[number] = facts
        for fact, value in facts.items():
            values = self.having.get(fact)
            if values is None:
                values = self.having[fact] = {}
            crowd = values.get(value)
            if crowd is None:
                crowd = values[value] = Crowd()
            crowd.add(number)

    def drop(self, number: int) -> None:
        """Forget a node's facts."""
        self.version += 1
        for fact, value in self.of.pop(number).items():
            values = self.having[fact]
            values[value].discard(number)
            if not values[value]:
                del values[value]
            if not values:
                del self.having[fact]

    def shared(self, nodes: int) -> dict[str, str]:
        """Give the facts that are the same on all of these nodes."""
        first = self.of.get(first_of(nodes), {}) if nodes else {}
        return {fact: value for fact, value in first.items() if not nodes & ~self.having[fact][value].bits}
