"""Where the rules match a line.

A long line is read around the places of a rule's needle and nowhere else. Of a needle that stands in it too often, the
first and the last places are read: a log of thousands of equal lines says nothing new between its head and its tail.
"""

from collections.abc import Iterator
from typing import NamedTuple

from agent.contract.classify.index import Index
from agent.contract.classify.rule import NAME_BEFORE, Rule
from agent.contract.classify.rules import RULES

_INDEX = Index(RULES)
# A line up to this long is read whole: that is quicker than to look for the places of each needle first.
WHOLE_CHARACTERS = 2000
# Places that are read of a longer line in all, shared among the needles that stand in it, and at least of each. A real
# message has a few dozen; both bound the time for a line that is made of needles only.
PLACES = 2000
LEAST_PLACES = 8


class Hit(NamedTuple):
    """The words at [start, end) are what the rule speaks of; `number` is its place in the tables."""

    start: int
    end: int
    number: int
    rule: Rule


def hits(low: str, words: list[bytes]) -> list[Hit]:
    """Give all that the rules find in a lower-cased line of these words, each once."""
    candidates = _INDEX.candidates(low, words)
    whole = [(0, len(low))] if len(low) <= WHOLE_CHARACTERS else []
    most = max(LEAST_PLACES, PLACES // max(1, len(candidates)))
    found: dict[tuple[int, int, int], Hit] = {}
    for filed in candidates:
        search = filed.search
        for at, end in whole or _windows(_places(low, filed.needle, most), filed.reach):
            while match := search(low, at, end):
                start, stop = match.span()
                if start and NAME_BEFORE(low, start - 1):
                    at = start + 1
                    continue
                found[start, stop, filed.number] = Hit(start, stop, filed.number, filed.rule)
                at = stop
    return list(found.values())


def _places(low: str, needle: str, most: int) -> list[int]:
    """Give where a needle stands, and of many places the first and the last."""
    places: list[int] = []
    at = low.find(needle)
    while at >= 0 and len(places) < most // 2:
        places.append(at)
        at = low.find(needle, at + len(needle))
    last: list[int] = []
    end = len(low)
    while at >= 0 and len(last) < most // 2 and (end := low.rfind(needle, at, end)) >= 0:
        last.append(end)
    return places + last[::-1]


def _windows(places: list[int], reach: int) -> Iterator[tuple[int, int]]:
    """Give the parts of a line that lie around the places, none overlapping another."""
    start, end = -1, -1
    for place in places:
        if place - reach > end:
            if end >= 0:
                yield start, end
            start = max(0, place - reach)
        end = place + reach
    if end >= 0:
        yield start, end
