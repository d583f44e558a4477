"""What does one node tell, and does it count?

A pure function of one node: who is NotReady, cordoned or leaving does not count; who was not heard for three of its
intervals is silent; of two answers to one question the newer counts; what is too old or too much is left out and said.

Cannot see: whether an old answer would still be the same; a clock that is behind (its times look merely old).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from agent.contract.report import Node
from agent.contract.result import Result
from agent.contract.table import CADENCES, ROUND_S, SILENT_AFTER_INTERVALS, SILENT_AFTER_S
from aggregator.correlate.cell import Cell
from aggregator.correlate.history import history_of, utc

State = Literal["excluded", "silent", "waiting", "heard"]
Key = tuple[str, str]

SILENT = "agent_silent"
MAX_ANSWERS = 2_000  # of one node: thirty times what an agent with 20 images has; more is a mistake or an attack
STALE_S = 86_400.0  # a day: longer than three of the slowest check's 6 h, so that it is no longer asked
AHEAD_S = 300.0  # an answer given this long after it was heard: the node's clock is ahead, as `clock` judges it
_WORST = {"failed": 4, "warn": 3, "ok": 2, "skipped": 1, "unknown": 0}


@dataclass(slots=True)
class View:
    """One node as it counts. `answers` are its current ones by check and target; `ahead` is taken off its times."""

    node: Node
    state: State
    answers: dict[Key, Result] = field(default_factory=dict)
    ahead: timedelta = timedelta()
    ignored: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The node's name."""
        return self.node.name

    @property
    def interval_s(self) -> float:
        """Seconds between two rounds of the node; the table's where the node says nothing sensible."""
        interval_s = self.node.interval_s or 0.0
        return interval_s if 0.0 < interval_s < STALE_S else ROUND_S

    def facts(self) -> dict[str, str]:
        """Give the node's facts as text, so that they can be compared."""
        return {str(name): as_text(value) for name, value in self.node.facts.items() if value not in (None, "")}

    def cells(self, status: str, at: datetime) -> list[Cell]:
        """Give the answers of this status that have something to say."""
        return [self._cell(result, at) for result in self.answers.values() if result.status == status]

    def _cell(self, result: Result, at: datetime) -> Cell:
        since = min(self.when(result.since), at) if result.since else None
        history = history_of(result, self.interval_s)
        cause = result.cause or "unknown"
        cause = "unknown" if cause == SILENT else cause  # who speaks is not silent
        return Cell(self.name, result, cause, history, since, min(self.when(result.at), at))

    def when(self, moment: datetime) -> datetime:
        """Give a time of the node by the aggregator's clock."""
        try:
            return utc(moment) - self.ahead
        except OverflowError:  # a time near the year 1, which is nobody's
            return utc(moment)


def view_of(node: Node, at: datetime) -> View:
    """Look at one node at the time of the snapshot."""
    state = _state(node, at)
    view = View(node, state)
    if state != "heard" or not node.results:
        return view
    results: Sequence[Result] = node.results
    if len(results) > MAX_ANSWERS:
        results = sorted(results, key=_stable)[:MAX_ANSWERS]
        view.ignored.append(f"{node.name}: {len(node.results) - MAX_ANSWERS} of {len(node.results)} results")
    times = _times(results)
    newest = max(times)
    if node.last_seen is not None and newest - utc(node.last_seen) > timedelta(seconds=AHEAD_S):
        view.ahead = newest - utc(node.last_seen)
    results = _current(view, results, times, newest)
    view.answers = {(result.check, result.target): result for result in results}
    if len(view.answers) != len(results):
        view.answers = _newest_of_each(results)
    return view


def merge(nodes: Iterable[Node]) -> Node:
    """Make one node of several reports under one name: the one that was heard last speaks, in doubt the worse."""
    return max(nodes, key=lambda node: (_heard_at(node), sorted(map(_stable, node.results)), str(node.facts)))


def as_text(value: Any) -> str:
    """Write a fact's value: lists in their order, mappings by key."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(as_text, value))
    return json.dumps(value, sort_keys=True, default=str)


def _state(node: Node, at: datetime) -> State:
    if not node.ready or not node.schedulable or node.leaving:
        return "excluded"
    interval_s = node.interval_s or 0.0
    patience_s = SILENT_AFTER_INTERVALS * interval_s if 0.0 < interval_s < float("inf") else SILENT_AFTER_S
    patience = timedelta(seconds=min(patience_s, STALE_S))
    if node.last_seen is not None:
        return "silent" if at - utc(node.last_seen) > patience else "heard"
    if node.results:
        return "heard"
    young = node.created is not None and at - utc(node.created) <= patience
    return "waiting" if young else "silent"


def _heard_at(node: Node) -> float:
    return utc(node.last_seen).timestamp() if node.last_seen else 0.0


def _times(results: Sequence[Result]) -> list[datetime]:
    times = [result.at for result in results]
    return times if all(time.tzinfo is not None for time in times) else [utc(time) for time in times]


def _current(view: View, results: Sequence[Result], times: list[datetime], newest: datetime) -> Sequence[Result]:
    if newest - min(times) <= timedelta(seconds=STALE_S):
        return results
    stretch = max(1.0, view.interval_s / ROUND_S)
    kept = [
        result
        for result, time in zip(results, times, strict=True)
        if (newest - time).total_seconds() <= max(STALE_S, 3 * stretch * _every_s(result.check))
    ]
    view.ignored.append(f"{view.name}: {len(results) - len(kept)} results older than a day")
    return kept


def _every_s(check: str) -> float:
    return CADENCES[check].every_s if check in CADENCES else 0.0


def _newest_of_each(results: Sequence[Result]) -> dict[Key, Result]:
    answers: dict[Key, Result] = {}
    for result in sorted(results, key=lambda one: (utc(one.at), _WORST[one.status], _stable(one))):
        answers[result.check, result.target] = result
    return answers


def _stable(result: Result) -> tuple[str, str, str, float, str, str]:
    at = utc(result.at).timestamp()
    return (result.check, result.target, result.status, at, result.cause or "", result.detail)
