"""Which few nodes show most of a fleet, which are most like those that fail, and whom does a fact clear?

Cannot see: which facts matter. One that is each node's own (an address) counts for all alike, and clears nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from random import Random

Facts = frozenset[tuple[str, str]]

TRIED = 8  # nodes that are compared for each that is chosen: of ten thousand, the best of a sample is as good
OF_EACH = 2  # nodes that share a fact with a failing one: the second, because the first may be the exception
CLEARED_BY = 3  # nodes with a value that look well: one or two may be luck


def facts_of(facts: Mapping[str, object]) -> Facts:
    """Give a node's facts in a form that compares."""
    return frozenset((fact, str(value)) for fact, value in facts.items())


def spread(nodes: Mapping[str, Facts], looked: Iterable[Facts], most: int, without: Collection[str] = ()) -> list[str]:
    """Choose nodes so that every value of every fact is seen as evenly as can be.

    Args:
        looked: the facts of nodes that are seen already, which count.
        most: how many are chosen at most.
        without: nodes that are chosen already.
    """
    left = sorted(nodes.keys() - set(without))
    if len(left) <= most or most <= 0:
        return left[: max(0, most)]
    if len(left) > TRIED * most:
        # Drawn, not every so many: names have a pattern, and zones follow it. The same fleet gives the same sample.
        left = Random(len(left)).sample(left, TRIED * most)
    seen = Counter(fact for facts in looked for fact in facts)
    chosen: list[str] = []
    while left and len(chosen) < most:
        best = min(left, key=lambda name: (_seen(nodes[name], seen), name))
        left.remove(best)
        chosen.append(best)
        seen.update(nodes[best])
    return chosen


def near(nodes: Mapping[str, Facts], failing: Iterable[Facts], most: int) -> list[str]:
    """Choose nodes that share with failing ones what few others share, a few of each fact, the rarest first."""
    held: dict[tuple[str, str], list[str]] = defaultdict(list)
    wanted = frozenset(fact for facts in failing for fact in facts)
    for name in sorted(nodes):
        for fact in nodes[name] & wanted:
            held[fact].append(name)
    chosen: dict[str, None] = {}
    for fact in sorted(held, key=lambda fact: (len(held[fact]), fact)):
        chosen.update(dict.fromkeys([name for name in held[fact] if name not in chosen][:OF_EACH]))
    return list(chosen)[: max(0, most)]


def cleared_by(looked: Iterable[tuple[Facts, bool]]) -> Facts:
    """Give the values that clear whoever has them: of facts that separate those who fail from those who are well.

    Args:
        looked: the facts of each node that has looked, and whether it fails.
    """
    well: Counter[tuple[str, str]] = Counter()
    failing: set[tuple[str, str]] = set()
    for facts, fails in looked:
        if fails:
            failing.update(facts)
        else:
            well.update(facts)
    mixed = {fact for fact, _ in failing & well.keys()}
    separating = {fact for fact, _ in failing} - mixed
    return frozenset(one for one, count in well.items() if count >= CLEARED_BY and one[0] in separating)


def _seen(facts: Facts, seen: Counter[tuple[str, str]]) -> float:
    return sum(seen[fact] for fact in facts) / max(1, len(facts))
