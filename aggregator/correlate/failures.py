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
        gathered = gather(cause, spots, matrix.answers, (without or {}).get(cause, 0))
        for subject, parts in gathered.items():
            draft = Draft(cause, severity or severity_of(cause), subject, parts, union_of(parts), 0)
            _count(draft, matrix)
            drafts.append(draft)
    return drafts


def _count(draft: Draft, matrix: Matrix) -> None:
    """Count who could tell.

    A node that fails here of something else (or of a fault with a wider subject) cannot tell whether this fault is
    there too, and is left out where such nodes are few; with the same cause, it belongs to a fault of the whole fleet
    or of its own group.
    """
    checks = draft.checks
    if POD in checks:
        checks |= LATE
    told = matrix.answers.told(draft.subject, checks) | draft.nodes
    masked, same = _masked(draft, checks, matrix)
    draft.told = told
    if not masked or 2 * masked.bit_count() > told.bit_count():
        return
    draft.told = told & ~masked
    where = reach(draft.cause, draft.nodes, draft.told, matrix.facts)
    if where.group is not None:
        same &= matrix.facts.having[where.group.fact][where.group.value].bits
    if where.scope in ("cluster", "group"):
        draft.nodes |= same
        draft.told |= same


def _masked(draft: Draft, checks: set[str], matrix: Matrix) -> tuple[int, int]:
    """Give the nodes that only fail at this subject, for another draft; and those of them of the same cause."""
    if draft.subject == ALL:
        return 0, 0
    failing = same = passing = 0
    for column in matrix.answers.asked(draft.subject, checks):
        here = column.failing_at_all
        failing |= here
        same |= column.failing(draft.cause)
        passing |= matrix.answers.at(column) & ~here
    masked = failing & ~passing & ~draft.nodes
    return masked, same & masked


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
