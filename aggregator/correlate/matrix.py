"""The fleet as a matrix: which node could tell what of which target, and what it claims.

Kept, and changed node by node: a report of one node costs what this node says. A whole snapshot goes the same way, all
nodes one after the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.contract.report import Finding, Node, Pod
from aggregator.correlate.answers import ALL, Answers
from aggregator.correlate.cell import Lines
from aggregator.correlate.claims import Claims, Made
from aggregator.correlate.crowd import Crowd, chooser, union
from aggregator.correlate.facts import Facts
from aggregator.correlate.history import utc
from aggregator.correlate.state import NEVER, State, state_of
from aggregator.correlate.symptoms import Symptoms
from aggregator.correlate.view import View, view_of

FEWEST_COLUMNS = 1_000  # below so many it is not worth while to look for those that nobody asks any more
MOST_NAMED = 64  # lists of names that are kept, for a moment: many findings are about the same nodes

__all__ = ["ALL", "Matrix", "Seat"]


@dataclass(slots=True)
class Seat:
    """A node's place in the matrix: its number, what it tells, and where that was entered."""

    number: int
    view: View
    state: State = "excluded"
    until: datetime = NEVER
    made: Made = field(default_factory=list)


class Matrix:
    """All nodes at one time. `seats` holds every node by name, `names` by number."""

    def __init__(self, cluster: str = "", at: datetime | None = None) -> None:
        self.cluster = cluster
        self.at = utc(at) if at else datetime.min.replace(tzinfo=UTC)
        self.seats: dict[str, Seat] = {}
        self.names: list[str] = []
        self.answers = Answers()
        self.claims = Claims()
        self.facts = Facts()
        self.lines = Lines()
        self.symptoms = Symptoms(self.lines)
        self.ignored: list[str] = []
        self.finished: dict[object, Finding] = {}
        self._states: dict[State, Crowd] = {
            "excluded": Crowd(), "silent": Crowd(), "waiting": Crowd(), "heard": Crowd(),
        }  # fmt: skip
        self._free: list[int] = []
        self._named: dict[int, list[str]] = {}
        self._choose: Callable[[int], list[str]] | None = None
        self._most = FEWEST_COLUMNS
        self._due = NEVER  # before this nobody falls silent

    def put(self, node: Node) -> None:
        """Take what a node tells now in the place of what it told before."""
        view = view_of(node, self.answers.columns, self.lines)
        seat, alike = self.seats.get(node.name), False
        if seat is None:
            seat = self.seats[node.name] = Seat(self._number(node.name), view)
        else:
            alike = seat.state != "excluded" and seat.view.facts == view.facts
            self._leave(seat, keep_facts=alike)
            seat.view = view
        self._enter(seat, facts_kept=alike)
        if self.answers.columns.count > self._most:
            self.purge()

    def drop(self, name: str) -> None:
        """Forget a node."""
        seat = self.seats.pop(name, None)
        if seat is None:
            return
        self._leave(seat)
        self._rename()
        self.names[seat.number] = ""
        self._free.append(seat.number)

    def advance(self, at: datetime) -> None:
        """Let time pass: nodes that were not heard for long fall silent."""
        before, self.at = self.at, utc(at)
        if self.at < before:  # a clock that was put back: whoever is silent may have been heard just now
            for seat in self.seats.values():
                self._again(seat)
        if self._due < self.at:
            for seat in [seat for seat in self.seats.values() if seat.until < self.at]:
                self._again(seat)
            self._due = min((seat.until for seat in self.seats.values()), default=NEVER)

    def hear(self, pods: Iterable[Pod]) -> None:
        """Take what Kubernetes says of pods now in the place of what it said before."""
        for name in self.symptoms.hear(pods):
            if name in self.seats:
                self._again(self.seats[name])

    def purge(self) -> None:
        """Forget what no node asks any more."""
        views = [seat.view for seat in self.seats.values()]
        self.answers.keep({column for view in views for column in (*view.told, *view.skipped)})
        self._most = 2 * self.answers.columns.count + FEWEST_COLUMNS

    def names_of(self, bits: int) -> list[str]:
        """Give the names of some nodes, sorted. A report asks for the same ones again and again."""
        names = self._named.get(bits)
        if names is None:
            if len(self._named) >= MOST_NAMED:
                del self._named[next(iter(self._named))]
            self._choose = self._choose or chooser(self.names)
            names = self._named[bits] = self._choose(bits)
        return names

    def bits(self, *states: State) -> int:
        """Give the nodes in these states."""
        return union(self._states[state] for state in states)

    @property
    def expected(self) -> int:
        """The nodes that count, heard or not."""
        return self.bits("heard", "silent", "waiting")

    def _rename(self) -> None:
        """Forget what was made of the names as they were."""
        self._named.clear()
        self._choose = None

    def _number(self, name: str) -> int:
        self._rename()
        if self._free:
            number = self._free.pop()
            self.names[number] = name
            return number
        self.names.append(name)
        return len(self.names) - 1

    def _again(self, seat: Seat) -> None:
        counted = seat.state != "excluded"
        self._leave(seat, keep_facts=counted)
        self._enter(seat, facts_kept=counted)

    def _enter(self, seat: Seat, *, facts_kept: bool = False) -> None:
        view, number = seat.view, seat.number
        seat.state, seat.until = state_of(view.node, bool(view.told or view.skipped), self.at)
        self._states[seat.state].add(number)
        self._due = min(self._due, seat.until)
        if seat.state == "excluded":
            if facts_kept:
                self.facts.drop(number)
            return
        if not facts_kept:
            self.facts.add(number, view.facts)
        told = self.symptoms.cells(view.node.name)
        if seat.state == "heard":
            self.answers.add(number, view)
            seat.made = self.claims.add(number, [*view.failed, *told], view.warned, view)
        elif told:
            seat.made = self.claims.add(number, told, (), view)

    def _leave(self, seat: Seat, *, keep_facts: bool = False) -> None:
        view, number = seat.view, seat.number
        self._states[seat.state].discard(number)
        self.claims.drop(number, seat.made)
        seat.made = []
        if seat.state == "heard":
            self.answers.drop(number, view)
        if seat.state != "excluded" and not keep_facts:
            self.facts.drop(number)
