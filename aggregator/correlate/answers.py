"""What the nodes told, question by question: the columns of the matrix."""

from collections.abc import Iterable, Set
from typing import TypeVar

from agent.contract.report import Subject
from aggregator.correlate.column import Column, Columns, Sheet
from aggregator.correlate.crowd import FEW, Crowd, union
from aggregator.correlate.tally import Tally
from aggregator.correlate.view import View

ALL = Subject(kind="all")
Key = TypeVar("Key")


class Answers:
    """All answers of the nodes that count and were heard."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.tally = Tally()
        self._sheets: dict[frozenset[Column], Sheet] = {}
        self._bits: dict[Column, int] = {}  # who told, of the columns that somebody looked at

    def add(self, number: int, view: View) -> None:
        """Add what a node tells."""
        sheet = self._sheets.get(view.told) or self._new_sheet(view.told)
        sheet.nodes.add(number)
        view.told = sheet.columns  # one object for all of them
        for column in self._bits.keys() & sheet.columns if self._bits else ():
            self._bits[column] |= 1 << number
        for column in view.skipped:
            column.skipped.add(number)
        for cell in view.failed:
            _add(cell.line.column.failed, cell.line.cause, number)
        for column, streak in view.pausing.items():
            _add(column.pausing, streak, number)
        self.tally.add(number, view)

    def drop(self, number: int, view: View) -> None:
        """Take out what a node told."""
        sheet = self._sheets[view.told]
        sheet.nodes.discard(number)
        for column in self._bits.keys() & sheet.columns:
            self._bits[column] &= ~(1 << number)
        if not sheet.nodes:
            del self._sheets[view.told]
            for column in sheet.columns:
                column.sheets.discard(sheet)
        for column in view.skipped:
            column.skipped.discard(number)
        for cell in view.failed:
            _discard(cell.line.column.failed, cell.line.cause, number)
        for column, streak in view.pausing.items():
            _discard(column.pausing, streak, number)
        self.tally.drop(number, view)

    def _new_sheet(self, columns: frozenset[Column]) -> Sheet:
        sheet = self._sheets[columns] = Sheet(columns)
        for column in columns:
            column.sheets.add(sheet)
        return sheet

    def keep(self, columns: Set[Column]) -> None:
        """Forget all other columns."""
        self.columns.keep(columns)
        self._bits = {column: bits for column, bits in self._bits.items() if column in columns}

    def at(self, column: Column) -> int:
        """Give the nodes that could answer a question."""
        bits = self._bits.get(column)
        if bits is None:
            bits = union(sheet.nodes for sheet in column.sheets)
            if bits.bit_count() > FEW:
                self._bits[column] = bits
        return bits

    def asked(self, subject: Subject, checks: Iterable[str]) -> list[Column]:
        """Give what was asked of a subject by these checks, and could be told."""
        wanted = set(checks)
        return [c for c in self.columns.of_subject.get(subject, ()) if c.check in wanted and c.sheets]

    def told(self, subject: Subject, checks: Iterable[str]) -> int:
        """Give the nodes that could tell something of a subject by one of these checks."""
        if subject == ALL:
            wanted = frozenset(checks)
            return union(sheet.nodes for sheet in self._sheets.values() if sheet.checks & wanted)
        told = 0
        for column in self.asked(subject, checks):
            told |= self.at(column)
        return told


def _add(crowds: dict[Key, Crowd], key: Key, number: int) -> None:
    crowd = crowds.get(key)
    if crowd is None:
        crowd = crowds[key] = Crowd()
    crowd.add(number)


def _discard(crowds: dict[Key, Crowd], key: Key, number: int) -> None:
    crowd = crowds.get(key)
    if crowd is not None:
        crowd.discard(number)
        if not crowd:
            del crowds[key]
