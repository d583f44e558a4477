"""What fails, why, and for whom?

Takes the claims of all nodes, sorts each cause into subjects, counts who could tell, and drops what may be chance.

Cannot see: a fault that hides completely behind another one on the same nodes.
"""

from collections.abc import Sequence

from agent.contract.causes import severity_of
from agent.contract.report import Severity
from aggregator.correlate.bucket import Buckets
from aggregator.correlate.draft import Draft, union_of
from aggregator.correlate.explain import LATE
from aggregator.correlate.matrix import ALL, Matrix
from aggregator.correlate.noise import settled
from aggregator.correlate.place import POD
from aggregator.correlate.scope import reach
from aggregator.correlate.subject import gather


def find(matrix: Matrix, found: Sequence[Draft]) -> list[Draft]:
    """Give a draft for every cause and subject that fails."""
    del found
    drafts = drafts_of(matrix.claims.failures, matrix)
    return _join_same_host(settled(drafts, matrix))


def drafts_of(
    buckets: Buckets, matrix: Matrix, severity: Severity | None = None, without: dict[str, int] | None = None
) -> list[Draft]:
    """Sort claims into causes and subjects, and count for each who fails and who could tell.

    Args:
        without: nodes that are left out, by cause.
    """
    drafts = []
    for cause, spots in sorted(buckets.items()):
        gathered = gather(cause, spots, matrix.answers, matrix.facts, (without or {}).get(cause, 0))
        for subject, parts in gathered.items():
            draft = Draft(cause, severity or severity_of(cause), subject, parts, union_of(parts), 0)
            _count(draft, matrix)
            drafts.append(draft)
    return drafts


def _count(draft: Draft, matrix: Matrix) -> None:
    """Count who could tell.

    A node that fails here of something else could tell, and does not show this fault. One that fails here of the same
    cause and belongs to a fault with a wider subject belongs to this one, too, where this one is the whole fleet's or a
    group's.
    """
    checks = draft.checks
    if POD in checks:
        checks |= LATE
    draft.told = matrix.answers.told(draft.subject, checks) | draft.nodes
    both = draft.nodes | _same(draft, checks, matrix)
    if both != draft.nodes and reach(draft.cause, both, draft.told, matrix.facts).scope in ("cluster", "group"):
        draft.nodes = both


def _same(draft: Draft, checks: set[str], matrix: Matrix) -> int:
    """Give the nodes that only fail at this subject, and of this cause."""
    if draft.subject == ALL:
        return 0
    same = passing = 0
    for column in matrix.answers.asked(draft.subject, checks):
        same |= column.failing(draft.cause)
        passing |= matrix.answers.at(column) & ~column.failing(draft.cause)
    return same & ~passing


def _join_same_host(drafts: list[Draft]) -> list[Draft]:
    """Make images that fail as a host of their registry does, on other nodes, evidence of that host's fault."""
    hosts = [draft for draft in drafts if draft.subject.kind in ("host", "all")]
    kept = []
    for draft in drafts:
        upper = next((host for host in hosts if _goes_through(draft, host)), None)
        if upper is None:
            kept.append(draft)
        else:
            upper.also += draft.parts
    return kept


def _goes_through(draft: Draft, host: Draft) -> bool:
    if draft.subject.kind not in ("image", "repository") or draft.cause != host.cause or not draft.checks <= LATE:
        return False
    registry = next(said.line.column.place.registry for said in draft.lines())
    return registry is not None and any(
        registry == said.line.column.place.registry or registry in said.line.sign.registries for said in host.lines()
    )
