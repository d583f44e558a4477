"""Is the node's clock right?

Compares it with those who told their time in this round: the registries' Date headers, and the aggregator. The median
of all decides, so that one registry with a wrong clock does not accuse the node.

Cannot see: less than a second, because a Date has no fractions; who is wrong where only one other clock is known,
unless that is the aggregator's.

Source: RFC 9110 6.6.1 (Date).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.check import Check, Look, Settings
from agent.contract.result import Verdict, failed, ok, unknown, warn

# Five minutes: what signed requests of cloud registries (AWS signature version 4) and Kerberos bear; certificates and
# tokens that were just issued are not yet valid to a clock that is behind by more.
FAILED_S = 300.0
WARN_S = 30.0  # a clock that is kept by NTP is never off by so much
DATE_S = 0.5  # a Date is cut to its second: on average half of one is missing
FRESH = timedelta(minutes=10)  # an older pair was read before somebody set the clock
AGGREGATOR = "aggregator"  # the name under which the link tells the aggregator's time


@dataclass(frozen=True, slots=True)
class Observation:
    """By how many seconds this clock is ahead of each other one; negative is behind."""

    ahead_s: dict[str, float]


async def observe(target: str, look: Look) -> Observation:
    """Take the newest time that each host told."""
    del target
    return compare(look.recall("dates") or (), datetime.now(UTC))


def compare(dates: Sequence[tuple[str, datetime, datetime]], now: datetime) -> Observation:
    """Compare pairs of (host, its time, this node's time when it came)."""
    fresh = {host: (here - there).total_seconds() for host, there, here in dates if abs(now - here) <= FRESH}
    return Observation({host: round(ahead_s - DATE_S, 1) for host, ahead_s in fresh.items()})


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Judge the median, in doubt (two that disagree) the one that is kinder to the node."""
    del settings
    others = observation.ahead_s
    if not others:
        return unknown("nothing to compare the clock with: no registry and no aggregator told its time")
    ranked = sorted(others.values())
    ahead_s = min(ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2], key=abs)
    evidence = {"ahead_s": ahead_s, "compared_with": dict(sorted(others.items()))}
    words = f"{_duration(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} {', '.join(sorted(others))}"
    if abs(ahead_s) <= WARN_S:
        return ok(f"within {WARN_S:.0f} s of {', '.join(sorted(others))}", **evidence)
    if abs(ahead_s) <= FAILED_S:
        return warn("clock_skew", f"the clock is {words}", **evidence)
    if len(others) == 1 and AGGREGATOR not in others:
        return warn("clock_skew", f"the clock is {words}, the only other one that is known", **evidence)
    return failed("clock_skew", f"the clock is {words}", **evidence)


def _duration(seconds: float) -> str:
    for unit, length_s in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * length_s:
            return f"{seconds / length_s:.1f} {unit}"
    return f"{seconds:.0f} seconds"


CHECK = Check("clock", observe, judge)
