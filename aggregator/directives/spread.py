"""Which few nodes show most of a fleet? Those whose facts differ: every value is seen before one is seen twice.

Cannot see: which facts matter. One that is each node's own (an address) counts for all alike.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random

Facts = frozenset[tuple[str, str]]

TRIED = 8  # nodes that are compared for each that is chosen: of ten thousand, the best of a sample is as good


def spread(nodes: Mapping[str, Facts], looked: Iterable[Facts], most: int) -> list[str]:
    """Choose nodes so that every value of every fact is seen as evenly as can be.

    Args:
        looked: the facts of nodes that are seen already, which count.
        most: how many are chosen at most.
    """
    left = sorted(nodes)
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


def _seen(facts: Facts, seen: Counter[tuple[str, str]]) -> float:
    return sum(seen[fact] for fact in facts) / max(1, len(facts))
