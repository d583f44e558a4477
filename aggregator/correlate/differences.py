"""What do the failing nodes have that the healthy ones have not?

Compares facts one by one: listed is what every failing node shares and at most one in ten of the healthy ones has. A
fact that is another one on every healthy node (an address, a serial number) says nothing of a single node.

Cannot see: facts that the agents do not report; a difference that lies in two facts together; a fact that is missing.
"""

from collections.abc import Mapping

from agent.contract.report import Difference, Group
from aggregator.correlate.facts import Facts
from aggregator.correlate.scope import SHARE, plainness, suggests

MOST = 8  # lines; a node of another make differs in everything, and the strongest come first
MOST_VALUES = 3  # of the healthy nodes, before the rest is "…"
OWN_SHARE = 0.9  # of the healthy nodes with a value of their own: then the fact is a name of the node


def differences(
    cause: str, nodes: set[str], healthy: set[str], facts: Facts, group: Group | None = None
) -> list[Difference]:
    """List what differs, the likeliest reason first; nothing where there is no healthy node to compare with."""
    if not healthy:
        return []
    found = []
    for fact, shared in facts.shared(nodes).items():
        values = facts.having[fact]
        if len(values[shared] & healthy) > (1 - SHARE) * len(healthy):
            continue
        others = _ranked(values, healthy)
        is_group = group is not None and group.fact == fact
        if is_group or not (len(nodes) == 1 and _is_own(others, healthy)):
            key = (not is_group, not suggests(cause, fact), len(others), plainness(fact), fact)
            found.append((key, Difference(fact=fact, failing=shared, healthy=_words(others))))
    return [difference for _, difference in sorted(found, key=lambda one: one[0])][:MOST]


def _ranked(values: Mapping[str, set[str]], healthy: set[str]) -> list[tuple[str, int]]:
    counts = {value: len(having & healthy) for value, having in values.items()}
    return sorted(((value, count) for value, count in counts.items() if count), key=lambda one: (-one[1], one[0]))


def _is_own(others: list[tuple[str, int]], healthy: set[str]) -> bool:
    return len(healthy) > 2 and len(others) >= OWN_SHARE * len(healthy)


def _words(others: list[tuple[str, int]]) -> str | None:
    if not others:
        return None
    most, total = others[0], sum(count for _, count in others)
    if most[1] >= SHARE * total:
        return most[0]
    return ", ".join(value for value, _ in others[:MOST_VALUES]) + (", …" if len(others) > MOST_VALUES else "")
