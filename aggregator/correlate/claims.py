"""What the nodes claim, all of them: failures and warnings in buckets by cause and spot."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from aggregator.correlate.bucket import Buckets, Entry
from aggregator.correlate.cell import Cell, Sign
from aggregator.correlate.claim import Claim, Spot, claims_of
from aggregator.correlate.column import Column
from aggregator.correlate.explain import first_causes
from aggregator.correlate.view import View

MOST_KEPT = 10_000  # ways to fail that are remembered; when there are more, they are judged anew
_ORDER = attrgetter("line.order")

Made = list[tuple[Buckets, str, Spot]]
"""Where a node's claims were entered."""

_Way = tuple[tuple[Sign, ...], frozenset[Column], frozenset[Column], frozenset[Column]]


class Claims:
    """The claims of all nodes that count. Nodes that fail in the same way are judged once."""

    def __init__(self) -> None:
        self.failures = Buckets()
        self.warnings = Buckets()
        self._judged: dict[_Way, list[Claim]] = {}

    def add(self, number: int, failed: Sequence[Cell], warned: Sequence[Cell], view: View) -> Made:
        """Enter what a node claims, and give where it was entered."""
        failed, warned = sorted(failed, key=_ORDER), sorted(warned, key=_ORDER)
        because = first_causes(failed, warned, view.told)
        return [
            *self._enter(self.failures, number, failed, warned, because, view),
            *self._enter(self.warnings, number, warned, failed, because, view),
        ]

    def drop(self, number: int, made: Made) -> None:
        """Take a node's claims out."""
        for buckets, cause, spot in made:
            buckets.drop(cause, spot, number)

    def _enter(
        self,
        buckets: Buckets,
        number: int,
        cells: Sequence[Cell],
        others: Sequence[Cell],
        because: Mapping[Cell, Cell],
        view: View,
    ) -> Made:
        made: Made = []
        firsts = [cell for cell in cells if cell not in because] if because else cells
        for claim in self._judge(firsts, others, view) if firsts else ():
            members = [firsts[one] for one in claim.members]
            following = [high for high, low in because.items() if low in members] if because else []
            buckets.at(claim.cause, claim.spot).add(number, Entry(members, following), alone=claim.alone)
            made.append((buckets, claim.cause, claim.spot))
        return made

    def _judge(self, firsts: Sequence[Cell], others: Sequence[Cell], view: View) -> list[Claim]:
        signs = tuple([cell.line.sign for cell in firsts])
        alike: list[Column] = []
        if others:
            causes = {sign.cause for sign in signs}
            alike = [cell.line.column for cell in others if cell.line.cause in causes]  # a warning is no pass
        if view.shaky:
            checks = {sign.column.check for sign in signs}
            alike += [column for column in view.shaky if column.check in checks]
        asked = view.told.difference(view.stale, alike) if view.stale or alike else view.told
        way = (signs, asked, frozenset(alike), _weak(firsts))
        claims = self._judged.get(way)
        if claims is None:
            if len(self._judged) >= MOST_KEPT:
                self._judged.clear()
            claims = self._judged[way] = claims_of(*way)
        return claims


def _weak(cells: Sequence[Cell]) -> frozenset[Column]:
    """Give what failed once only, where something else fails of the same cause that was seen twice."""
    if "first" not in [cell.history for cell in cells]:
        return frozenset()
    sure = {cell.line.cause for cell in cells if cell.history != "first"}
    return frozenset(cell.line.column for cell in cells if cell.history == "first" and cell.line.cause in sure)
