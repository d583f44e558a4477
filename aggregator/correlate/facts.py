"""Which nodes share which properties?

Facts as text, by value and by node, so that a question about some nodes looks at those nodes only.
"""

from collections.abc import Mapping

from aggregator.correlate.crowd import Crowd, first_of

MOST_ASKED = 256  # questions whose answers are kept while no fact changes: most drafts are about the same nodes again


class Facts:
    """`having` gives the nodes per fact and value, `of` the facts per node. `version` grows with every change."""

    __slots__ = ("_shared", "having", "of", "version")

    def __init__(self) -> None:
        self.having: dict[str, dict[str, Crowd]] = {}
        self.of: dict[int, Mapping[str, str]] = {}
        self.version = 0
        self._shared: dict[int, Mapping[str, str]] = {}

    def add(self, number: int, facts: Mapping[str, str]) -> None:
        """Add a node with its facts."""
        self._changed()
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
        self._changed()
        for fact, value in self.of.pop(number).items():
            values = self.having[fact]
            values[value].discard(number)
            if not values[value]:
                del values[value]
            if not values:
                del self.having[fact]

    def shared(self, nodes: int) -> Mapping[str, str]:
        """Give the facts that are the same on all of these nodes."""
        shared = self._shared.get(nodes)
        if shared is None:
            if len(self._shared) >= MOST_ASKED:
                self._shared.clear()
            first = self.of.get(first_of(nodes), {}) if nodes else {}
            shared = {fact: value for fact, value in first.items() if not nodes & ~self.having[fact][value].bits}
            self._shared[nodes] = shared
        return shared

    def _changed(self) -> None:
        self.version += 1
        if self._shared:
            self._shared.clear()
