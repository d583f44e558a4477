"""On which nodes: all of them, those that share one fact, some, or one?

Counted over nodes that could tell. Of several facts that separate failing from passing nodes the one with the fewest
passing nodes wins, then one that the cause itself suggests, then the plainest.

Cannot see: a group that only two facts together describe.
"""

from dataclasses import dataclass

from agent.contract.report import Group, Scope
from aggregator.correlate.facts import Facts

SHARE = 0.9  # "at least nine in ten", of the fleet and of a group

# From the plain and operational to the technical: the first names that a person would check.
PLAIN = (
    "zone", "region", "cluster", "pool", "instance_type", "arch", "os", "runtime", "resolver", "egress", "proxy",
    "registry_config",
)  # fmt: skip

# What a cause is likeliest to hang on, where several facts separate equally well. Matched as a part of the fact's name.
SUGGESTED: dict[str, tuple[str, ...]] = {
    "dns_failed": ("resolver",),
    "rate_limited": ("egress",),
    "proxy_failed": ("proxy",),
    "tls_untrusted": ("trust", "ca_bundle"),
    "wrong_architecture": ("arch",),
    "auth_failed": ("credentials", "registry_config"),
    "config_invalid": ("config", "runtime"),
    "runtime_unavailable": ("runtime",),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """The scope, and how many facts would have named the group equally well."""

    scope: Scope
    group: Group | None = None
    rivals: int = 0


def reach(cause: str, nodes: int, told: int, facts: Facts) -> Reach:
    """Tell on which nodes a fault is.

    Args:
        nodes: those that fail.
        told: those that could tell, the failing ones among them.
    """
    failing = nodes.bit_count()
    if failing == 1:
        return Reach("node")
    if failing >= SHARE * told.bit_count():
        return Reach("cluster")
    found = sorted(_separating(cause, nodes, told, facts))
    if not found:
        return Reach("nodes")
    passing, _, _, fact, value = found[0]
    return Reach("group", Group(fact=fact, value=value), sum(1 for one in found[1:] if one[0] == passing))


def _separating(cause: str, nodes: int, told: int, facts: Facts) -> list[tuple[int, bool, int, str, str]]:
    found = []
    failing = nodes.bit_count()
    for fact, value in facts.shared(nodes).items():
        having = (facts.having[fact][value].bits & told).bit_count()
        if failing >= SHARE * having:
            found.append((having - failing, not suggests(cause, fact), plainness(fact), fact, value))
    return found


def suggests(cause: str, fact: str) -> bool:
    """Tell whether a cause is likely to hang on this fact."""
    return any(part in fact for part in SUGGESTED.get(cause, ()))


def plainness(fact: str) -> int:
    """Give how early a person would look at this fact: 0 is first."""
    return PLAIN.index(fact) if fact in PLAIN else len(PLAIN)
