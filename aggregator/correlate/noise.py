"""Is it more than chance?

A failure that was seen twice stands. One that comes and goes stands where its rate in the window is beyond chance for
as many nodes as were asked. First runs stand only together: where so many nodes fail at once that chance would do it
less than once in a hundred snapshots (`chance.FLEET_ALPHA`, over all questions), in the fleet or in one group of it.

Cannot see: noise that is not independent between nodes; a fault of three nodes out of thousands in its first second.

Source: aggregator.correlate.chance, where the test and its rates stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.contract.result import Result, Window
from aggregator.correlate.cell import Cell, History
from aggregator.correlate.chance import BASE_RATE, FLEET_ALPHA, SERIES_ALPHA, tail
from aggregator.correlate.draft import Draft
from aggregator.correlate.fleet import Fleet
from aggregator.correlate.history import utc
from aggregator.correlate.scope import reach

FEWEST_FAILURES = 3  # two in a window are a first failure and its check a second later, or twice bad luck
MOST_RUNS = 10_000  # a window longer than this was not counted by an agent
PAUSES = 1.5  # a pause that lasts longer than this many average ones is rather the end

_STRENGTH: dict[History, int] = {"first": 0, "intermittent": 1, "solid": 2}


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known of single failed runs in this fleet. `rate`: how many answers in a row of them are one."""

    rate: float

    @classmethod
    def of(cls, cells: Iterable[Cell], answers: int) -> "Noise":
        """Estimate the rate from the fleet's own first runs; half of them, at most, may be a fault that begins."""
        first = sum(1 for cell in cells if cell.history == "first")
        return cls(max(BASE_RATE, first / 2 / answers if answers else 0.0))

    def beyond(self, window: Window | None, nodes: int) -> bool:
        """Tell whether one node's window fails more often than chance lets one of so many nodes fail."""
        if window is None or not FEWEST_FAILURES <= window.failures <= window.runs <= MOST_RUNS:
            return False
        return tail(window.failures, window.runs, self.rate) * max(nodes, 1) < SERIES_ALPHA

    def settle(self, draft: Draft, confirmed: set[Cell], fleet: Fleet) -> bool:
        """Take what may be chance out of a draft, and tell whether something is left."""
        by_node: dict[str, int] = {}
        for cell in draft.cells:
            strength = self._strength(cell, confirmed, len(draft.told))
            by_node[cell.node] = max(by_node.get(cell.node, 0), strength)
        first = {node for node, strength in by_node.items() if strength == 0}
        standing = draft.nodes - first
        chance = self._chance(draft, first, standing, fleet) if first else 0.0
        if first and chance > FLEET_ALPHA and not self._covered(draft, standing, fleet):
            draft.nodes = standing
            draft.cells = [cell for cell in draft.cells if cell.node in standing]
        if not draft.nodes:
            return False
        draft.chance = 0.0 if standing else chance
        flapping = [node for node in draft.nodes if by_node.get(node) == 1]
        draft.intermittent = len(flapping) * 2 > len(draft.nodes)
        if draft.intermittent:
            self._join_good_moments(draft, fleet)
        return True

    def _strength(self, cell: Cell, confirmed: set[Cell], nodes: int) -> int:
        if cell in confirmed:
            return _STRENGTH["solid"]
        if cell.history == "intermittent" and not self.beyond(cell.result.window, nodes):
            return _STRENGTH["first"]
        return _STRENGTH[cell.history]

    def _chance(self, draft: Draft, first: set[str], standing: set[str], fleet: Fleet) -> float:
        """Give how likely first runs on so many nodes are, in the fleet or in the likeliest group."""
        questions = max(fleet.questions, 1)
        least = tail(len(first), len(draft.told - standing), self.rate)
        groups = sum(len(values) for values in fleet.facts.having.values())
        for fact, value in fleet.facts.shared(first).items() if len(first) > 1 else ():
            inside = len((fleet.facts.having[fact][value] & draft.told) - standing)
            least = min(least, tail(len(first), inside, self.rate) * groups)
        return min(1.0, least * questions)

    def _covered(self, draft: Draft, standing: set[str], fleet: Fleet) -> bool:
        """Tell whether what stands already reaches so far that the first runs belong to it."""
        if not standing:
            return False
        if 2 * len(standing) >= len(draft.told):  # most fail already: one more is of the same, and no chance
            return True
        before = reach(draft.cause, standing, draft.told, fleet.facts)
        together = reach(draft.cause, draft.nodes, draft.told, fleet.facts)
        return before.scope == together.scope != "nodes" and before.group == together.group

    def _join_good_moments(self, draft: Draft, fleet: Fleet) -> None:
        """Add the nodes that pass just now, and whose window shows the same coming and going."""
        if len(draft.nodes) < 2:
            return  # one node that comes and goes says nothing of the others
        for key in {(cell.check, cell.target) for cell in draft.cells}:
            for node, result in fleet.columns.get(key, {}).items():
                pausing = result.status == "ok" and _between_failures(result, fleet.views[node].interval_s)
                if pausing and node in draft.told and self.beyond(result.window, len(draft.told)):
                    draft.nodes.add(node)


def _between_failures(result: Result, interval_s: float) -> bool:
    """Tell whether a good answer is a pause of what comes and goes, and not the end of an outage."""
    window = result.window
    if window is None or result.since is None or window.failures < 1:
        return False
    good_s = (utc(result.at) - utc(result.since)).total_seconds()
    pause_runs = (window.runs - window.failures) / window.failures  # good runs between two bad ones, on average
    return good_s <= PAUSES * pause_runs * interval_s
