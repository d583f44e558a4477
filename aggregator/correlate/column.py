"""One question, and who answered what: a column of the matrix.

Made once for a check and its target, and known by identity: two questions are the same only if they are one object.
"""

from collections.abc import Callable, Sequence, Set
from typing import TypeVar

from agent.contract.report import Subject
from agent.contract.result import Result
from agent.contract.table import CADENCES
from aggregator.correlate.crowd import Crowd, union
from aggregator.correlate.measures import OF, Measure
from aggregator.correlate.place import Place, order_of, place_of

ITSELF = "node"  # the target of checks that are about the node as such
OF_ITSELF = frozenset(row.check for row in CADENCES.values() if row.target == ITSELF)
Key = TypeVar("Key")
Streak = tuple[int, int]  # failures and runs of a window
Pause = tuple[int, int, int]  # the same, and how many of the last runs were good


class Column:
    """A check and a target.

    `sheets` hold the nodes that could tell (`ok`, `warn`, `failed`); `failed` are those that fail, by cause; `skipped`
    those that could not be asked; `pausing` those whose answer is good just now and whose window is not.
    `measure` reads the numbers that the checklist wants of it.
    """

    __slots__ = ("check", "failed", "measure", "pausing", "place", "rank", "sheets", "skipped", "target")

    def __init__(self, check: str, target: str) -> None:
        self.check = check
        self.target = target
        self.place: Place = place_of(check, target)
        self.rank = (*order_of(check), target)
        self.measure: Callable[[Result], Measure] | None = OF.get(check)
        self.sheets: set[Sheet] = set()
        self.skipped = Crowd()
        self.failed: dict[str, Crowd] = {}
        self.pausing: dict[Pause, Crowd] = {}

    def failing(self, cause: str) -> int:
        """Give the bits of the nodes that fail here of this cause."""
        crowd = self.failed.get(cause)
        return crowd.bits if crowd else 0

    @property
    def failing_at_all(self) -> int:
        """The bits of the nodes that fail here, whatever the cause."""
        return union(self.failed.values())


class Sheet:
    """Questions that some nodes could answer, each of them all of these. Most fleets have few sheets."""

    __slots__ = ("checks", "columns", "nodes")

    def __init__(self, columns: frozenset[Column]) -> None:
        self.columns = columns
        self.checks = frozenset([column.check for column in columns])
        self.nodes = Crowd()


class Own(dict[str, Column]):
    """A check whose target is the node itself: one question, whatever each node calls itself."""

    def __missing__(self, target: str) -> Column:
        if target == ITSELF:
            raise KeyError(target)
        return self[ITSELF]


class Columns(dict[str, dict[str, Column]]):
    """All columns, by check and target, `count` of them; also by subject and by check."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.of_subject: dict[Subject, dict[Column, None]] = {}
        self.of_check: dict[str, dict[Column, None]] = {}
        self.measured: set[Column] = set()

    def asked(self, results: Sequence[Result]) -> list[Column]:
        """Give the column of each result."""
        try:
            return [self[result.check][result.target] for result in results]
        except KeyError:  # something is asked for the first time
            return [self._at(result.check, result.target) for result in results]

    def _at(self, check: str, target: str) -> Column:
        of_itself = check in OF_ITSELF
        targets = self.get(check)
        if targets is None:
            targets = self[check] = Own() if of_itself else {}
        target = ITSELF if of_itself else target
        column = targets.get(target)
        return self._new(targets, check, target) if column is None else column

    def _new(self, targets: dict[str, Column], check: str, target: str) -> Column:
        column = targets[target] = Column(check, target)
        self.count += 1
        if column.measure is not None:
            self.measured.add(column)
        self.of_check.setdefault(check, {})[column] = None
        for subject in column.place.subjects():
            self.of_subject.setdefault(subject, {})[column] = None
        return column

    def keep(self, columns: Set[Column]) -> None:
        """Forget all other columns."""
        for column in [one for targets in self.values() for one in targets.values() if one not in columns]:
            del self[column.check][column.target]
            self.count -= 1
            if not self[column.check]:
                del self[column.check]
            self.measured.discard(column)
            _forget(self.of_check, column.check, column)
            for subject in column.place.subjects():
                _forget(self.of_subject, subject, column)


def _forget(index: dict[Key, dict[Column, None]], key: Key, column: Column) -> None:
    held = index.get(key, {})
    held.pop(column, None)
    if not held:
        index.pop(key, None)
