"""The nodes that wait for one pool, in fair order: those under validation first, then who waits the longest."""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.directives.pool import Forecast, Pool

PRESENT_S = 1800.0  # who waits asks again every `wire.ASK_AGAIN_S`: twice unheard, and nobody is held up for it
FORGOTTEN_S = 86_400.0  # who has not asked for a day waits no more: its place is lost
FORECAST_S = 60.0  # a forecast is made anew after this: who is there may have changed


@dataclass(slots=True)
class Waiting:
    """A node that waits for its turn. `asked`: when it last said so; `first`: before all that are not."""

    node: str
    pulls: int
    since: float
    asked: float
    first: bool = False

    @property
    def order(self) -> tuple[bool, float, str]:
        """Its place."""
        return not self.first, self.since, self.node


class Line:
    """Those who wait, sorted."""

    def __init__(self) -> None:
        self._line: list[Waiting] = []
        self._by_node: dict[str, Waiting] = {}
        self._forecast: tuple[Forecast, float, int, int] | None = None  # with when, and of which state of the pool
        self._turns: dict[str, float | None] = {}
        self._last: tuple[bool, float, str] | None = None

    def __len__(self) -> int:
        return len(self._line)

    def get(self, node: str) -> Waiting | None:
        """Give a node's place, if it waits."""
        return self._by_node.get(node)

    def put(self, waiting: Waiting) -> None:
        """Let a node wait, or take what it says anew."""
        before = self._by_node.get(waiting.node)
        if before is not None and (before.order, before.pulls) == (waiting.order, waiting.pulls):
            if waiting.asked - before.asked > PRESENT_S:
                self._forecast = None  # it was taken for gone
            before.asked = waiting.asked
            return
        self.remove(waiting.node)
        bisect.insort(self._line, waiting, key=lambda one: one.order)
        self._by_node[waiting.node] = waiting
        if self._last is not None and waiting.order < self._last:
            self._forecast = None

    def remove(self, node: str) -> Waiting | None:
        """Let a node wait no more; give the place that it had."""
        waiting = self._by_node.pop(node, None)
        if waiting is not None:
            del self._line[self.place(waiting)]
            self._forecast = None
        return waiting

    def before(self, waiting: Waiting, now: float) -> Iterator[Waiting]:
        """Give those before it that are there, in order."""
        return (one for one in self._line[: self.place(waiting)] if now - one.asked <= PRESENT_S)

    def tired(self, now: float) -> list[str]:
        """Give those that have not asked for so long that they wait no more."""
        return [one.node for one in self._line if now - one.asked > FORGOTTEN_S]

    def turn(self, waiting: Waiting, pool: Pool, now: float, parts: int) -> float | None:
        """Give when a node that waits has its turn, none where it never has; forecast once for all."""
        if self._forecast is None or self._is_old(pool, now, parts) or waiting.node not in self._turns:
            self._look_ahead(pool, now, parts)
        return self._turns[waiting.node]

    def _is_old(self, pool: Pool, now: float, parts: int) -> bool:
        assert self._forecast is not None
        _, made, changes, of_parts = self._forecast
        return now - made > FORECAST_S or (changes, of_parts) != (pool.changes, parts)

    def _look_ahead(self, pool: Pool, now: float, parts: int) -> None:
        """Forecast the turns of all; where only some have come behind the others, theirs alone."""
        if self._forecast is None or self._is_old(pool, now, parts):
            self._forecast = (Forecast(pool, now, parts), now, pool.changes, parts)
            self._turns, self._last = {}, None
        start = 0 if self._last is None else bisect.bisect_right(self._line, self._last, key=lambda one: one.order)
        for one in self._line[start:]:
            present = now - one.asked <= PRESENT_S
            self._turns[one.node] = self._forecast[0].next(one.pulls) if present else None
            self._last = one.order

    def place(self, waiting: Waiting) -> int:
        """Give how many stand before it, whether they are there or not."""
        return bisect.bisect_left(self._line, waiting.order, key=lambda one: one.order)
