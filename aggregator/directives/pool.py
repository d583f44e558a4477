"""The pulls that a registry counts together: those of one identity, in one window.

Of what a registry says is left, all that is in use is taken off, whether it had counted it by then or not: no clocks
need be compared. Of the rest a tenth may be in use at once, and a lease stays in use for a whole window after its
pulls: so no window of that length, wherever it begins, ever holds more. Time is a number of seconds that never goes
back.

Cannot see: whether two addresses stand behind one NAT where the registry names no source; pulls of others since the
registry was asked, beyond the nine tenths that are left to them.

Source: Docker Hub's usage and limits page: pulls are counted by account, or by address where there is none.
"""

import heapq
from dataclasses import dataclass, field

TENTH = 10  # of what is left, at most one part in ten is for tests
WINDOW_S = 6 * 3600.0  # where a registry does not say: Docker Hub's
MARGIN_S = 60.0  # a pull is counted when the registry sees it: its second request may come after the lease is back
COUNTED_TWICE = 2  # what is in use is taken off by the registry, sooner or later, and here once more
LEASE_S = 600.0  # the longest real pull, its runtime's patience four times over, and what is asked before it


@dataclass(slots=True)
class Granted:
    """A lease. `since`: from when on its node had waited; `ended`: when it came back or expired."""

    id: str
    registry: str
    identity: str
    node: str
    pulls: int
    since: float
    granted: float
    until: float
    ended: float | None = None

    @property
    def over(self) -> float:
        """When its last pull was made, at the latest."""
        return self.until if self.ended is None else self.ended


@dataclass(slots=True)
class Pool:
    """One identity at one registry. `left`: what was told of it at `told_at`; none where nothing was.

    `changes` counts what makes a forecast old.
    """

    registry: str
    identity: str
    left: int | None = None
    limit: int | None = None
    window_s: float = WINDOW_S
    told_at: float = 0.0
    leases: dict[str, Granted] = field(default_factory=dict)
    changes: int = 0

    def tell(self, left: int, limit: int | None, window_s: float | None, at: float) -> None:
        """Take what the registry said at a time; what is older than what is known is no news."""
        if self.left is not None and at <= self.told_at:
            return
        self.changes += (left, limit) != (self.left, self.limit)
        self.left, self.limit, self.told_at = max(left, 0), limit, at
        self.window_s = max(window_s or WINDOW_S, self.window_s if self.leases else 0.0)  # what began in one ends in it

    def put(self, lease: Granted) -> None:
        """Take a lease into use."""
        self.leases[lease.id] = lease
        self.changes += 1

    def open_of(self, node: str) -> Granted | None:
        """Give the lease that a node has and has not given back."""
        return next((one for one in self.leases.values() if one.node == node and one.ended is None), None)

    def is_told(self, now: float) -> bool:
        """Whether it is known what is left: what was told a window ago says nothing any more."""
        return self.left is not None and now - self.told_at <= self.window_s

    def free_at(self, lease: Granted) -> float:
        """Give when a lease is in use no more."""
        return lease.over + self.window_s + MARGIN_S

    def used(self, now: float) -> int:
        """Give the pulls that are in use."""
        return sum(lease.pulls for lease in self.leases.values() if self.free_at(lease) > now)

    def room(self, now: float, parts: int = TENTH, before: int = 0) -> int:
        """Give how many pulls may be granted now.

        Args:
            parts: of what is left, one part in so many.
            before: so many are for others.
        """
        used = self.used(now) + before
        return ((self.left or 0) - used) // parts - used if self.is_told(now) else 0

    @property
    def whole(self) -> int:
        """What is left when a window begins anew and nobody has pulled in it."""
        return max(self.left or 0, self.limit or 0)

    def share(self, now: float, parts: int = TENTH) -> int:
        """Give how many pulls can be in use in one window as things are."""
        return ((self.left or 0) + self.used(now)) // (parts + COUNTED_TWICE)


class Forecast:
    """When those who wait have their turns, asked in their order.

    Others are taken to go on as they do; where nothing is left, the end of the window is taken to bring back the limit.
    """

    def __init__(self, pool: Pool, now: float, parts: int = TENTH) -> None:
        self._pool = pool
        self._parts = parts
        self._at = now
        self._used = pool.used(now)
        self._base = (pool.left or 0) + self._used
        self._frees = [(pool.free_at(one), one.pulls) for one in pool.leases.values() if pool.free_at(one) > now]
        heapq.heapify(self._frees)

    def next(self, pulls: int) -> float | None:
        """Give when the next one has so many pulls; none where it never has."""
        if pulls > self._pool.whole // self._parts:
            return None
        while (self._base - COUNTED_TWICE * self._used) // self._parts - self._used < pulls:
            if self._frees:
                free_at, freed = heapq.heappop(self._frees)
                self._at, self._used = max(self._at, free_at), self._used - freed
            else:
                self._at = max(self._at, self._pool.told_at + self._pool.window_s)
                self._base = self._pool.whole
        self._used += pulls
        heapq.heappush(self._frees, (self._at + self._pool.window_s + MARGIN_S, pulls))
        return self._at
