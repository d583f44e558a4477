"""The pull budget over weeks of fake time: `python -m bench.pulls` prints the figures of docs/budget.md.

Thousands of nodes behind some egresses ask for their pulls; others pull as well; leases are lost, agents vanish, the
aggregator is killed and its wall clock jumps. What the registry counts is counted here as well, independently.

Cannot see: what a real registry counts (its window's beginning, its own delay).
"""

import heapq
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent.contract.wire import ASK_AGAIN_S
from aggregator.directives.budget import Budget
from aggregator.directives.clock import Clock
from aggregator.directives.line import Waiting
from aggregator.directives.pool import TENTH, Granted

HOUR_S, DAY_S = 3600.0, 86_400.0
REGISTRY = "registry"
TELL_S = 60.0  # each identity's limit is heard this often: a fleet has a node that asks in every minute
NEXT_PULL_S = 6 * HOUR_S  # after its turn a node wants its next pull


@dataclass(frozen=True)
class Plan:
    """One simulation. `lost`: the share of leases that never come back, and of agents' words that nobody hears."""

    nodes: int
    egresses: int = 1
    limit: int = 100
    window_s: float = 6 * HOUR_S
    days: float = 7.0
    others: float = 0.0  # pulls of others, as a share of the limit in each window
    lost: float = 0.0
    kills: int = 0
    seed: int = 1


@dataclass
class Seen:
    """What came of it.

    `over`: leases and pulls beyond a tenth of what was left (of the limit, where others pull as well, unseen until the
    registry is asked again). `overtaken`: leases that took the room of somebody who had waited for longer.
    """

    pulls: int = 0
    over: int = 0
    most_in_a_window: int = 0
    served: int = 0
    all_served_s: float | None = None
    overtaken: int = 0
    refused: int = 0
    took_s: float = 0.0
    turns: Counter[str] = field(default_factory=Counter)


