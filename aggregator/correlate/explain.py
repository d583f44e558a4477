"""Which failures are first causes, and which only follow from another one of the same node?

An agent asks in order and skips what stands above a failure, so that most failed answers are first causes. Not so a
real pull, a pod's symptom, and an answer that is older than the fault below it: these are evidence of that fault.

Cannot see: two faults on one path at once, of which the upper one shows only when the lower one is mended.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from aggregator.correlate.cell import Cell
from aggregator.correlate.fleet import Fleet
from aggregator.correlate.place import POD, order_of

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


@dataclass(slots=True)
class Explained:
    """`because` names the first cause of a failure that is not one; `confirmed` are first runs that others bear out."""

    firsts: list[Cell] = field(default_factory=list)
    because: dict[Cell, Cell] = field(default_factory=dict)
    confirmed: set[Cell] = field(default_factory=set)


def first_causes(cells: Iterable[Cell], fleet: Fleet) -> Explained:
    """Tell first causes and what follows from them apart, node by node."""
    explained = Explained()
    by_node: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_node[cell.node].append(cell)
    for own in by_node.values():
        if len(own) == 1:
            explained.firsts.append(own[0])
        else:
            _explain_node(sorted(own, key=lambda cell: (order_of(cell.check), cell.order)), fleet, explained)
    return explained


def _explain_node(own: list[Cell], fleet: Fleet, explained: Explained) -> None:
    below = _Below(own)
    for cell in own:
        low = below.of(cell, fleet)
        if low is None:
            explained.firsts.append(cell)
            continue
        first = explained.because.get(low, low)
        explained.because[cell] = first
        if cell.history == "solid":
            explained.confirmed.add(first)


class _Below:
    """The failures of one node, by what goes through them."""

    def __init__(self, own: list[Cell]) -> None:
        self.node = [cell for cell in own if cell.place.kind == "node"]
        self.path: dict[str, list[Cell]] = defaultdict(list)
        self.image: dict[str | None, list[Cell]] = defaultdict(list)
        for cell in own:
            if cell.place.kind == "image":
                self.image[cell.place.image].append(cell)
            else:
                for registry in {cell.place.registry, *cell.result.registries} - {None}:
                    self.path[str(registry)].append(cell)

    def of(self, cell: Cell, fleet: Fleet) -> Cell | None:
        """Give the lowest failure that explains this one, if any."""
        skewed = next((low for low in self.node if low.cause == "clock_skew"), None)
        if skewed and cell.cause in CLOCKED and not _shared(cell, fleet):
            return skewed
        if cell.check not in LATE:
            return None
        registry, image = cell.place.registry, cell.place.image
        lower = [low for low in self.path.get(registry or "", ()) if _path_explains(low, cell)]
        lower += [low for low in self.image[image] if _image_explains(low, cell)]
        if cell.check in REAL and cell.cause not in CONTENT:
            lower = self.node + lower
        return lower[0] if lower else None


def _path_explains(low: Cell, high: Cell) -> bool:
    if low.cause == high.cause or high.cause in VAGUE:
        return True
    if low.check == "rate_limit":
        return False
    if low.place.kind == "registry":
        return True
    return high.cause not in CONTENT and (high.check in REAL or high.cause != "auth_failed")


def _image_explains(low: Cell, high: Cell) -> bool:
    """A check of the same image below this one; of two symptoms of one image neither explains the other."""
    return low.check not in REAL and order_of(low.check) < order_of(high.check) and low is not high


def _shared(cell: Cell, fleet: Fleet) -> bool:
    """Tell whether most other nodes fail at the same target in the same way: then it is not this node's clock."""
    column = fleet.columns.get((cell.check, cell.target), {})
    others = [result for node, result in column.items() if node != cell.node]
    same = [result for result in others if result.status == "failed" and result.cause == cell.cause]
    return bool(others) and len(same) * 2 > len(others)
