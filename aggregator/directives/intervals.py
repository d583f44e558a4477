"""Tells agents how often to ask, so that the fleet's load on each registry stays under its rate.

An agent is told when its interval should change, and once when it links with one that looks stretched: an aggregator
before this one may have asked for it. How old an answer can be then is told with every report.
"""

import asyncio
import time

from agent.contract import wire
from agent.contract.report import Freshness
from agent.contract.table import ROUND_S, TABLE, Cadence
from aggregator.directives.load import Load
from aggregator.fleet import Fleet, Member
from aggregator.intake.intake import Intake

TICK_S = 10.0  # how late the load is noticed: a sixth of a round
WEIGH_S = 300.0  # what a node asks is counted anew after this, and at once where it asks more or less than before
LATE_RATIO = 1.1  # a question comes up to a twentieth late by jitter, and its report on the way as much


class Intervals:
    """Keeps the load under the rate: requests a second to one registry, of the whole fleet."""

    def __init__(self, fleet: Fleet, intake: Intake, rate: float) -> None:
        self._fleet = fleet
        self._intake = intake
        self._told: dict[str, float | None] = {}  # by node with a link
        self._weighed: dict[str, tuple[int, float]] = {}  # how many results, and when
        self.load = Load(rate)

    async def run(self) -> None:
        """Look at the load again and again, until cancelled."""
        while True:
            self.tick(time.monotonic())
            await asyncio.sleep(TICK_S)

    def tick(self, now: float) -> None:
        """Count what nodes ask, and tell those whose interval is another one by now."""
        members = self._fleet.members
        for name, member in members.items():
            count, at = self._weighed.get(name, (-1, 0.0))
            if count != len(member.results) or now - at > WEIGH_S:
                self._weighed[name] = (len(member.results), now)
                self.load.weigh(name, member.results.values())
        for name in [name for name in self._weighed if name not in members]:
            del self._weighed[name]
            self.load.drop(name)
        self.load.look(now)
        for member in members.values():
            self._direct(member)

    def linked(self, node: str, linked: bool) -> None:
        """Take note of a link: what was told over the one before is nobody's now."""
        self._told.pop(node, None)
        member = self._fleet.members.get(node)
        if linked and member is not None:
            self._direct(member)

    def _direct(self, member: Member) -> None:
        wanted_s = self.load.interval_s(member.name)
        if member.name in self._told:
            changes = self._told[member.name] != wanted_s
        else:
            changes = member.interval_s > ROUND_S or (wanted_s or 0.0) > member.interval_s
        if changes and self._intake.direct(member.name, wire.Interval(interval_s=wanted_s)):
            self._told[member.name] = wanted_s

    def freshness(self) -> Freshness | None:
        """Give how old an answer can be now; nothing where nobody has a link."""
        intervals = [member.interval_s for member in self._fleet.members.values() if member.linked]
        if not intervals:
            return None
        longest_s = max(intervals)
        return Freshness(
            interval_s=longest_s,
            rate=self.load.rate,
            stretched=self.load.stretched(ROUND_S),
            up_to_s={row.check: _up_to_s(row, longest_s) for row in TABLE},
        )


def _up_to_s(row: Cadence, interval_s: float) -> float:
    return round(row.every_s * interval_s / ROUND_S * LATE_RATIO + row.patience_s, 1)
