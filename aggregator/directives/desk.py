"""Where directives are written: takes what the links say, and sends what the other modules decide."""

import asyncio
import secrets
import time
from collections.abc import Sequence

from agent.contract import wire
from agent.contract.reference import DEFAULT_REGISTRY
from agent.contract.result import Result
from aggregator.directives.confirmation import Confirmation, Key, Peer
from aggregator.directives.intervals import Intervals
from aggregator.directives.leases import Leases
from aggregator.directives.spread import Facts, facts_of
from aggregator.directives.traces import Traces
from aggregator.fleet import Fleet, Member
from aggregator.intake.intake import Intake

LOOK_S = 0.05  # between the results of one round, and before the next wave: so that one directive holds them all
DIRECTIVE_S = 10.0  # how long an agent has for its questions


class Desk:
    """Sends directives to agents."""

    def __init__(self, fleet: Fleet, intake: Intake, leases: Leases, intervals: Intervals) -> None:
        self._fleet = fleet
        self._intake = intake
        self._leases = leases
        self._intervals = intervals
        self._news = asyncio.Event()
        self._facts: dict[str, tuple[object, Facts]] = {}
        self.confirmation = Confirmation()
        self.traces = Traces()
        intake.on_results = self.heard
        intake.on_word = self._word
        intake.on_link = self._linked

    async def run(self) -> None:
        """Ask whoever should look, until cancelled."""
        while True:
            if self.confirmation.cases:
                await asyncio.sleep(LOOK_S)
            else:
                await self._news.wait()
                self._news.clear()
                await asyncio.sleep(LOOK_S)
            self._confirm(time.monotonic())

    def heard(self, member: Member, results: Sequence[Result]) -> None:
        """Take what a node has reported."""
        self.confirmation.heard(member.name, results, time.monotonic())
        self._leases.heard(member, results)
        if self.confirmation.cases:
            self._news.set()

    def _word(self, node: str, word: wire.Word) -> None:
        if isinstance(word, wire.Want):
            self._leases.want(node, word)
        elif isinstance(word, wire.Spent):
            self._leases.spent(node, word)
        else:
            self.traces.heard(node, word)

    def why_no_pull(self, node: str, registry: str) -> str | None:
        """Give why a node may not be asked for a real pull now; none where it may, or asks for a lease by itself."""
        if self._intake.speaks(node, wire.LEASE) or not self._limited(("pull", registry)):
            return None
        return f"{registry} limits pulls, and its agent is an older one, which keeps to no budget"

    def _linked(self, node: str, linked: bool) -> None:
        self._intervals.linked(node, linked)
        if not linked:
            self.confirmation.left(node)
            self.traces.left(node)

    def _confirm(self, now: float) -> None:
        wanted: dict[str, list[wire.Ask]] = {}
        for key in self.confirmation.due(now):
            for node, ask in self.confirmation.wave(key, self._peers, now, limited=self._limited(key)).items():
                wanted.setdefault(node, []).append(ask)
        for node, key, is_outdated in self.confirmation.outdated():
            self._fleet.outdate(node, " ".join(key), is_outdated=is_outdated)
        for node, questions in wanted.items():
            self._intake.direct(node, wire.Run(id=secrets.token_hex(8), questions=questions, within_s=DIRECTIVE_S))

    def _peers(self, key: Key) -> dict[str, Peer]:
        name = " ".join(key)
        return {
            member.name: Peer(
                self._facts_of(member),
                member.results[name].status if name in member.results else None,
                self._intake.speaks(member.name, wire.RUN),
            )
            for member in self._fleet.members.values()
        }

    def _facts_of(self, member: Member) -> Facts:
        """Give a node's facts in a form that compares; made anew only where they have changed."""
        known = self._facts.get(member.name)
        if known is None or known[0] is not member.facts:
            known = self._facts[member.name] = (member.facts, facts_of(member.facts))
        return known[1]

    def _limited(self, key: Key) -> bool:
        """Whether a registry limits pulls, as far as anybody knows."""
        registry = key[1].partition("/")[0]
        return registry == DEFAULT_REGISTRY or self._leases.limits(registry)
