"""What do the nodes' own answers say of a finding: was a failure seen twice, and when did it begin last?

Cannot see: nodes beyond the first hundreds of a finding; what hits so many is not decided by the rest.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from agent.contract.report import Finding
from agent.contract.result import Result
from aggregator.correlate.history import utc
from aggregator.fleet import Member
from aggregator.incidents.ledger import Looks

LOOKED_AT = 200  # nodes of one finding: a look must cost the links nothing
AGAIN_S = 0.5  # a state that is older than its answer by more than this was there in an answer before
SILENT = "agent_silent"  # three intervals without a word are no chance: it is confirmed as it opens


def looks_at(members: Mapping[str, Member]) -> Looks:
    """Look at the fleet as it is now."""

    def seen_twice(finding: Finding) -> bool:
        return finding.cause == SILENT or any(map(_twice, _answers(finding, members)))

    def began(finding: Finding) -> datetime | None:
        if finding.cause == SILENT:
            heard = (members[name].last_seen for name in finding.nodes[:LOOKED_AT] if name in members)
            return min(heard, default=None)
        times = [utc(result.since) for result in _answers(finding, members) if result.since is not None]
        return min(times, default=None)

    return Looks(seen_twice, began)


def _twice(result: Result) -> bool:
    """Whether this is more than a first run: it failed twice, or its warning stands for more than one answer."""
    if result.window is None or result.window.failures > 1:
        return True
    if result.status != "warn" or result.since is None:
        return False
    return (utc(result.at) - utc(result.since)).total_seconds() > AGAIN_S


def _answers(finding: Finding, members: Mapping[str, Member]) -> Iterator[Result]:
    for name in finding.nodes[:LOOKED_AT]:
        member = members.get(name)
        for result in member.results.values() if member is not None else ():
            if result.status in ("failed", "warn") and result.cause == finding.cause and _is_about(result, finding):
                yield result


def _is_about(result: Result, finding: Finding) -> bool:
    value = finding.subject.value
    return value is None or value in result.target or value in result.registries
