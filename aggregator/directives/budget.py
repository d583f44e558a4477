"""Who may pull now? A lease for each pull that a registry counts, from the pool of the node's identity there.

In fair order: nodes under validation first, which are those that never had a turn at the registry and those that
somebody waits for; then who waits the longest. Nobody is granted what one before it needs, and one lease at a time is
enough for a node. What is granted is in use until it comes back, and is counted as spent when it does not.

Cannot see: another aggregator, until a lease of its comes back here; then each takes half of the tenth.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aggregator.directives.line import Line, Waiting
from aggregator.directives.pool import LEASE_S, TENTH, WINDOW_S, Forecast, Granted, Pool

PULLS_AT_MOST = 24  # in one lease: a real pull through each of a node's runtimes, and room to spare
TOLD_SOON_S = 60.0  # after this it is asked again whether somebody knows what is left
SOONEST_S = 10.0  # nobody is told to ask again before

Key = tuple[str, str]  # registry and identity


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a question: a lease, or when to ask again (never, where there is no such time) and why.

    `is_new`: the lease was not granted before.
    """

    lease: Granted | None = None
    is_new: bool = False
    next_at: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a node may pull next. `since`: from when on it waits, none where it does not; `before`: how many are."""

    registry: str
    identity: str
    since: float | None
    next_at: float | None
    before: int
    why: str


class Budget:
    """All pools, and all that wait. All times are seconds of a clock that never goes back.

    Args:
        validated: whether somebody waits for a node's validation.
    """

    def __init__(self, validated: Callable[[str], bool] = lambda node: False) -> None:
        self._validated = validated
        self._rival_until = 0.0
        self._lines: dict[Key, Line] = defaultdict(Line)
        self._waits_as: dict[tuple[str, str], str] = {}  # by node and registry: the identity as which it waits
        self.pools: dict[Key, Pool] = {}
        self.served: set[tuple[str, str]] = set()  # nodes that had a turn, and where
        self.granted: Counter[str] = Counter()  # by registry
        self.refused: Counter[str] = Counter()
        self.spent: Counter[str] = Counter()  # pulls

    def tell(
        self, registry: str, identity: str, left: int, limit: int | None, window_s: float | None, at: float
    ) -> None:
        """Take what a registry said is left for an identity, and when it said so."""
        self._pool((registry, identity)).tell(left, limit, window_s, at)

    def remember(self, lease: Granted, window_s: float) -> None:
        """Take a lease that was granted before this process began."""
        pool = self._pool((lease.registry, lease.identity))
        pool.put(lease)
        pool.window_s = max(pool.window_s, window_s)

    def wait(self, registry: str, identity: str, waiting: Waiting) -> None:
        """Let a node wait; it keeps its place whatever it asks for, and as whom."""
        before = self._waits_as.get((waiting.node, registry))
        if before is not None and before != identity:
            self._lines[registry, before].remove(waiting.node)
        self._waits_as[waiting.node, registry] = identity
        self._lines[registry, identity].put(waiting)

    def waits_as(self, node: str, registry: str) -> str | None:
        """Give the identity as which a node waits, where it does."""
        return self._waits_as.get((node, registry))

    def waiting(self, node: str, registry: str) -> Waiting | None:
        """Give a node's place, where it waits."""
        identity = self._waits_as.get((node, registry))
        return self._lines[registry, identity].get(node) if identity is not None else None

    def want(self, id_: str, node: str, key: Key, pulls: int, now: float) -> Decision:
        """Decide about a node's question."""
        decision = self._decide(id_, node, key, pulls, now)
        if decision.lease is None:
            self.refused[key[0]] += 1
        elif decision.is_new:
            self.granted[key[0]] += 1
        return decision

    def _decide(self, id_: str, node: str, key: Key, pulls: int, now: float) -> Decision:
        registry, identity = key
        if not 0 < pulls <= PULLS_AT_MOST:
            return Decision(why=f"{pulls} pulls are no lease: 1 to {PULLS_AT_MOST} are")
        pool = self.pools.get(key)
        if pool is None or not pool.is_told(now):
            return Decision(next_at=now + TOLD_SOON_S, why=_untold(key))
        lease = pool.open_of(node)
        if lease is not None:
            if (lease.id, lease.pulls) == (id_, pulls):
                return Decision(lease)  # the same question again
            return Decision(next_at=lease.until, why=f"{node} has a lease that is not back yet")
        if self._find(id_) is not None:
            return Decision(why=f"a lease {id_[:40]!r} was granted before")
        before = self.waiting(node, registry)
        waits = Waiting(node, pulls, before.since if before else now, now, self._is_first(node, registry))
        self.wait(registry, identity, waits)
        if not self._may(waits, pool, now):
            turn = self._lines[key].turn(waits, pool, now, self._parts(now))
            return Decision(next_at=turn and max(turn, now + SOONEST_S), why=self._why(waits, pool, now))
        self._leave(node, registry)
        lease = Granted(id_, registry, identity, node, pulls, waits.since, now, now + LEASE_S)
        pool.put(lease)
        return Decision(lease, is_new=True)

    def _may(self, waits: Waiting, pool: Pool, now: float) -> bool:
        """Tell whether there is room for it and for all before it; who never has a turn holds nobody up."""
        parts = self._parts(now)
        if pool.room(now, parts) < waits.pulls:
            return False
        able = pool.whole // parts
        line = self._lines[pool.registry, pool.identity].before(waits, now)
        before = sum(one.pulls for one in line if one.pulls <= able)
        return pool.room(now, parts, before) >= waits.pulls

    def room(self, key: Key, now: float) -> int:
        """Give how many pulls may be granted now."""
        return self._pool(key).room(now, self._parts(now))

    def turn(self, node: str, key: Key, now: float) -> Turn:
        """Give a node's next turn; as if it asked now for one pull, where it does not wait."""
        pool = self._pool(key)
        waits = self.waiting(node, key[0])
        since = waits.since if waits is not None else None
        if not pool.is_told(now):
            return Turn(*key, since, None, 0, _untold(key))
        asks = waits or Waiting(node, 1, now, now, self._is_first(node, key[0]))
        before = list(self._lines[key].before(asks, now))
        forecast = Forecast(pool, now, self._parts(now))
        for one in before:
            forecast.next(one.pulls)
        return Turn(*key, since, forecast.next(asks.pulls), len(before), self._why(asks, pool, now))

    def give_back(self, id_: str, node: str, pulls: int, now: float) -> tuple[Granted | None, str]:
        """Take a lease back; give it where something changes, and what there is to say."""
        lease = self._find(id_)
        if lease is None:
            self._rival_until = now + WINDOW_S
            return None, f"{node} gives back a lease that this aggregator never granted: is there another aggregator?"
        if lease.node != node:
            return None, f"{node} gives back a lease of {lease.node}: not taken"
        if lease.ended is not None:
            return None, f"{node} gives back a lease that was over: {lease.pulls} pulls stay counted as spent"
        line = f"{node} spent {pulls} pulls with a lease for {lease.pulls}" if pulls > lease.pulls else ""
        if pulls == 0 and self.waiting(node, lease.registry) is None:  # it came too late: the node keeps its place
            first = self._is_first(node, lease.registry)
            self.wait(lease.registry, lease.identity, Waiting(node, lease.pulls, lease.since, now, first))
        lease.pulls, lease.ended = pulls if pulls >= 0 else lease.pulls, now
        self._over(lease)
        return lease, line

    def expire(self, now: float) -> Iterator[Granted]:
        """Give the leases that never came back: they are counted as spent from now on."""
        for pool in self.pools.values():
            for lease in pool.leases.values():
                if lease.ended is None and lease.until <= now:
                    lease.ended = lease.until
                    self._over(lease)
                    yield lease

    def forget(self, now: float) -> tuple[list[str], list[tuple[str, str]]]:
        """Drop leases that are in use no more, and nodes that wait no more; give their ids, and who waited where."""
        gone, tired = [], []
        for key, pool in list(self.pools.items()):
            free = [one.id for one in pool.leases.values() if one.ended is not None and pool.free_at(one) <= now]
            for id_ in free:
                del pool.leases[id_]
            gone += free
            line = self._lines[key]
            tired += [(node, key[0]) for node in line.tired(now)]
            for node in line.tired(now):
                self._leave(node, key[0])
            if not (pool.leases or len(line) or pool.is_told(now)):
                del self.pools[key], self._lines[key]
        return gone, tired

    def _leave(self, node: str, registry: str) -> None:
        identity = self._waits_as.pop((node, registry), None)
        if identity is not None:
            self._lines[registry, identity].remove(node)

    def _over(self, lease: Granted) -> None:
        if lease.pulls:
            self.served.add((lease.node, lease.registry))
        self.spent[lease.registry] += lease.pulls
        self._pool((lease.registry, lease.identity)).changes += 1

    def _is_first(self, node: str, registry: str) -> bool:
        return (node, registry) not in self.served or self._validated(node)

    def _why(self, waits: Waiting, pool: Pool, now: float) -> str:
        parts = self._parts(now)
        if waits.pulls > pool.whole // parts:
            return f"never: one part in {parts} of the {pool.whole} pulls that {pool.registry} allows is none"
        before = self._lines[pool.registry, pool.identity].place(waits)
        hours = f"{pool.window_s / 3600:g} h"
        tests = f"{pool.share(now, parts)} in {hours} are for tests"
        return f"{before} before it; {pool.registry} has {pool.left} pulls left for {pool.identity}, {tests}"

    def _parts(self, now: float) -> int:
        """Give one part in how many is for tests: half of a tenth while there is another aggregator."""
        return 2 * TENTH if now < self._rival_until else TENTH

    def _find(self, id_: str) -> Granted | None:
        return next((pool.leases[id_] for pool in self.pools.values() if id_ in pool.leases), None)

    def _pool(self, key: Key) -> Pool:
        return self.pools.setdefault(key, Pool(*key))


def _untold(key: Key) -> str:
    return f"it is not known what {key[0]} has left for {key[1]}"
