"""Which rules have a chance in a line, and where: those of whose needles one stands in it.

Trying every rule would cost more with each that is added. Each rule is filed under one word of each alternative of its
needle, and a line asks only for the words that it has: the cost hardly depends on the number of rules.
"""

import re
from collections.abc import Callable, Iterable

from agent.contract.classify.rule import Rule, compiled

Search = Callable[[str, int, int], re.Match[str] | None]
_WORD = re.compile(r"[a-z0-9]+")
_REPEATED = re.compile(r"\{\d*,?(\d+)\}")


class Filed:
    """A rule under one alternative of its needle; `number` is its place in the tables."""

    __slots__ = ("_search", "needle", "number", "pattern", "reach", "rule")

    def __init__(self, needle: str, number: int, rule: Rule) -> None:
        self.needle, self.number, self.rule = needle, number, rule
        self.pattern = rule.pattern or re.escape(rule.needle)
        self.reach = reach(self.pattern)
        self._search: Search | None = None

    @property
    def search(self) -> Search:
        """The search for the pattern, compiled when it is needed first: most lines need a handful of them."""
        if self._search is None:
            self._search = compiled(self.pattern).search
        return self._search


class Index:
    """Rules, filed under the words that must stand in a line before they can match."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._filed: dict[bytes, list[Filed]] = {}
        for number, rule in enumerate(rules):
            for needle in rule.needle.split("|"):
                self._filed.setdefault(key(needle).encode(), []).append(Filed(needle, number, rule))
        self._words = frozenset(self._filed)

    def candidates(self, low: str, words: list[bytes]) -> list[Filed]:
        """Give the rules whose needle stands in a lower-cased line of these words."""
        return [filed for word in self._words.intersection(words) for filed in self._filed[word] if filed.needle in low]


def key(needle: str) -> str:
    """Give the word that an alternative of a needle is filed under: its longest, the first of equals."""
    longest: str = max(_WORD.findall(needle), key=len)
    return longest


def reach(pattern: str) -> int:
    """Give a number of characters that no match of the pattern exceeds."""
    return len(pattern) + sum(int(most) for most in _REPEATED.findall(pattern))
