"""One failing or warning answer of one node: what findings are made of."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal

import msgspec

from agent.contract.result import Window
from aggregator.correlate.column import Column

History = Literal["first", "solid", "intermittent"]

MOST_LINES_KEPT = 100_000  # ways to say something; each is some hundred bytes
_KEPT_SHAPES = 16_384
_NUMBERS = re.compile(r"\d+")


class Sign:
    """What a cell says without its words: nodes with the same signs are judged once. Known by identity."""

    __slots__ = ("cause", "column", "registries")

    def __init__(self, column: Column, cause: str, registries: tuple[str, ...] = ()) -> None:
        self.column = column
        self.cause = cause
        self.registries = registries


class Line:
    """What cells of several nodes have in common, and a person reads once. Known by identity."""

    __slots__ = ("order", "pod", "shape", "sign")

    def __init__(self, sign: Sign, shape: str, pod: str | None) -> None:
        self.sign = sign
        self.shape = shape
        self.pod = pod
        self.order = (*sign.column.rank, pod or "", sign.cause, shape, sign.registries)

    @property
    def column(self) -> Column:
        """The question."""
        return self.sign.column

    @property
    def cause(self) -> str:
        """What is wrong."""
        return self.sign.cause


class Lines:
    """All lines, each made once. Details that differ in numbers only are alike."""

    def __init__(self) -> None:
        self._signs: dict[tuple[Column, str, tuple[str, ...]], Sign] = {}
        self._lines: dict[tuple[Sign, str, str | None], Line] = {}

    def of(
        self, column: Column, cause: str, detail: str, registries: Sequence[str] = (), pod: str | None = None
    ) -> Line:
        """Give the line that says this."""
        said = (column, cause, tuple(registries))
        sign = self._signs.get(said)
        if sign is None:
            sign = self._signs[said] = Sign(*said)
        key = (sign, shape_of(detail), pod)
        line = self._lines.get(key)
        if line is None:
            if len(self._lines) >= MOST_LINES_KEPT:  # what is in use stays, and may be made a second time: its text
                self._lines.clear()  # is compared where it is read
                self._signs = {said: sign}
            line = self._lines[key] = Line(*key)
        return line


class Cell(msgspec.Struct, eq=False):
    """A node's answer that is not good.

    `since` and `at` are by the aggregator's clock as well as can be told; of what a pod suffers, `at` is always now.
    `history`: whether this is a first failed run, a failure that was seen again, or one that comes and goes. `every_s`:
    seconds between two runs; so much later than it began may it have been seen.
    """

    line: Line
    detail: str
    history: History
    window: Window | None
    since: datetime | None
    at: datetime | None
    every_s: float = 0.0


@lru_cache(maxsize=_KEPT_SHAPES)
def shape_of(detail: str) -> str:
    """Give a detail without its numbers."""
    return _NUMBERS.sub("#", detail)
