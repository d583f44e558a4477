"""What does one node tell?

A pure function of one node. Whether the node counts at all, and until when it is heard, stands in `state`.

Cannot see: whether an old answer would still be the same; a clock that is behind (its times look merely old).
"""

import json
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from sys import intern
from typing import Any

import msgspec

from agent.contract.report import Node
from agent.contract.result import Result
from agent.contract.table import ROUND_S
from aggregator.correlate.cell import Cell, History, Lines
from aggregator.correlate.column import Column, Columns, Pause
from aggregator.correlate.current import STALE_S, newest_of_each, young
from aggregator.correlate.history import age_s, every_s, history_of, history_of_warning, utc
from aggregator.correlate.measures import Measure
from aggregator.correlate.shaky import shaky

SILENT = "agent_silent"
AHEAD_S = 300.0  # an answer given this long after it was heard: the node's clock is ahead, as `clock` judges it
_AHEAD = timedelta(seconds=AHEAD_S)
_NO_TIME = timedelta()


class View(msgspec.Struct, eq=False):
    """One node. `told` are the questions that it could answer; `stale` those of them answered before what fails began.

    `pausing`: what is good just now, and was not; `shaky`: what is good, and shares the trouble of what fails. Of its
    `windows`, those with a single failure between good runs are in `singles`, by their runs: the node's share of noise.
    """

    node: Node
    facts: dict[str, str]
    told: frozenset[Column] = frozenset()
    skipped: list[Column] = []
    failed: list[Cell] = []
    warned: list[Cell] = []
    pausing: dict[Column, Pause] = {}
    shaky: list[Column] = []
    stale: list[Column] = []
    measures: list[Measure] = []
    ignored: list[str] = []
    singles: list[int] = []
    windows: int = 0


def view_of(node: Node, columns: Columns, lines: Lines) -> View:
    """Look at one node."""
    bare = Node(
        name=node.name, last_seen=node.last_seen, created=node.created, ready=node.ready,
        schedulable=node.schedulable, leaving=node.leaving, interval_s=node.interval_s,
    )  # fmt: skip
    view = View(bare, facts_of(node))
    if node.results:
        _Reading(view, node, columns, lines).read(columns.measured)
    return view


def facts_of(node: Node) -> dict[str, str]:
    """Give the node's facts as text, so that they can be compared."""
    return {
        intern(name): intern(value if type(value) is str else as_text(value))
        for name, value in node.facts.items()
        if value is not None and value != ""
    }


def as_text(value: Any) -> str:
    """Write a fact's value: lists in their order, mappings by key."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(as_text, value))
    return json.dumps(value, sort_keys=True, default=str)


class _Reading:
    """A node's results on their way into its view."""

    def __init__(self, view: View, node: Node, columns: Columns, lines: Lines) -> None:
        self.view = view
        self.lines = lines
        interval_s = node.interval_s or 0.0
        self.interval_s = interval_s if 0.0 < interval_s < STALE_S else ROUND_S
        self.results, newest = young(node, view.ignored)
        self.columns = columns.asked(self.results)
        view.told = frozenset(self.columns)
        if len(view.told) != len(self.columns):
            self.results = newest_of_each(self.results)
            self.columns = columns.asked(self.results)
        self.ahead = _NO_TIME
        if node.last_seen is not None and newest - utc(node.last_seen) > _AHEAD:
            self.ahead = newest - utc(node.last_seen)

    def read(self, measured: Set[Column]) -> None:
        """Sort the results into the view. Nearly all are plainly good, and are passed over at once."""
        view = self.view
        odd = [
            number
            for number, result in enumerate(self.results)
            if result.status != "ok" or ((window := result.window) is not None and window.failures)
        ]
        mute: list[Column] = []
        for number in odd:
            column, result = self.columns[number], self.results[number]
            status = result.status
            if status == "ok":
                self._pause(column, result)
            elif status == "failed":
                view.failed.append(self._cell(column, result, history_of(result, self.interval_s)))
            elif status == "warn":
                if result.cause:
                    view.warned.append(self._cell(column, result, history_of_warning(result)))
            else:
                mute.append(column)
                if status == "skipped":
                    view.skipped.append(column)
        if mute:
            view.told = view.told.difference(mute)
        if view.failed:
            view.stale = self._stale(view.failed)
            view.shaky = shaky(view.failed, zip(self.columns, self.results, strict=True), self.interval_s)
        for column in view.told & measured:
            if column.measure is not None:
                view.measures.append(column.measure(self.results[self.columns.index(column)]))
        if any(result.window is not None for result in self.results):  # agents send one with all answers or with none
            view.windows = len(view.told)

    def _pause(self, column: Column, result: Result) -> None:
        window = result.window
        assert window is not None
        if window.failures == 1:
            self.view.singles.append(window.runs)
        if 0 < window.failures < window.runs and window.spells != 1:  # one spell is an outage that is over
            good_s = age_s(result) or 0.0
            good_runs = int(min(max(good_s, 0.0) / every_s(result.check, self.interval_s) + 1, window.runs))
            self.view.pausing[column] = (window.failures, window.runs, good_runs)

    def _cell(self, column: Column, result: Result, history: History) -> Cell:
        cause = result.cause or "unknown"
        return Cell(
            self.lines.of(
                column,
                "unknown" if cause == SILENT else cause,  # who speaks is not silent
                result.detail,
                result.registries,
            ),
            result.detail,
            history,
            result.window,
            self._when(result.since) if result.since else None,
            self._when(result.at),
            every_s(result.check, self.interval_s),
        )

    def _when(self, moment: datetime) -> datetime:
        """Give a time of the node by the aggregator's clock."""
        try:
            return utc(moment) - self.ahead if self.ahead else utc(moment)
        except OverflowError:  # a time near the year 1, which is nobody's
            return utc(moment)

    def _stale(self, failed: Sequence[Cell]) -> list[Column]:
        """Give the good answers of a failing check from before it began to fail: they say nothing against it."""
        began: dict[str, datetime] = {}
        for cell in failed:
            check = cell.line.column.check
            if cell.since and (check not in began or cell.since < began[check]):
                began[check] = cell.since
        if not began:
            return []
        when = self._when if self.ahead else utc
        return [
            column
            for column, result in zip(self.columns, self.results, strict=True)
            if column.check in began and result.status == "ok" and when(result.at) < began[column.check]
        ]
