"""An agent asks before it pulls: of the aggregator, or of what the registry told itself."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.contract import wire
from agent.contract.result import Result, Status
from agent.pulls import AGAIN_S, ALONE_AFTER_S, SOONEST_S, NotYet, Pulls

HUB = "docker.io"


class Aggregator:
    """Notes what is said, and answers as it is told; time is a number."""

    def __init__(
        self, answer: Callable[[wire.Want], wire.Lease | None] = lambda want: None, hears: bool = True
    ) -> None:
        self.said: list[wire.Word] = []
        self.answer = answer
        self.hears = hears
        self.time = 1000.0
        self.pulls = Pulls(self.say, now=lambda: self.time)

    def say(self, word: wire.Word) -> bool:
        self.said.append(word)
        lease = self.answer(word) if isinstance(word, wire.Want) else None
        if lease is not None:
            asyncio.get_running_loop().call_soon(self.pulls.answered, lease)
        return self.hears

    @property
    def wants(self) -> list[wire.Want]:
        return [word for word in self.said if isinstance(word, wire.Want)]


def grant(want: wire.Want) -> wire.Lease:
    return wire.Lease(id=want.id, granted=True)


def refuse(after_s: float) -> Callable[[wire.Want], wire.Lease]:
    def answer(want: wire.Want) -> wire.Lease:
        next_at = datetime.now(UTC) + timedelta(seconds=after_s)
        return wire.Lease(id=want.id, granted=False, next_at=next_at, why="12 before it")

    return answer


def told(registry: str = HUB, status: Status = "ok", **limits: int) -> Result:
    identities: dict[str, Any] = {
        who: {"limit": 100, "remaining": left, "window_s": 21600, "source": f"source of {who}"}
        for who, left in limits.items()
    }
    cause = "rate_limited" if status == "failed" else None
    evidence = {"identities": identities}
    return Result(check="rate_limit", target=registry, status=status, cause=cause, evidence=evidence)


async def test_a_registry_that_counts_nothing_is_not_asked_about() -> None:
    there = Aggregator()
    there.pulls.heard(told("quay.io"))
    assert not there.pulls.counts("quay.io") and there.pulls.counts(HUB)
    (await there.pulls.lease("quay.io", "anonymous", 1))(1)
    there.pulls.heard(told(HUB))  # a mirror, or a plan without limits
    (await there.pulls.lease(HUB, "anonymous", 1))(1)
    assert there.said == []


async def test_a_lease_is_asked_for_as_the_registrys_source_and_given_back_with_what_was_spent() -> None:
    there = Aggregator(grant)
    there.pulls.heard(told(anonymous=90, file=190))
    give_back = await there.pulls.lease(HUB, "file", 2)
    give_back(1)
    (want,) = there.wants
    assert (want.registry, want.identity, want.pulls) == (HUB, "source of file", 2)
    assert there.said[1:] == [wire.Spent(id=want.id, pulls=1)]


async def test_who_is_refused_asks_again_at_its_time_and_not_before() -> None:
    there = Aggregator(refuse(600))
    there.pulls.heard(told(anonymous=90))
    with pytest.raises(NotYet, match=r"waits for its turn to pull from docker.io, at 20.*UTC: 12 before it") as caught:
        await there.pulls.lease(HUB, "anonymous", 1)
    assert 595 < caught.value.after_s <= 603
    assert there.pulls.again_at([HUB]) == there.time + caught.value.after_s and there.pulls.again_at(["quay.io"]) == 0
    there.time += 500
    with pytest.raises(NotYet):
        await there.pulls.lease(HUB, "anonymous", 1)
    assert len(there.wants) == 1
    there.time += 110
    there.answer = grant
    await there.pulls.lease(HUB, "anonymous", 1)
    assert len(there.wants) == 2


@pytest.mark.parametrize(("said_s", "least_s", "most_s"), [(-1e9, SOONEST_S, SOONEST_S + 2), (1e9, 900, 900)])
async def test_clocks_that_are_off_make_it_early_or_late_within_bounds(
    said_s: float, least_s: float, most_s: float
) -> None:
    there = Aggregator(refuse(said_s))
    there.pulls.heard(told(anonymous=90))
    with pytest.raises(NotYet) as caught:
        await there.pulls.lease(HUB, "anonymous", 1)
    assert least_s <= caught.value.after_s <= most_s


async def test_a_lease_that_nobody_waits_for_goes_back_unused() -> None:
    there = Aggregator(grant)
    there.pulls.answered(wire.Lease(id="late", granted=True))
    there.pulls.answered(wire.Lease(id="later", granted=False))
    assert there.said == [wire.Spent(id="late", pulls=0)]


async def test_nothing_is_pulled_before_it_is_known_what_is_allowed() -> None:
    there = Aggregator(grant)
    with pytest.raises(NotYet, match="not known yet"):
        await there.pulls.lease(HUB, "anonymous", 1)
    assert there.pulls.again_at([HUB]) == there.time + SOONEST_S
    there.pulls.heard(told(anonymous=90))
    await there.pulls.lease(HUB, "anonymous", 1)


async def test_an_aggregator_that_cannot_be_reached_is_none_after_hours_and_then_a_tenth_is_the_nodes_own() -> None:
    there = Aggregator(hears=False)
    there.pulls.heard(told(anonymous=20))
    with pytest.raises(NotYet, match="no aggregator to ask") as caught:
        await there.pulls.lease(HUB, "anonymous", 1)
    assert caught.value.after_s == AGAIN_S
    there.time += ALONE_AFTER_S + 1
    await there.pulls.lease(HUB, "anonymous", 1)
    with pytest.raises(NotYet, match="a tenth of the 20 pulls"):
        await there.pulls.lease(HUB, "anonymous", 1)
    there.hears, there.answer = True, grant
    there.time += 901
    await there.pulls.lease(HUB, "anonymous", 1)  # it is back, and decides
    there.hears = False
    with pytest.raises(NotYet, match="no aggregator to ask"):
        await there.pulls.lease(HUB, "anonymous", 1)


async def test_without_an_aggregator_a_node_takes_a_tenth_of_what_it_was_told_is_left() -> None:
    time = 0.0
    pulls = Pulls(None, now=lambda: time)
    pulls.heard(told(anonymous=100))
    spent = 0
    with pytest.raises(NotYet):
        while True:
            await pulls.lease(HUB, "anonymous", 1)
            spent += 1
    assert spent == 9
    time += 21601
    await pulls.lease(HUB, "anonymous", 1)
    pulls.heard(told(status="failed"))
    with pytest.raises(NotYet):
        await pulls.lease(HUB, "anonymous", 1)


async def test_what_could_not_be_asked_changes_nothing() -> None:
    there = Aggregator(grant)
    there.pulls.heard(told(anonymous=90))
    there.pulls.heard(Result(check="rate_limit", target=HUB, status="failed", cause="dns_failed"))
    there.pulls.heard(Result(check="rate_limit", target=HUB, status="skipped"))
    assert there.pulls.counts(HUB)
