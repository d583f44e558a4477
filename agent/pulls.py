"""May this node pull now? Asked of the aggregator before anything that a registry counts as a pull.

A registry counts them where it told this node how many are left; Docker Hub does, told or not. Each lease is for one
use, at once: what comes too late is given back unused. Where there is no aggregator, or none has answered for hours,
the node goes by what the registry told itself: at most a tenth of what is left, besides its own slow pace.

Cannot see: what other nodes behind the same address do while no aggregator tells; as whom a runtime pulls that finds
credentials by itself.

Source: Docker Hub's usage and limits page.
"""

import asyncio
import random
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from agent.check import CannotLook
from agent.contract import wire
from agent.contract.reference import DEFAULT_REGISTRY
from agent.contract.result import Result

ANSWER_S = 5.0  # the aggregator writes a lease to its disk before it sends it
SOONEST_S = 5.0  # nothing is asked again before
AGAIN_S = 60.0  # asked again after this where nobody answers
SPREAD_S = 2.0  # nodes that are told the same time do not ask at the same moment
ALONE_AFTER_S = 6 * 3600.0  # an aggregator that is silent for so long is none: a restart must not set a fleet free
TENTH = 10  # of what is left, one part in ten is for tests
WINDOW_S = 6 * 3600.0  # where a registry does not say: Docker Hub's


class Clocked(Protocol):
    """What knows the aggregator's clock."""

    def clock(self) -> datetime:
        """Give its time now."""


class NotYet(CannotLook):
    """It is not this node's turn to pull. `after_s`: when to ask again; `unheard`: nobody has answered at all."""

    def __init__(self, why: str, after_s: float, *, unheard: bool = False) -> None:
        super().__init__(why)
        self.after_s = after_s
        self.unheard = unheard


@dataclass(slots=True)
class Told:
    """What a registry told this node: as whom it is counted, and what is left, by identity."""

    sources: dict[str, str] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    window_s: float = WINDOW_S
    exhausted: bool = False