class World:
    """The fleet, the registry and the aggregator's budget, event by event."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.chance = random.Random(plan.seed)
        self.now = 0.0
        self.seen = Seen()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._counted: dict[str, deque[tuple[float, int]]] = {}  # what the registry counts: all pulls, by egress
        self._ours: dict[str, deque[float]] = {}
        self._open: Counter[str] = Counter()  # leases whose pull is still to come
        self._stored: dict[str, Granted] = {}
        self._places: dict[str, tuple[str, Waiting]] = {}
        self._mark = 0.0
        self._asked: dict[str, float] = {}
        self.budget, self.clock = Budget(), Clock(0.0, lambda: self.now)

    def at(self, moment: float, do: Callable[[], None]) -> None:
        """Let something happen."""
        self._number += 1
        heapq.heappush(self._events, (moment, self._number, do))

    def run(self) -> Seen:
        """Live through the whole plan."""
        plan, started = self.plan, time.process_time()
        for number in range(plan.egresses):
            egress = f"198.51.100.{number}"
            self._counted[egress], self._ours[egress] = deque(), deque()
            self.at(self.chance.uniform(0, TELL_S), lambda egress=egress: self._tell(egress))  # type: ignore[misc]  # bound now
            if plan.others:
                self.at(0.0, lambda egress=egress: self._others(egress))  # type: ignore[misc]  # bound now
        for number in range(plan.nodes):
            node, egress = f"node-{number}", f"198.51.100.{number % plan.egresses}"
            self.at(TELL_S + self.chance.uniform(0, TELL_S), lambda node=node, egress=egress: self._ask(node, egress))  # type: ignore[misc]  # bound now
        for _ in range(plan.kills):
            self.at(self.chance.uniform(0, plan.days * DAY_S), self._kill)
        self.at(10.0, self._tick)
        while self._events and self._events[0][0] <= plan.days * DAY_S:
            self.now, _, do = heapq.heappop(self._events)
            do()
        self.seen.took_s = time.process_time() - started
        return self.seen

    def _left(self, egress: str) -> int:
        counted = self._counted[egress]
        while counted and counted[0][0] <= self.now - self.plan.window_s:
            counted.popleft()
        return max(0, self.plan.limit - sum(pulls for _, pulls in counted))

    def _tell(self, egress: str) -> None:
        late_s = self.chance.choice((0.0, 0.0, 1.0, 30.0, 600.0)) if self.plan.lost else 0.0
        left, measured = self._left(egress), self.clock.now()
        self.at(self.now + late_s, lambda: self._hear(egress, left, measured))
        self.at(self.now + TELL_S, lambda: self._tell(egress))

    def _hear(self, egress: str, left: int, measured: float) -> None:
        self.budget.tell(REGISTRY, egress, left, self.plan.limit, self.plan.window_s, measured)

    def _others(self, egress: str) -> None:
        if self._left(egress):
            self._counted[egress].append((self.now, 1))
        pace_s = self.plan.window_s / (self.plan.limit * self.plan.others)
        self.at(self.now + self.chance.expovariate(1 / pace_s), lambda: self._others(egress))

    def _ask(self, node: str, egress: str) -> None:
        now = self.clock.now()
        self._number += 1
        self._asked[node] = self.now
        decision = self.budget.want(f"{node}-{self._number}", node, (REGISTRY, egress), 1, now)
        if decision.lease is None:
            self.seen.refused += 1
            place = self.budget.waiting(node, REGISTRY)
            if place is not None:
                self._places[node] = (egress, place)
            wait_s = min(ASK_AGAIN_S, (decision.next_at or now + ASK_AGAIN_S) - now)
            self.at(self.now + wait_s + self.chance.uniform(0, 1), lambda: self._ask(node, egress))
            return
        self._note_order(node, egress, decision.lease)
        self._open[egress] += 1
        left = self.plan.limit if self.plan.others else self._left(egress)
        self.seen.over += self._recent(egress) + self._open[egress] > left // TENTH
        self._places.pop(node, None)
        self._stored[decision.lease.id] = replace(decision.lease)
        self.seen.turns[node] += 1
        if self.seen.served < self.plan.nodes and self.seen.turns[node] == 1:
            self.seen.served += 1
            self.seen.all_served_s = self.now if self.seen.served == self.plan.nodes else None
        self._pull(node, egress, decision.lease)

    def _pull(self, node: str, egress: str, lease: Granted) -> None:
        """Pull at the beginning, in the middle or at the very end of the lease; give it back, or not."""
        lost = self.chance.random() < self.plan.lost
        took_s = self.chance.uniform(0, lease.until - lease.granted) if lost else self.chance.uniform(1, 120)
        self.at(self.now + took_s, lambda: self._count(egress))
        if not lost:
            self.at(self.now + took_s, lambda: self._back(node, lease.id))
        self.at(self.now + NEXT_PULL_S, lambda: self._ask(node, egress))

    def _count(self, egress: str) -> None:
        """Count a pull as the registry does, and hold it against what is left."""
        self.seen.pulls += 1
        self._open[egress] -= 1
        self._ours[egress].append(self.now)
        recent = self._recent(egress)
        self.seen.most_in_a_window = max(self.seen.most_in_a_window, recent)
        self.seen.over += recent > self.plan.limit // TENTH
        self._counted[egress].append((self.now, 1))

    def _recent(self, egress: str) -> int:
        ours = self._ours[egress]
        while ours and ours[0] <= self.now - self.plan.window_s:
            ours.popleft()
        return len(ours)

    def _back(self, node: str, id_: str) -> None:
        lease, _ = self.budget.give_back(id_, node, 1, self.clock.now())
        if lease is not None and self.chance.random() >= self.plan.lost:
            self._stored[id_] = replace(lease)

    def _note_order(self, node: str, egress: str, lease: Granted) -> None:
        """Note who waits for longer and asked within the last while: there must be room for all of them, too."""
        room = self.budget.pools[REGISTRY, egress].room(self.clock.now())
        before = sum(
            1
            for other, (behind, place) in self._places.items()
            if behind == egress
            and other != node
            and (not place.first, place.since) < (bool(self.seen.turns[node]), lease.since)
            and self.now - self._asked[other] <= ASK_AGAIN_S + 1
        )
        self.seen.overtaken += before > max(room, 0)

    def _tick(self) -> None:
        now = self.clock.now()
        for lease in self.budget.expire(now):
            self._stored[lease.id] = replace(lease)
        for id_ in self.budget.forget(now)[0]:
            self._stored.pop(id_, None)
        if now - self._mark >= 60.0:
            self._mark = now
        self.at(self.now + 10.0, self._tick)

    def _kill(self) -> None:
        """Begin anew with what was stored; the time since the last mark is lost, and so is what was told."""
        before = self.budget
        self.budget = Budget()
        self.budget.served = set(before.served)
        granted = (one.granted for one in self._stored.values())
        left_at = max([self._mark, *granted, *(place.since for _, place in self._places.values())])
        for lease in self._stored.values():
            self.budget.remember(replace(lease), self.plan.window_s)
        for egress, place in self._places.values():
            self.budget.wait(REGISTRY, egress, replace(place, asked=left_at))
        born = self.now
        self.clock = Clock(left_at, lambda: self.now - born)


PLANS = (
    ("1,000 nodes behind one anonymous address", Plan(1000, days=35)),
    ("the same, and others use half of it", Plan(1000, days=70, others=0.5)),
    ("1,000 nodes, 10 addresses", Plan(1000, egresses=10, days=7)),
    ("5,000 nodes, 50 addresses, a tenth of the leases lost, 20 kills", Plan(5000, 50, days=14, lost=0.1, kills=20)),
    ("5,000 nodes with one account of 5,000 a day", Plan(5000, limit=5000, window_s=DAY_S, days=14)),
)


def main() -> None:
    """Print a row for each plan."""
    print("| fleet | days | pulls | most in a window | tenth of the limit | over | out of order | all had a turn |")
    print("|---|---|---|---|---|---|---|---|")
    for name, plan in PLANS:
        seen = World(plan).run()
        all_served = f"{seen.all_served_s / DAY_S:.1f} days" if seen.all_served_s else f"{seen.served} had one"
        print(
            f"| {name} | {plan.days:g} | {seen.pulls} | {seen.most_in_a_window} | {plan.limit // TENTH} "
            f"| {seen.over} | {seen.overtaken} | {all_served} |"
        )
        print(f"{name}: {seen.refused} refused, {seen.took_s:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
