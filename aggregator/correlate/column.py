"""One question, and who answered what: a column of the matrix.

Made once for a check and its target, and known by identity: two questions are the same only if they are one object.
"""

from collections.abc import Callable, Set
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


class Columns(dict[tuple[str, str], Column]):
    """All columns, by check and target; what is asked for the first time is made. Also by subject and by check.

    A check whose target is the node itself is one question, whatever each node calls itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.of_subject: dict[Subject, dict[Column, None]] = {}
        self.of_check: dict[str, dict[Column, None]] = {}
        self.measured: set[Column] = set()

    def __missing__(self, key: tuple[str, str]) -> Column:
        check, target = key
        if check in OF_ITSELF and target != ITSELF:
            column = self[key] = self[check, ITSELF]
            return column
        column = self[key] = Column(check, target)
        if column.measure is not None:
            self.measured.add(column)
        self.of_check.setdefault(check, {})[column] = None
        for subject in column.place.subjects():
            self.of_subject.setdefault(subject, {})[column] = None
        return column

    def keep(self, columns: Set[Column]) -> None:
        """Forget all other columns."""
        for key in [key for key, column in self.items() if column not in columns]:
            column = self.pop(key)
            self.measured.discard(column)
            _forget(self.of_check, column.check, column)
            for subject in column.place.subjects():
                _forget(self.of_subject, subject, column)


def _forget(index: dict[Key, dict[Column, None]], key: Key, column: Column) -> None:
    held = index.get(key, {})
    held.pop(column, None)
    if not held:
        index.pop(key, None)