class Pulls:
    """Asks for leases.

    Args:
        say: sends a word to the aggregator, and tells whether it is on its way; none where there is no aggregator.
        link: gives what knows the aggregator's clock, where there is a link.
    """

    def __init__(
        self,
        say: Callable[[wire.Word], bool] | None,
        link: Callable[[], Clocked | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say = say
        self._link = link
        self._now = now
        self._unheard_since: float | None = None
        self._told: dict[str, Told] = {}
        self._not_before: dict[tuple[str, str], tuple[float, str]] = {}  # by registry and identity
        self._answers: dict[str, asyncio.Future[wire.Lease]] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._own: deque[tuple[float, str, int]] = deque()  # what was spent alone: when, where, how many

    def heard(self, result: Result) -> None:
        """Take what a registry told this node, out of its own results."""
        if result.check != "rate_limit" or not (result.could_tell and result.cause in (None, "rate_limited")):
            return
        told = Told(exhausted=result.status == "failed")
        for who, limit in _limits(result):
            told.sources[who] = str(limit.get("source") or "")
            told.left[who] = int(limit.get("remaining") or 0)
            told.window_s = float(limit.get("window_s") or WINDOW_S)
        self._told[result.target] = told

    def counts(self, registry: str) -> bool:
        """Whether the registry counts pulls, as far as it is known."""
        told = self._told.get(registry)
        return registry == DEFAULT_REGISTRY if told is None else bool(told.left or told.exhausted)

    def again_at(self, registries: Iterable[str]) -> float:
        """Give when these registries may be asked for again, in monotonic seconds, as far as it was said."""
        found = [at for (registry, _), (at, _) in self._not_before.items() if registry in set(registries)]
        return max(found, default=0.0)

    async def lease(self, registry: str, who: str, pulls: int) -> Callable[[int], None]:
        """Give leave to pull so many times, now; what is given back says how many it were.

        Raises:
            NotYet: where it is not this node's turn.
        """
        if not self.counts(registry):
            return _no_matter
        async with self._locks[registry]:
            told = self._told.get(registry)
            if told is None:
                self._not_before[registry, ""] = (self._now() + SOONEST_S, "")
                raise NotYet(f"it is not known yet what {registry} allows", SOONEST_S)
            source = told.sources.get(who, "")
            not_before, why = self._not_before.get((registry, source), (0.0, ""))
            if why and self._now() < not_before:
                raise NotYet(why, not_before - self._now())
            if self._say is None:
                return self._alone(registry, who, told, pulls)
            try:
                return await self._ask(self._say, registry, source, pulls)
            except NotYet as refusal:
                if refusal.unheard and self._is_alone():
                    return self._alone(registry, who, told, pulls)
                self._not_before[registry, source] = (self._now() + refusal.after_s, str(refusal))
                raise

    async def _ask(
        self, say: Callable[[wire.Word], bool], registry: str, source: str, pulls: int
    ) -> Callable[[int], None]:
        id_ = secrets.token_hex(8)
        answer = self._answers[id_] = asyncio.get_running_loop().create_future()
        try:
            if not say(wire.Want(id=id_, registry=registry, identity=source or None, pulls=pulls)):
                raise NotYet(f"no aggregator to ask for a pull of {registry}", AGAIN_S, unheard=True)
            async with asyncio.timeout(ANSWER_S):
                lease = await answer
        except TimeoutError as error:
            words = f"the aggregator does not say whether {registry} may be pulled from"
            raise NotYet(words, AGAIN_S, unheard=True) from error
        finally:
            del self._answers[id_]
        if not lease.granted:
            when = f", at {lease.next_at:%Y-%m-%d %H:%M} UTC" if lease.next_at is not None else ""
            words = f"waits for its turn to pull from {registry}{when}: {lease.why}"
            raise NotYet(words, self._after_s(lease.next_at))
        return lambda spent: self._give_back(id_, spent)

    def _after_s(self, next_at: datetime | None) -> float:
        """Give when to ask again: clocks that are off make it early or late, within bounds."""
        link = self._link()
        here = link.clock() if link is not None else datetime.now(UTC)
        wait_s = wire.ASK_AGAIN_S if next_at is None else (next_at - here).total_seconds()
        return min(max(wait_s, SOONEST_S) + random.uniform(0, SPREAD_S), wire.ASK_AGAIN_S)

    def answered(self, lease: wire.Lease) -> None:
        """Take the aggregator's answer; a lease that nobody waits for any more goes back unused."""
        self._unheard_since = None
        answer = self._answers.get(lease.id)
        if answer is not None and not answer.done():
            answer.set_result(lease)
        elif lease.granted and answer is None:
            self._give_back(lease.id, 0)

    def _give_back(self, id_: str, spent: int) -> None:
        if self._say is not None:
            self._say(wire.Spent(id=id_, pulls=spent))

    def _is_alone(self) -> bool:
        """Tell whether nobody has answered for so long that there is no aggregator."""
        if self._unheard_since is None:
            self._unheard_since = self._now()
        return self._now() - self._unheard_since > ALONE_AFTER_S

    def _alone(self, registry: str, who: str, told: Told, pulls: int) -> Callable[[int], None]:
        """Go by what the registry told this node: the same tenth, of what it says is left."""
        now = self._now()
        while self._own and self._own[0][0] <= now - max(WINDOW_S, told.window_s):
            self._own.popleft()
        used = sum(spent for _, where, spent in self._own if where == registry)
        left = 0 if told.exhausted else told.left.get(who, min(told.left.values(), default=0))
        if used + pulls > (left - used) // TENTH:
            raise NotYet(f"a tenth of the {left} pulls that {registry} has left is spent", wire.ASK_AGAIN_S)
        self._own.append((now, registry, pulls))
        return _no_matter


def _limits(result: Result) -> Iterable[tuple[str, dict[str, Any]]]:
    identities = result.evidence.get("identities")
    return identities.items() if isinstance(identities, dict) else ()


def _no_matter(spent: int) -> None:
    """Take nothing back: nobody counts."""
