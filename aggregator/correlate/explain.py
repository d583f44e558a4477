"""Which failures are first causes, and which only follow from another one of the same node?

An agent asks in order and skips what stands above a failure, so that most failed answers are first causes. Not so a
real pull, a pod's symptom, and an answer that is older than the fault below it: these are evidence of that fault.

Cannot see: two faults on one path at once, of which the upper one shows only when the lower one is mended.
"""

from collections import defaultdict
from collections.abc import Sequence

from aggregator.correlate.cell import Sign
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


def first_causes(signs: Sequence[Sign]) -> dict[int, int]:
    """Give, for each failure of one node that follows from another one, the position of its first cause.

    Args:
        signs: from the lowest check up.
    """
    if len(signs) == 1:
        return {}
    below = _Below(signs)
    because: dict[int, int] = {}
    for position, sign in enumerate(signs):
        low = below.of(position, sign)
        if low is not None:
            because[position] = because.get(low, low)
    return because


class _Below:
    """The failures of one node, by what goes through them."""

    def __init__(self, signs: Sequence[Sign]) -> None:
        self.signs = signs
        self.node = [number for number, sign in enumerate(signs) if sign.column.place.kind == "node"]
        self.path: dict[str, list[int]] = defaultdict(list)
        self.image: dict[str | None, list[int]] = defaultdict(list)
        for number, sign in enumerate(signs):
            place = sign.column.place
            if place.kind == "image":
                self.image[place.image].append(number)
            else:
                for registry in {place.registry, *sign.registries} - {None}:
                    self.path[str(registry)].append(number)

    def of(self, position: int, sign: Sign) -> int | None:
        """Give the lowest failure that explains this one, if any."""
        skewed = next((low for low in self.node if self.signs[low].cause == "clock_skew"), None)
        if skewed is not None and sign.cause in CLOCKED:
            return skewed
        if sign.column.check not in LATE:
            return None
        place = sign.column.place
        lower = [low for low in self.path.get(place.registry or "", ()) if _path_explains(self.signs[low], sign)]
        lower += [low for low in self.image[place.image] if low != position and _image_explains(self.signs[low], sign)]
        if sign.column.check in REAL and sign.cause not in CONTENT:
            lower = self.node + lower
        return lower[0] if lower else None


def _path_explains(low: Sign, high: Sign) -> bool:
    if low.cause == high.cause or high.cause in VAGUE:
        return True
    if low.column.check == "rate_limit":
        return False
    if low.column.place.kind == "registry":
        return True
    return high.cause not in CONTENT and (high.column.check in REAL or high.cause != "auth_failed")


def _image_explains(low: Sign, high: Sign) -> bool:
    """A check of the same image below this one; of two symptoms of one image neither explains the other."""
    return low.column.check not in REAL and low.column.rank[:2] < high.column.rank[:2]
