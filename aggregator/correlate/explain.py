"""Which failures are first causes, and which only follow from another one of the same node?

An agent asks in order and skips what stands above a failure, so that most failed answers are first causes. Not so a
real pull, a pod's symptom, and an answer that is older than the fault below it: these are evidence of that fault. A
check that failed before the lower one can have begun to fail has a cause of its own; since when a pod waits says less.
What is said of a mirror that cannot be reached follows from that, too.

Cannot see: two faults on one path at once, of which the upper one shows only when the lower one is mended.
"""

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import timedelta

from aggregator.correlate.cell import Cell
from aggregator.correlate.column import Column
from aggregator.correlate.place import POD

# Faults of the image or of what may be done with it: no fault of node or network looks like them.
CONTENT = frozenset(
    {
        "rate_limited", "image_not_found", "invalid_reference", "short_name_ambiguous", "image_never_pulled",
        "wrong_architecture", "unsupported_media_type", "signature_rejected", "policy_blocked",
    }
)  # fmt: skip
VAGUE = frozenset({"unknown", "cancelled"})
CLOCKED = frozenset({"tls_expired", "auth_failed"})  # certificates and tokens are read by the node's clock
LATE = frozenset({"manifest", "platform", "layer", "pull", POD})
REAL = frozenset({"pull", POD})  # not asked in order: the runtime goes its own way
LATER_S = 60.0  # besides the time between two runs: an answer that was waited for, a round that was late


def first_causes(failed: Sequence[Cell], warned: Sequence[Cell], told: Set[Column]) -> dict[Cell, Cell]:
    """Give, for each failure or warning of one node that follows from another one, its first cause.

    Args:
        failed: from the lowest check up; nothing that fails follows from a warning.
        told: what the node could answer, well or not.
    """
    because: dict[Cell, Cell] = {}
    if len(failed) + len(warned) < 2:
        return because
    passing = told - {cell.line.column for cell in (*failed, *warned)}
    below = _Below(failed, passing)
    for cell in failed:
        low = below.of(cell)
        if low is not None:
            because[cell] = because.get(low, low)
    mirrors = _Below(warned, passing)
    for cell in warned:
        low = below.skewed(cell) or mirrors.of_mirror(cell)
        if low is not None:
            because[cell] = because.get(low, low)
    return because


class _Below:
    """The failures of one node, by what goes through them."""

    def __init__(self, own: Sequence[Cell], passing: Set[Column]) -> None:
        self.passing = passing
        self.node: list[Cell] = []
        self.path: dict[str, list[Cell]] = defaultdict(list)
        self.image: dict[str | None, list[Cell]] = defaultdict(list)
        for cell in own:
            place = cell.line.column.place
            if place.kind == "node":
                self.node.append(cell)
            elif place.kind == "image":
                self.image[place.image].append(cell)
            else:
                for registry in {place.registry, *cell.line.sign.registries} - {None}:
                    self.path[str(registry)].append(cell)

    def of(self, cell: Cell) -> Cell | None:
        """Give the lowest failure that explains this one, if any."""
        if skewed := self.skewed(cell):
            return skewed
        check = cell.line.column.check
        if check not in LATE:
            return None
        place = cell.line.column.place
        lower = [low for low in self.path.get(place.registry or "", ()) if _path_explains(low, cell)]
        lower += [low for low in self.image[place.image] if low is not cell and _image_explains(low, cell)]
        if check in REAL and cell.line.cause not in CONTENT:
            lower = self.node + lower
        lower = [low for low in lower if not _was_before(cell, low)]
        return min(lower, key=lambda low: low.history == "first", default=None)  # what was seen twice, if any

    def skewed(self, cell: Cell) -> Cell | None:
        """Give the clock that explains what is read by it, where nothing else that is read by it is well."""
        if cell.line.cause not in CLOCKED:
            return None
        clock = next((low for low in self.node if low.line.cause == "clock_skew"), None)
        check, registry = cell.line.column.check, cell.line.column.place.registry
        others = (one for one in self.passing if one.check == check and one.place.registry == registry)
        return clock if clock and not any(others) else None

    def of_mirror(self, cell: Cell) -> Cell | None:
        """Give the host that explains why a registry is said to be without one of its mirrors."""
        place = cell.line.column.place
        if place.kind != "registry" or cell.line.cause != "registry_unavailable":
            return None
        hosts = [low for low in self.path.get(place.registry or "", ()) if low.line.column.place.kind == "host"]
        return hosts[0] if hosts else None


def _was_before(high: Cell, low: Cell) -> bool:
    """Tell whether this one failed before the fault below it can have begun, so that it has a cause of its own.

    What goes through a fault fails no more often than the fault itself, and does not stay where that comes and goes.
    No pod waits already for what failed once, just now: what it says of its image stands by itself.
    """
    if high.line.pod and low.history == "first" and high.line.cause in CONTENT:
        return True
    seldom = low.history == "first" or (low.history == "intermittent" and high.history == "solid")
    if seldom and high.window and low.window and high.window.failures > max(low.window.failures, 1):
        return low.window.runs > low.window.failures
    if high.since is None or low.since is None or low.history == "intermittent" or high.line.pod:
        return False
    return high.since < low.since - timedelta(seconds=low.every_s + LATER_S)


def _path_explains(low: Cell, high: Cell) -> bool:
    cause = high.line.cause
    if low.line.cause == cause or cause in VAGUE:
        return True
    if low.line.column.check == "rate_limit":
        return False
    if low.line.column.place.kind == "registry":
        return True
    return cause not in CONTENT and (high.line.column.check in REAL or cause != "auth_failed")


def _image_explains(low: Cell, high: Cell) -> bool:
    """A check of the same image below this one; of two symptoms of one image neither explains the other."""
    below = low.line.column
    return below.check not in REAL and below.rank[:2] < high.line.column.rank[:2]
