"""What fails, why, and for whom?

Takes all failed answers and the pods' symptoms, keeps the first causes, sorts each cause into subjects, counts who
could tell, and drops what may be chance.

Cannot see: a fault that hides completely behind another one on the same nodes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from agent.contract.causes import severity_of
from agent.contract.report import Severity
from aggregator.correlate import symptoms
from aggregator.correlate.cell import Cell
from aggregator.correlate.draft import Draft
from aggregator.correlate.explain import LATE, Explained, first_causes
from aggregator.correlate.fleet import ALL, Fleet
from aggregator.correlate.noise import Noise
from aggregator.correlate.place import POD
from aggregator.correlate.scope import reach
from aggregator.correlate.subject import Buckets, gather


def find(fleet: Fleet, found: Sequence[Draft]) -> list[Draft]:
    """Give a draft for every cause and subject that fails."""
    del found
    checked = fleet.cells("failed")
    cells = sorted(checked + symptoms.cells(fleet), key=lambda cell: cell.order)
    if not cells:
        return []
    explained = first_causes(cells, fleet)
    drafts = drafts_of(explained.firsts, fleet)
    noise = Noise.of(checked, fleet.answers)
    drafts = [draft for draft in drafts if noise.settle(draft, explained.confirmed, fleet)]
    drafts = _join_same_host(drafts)
    _add_what_follows(drafts, explained)
    return drafts


def drafts_of(cells: Iterable[Cell], fleet: Fleet, severity: Severity | None = None) -> list[Draft]:
    """Sort cells into causes and subjects, and count for each who fails and who could tell."""
    by_cause: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_cause[cell.cause].append(cell)
    drafts = []
    for cause, own in sorted(by_cause.items()):
        buckets = gather(cause, own, fleet)
        for subject, inside in buckets.items():
            draft = Draft(cause, severity or severity_of(cause), subject, inside, {c.node for c in inside}, set())
            _count(draft, buckets, fleet)
            drafts.append(draft)
    return drafts


def _count(draft: Draft, buckets: Buckets, fleet: Fleet) -> None:
    """Count who could tell.

    A node that fails here of something else (or of a fault with a wider subject) cannot tell whether this fault is
    there too, and is left out where such nodes are few; with the same cause, it belongs to a fault of the whole fleet
    or of its own group.
    """
    checks = draft.checks
    if POD in checks:
        checks |= LATE
    told = fleet.told(draft.subject, checks) | draft.nodes
    masked = {node: cause for node, cause in _failing(draft, checks, fleet).items() if node not in draft.nodes}
    draft.told = told
    if not masked or len(masked) * 2 > len(told):
        return
    draft.told = told - masked.keys()
    scope = reach(draft.cause, draft.nodes, draft.told, fleet.facts)
    same = {node for node, cause in masked.items() if cause == draft.cause}
    if scope.group is not None:
        same &= fleet.facts.having[scope.group.fact][scope.group.value]
    if scope.scope in ("cluster", "group"):
        draft.nodes |= same
        draft.told |= same


def _failing(draft: Draft, checks: set[str], fleet: Fleet) -> dict[str, str | None]:
    """Give the nodes that only fail at this subject, and of what."""
    if draft.subject == ALL:
        return {}
    failing: dict[str, str | None] = {}
    passing = set()
    for key in fleet.asked(draft.subject, checks):
        for node, result in fleet.columns[key].items():
            if result.status == "failed":
                failing[node] = draft.cause if failing.get(node) == draft.cause else result.cause
            else:
                passing.add(node)
    return {node: cause for node, cause in failing.items() if node not in passing}


def _join_same_host(drafts: list[Draft]) -> list[Draft]:
    """Make images that fail as a host of their registry does, on other nodes, evidence of that host's fault."""
    hosts = [draft for draft in drafts if draft.subject.kind in ("host", "all")]
    kept = []
    for draft in drafts:
        upper = next((host for host in hosts if _goes_through(draft, host)), None)
        if upper is None:
            kept.append(draft)
        else:
            upper.also += draft.cells
    return kept


def _goes_through(draft: Draft, host: Draft) -> bool:
    if draft.subject.kind not in ("image", "repository") or draft.cause != host.cause or not draft.checks <= LATE:
        return False
    return any(cell.concerns(draft.cells[0].place.registry) for cell in host.cells)


def _add_what_follows(drafts: list[Draft], explained: Explained) -> None:
    owner = {cell: draft for draft in drafts for cell in (*draft.cells, *draft.also)}
    for cell, first in explained.because.items():
        if first in owner:
            owner[first].also.append(cell)
