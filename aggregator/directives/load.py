"""How often may the agents ask, so that the whole fleet stays under a rate at each registry?

Each node's questions cost a registry so many requests in a round (the table of cadences says how many, and what fails
is asked more often). All nodes together divided by the rate is the shortest interval at which they fit; a node that
asks several registries takes the longest of theirs. Intervals go up as soon as they must, in steps of a quarter, and
down only when there has been room for a while: a registry that fails and recovers moves nobody to and fro.

Cannot see: cadences that a person has configured on a node; second looks and confirmation, which have bounds of their
own; token services and blob hosts.

Source: DESIGN's table of what each check costs the registry: `agent.contract.table`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.contract.result import Result
from agent.contract.table import CADENCES, RETRY_RATIO, ROUND_S

STEP = 1.25  # between two intervals: joins and leaves within a quarter change nothing
ROOM = 1.1  # an interval is shortened only where a tenth more than there is would fit
SETTLE_S = 600.0  # and only when that has been so for ten minutes: longer than most faults flap
SHORTEST_S = 1.0  # no agent's interval is shorter


@dataclass(slots=True)
class _Pace:
    """The interval of one registry's nodes, and since when a shorter one would do."""

    interval_s: float
    roomy_since: float | None = None


class Load:
    """Decides about intervals. Times are monotonic seconds.

    Args:
        rate: requests a second that the fleet may make to one registry.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._weights: dict[str, Mapping[str, float]] = {}
        self._paces: dict[str, _Pace] = {}
        self.requests: dict[str, float] = {}  # in a round of all nodes, by registry

    def weigh(self, node: str, results: Iterable[Result]) -> None:
        """Take what a node asks."""
        self._weights[node] = weights_of(results)

    def drop(self, node: str) -> None:
        """Forget a node that has left."""
        self._weights.pop(node, None)

    def look(self, now: float) -> None:
        """Bring the intervals up to date."""
        requests: dict[str, float] = defaultdict(float)
        for weights in self._weights.values():
            for registry, weight in weights.items():
                requests[registry] += weight
        self.requests = dict(requests)
        for registry, weight in self.requests.items():
            pace = self._paces.setdefault(registry, _Pace(0.0))
            needed_s = step(weight / self.rate)
            if needed_s >= pace.interval_s:
                pace.interval_s, pace.roomy_since = needed_s, None
            elif step(ROOM * weight / self.rate) >= pace.interval_s:
                pace.roomy_since = None
            elif pace.roomy_since is None:
                pace.roomy_since = now
            elif now - pace.roomy_since >= SETTLE_S:
                pace.interval_s, pace.roomy_since = needed_s, None
        self._paces = {registry: pace for registry, pace in self._paces.items() if registry in self.requests}

    def interval_s(self, node: str) -> float | None:
        """Give the interval that a node should have at least; none where its own will do, whatever it is."""
        paces = [
            self._paces[registry].interval_s for registry in self._weights.get(node, ()) if registry in self._paces
        ]
        longest_s = max(paces, default=0.0)
        return longest_s if longest_s > SHORTEST_S else None

    def stretched(self, interval_s: float = ROUND_S) -> dict[str, float]:
        """Give the registries for whose sake an interval is stretched, and to what."""
        return {name: pace.interval_s for name, pace in sorted(self._paces.items()) if pace.interval_s > interval_s}


def weights_of(results: Iterable[Result]) -> dict[str, float]:
    """Give how many requests a node makes to each registry in one of its rounds."""
    weights: dict[str, float] = defaultdict(float)
    for result in results:
        row = CADENCES.get(result.check)
        if row is None or not row.requests:
            continue
        every_s = row.every_s
        if result.status == "failed":
            every_s = min(every_s, max(ROUND_S, every_s / RETRY_RATIO))
        for registry in result.registries:
            weights[registry] += row.requests * ROUND_S / every_s
    return dict(weights)


def step(interval_s: float) -> float:
    """Round an interval up to the next step."""
    if interval_s <= SHORTEST_S:
        return SHORTEST_S
    return round(STEP ** math.ceil(math.log(interval_s, STEP) - 1e-9), 3)
