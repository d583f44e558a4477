"""The pull budget on its way: what nodes were told goes into it, their questions are answered, all of it is kept.

A lease is sent when it is on the disk, not before: whatever kills this process, a lease that is out there is known when
it starts again. Where nothing can be written, nothing is granted.

Cannot see: whether an agent got its lease; one that is not heard of again counts as spent.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from agent.contract import wire
from agent.contract.result import Result
from aggregator.directives import sources
from aggregator.directives.budget import Budget, Key, Turn
from aggregator.directives.clock import Clock
from aggregator.directives.line import Waiting
from aggregator.directives.pool import Granted
from aggregator.directives.sources import Told
from aggregator.fleet import Fleet, Member
from aggregator.intake.intake import Intake
from aggregator.store.budget_writes import BudgetTick, LeaseWrite, TurnWrite
from aggregator.store.store import Store

log = logging.getLogger(__name__)

TICK_S = 10.0  # how late a lease may be found to have expired
WRITE_CLOCK_S = 60.0  # a restart costs at most this of the clock, which makes nobody spend more
AGAIN_S = 60.0  # asked again after this where nothing can be written
TOLD_S = 10.0  # and after this where the node's own report, which says what is left, is still on its way
ID_AT_MOST = 64  # characters of a lease's name


class Leases:
    """Answers questions for leases.

    `validating` counts, by node, who waits for its validation: it goes before all others.
    """

    def __init__(self, fleet: Fleet, intake: Intake, store: Store) -> None:
        self._fleet = fleet
        self._intake = intake
        self._store = store
        self._told: dict[tuple[str, str], dict[str, Told]] = {}  # by node and registry
        self._committed: set[str] = set()
        self._ticked = 0.0
        self._line = ""
        self.validating: Counter[str] = Counter()
        self.budget = Budget(lambda node: self.validating[node] > 0)
        self.clock = Clock(_load(self.budget, store))

    async def run(self) -> None:
        """Let leases expire, until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            self.tick()

    def tick(self) -> None:
        """Count as spent what never came back, and forget what is over."""
        now = self.clock.now()
        for lease in self.budget.expire(now):
            self._warn(f"{_named(lease)} never came back: counted as spent")
            self._write(lease)
            self._write_turn(lease)
        free, tired = self.budget.forget(now)
        self._committed.difference_update(free)
        if free or tired or (self.budget.pools and now - self._ticked > WRITE_CLOCK_S):
            self._ticked = now
            self._store.put(BudgetTick(now, free, tired))
        self._told = {key: told for key, told in self._told.items() if key[0] in self._fleet.members}

    def heard(self, member: Member, results: Iterable[Result]) -> None:
        """Take what registries have told a node."""
        for result in results:
            if result.check == sources.CHECK:
                self._tell(member, result)

    def _tell(self, member: Member, result: Result) -> None:
        key = (member.name, result.target)
        told = sources.read(result, self._own(member), self._told.get(key))
        if not told and not result.could_tell:
            return  # nobody could ask: what was told before stays
        self._told[key] = told
        age_s = max(0.0, (datetime.now(UTC) - result.at).total_seconds())
        at = self.clock.now() - age_s
        for identity, one in told.items():
            self.budget.tell(result.target, identity, one.left, one.limit, one.window_s, at)

    def limits(self, registry: str) -> bool:
        """Whether a registry counts pulls, as far as anybody was told."""
        return any(name == registry for name, _ in self.budget.pools)

    def want(self, node: str, want: wire.Want) -> None:
        """Answer a node's question."""
        key = self._key(node, want)
        now = self.clock.now()
        if self._store.done.fault:
            return self._refuse(node, want, now + AGAIN_S, f"the store cannot be written: {self._store.done.fault}")
        if key is None:
            why = f"{node} has not been told yet what {want.registry[:80]} allows it"
            return self._refuse(node, want, now + TOLD_S, why)
        if not 0 < len(want.id) <= ID_AT_MOST:
            return self._refuse(node, want, None, f"a lease has a name of 1 to {ID_AT_MOST} characters")
        waited = self.budget.waiting(node, want.registry)
        decision = self.budget.want(want.id, node, key, want.pulls, now)
        lease = decision.lease
        if lease is None:
            waits = self.budget.waiting(node, want.registry)
            if waits is not None and (waited is None or waited.pulls != waits.pulls):
                self._store.put(TurnWrite(node, *key, waits.pulls, waits.since))
            return self._refuse(node, want, decision.next_at, decision.why)
        if decision.is_new:
            self._store.put(TurnWrite(node, *key, lease.pulls, None))
            self._write(lease, partial(self._grant, lease))
        elif lease.id in self._committed:
            self._send(lease)
        return None

    def _grant(self, lease: Granted) -> None:
        self._committed.add(lease.id)
        if not self._send(lease):  # it never left this process
            self.budget.give_back(lease.id, lease.node, 0, self.clock.now())
            self._write(lease)
            self._write_turn(lease)

    def _send(self, lease: Granted) -> bool:
        return self._intake.direct(lease.node, wire.Lease(id=lease.id, granted=True, until=self.at(lease.until)))

    def _refuse(self, node: str, want: wire.Want, next_at: float | None, why: str) -> None:
        self._intake.direct(node, wire.Lease(id=want.id, granted=False, next_at=self.at(next_at), why=why))

    def spent(self, node: str, spent: wire.Spent) -> None:
        """Take a lease back."""
        lease, line = self.budget.give_back(spent.id, node, spent.pulls, self.clock.now())
        if line:
            self._warn(line)
        if lease is not None:
            self._write(lease)
            self._write_turn(lease)

    def turns(self, node: str) -> list[Turn]:
        """Give when a node may pull next, for each registry that limits it."""
        now = self.clock.now()
        found = []
        for (name, registry), told in sorted(self._told.items()):
            if name == node and told:
                waits_as = self.budget.waits_as(node, registry)
                found.append(self.budget.turn(node, (registry, waits_as or sources.choose(told, None)), now))
        return found

    @contextlib.contextmanager
    def validated(self, node: str) -> Iterator[None]:
        """Let a node go before all others while somebody waits for it."""
        self.validating[node] += 1
        try:
            yield
        finally:
            self.validating[node] -= 1
            if not self.validating[node]:
                del self.validating[node]

    def at(self, moment: float | None) -> datetime | None:
        """Give a moment of the budget's clock as people count time."""
        if moment is None:
            return None
        return datetime.now(UTC) + timedelta(seconds=moment - self.clock.now())

    def _key(self, node: str, want: wire.Want) -> Key | None:
        told = self._told.get((node, want.registry))
        return (want.registry, sources.choose(told, want.identity)) if told else None

    def _own(self, member: Member) -> str:
        return str(member.facts.get("egress") or self._intake.address(member.name))

    def _write(self, lease: Granted, committed: partial[None] | None = None) -> None:
        window_s = self.budget.pools[lease.registry, lease.identity].window_s
        self._store.put(
            LeaseWrite(
                *(lease.id, lease.registry, lease.identity, lease.node, lease.pulls, lease.since),
                *(lease.granted, lease.until, lease.ended, window_s, committed),
            )
        )

    def _write_turn(self, lease: Granted) -> None:
        """Keep what became of a lease's node: it had its turn, or it has its place again."""
        waits = self.budget.waiting(lease.node, lease.registry)
        since = waits.since if waits is not None else None
        self._store.put(
            TurnWrite(lease.node, lease.registry, lease.identity, lease.pulls or 1, since, served=lease.pulls > 0)
        )

    def _warn(self, line: str) -> None:
        """Say a line once, not as often as somebody gives reason for it."""
        if line != self._line:
            self._line = line
            log.warning("%s", line)


def _named(lease: Granted) -> str:
    return f"a lease of {lease.node} for {lease.pulls} pulls of {lease.registry}"


def _load(budget: Budget, store: Store) -> float:
    """Take up what is kept, and give how late it was. Raises `StoreError`."""
    left_at = max((float(at) for (at,) in store.read("SELECT at FROM clock WHERE name = 'budget'")), default=0.0)
    for *row, window_s in store.read("SELECT * FROM lease"):
        lease = Granted(*row)
        budget.remember(lease, window_s)
        left_at = max(left_at, lease.granted, lease.ended or 0.0)
    rows = store.read("SELECT node, registry, identity, pulls, since, served FROM turn")
    left_at = max((left_at, *(float(row[4]) for row in rows if row[4] is not None)))
    for node, registry, identity, pulls, since, served in rows:
        if served:
            budget.served.add((node, registry))
        if since is not None:
            budget.wait(registry, identity, Waiting(node, pulls, since, left_at, first=not served))
    return left_at
