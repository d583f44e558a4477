"""Which of a node's results count now?

Each question once: of two answers the newer one, in doubt the worse. What is older than a day beside the newest is no
longer asked; what is more than a node can have is cut. Both are said.

Cannot see: which of two answers of one moment came later.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from agent.contract.report import Node
from agent.contract.result import Result
from agent.contract.table import CADENCES, ROUND_S
from aggregator.correlate.history import utc

MAX_ANSWERS = 2_000  # of one node: thirty times what an agent with 20 images has; more is a mistake or an attack
STALE_S = 86_400.0  # a day: longer than three of the slowest check's 6 h, so that it is no longer asked
_AT = attrgetter("at")
_WORST = {"failed": 4, "warn": 3, "ok": 2, "skipped": 1, "unknown": 0}


def young(node: Node, ignored: list[str]) -> tuple[Sequence[Result], datetime]:
    """Give a node's results that are not too old or too many, and the newest time; what is left out is said."""
    results: Sequence[Result] = node.results
    if len(results) > MAX_ANSWERS:
        results = sorted(results, key=stable)[:MAX_ANSWERS]
        ignored.append(f"{node.name}: {len(node.results) - MAX_ANSWERS} of {len(node.results)} results")
    times = list(map(_AT, results))
    try:
        newest, oldest = max(times), min(times)
    except TypeError:  # some have a zone, some have not
        times = list(map(utc, times))
        newest, oldest = max(times), min(times)
    if (newest - oldest).days:
        results = _young(node, results, utc(newest), ignored)
    return results, utc(newest)


def once_each(nodes: Sequence[Node], ignored: list[str]) -> list[Node]:
    """Give the nodes in the order of their names, each name once; say in `ignored` which were there twice."""
    names = Counter(node.name for node in nodes)
    twice = sorted(name for name, count in names.items() if count > 1)
    if not twice:
        return sorted(nodes, key=lambda node: node.name)
    ignored += [f"{names[name]} nodes are called {name}: the one heard last counts" for name in twice]
    same: dict[str, list[Node]] = {}
    for node in nodes:
        same.setdefault(node.name, []).append(node)
    return [_merged(same[name]) if len(same[name]) > 1 else same[name][0] for name in sorted(same)]


def _merged(nodes: Iterable[Node]) -> Node:
    """Make one node of several reports under one name: the one that was heard last speaks, in doubt the worse."""
    return max(nodes, key=lambda node: (_heard_at(node), sorted(map(stable, node.results)), str(node.facts)))


def stable(result: Result) -> tuple[str, str, str, float, str, str]:
    """Give a key that sorts the results of a node the same way whatever order they came in."""
    return (result.check, result.target, result.status, _at(result), result.cause or "", result.detail)


def _young(node: Node, results: Sequence[Result], newest: datetime, ignored: list[str]) -> Sequence[Result]:
    interval_s = node.interval_s or 0.0
    stretch = max(1.0, interval_s / ROUND_S) if math.isfinite(interval_s) else 1.0
    kept = [
        result
        for result in results
        if newest - utc(result.at) <= timedelta(seconds=max(STALE_S, 3 * stretch * _every_s(result.check)))
    ]
    if len(kept) != len(results):
        ignored.append(f"{node.name}: {len(results) - len(kept)} results older than a day")
    return kept


def _every_s(check: str) -> float:
    return CADENCES[check].every_s if check in CADENCES else 0.0


def newest_of_each(results: Sequence[Result]) -> Sequence[Result]:
    """Give one answer to each question: the newest, in doubt the worst."""
    answers: dict[tuple[str, str], Result] = {}
    for result in sorted(results, key=lambda one: (_at(one), _WORST[one.status], stable(one))):
        answers[result.check, result.target] = result
    return list(answers.values())


def _heard_at(node: Node) -> float:
    return utc(node.last_seen).timestamp() if node.last_seen else 0.0


def _at(result: Result) -> float:
    return utc(result.at).timestamp()
