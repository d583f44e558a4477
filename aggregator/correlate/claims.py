"""What the nodes claim, all of them: failures and warnings in buckets by cause and spot."""

from collections.abc import Sequence
from operator import attrgetter

from aggregator.correlate.bucket import Buckets, Entry
from aggregator.correlate.cell import Cell, Sign
from aggregator.correlate.claim import Claim, Spot, claims_of
from aggregator.correlate.column import Column
from aggregator.correlate.view import View

MOST_KEPT = 10_000  # ways to fail that are remembered; when there are more, they are judged anew
_ORDER = attrgetter("line.order")

Made = list[tuple[Buckets, str, Spot]]
"""Where a node's claims were entered."""


class Claims:
    """The claims of all nodes that count. Nodes that fail in the same way are judged once."""

    def __init__(self) -> None:
        self.failures = Buckets()
        self.warnings = Buckets()
        self._judged: dict[tuple[tuple[Sign, ...], frozenset[Column], bool], list[Claim]] = {}

    def add(self, number: int, failed: Sequence[Cell], warned: Sequence[Cell], view: View) -> Made:
        """Enter what a node claims, and give where it was entered."""
        return [
            *(self._enter(self.failures, number, failed, view) if failed else ()),
            *(self._enter(self.warnings, number, warned, view) if warned else ()),
        ]

    def drop(self, number: int, made: Made) -> None:
        """Take a node's claims out."""
        for buckets, cause, spot in made:
            buckets.drop(cause, spot, number)

    def _enter(self, buckets: Buckets, number: int, cells: Sequence[Cell], view: View) -> Made:
        cells = sorted(cells, key=_ORDER) if len(cells) > 1 else cells
        signs = tuple([cell.line.sign for cell in cells])
        made: Made = []
        explained = buckets is self.failures
        other = view.warned if explained else view.failed
        for claim in self._judge(signs, view, other, explained=explained):
            entry = Entry([cells[one] for one in claim.members], [cells[one] for one in claim.following])
            buckets.at(claim.cause, claim.spot).add(number, entry, alone=claim.alone)
            made.append((buckets, claim.cause, claim.spot))
        return made

    def _judge(self, signs: tuple[Sign, ...], view: View, other: Sequence[Cell], *, explained: bool) -> list[Claim]:
        causes = {sign.cause for sign in signs}
        alike = [
            cell.line.column for cell in other if cell.line.cause in causes
        ]  # a warning of what fails does not pass
        asked = view.told.difference(view.stale, view.pausing, alike)
        key = (signs, asked, explained)
        claims = self._judged.get(key)
        if claims is None:
            if len(self._judged) >= MOST_KEPT:
                self._judged.clear()
            claims = self._judged[key] = claims_of(signs, asked, explained=explained)
        return claims
