"""Which rules have a chance in a line: those of whose words one stands in it.

Trying every rule would cost more with each that is added. Each rule is filed under the words of its needle, one word
of each alternative, and a line asks only for the words that it has: the cost hardly depends on the number of rules.
"""

import re
from collections.abc import Iterable

from agent.contract.classify.rule import Rule

_WORD = re.compile(r"[a-z0-9]+")
_SPACE = ord(" ")
# Every byte that is no letter and no digit ends a word, `_` too: error codes read `MANIFEST_UNKNOWN`.
_WORDS_ONLY = bytes(
    letter if chr(letter) in "abcdefghijklmnopqrstuvwxyz0123456789" else _SPACE for letter in bytes(range(256)).lower()
)


class Index:
    """Rules, filed under the words that must stand in a line before they can match."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._filed: dict[bytes, list[tuple[int, Rule]]] = {}
        for number, rule in enumerate(rules):
            for word in keys(rule):
                self._filed.setdefault(word.encode(), []).append((number, rule))
        self._words = frozenset(self._filed)

    def candidates(self, line: str) -> list[Rule]:
        """Give the rules that the line has a word of, in the order of the tables."""
        words = self._words.intersection(line.encode("ascii", "replace").translate(_WORDS_ONLY).split())
        return [rule for _, rule in sorted({filed for word in words for filed in self._filed[word]})]


def keys(rule: Rule) -> list[str]:
    """Give the words that a rule is filed under: the longest of each alternative of its needle, the first of equals."""
    return [max(_WORD.findall(alternative), key=len) for alternative in rule.needle.split("|")]
