"""Is this node fit to pull? For a fresh node, before workloads land on it.

`unfit`: a finding of the fleet stops its pulls, or a failure of its own that was seen twice. `waiting`: its first round
is not over, or a first failure is being checked again. `unknown`: silent, or nothing could be looked at. A fault of one
image (it does not exist, is broken, is for other machines) says nothing of the node.

Cannot see: what no check asks; pods with pull secrets of their own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from agent.contract.causes import severity_of
from agent.contract.report import Finding, Report
from agent.contract.result import Result
from aggregator.fleet import Member

Verdict = Literal["fit", "unfit", "waiting", "unknown"]

OF_THE_IMAGE = frozenset(
    {"image_not_found", "invalid_reference", "short_name_ambiguous", "wrong_architecture", "unsupported_media_type"}
    | {"digest_mismatch"}
)
_LOCAL = frozenset({"disk", "clock", "runtime"})  # alone they do not make a node fit: nothing was reached


class Turn(msgspec.Struct, kw_only=True):
    """When a node may next make what a registry counts as a pull; none where that is not known, or never: `why`.

    `identity`: as whom the registry counts it. `since`: from when on it waits, none where it does not, and the rest is
    said as if it asked now. `before`: how many nodes have their turn before it.
    """

    registry: str
    identity: str
    since: datetime | None
    next_at: datetime | None
    before: int
    why: str


class Fitness(msgspec.Struct, kw_only=True):
    """The answer of `GET /nodes/NAME`."""

    node: str
    verdict: Verdict
    since: datetime | None
    findings: list[Finding]
    results: list[Result]
    turns: list[Turn] = []


def judge(member: Member, report: Report, now: datetime) -> Fitness:
    """Judge one node by its own results and by what the fleet's report says of it."""
    results = list(member.results.values())
    findings = [finding for finding in report.findings if member.name in finding.nodes]
    verdict, since = _verdict(member, results, findings, now)
    return Fitness(node=member.name, verdict=verdict, since=since, findings=findings, results=results)


def _verdict(
    member: Member, results: Sequence[Result], findings: Sequence[Finding], now: datetime
) -> tuple[Verdict, datetime | None]:
    if member.is_silent(now):
        return "unknown", member.last_seen
    hits = [finding.since for finding in findings if finding.severity == "failure" and _stops(finding)]
    failed = [result for result in results if result.status == "failed" and _of_the_node(result)]
    hits += [result.since for result in failed if result.window is None or result.window.failures > 1]
    if hits:
        return "unfit", min((since for since in hits if since is not None), default=None)
    if failed or not member.whole:
        return "waiting", None
    told = [result for result in results if result.could_tell]
    if all(result.check in _LOCAL for result in told):
        return "unknown", None
    return "fit", max((result.since for result in told if result.since is not None), default=None)


def _stops(finding: Finding) -> bool:
    return finding.cause not in OF_THE_IMAGE or finding.subject.kind not in ("image", "repository")


def _of_the_node(result: Result) -> bool:
    return result.cause not in OF_THE_IMAGE and severity_of(result.cause or "unknown") == "failure"
