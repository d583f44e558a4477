"""A value per node, and which nodes have the least or the greatest.

Found when somebody asks, and followed from then on, so that a change of one node does not look at all others again.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Extreme(dict[int, Value], Generic[Value]):
    """Values by node; `choose` is `min` or `max`."""

    __slots__ = ("_at", "_choose", "_top")

    def __init__(self, choose: Callable[[Iterable[Value]], Value]) -> None:
        super().__init__()
        self._choose = choose
        self._at: set[int] = set()
        self._top: Value | None = None

    def put(self, number: int, value: Value) -> None:
        """Enter a node's value in the place of the one before."""
        if self._at:
            self._at.discard(number)
            top = self._top
            if value == top:
                self._at.add(number)
            elif top is not None and self._choose((top, value)) == value:
                self._at, self._top = {number}, value
        self[number] = value

    def take(self, number: int) -> None:
        """Take a node's value out, if it has one."""
        self.pop(number, None)
        self._at.discard(number)

    @property
    def at(self) -> set[int]:
        """The nodes that have the least, or the greatest."""
        if not self._at and self:
            self._top = self._choose(self.values())
            self._at = {number for number, value in self.items() if value == self._top}
        return self._at

    @property
    def top(self) -> Value | None:
        """The least or the greatest value; none where there is no node."""
        return self[next(iter(self.at))] if self else None
