"""One word for the fleet: healthy, degraded, failing, unknown.

Unknown where nothing was heard or nobody could tell anything. Failing where a failure hits no minority: half of the
nodes that could tell of it, or half of all expected ones by all failures together.
"""

from collections.abc import Sequence
from typing import Literal

from agent.contract.report import Census, Finding
from aggregator.correlate.fleet import Fleet

Verdict = Literal["healthy", "degraded", "failing", "unknown"]


def census(fleet: Fleet) -> Census:
    """Count the nodes: `expected` are those that count, `reporting` those of them that were heard."""
    return Census(
        expected=len(fleet.expected),
        reporting=len(fleet.heard),
        silent=fleet.named("silent"),
        excluded=fleet.named("excluded"),
    )


def verdict(fleet: Fleet, findings: Sequence[Finding]) -> Verdict:
    """Give the word."""
    if not fleet.heard or not (fleet.columns or findings):
        return "unknown"
    failures = [finding for finding in findings if finding.severity == "failure"]
    hit = {node for finding in failures for node in finding.nodes}
    if any(finding.failing * 2 >= finding.observed for finding in failures):
        return "failing"
    if len(hit) * 2 >= len(fleet.expected):
        return "failing"
    return "degraded" if findings else "healthy"
