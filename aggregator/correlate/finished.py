"""Findings that were finished before, for drafts that are the same again: most are, when one node has changed.

Known by everything that a finding is made of; what hangs on the time of the report, or on answers outside the draft, is
not kept.
"""

from agent.contract.report import Finding
from aggregator.correlate.draft import Draft, Part
from aggregator.correlate.incident import Incident
from aggregator.correlate.matrix import Matrix
from aggregator.correlate.suggestion import NAMED

MOST_KEPT = 1_000  # findings; a report has a handful

_Parts = tuple[tuple[int, int, object], ...]
Key = tuple[str, str, object, int, int, bool, float, _Parts, _Parts, int, int, Incident | None]


def key_of(draft: Draft, matrix: Matrix, before: Incident | None) -> Key | None:
    """Give what a finding is known by; none where it must be made anew."""
    if not draft.parts or draft.notes or draft.cause in NAMED:
        return None
    return (
        draft.cause,
        draft.severity,
        draft.subject,
        draft.nodes,
        draft.told,
        draft.intermittent,
        draft.chance,
        _known(draft.parts),
        _known(draft.also),
        matrix.facts.version,
        matrix.expected,
        before,
    )


def recall(key: Key | None, matrix: Matrix) -> Finding | None:
    """Give the finding that was made of the same."""
    return matrix.finished.get(key) if key is not None else None


def keep(key: Key | None, finding: Finding, matrix: Matrix) -> None:
    """Keep a finding for the next report. One whose times were cut at the report's own would be another one then."""
    if key is None or finding.last_seen == matrix.at or finding.since == matrix.at or finding.since is None:
        return
    if len(matrix.finished) >= MOST_KEPT:
        matrix.finished.clear()
    matrix.finished[key] = finding


def _known(parts: list[Part]) -> _Parts:
    return tuple((part.bucket.version, part.nodes, part.only) for part in parts)
