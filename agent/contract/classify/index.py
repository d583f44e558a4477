"""Which rules have a chance in a line, and where: those of whose needles one stands in it.

Trying every rule would cost more with each that is added. Each rule is filed under one word of each alternative of its
needle, and a line asks only for the words that it has: the cost hardly depends on the number of rules.
"""

import re
from collections.abc import Callable, Iterable

from agent.contract.classify.opening import opened, spelled
from agent.contract.classify.rule import Rule, compiled

Look = Callable[[str, int, int], re.Match[str] | None]
_WORD = re.compile(r"[a-z0-9]+")
_UNENDED = re.compile(r"[a-z0-9]+$")
_REPEATED = re.compile(r"\{\d*,?(\d+)\}")


class Filed:
    """A rule under one alternative of its needle.

    `reach`: no match has more characters; `lead`: so many stand in front of the needle at most; `heads`: where they are
    known, each match begins with one of them, so far in front of the needle, and is looked for nowhere else; `rank`:
    the place of the rule in the tables, negated.
    """

    __slots__ = ("heads", "lead", "look", "needle", "rank", "reach", "rule", "weight")

    def __init__(self, needle: str, number: int, rule: Rule) -> None:
        self.needle, self.rank, self.rule, self.weight = needle, -number, rule, rule.weight
        self.reach = self.lead = reach(rule)
        self.look: Look | None = None
        self.heads: list[tuple[int, tuple[str, ...]]] | None = None

    def compile(self) -> Look:
        """Give the look for the pattern, made when it is needed first: most lines need a handful of them."""
        if self.begun():
            self.look = compiled(source(self.rule)).match
        else:
            self.look = compiled("|".join(opened(source(self.rule)))).search
        return self.look

    def begun(self) -> list[tuple[int, tuple[str, ...]]]:
        """Give the heads, made when they are needed first."""
        if self.heads is None:
            self.heads = heads(self.rule, self.needle)
        return self.heads


class Index:
    """Rules, filed by weight under the words that must stand in a line before they can match."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        # Most needles are not in a line that has their word: what is filed under them is not even touched then.
        levels: dict[int, dict[bytes, list[tuple[str, Filed]]]] = {}
        for number, rule in enumerate(rules):
            level = levels.setdefault(rule.weight, {})
            for needle in rule.needle.split("|"):
                level.setdefault(key(needle).encode(), []).append((needle, Filed(needle, number, rule)))
        # The weightiest first: where such a rule matches, no lighter one counts.
        self.levels = [(weight, frozenset(levels[weight]), levels[weight]) for weight in sorted(levels, reverse=True)]
        self.asked = frozenset(word for level in levels.values() for word in level)


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


def heads(rule: Rule, needle: str) -> list[tuple[int, tuple[str, ...]]]:
    """Give what matches with this needle begin with, and how far behind the beginning the needle stands.

    A match that has another of the rule's needles is found by that. Nothing is given where a match may have none so
    near its beginning that single letters tell. The needles that stand furthest behind come first.
    """
    needles = rule.needle.split("|")
    found: dict[int, set[str]] = {}
    for head, whole in spelled(source(rule), needles):
        at = head.find(needle)
        if at >= 0:
            found.setdefault(at, set()).add(head)
            continue
        words = _WORD.findall(head if whole else _UNENDED.sub("", head))
        if not any(other in head and key(other) in words for other in needles):
            return []
    return [(at, tuple(found[at])) for at in sorted(found, reverse=True)]
