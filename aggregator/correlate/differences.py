"""What do the failing nodes have that the healthy ones have not?

Compares facts one by one: listed is what every failing node shares and at most one in ten of the healthy ones has. A
fact that is another one on every node (an address, a serial number) says nothing of a single node.

Cannot see: facts that the agents do not report; a difference that lies in two facts together; a fact that is missing.
"""

from collections.abc import Mapping

from agent.contract.report import Difference, Group
from aggregator.correlate.crowd import Crowd
from aggregator.correlate.facts import Facts
from aggregator.correlate.scope import SHARE, plainness, suggests

MOST = 8  # lines; a node of another make differs in everything, and the strongest come first
MOST_VALUES = 3  # of the healthy nodes, before the rest is "…"
OWN_SHARE = 0.9  # so many values for so many nodes: then the fact is a name of the node


def differences(cause: str, nodes: int, healthy: int, facts: Facts, group: Group | None = None) -> list[Difference]:
    """List what differs, the likeliest reason first; nothing where there is no healthy node to compare with."""
    if not healthy:
        return []
    found = []
    single = nodes.bit_count() == 1
    most = (1 - SHARE) * healthy.bit_count()
    for fact, shared in facts.shared(nodes).items():
        values = facts.having[fact]
        if (values[shared].bits & healthy).bit_count() > most:
            continue
        is_group = group is not None and group.fact == fact
        if single and not is_group and _is_own(values, facts):
            continue
        others = _ranked(values, healthy)
        key = (not is_group, not suggests(cause, fact), len(others), plainness(fact), fact)
        found.append((key, Difference(fact=fact, failing=shared, healthy=_words(others))))
    return [difference for _, difference in sorted(found, key=lambda one: one[0])][:MOST]


def _ranked(values: Mapping[str, Crowd], healthy: int) -> list[tuple[str, int]]:
    counts = {value: (having.bits & healthy).bit_count() for value, having in values.items()}
    return sorted(((value, count) for value, count in counts.items() if count), key=lambda one: (-one[1], one[0]))


def _is_own(values: Mapping[str, Crowd], facts: Facts) -> bool:
    count = len(facts.of)
    return count > 2 and len(values) >= OWN_SHARE * count


def _words(others: list[tuple[str, int]]) -> str | None:
    if not others:
        return None
    most, total = others[0], sum(count for _, count in others)
    if most[1] >= SHARE * total:
        return most[0]
    return ", ".join(value for value, _ in others[:MOST_VALUES]) + (", …" if len(others) > MOST_VALUES else "")
