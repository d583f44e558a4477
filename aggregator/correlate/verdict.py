"""One word for the fleet: healthy, degraded, failing, unknown.

Unknown where nothing was heard or nobody could tell anything. Failing where a failure hits no minority: half of the
nodes that could tell of it, or half of all expected ones by all failures together.
"""

from collections.abc import Sequence
from typing import Literal

from agent.contract.report import Census, Finding
from aggregator.correlate.matrix import Matrix

Verdict = Literal["healthy", "degraded", "failing", "unknown"]


def census(matrix: Matrix) -> Census:
    """Count the nodes: `expected` are those that count, `reporting` those of them that were heard."""
    return Census(
        expected=matrix.expected.bit_count(),
        reporting=matrix.bits("heard").bit_count(),
        silent=matrix.names_of(matrix.bits("silent")),
        excluded=matrix.names_of(matrix.bits("excluded")),
    )


def verdict(matrix: Matrix, findings: Sequence[Finding]) -> Verdict:
    """Give the word."""
    if not matrix.bits("heard") or not (matrix.answers.tally.answers or findings):
        return "unknown"
    failures = [finding for finding in findings if finding.severity == "failure"]
    if any(finding.failing * 2 >= finding.observed for finding in failures):
        return "failing"
    hit = {node for finding in failures for node in finding.nodes}
    if len(hit) * 2 >= matrix.expected.bit_count():
        return "failing"
    return "degraded" if findings else "healthy"
