"""`since` and `window` of results."""

from datetime import UTC, datetime, timedelta

from agent.contract.result import Result, Status, Window
from agent.history import WINDOW_RUNS, History

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def entered(history: History, status: Status, now: float, wall: datetime | None = None) -> tuple[Result, bool]:
    result = Result(check="tcp", target="quay.io:443", status=status)
    first = history.enter(result, now, wall or NOON + timedelta(seconds=now))
    return result, first


def test_since_is_when_the_status_began() -> None:
    history = History()
    assert entered(history, "ok", 0)[0].since == NOON
    assert entered(history, "ok", 60)[0].since == NOON
    assert entered(history, "failed", 120)[0].since == NOON + timedelta(seconds=120)
    assert entered(history, "failed", 180)[0].since == NOON + timedelta(seconds=120)


def test_since_moves_with_a_clock_that_jumps() -> None:
    history = History()
    entered(history, "failed", 0)
    ahead = NOON + timedelta(days=2, seconds=60)
    assert entered(history, "failed", 60, ahead)[0].since == NOON + timedelta(days=2)


def test_a_first_failure_is_one_after_anything_but_a_failure() -> None:
    history = History()
    statuses: tuple[Status, ...] = ("failed", "failed", "ok", "failed")
    told = [entered(history, status, now)[1] for now, status in enumerate(statuses)]
    assert told == [True, False, False, True]
    entered(history, "skipped", 9)
    assert entered(history, "failed", 10)[1]


def test_the_window_holds_the_last_runs_that_could_tell() -> None:
    history = History()
    assert entered(history, "unknown", 0)[0].window is None
    for now in range(WINDOW_RUNS):
        entered(history, "failed", now)
    entered(history, "skipped", 20)
    assert entered(history, "warn", 21)[0].window == Window(WINDOW_RUNS, WINDOW_RUNS - 1, 1)


def test_the_window_tells_one_outage_from_what_comes_and_goes() -> None:
    outage, flapping = History(), History()
    statuses: tuple[Status, ...] = ("ok", "failed", "failed", "failed", "ok")
    told = [entered(outage, status, now)[0].window for now, status in enumerate(statuses)]
    assert told[0] == Window(1, 0, 0) and told[-1] == Window(5, 3, 1)
    turns: tuple[Status, ...] = ("failed", "ok", "failed", "ok", "failed")
    assert [entered(flapping, status, now)[0].window for now, status in enumerate(turns)][-1] == Window(5, 3, 3)


def test_what_is_forgotten_begins_anew() -> None:
    history = History()
    entered(history, "failed", 0)
    history.forget("tcp quay.io:443")
    result, first = entered(history, "failed", 60)
    assert first and result.since == NOON + timedelta(seconds=60)
