"""Which rules have a chance in a line, and where: those of whose needles one stands in it.

Trying every rule would cost more with each that is added. Each rule is filed under one word of each alternative of its
needle, and a line asks only for the words that it has: the cost hardly depends on the number of rules.
"""

import re
from collections.abc import Callable, Iterable
from operator import itemgetter

from agent.contract.classify.opening import opened
from agent.contract.classify.rule import Rule, compiled

Look = Callable[[str, int, int], re.Match[str] | None]
_WORD = re.compile(r"[a-z0-9]+")
_REPEATED = re.compile(r"\{\d*,?(\d+)\}")


class Filed:
    """A rule under one alternative of its needle.

    `reach`: no match has more characters; `lead`: so many stand in front of the needle at most, and where it is 0 the
    pattern is tried at the needle alone; `rank`: the place of the rule in the tables, negated.
    """

    __slots__ = ("lead", "look", "needle", "rank", "reach", "rule", "weight")

    def __init__(self, needle: str, number: int, rule: Rule) -> None:
        self.needle, self.rank, self.rule, self.weight = needle, -number, rule, rule.weight
        self.reach = self.lead = reach(rule)
        self.look: Look | None = None

    def compile(self) -> Look:
        """Give the look for the pattern, made when it is needed first: most lines need a handful of them."""
        alternatives = opened(source(self.rule))
        others = [needle for needle in self.rule.needle.split("|") if needle != self.needle]
        if all(_begins(text, self.needle, others) for text in alternatives):
            self.lead = 0
            self.look = compiled(source(self.rule)).match
        else:
            self.look = compiled("|".join(alternatives)).search
        return self.look


class Index:
    """Rules, filed by weight under the words that must stand in a line before they can match."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        levels: dict[int, dict[bytes, list[Filed]]] = {}
        for number, rule in enumerate(rules):
            level = levels.setdefault(rule.weight, {})
            for needle in rule.needle.split("|"):
                level.setdefault(key(needle).encode(), []).append(Filed(needle, number, rule))
        # The weightiest first: where such a rule matches, no lighter one counts.
        self.levels = sorted(levels.items(), key=itemgetter(0), reverse=True)
        self._words = frozenset(word for level in levels.values() for word in level)

    def words(self, spoken: Iterable[bytes]) -> frozenset[bytes]:
        """Give the words under which rules are filed, of those that a line has."""
        return self._words.intersection(spoken)


def key(needle: str) -> str:
    """Give the word that an alternative of a needle is filed under: its longest, the first of equals."""
    longest: str = max(_WORD.findall(needle), key=len)
    return longest


def source(rule: Rule) -> str:
    """Give a rule's pattern; without one its needle is it."""
    return rule.pattern or re.escape(rule.needle)


def reach(rule: Rule) -> int:
    """Give a number of characters that no match of the rule's pattern exceeds."""
    return len(source(rule)) + sum(int(most) for most in _REPEATED.findall(rule.pattern))


def _begins(alternative: str, needle: str, others: list[str]) -> bool:
    """Tell whether a match of an alternative begins with the needle, or surely has another needle instead."""
    text = alternative.replace("\\", "")
    return text.startswith(needle) or (key(needle) not in text and any(other in text for other in others))
