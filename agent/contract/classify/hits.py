"""Where the rules match a line.

A pattern is looked for around each place of its needle and nowhere else. Of a needle that stands in a long line too
often, the first and the last places are read: a log of thousands of equal lines says nothing new in its middle.
"""

import re
from collections.abc import Iterator

from agent.contract.classify.index import Filed, Index
from agent.contract.classify.rule import LIKELY, NAME_LETTERS
from agent.contract.classify.rules import RULES

_INDEX = Index(RULES)
# The words that rules ask for.
WORDS = _INDEX.asked
# Up to this length a line is read to its end from each needle's first place on.
SHORT_CHARACTERS = 2000
# Places that are read of a longer line in all, shared among the needles that stand in it, and at least of each. A real
# message has a few dozen; both bound the time for a line that is made of needles only.
PLACES = 500
LEAST_PLACES = 4

_WORD_AND_QUOTE = re.compile(r'[a-z0-9] "')

# Weight, end, start and number of the rule, the latter two negated: of two hits the greater one tells more.
Hit = tuple[int, int, int, int]


def hits(low: str, words: frozenset[bytes], *, every: bool) -> set[Hit]:
    """Give what the rules find in a lower-cased line; unless `every`, of the greatest weight only.

    The loose words speak only where no others do.

    Args:
        words: those of the line that are in `WORDS`, and maybe others.
    """
    end = len(low)
    short = end <= SHORT_CHARACTERS
    most = max(LEAST_PLACES, PLACES // (len(words) or 1))
    found: set[Hit] = set()
    find = low.find
    for weight, asked, level in _INDEX.levels:
        if found and (weight == LIKELY or not every):
            break
        for word in words & asked:
            for needle, filed in level[word]:
                place = find(needle)
                if place < 0:
                    continue
                if short:
                    _match(low, filed, place, end, found)
                else:
                    for first, last in _windows(_places(low, needle, place, most), filed.reach):
                        _match(low, filed, first, last, found)
    return found


def _match(low: str, filed: Filed, place: int, end: int, found: set[Hit]) -> None:
    """Add the matches of a rule from a place of its needle on."""
    begun = filed.heads if filed.heads is not None else filed.begun()
    if not begun:
        _search(low, filed, place, end, found)
        return
    at = 0
    while place >= 0:
        for before, heads in begun:
            start = place - before
            if start < at or not low.startswith(heads, start):
                continue
            if match := (filed.look or filed.compile())(low, start, end):
                at = _add(low, filed, match, found)
        place = low.find(filed.needle, max(at, place + 1), end)


def _search(low: str, filed: Filed, place: int, end: int, found: set[Hit]) -> None:
    """Do the same where a match may begin anywhere in front of the needle."""
    look, at = filed.look or filed.compile(), 0
    while place >= 0 and (match := look(low, max(at, place - filed.lead), end)):
        at = _add(low, filed, match, found)
        if at > place:
            place = low.find(filed.needle, at, end)


def _add(low: str, filed: Filed, match: re.Match[str], found: set[Hit]) -> int:
    """Add a match, unless it is part of a name. Give where the next may begin."""
    start, end = match.span()
    before = low[start - 1] if start else " "
    if before in NAME_LETTERS or before.isalnum() or (before == '"' and _is_quoted_name(low, start, end)):
        return start + 1
    found.add((filed.weight, end, -start, filed.rank))
    return end


def _is_quoted_name(low: str, start: int, end: int) -> bool:
    """Tell whether the match is one word in quotation marks right behind a word: `secret "denied"` is a name."""
    return low.startswith('"', end) and " " not in low[start:end] and bool(_WORD_AND_QUOTE.match(low, start - 3))


def _places(low: str, needle: str, at: int, most: int) -> list[int]:
    """Give where a needle stands from its first place on, and of many places the first and the last."""
    places: list[int] = []
    while at >= 0 and len(places) < most // 2:
        places.append(at)
        at = low.find(needle, at + len(needle))
    last: list[int] = []
    end = len(low)
    while at >= 0 and len(last) < most // 2 and (end := low.rfind(needle, at, end)) >= 0:
        last.append(end)
    return places + last[::-1]


def _windows(places: list[int], reach: int) -> Iterator[tuple[int, int]]:
    """Give the parts of a line that matches around these places can lie in: the first place in each, and its end."""
    first, end = -1, -1
    for place in places:
        if first < 0 or place - reach > end:
            if end >= 0:
                yield first, end
            first = place
        end = place + reach
    if end >= 0:
        yield first, end
