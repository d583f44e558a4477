"""Where the rules match a line.

A pattern is tried around each place of its needle and nowhere else. Of a needle that stands in the line too often, the
first and the last places are read: a log of thousands of equal lines says nothing new between its head and its tail.
"""

from typing import NamedTuple

from agent.contract.classify.index import Filed, Index
from agent.contract.classify.rule import NAME_BEFORE, Rule, compiled
from agent.contract.classify.rules import RULES

_INDEX = Index(RULES)
# Places that are read of a line in all, shared among the needles that stand in it, and at least of each. A real message
# has a few dozen; both bound the time for a line that is made of needles only.
PLACES = 2000
LEAST_PLACES = 8


class Hit(NamedTuple):
    """The words at [start, end) are what the rule speaks of; `number` is its place in the tables."""

    start: int
    end: int
    number: int
    rule: Rule


def hits(low: str) -> list[Hit]:
    """Give all that the rules find in a lower-cased line, in the line's order, each once."""
    candidates = _INDEX.candidates(low)
    most = max(LEAST_PLACES, PLACES // max(1, len(candidates)))
    found: dict[tuple[int, int, int], Hit] = {}
    for filed in candidates:
        for place in _places(low, filed.needle, most):
            if span := _around(low, filed, place):
                found[(*span, filed.number)] = Hit(*span, filed.number, filed.rule)
    return [found[at] for at in sorted(found)]


def _places(low: str, needle: str, most: int) -> list[int]:
    """Give where a needle stands, and of many places the first and the last."""
    places = []
    at = low.find(needle)
    while at >= 0 and len(places) < most // 2:
        places.append(at)
        at = low.find(needle, at + 1)
    last = []
    end = len(low)
    while at >= 0 and len(last) < most // 2:
        end = low.rfind(needle, at, end)
        if end < 0:
            break
        last.append(end)
        end += len(needle) - 1
    return places + last[::-1]


def _around(low: str, filed: Filed, place: int) -> tuple[int, int] | None:
    """Give the match of a rule's pattern that holds its needle at a place."""
    search = compiled(filed.pattern).search
    at, end = max(0, place - filed.reach), place + filed.reach + 2
    while found := search(low, at, end):
        start, stop = found.span()
        if start > place:
            return None
        if stop > place and not (start and NAME_BEFORE.match(low, start - 1)):
            return start, stop
        at = start + 1
    return None
