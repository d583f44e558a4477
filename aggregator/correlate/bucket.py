"""All claims of one cause at one spot: which nodes make them, how sure each is, and what they say.

Grows and shrinks node by node, so that a change of one node costs what that node says.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import TypeVar

import msgspec

from aggregator.correlate.cell import Cell, Line
from aggregator.correlate.claim import Spot
from aggregator.correlate.column import Streak
from aggregator.correlate.crowd import Crowd
from aggregator.correlate.extreme import Extreme

STANDING_SPELLS = 2  # the one that stands, and an outage before it
Key = TypeVar("Key")
_versions = count(1)  # of all buckets: no two that differ have the same


class Entry(msgspec.Struct, eq=False):
    """One node's claim: its cells, and the cells that follow from them."""

    cells: list[Cell]
    following: list[Cell]

    @property
    def all(self) -> list[Cell]:
        """Its cells, and those that follow."""
        return self.cells + self.following


class Bucket:
    """The claims at one spot.

    `solid` nodes were seen to fail twice; `rare` ones come and go, by window; the others have failed once. `pooled`: by
    the windows of all that a node claims, taken together. `alone` are those that ask nothing else. `lines` and
    `following` tell who says what; `since`, `last` and `firsts` tell of each node when it began, when it was seen last,
    and how many of its failures are first runs. `version` is another one after each change.
    """

    __slots__ = (
        "alone", "entries", "firsts", "following", "last", "lines", "nodes", "pooled", "rare", "since", "solid", "spot",
        "version",
    )  # fmt: skip

    def __init__(self, spot: Spot) -> None:
        self.spot = spot
        self.version = 0
        self.entries: dict[int, Entry] = {}
        self.nodes = Crowd()
        self.solid = Crowd()
        self.alone = Crowd()
        self.rare: dict[Streak, Crowd] = {}
        self.pooled: dict[Streak, Crowd] = {}
        self.lines: dict[Line, Crowd] = {}
        self.following: dict[Line, Crowd] = {}
        self.since: Extreme[datetime] = Extreme(min)
        self.last: Extreme[datetime] = Extreme(max)
        self.firsts: dict[int, int] = {}

    def add(self, number: int, entry: Entry, *, alone: bool) -> None:
        """Add a node's claim."""
        self.version = next(_versions)
        self.entries[number] = entry
        self.nodes.add(number)
        if alone:
            self.alone.add(number)
        histories = [cell.history for cell in entry.cells]
        for cell in entry.cells:
            _into(self.lines, cell.line).add(number)
        for cell in entry.following:
            histories.append(cell.history)
            _into(self.following, cell.line).add(number)
        if "solid" in histories:
            self.solid.add(number)
        if "intermittent" in histories:
            for streak in _streaks(entry.cells):
                _into(self.rare, streak).add(number)
        if pooled := _pooled(entry.cells):
            _into(self.pooled, pooled).add(number)
        if began := [cell.since for cell in entry.cells if cell.since]:
            self.since.put(number, min(began))
        if seen := [cell.at for cell in entry.cells if cell.at]:
            self.last.put(number, max(seen))
        if "first" in histories and (firsts := [cell.history for cell in entry.cells].count("first")):
            self.firsts[number] = firsts

    def drop(self, number: int) -> None:
        """Take a node's claim out."""
        self.version = next(_versions)
        entry = self.entries.pop(number)
        for crowd in (self.nodes, self.solid, self.alone):
            crowd.discard(number)
        for streak in _streaks(entry.cells):
            _out_of(self.rare, streak, number)
        if pooled := _pooled(entry.cells):
            _out_of(self.pooled, pooled, number)
        for cell in entry.cells:
            _out_of(self.lines, cell.line, number)
        for cell in entry.following:
            _out_of(self.following, cell.line, number)
        self.since.take(number)
        self.last.take(number)
        self.firsts.pop(number, None)


class Buckets(dict[str, dict[Spot, Bucket]]):
    """All buckets, by cause and spot."""

    def at(self, cause: str, spot: Spot) -> Bucket:
        """Give one, a new one where there is none."""
        spots = self.setdefault(cause, {})
        bucket = spots.get(spot)
        if bucket is None:
            bucket = spots[spot] = Bucket(spot)
        return bucket

    def drop(self, cause: str, spot: Spot, number: int) -> None:
        """Take a node's claim out; an empty bucket goes with it."""
        bucket = self[cause][spot]
        bucket.drop(number)
        if not bucket.nodes:
            del self[cause][spot]
            if not self[cause]:
                del self[cause]


def _streaks(cells: Iterable[Cell]) -> set[Streak]:
    return {
        (cell.window.failures, cell.window.runs) for cell in cells if cell.history == "intermittent" and cell.window
    }


def _pooled(cells: Iterable[Cell]) -> Streak | None:
    streaks = [_streak(cell) for cell in cells if cell.window and 0 <= cell.window.failures <= cell.window.runs]
    if len(streaks) == 1:
        return streaks[0]
    return (sum([one[0] for one in streaks]), sum([one[1] for one in streaks])) if streaks else None


def _streak(cell: Cell) -> Streak:
    """Give failures and runs of a window. What stands has no good run in it but those before, and before an outage."""
    window = cell.window
    assert window is not None
    stands = cell.history == "solid" and window.spells is not None and window.spells <= STANDING_SPELLS
    return window.failures, window.failures if stands else window.runs


def _into(crowds: dict[Key, Crowd], key: Key) -> Crowd:
    crowd = crowds.get(key)
    if crowd is None:
        crowd = crowds[key] = Crowd()
    return crowd


def _out_of(crowds: dict[Key, Crowd], key: Key, number: int) -> None:
    crowd = crowds.get(key)
    if crowd is not None:
        crowd.discard(number)
        if not crowd:
            del crowds[key]
