import math
from datetime import UTC, datetime, timedelta

import pytest

from agent.contract.result import Result, Window
from aggregator.correlate.chance import rate_of, tail
from aggregator.correlate.history import history_of
from aggregator.correlate.noise import beyond

AT = datetime(2026, 11, 22, 13, tzinfo=UTC)


def exactly(k: int, n: int, rate: float) -> float:
    return sum(math.comb(n, i) * rate**i * (1 - rate) ** (n - i) for i in range(k, n + 1))


@pytest.mark.parametrize(
    ("k", "n", "rate"), [(1, 5, 0.01), (2, 120, 0.01), (3, 10, 0.01), (50, 100, 0.5), (4, 120, 0.1)]
)
def test_the_tail_is_the_binomial_one(k: int, n: int, rate: float) -> None:
    assert tail(k, n, rate) == pytest.approx(exactly(k, n, rate), rel=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "rate", "expected"), [(0, 5, 0.1, 1.0), (6, 5, 0.1, 0.0), (2, 5, 0.0, 0.0), (2, 5, 1.0, 1.0)]
)
def test_the_ends_of_the_tail(k: int, n: int, rate: float, expected: float) -> None:
    assert tail(k, n, rate) == expected


def test_a_big_fleet_costs_no_precision_and_no_time() -> None:
    assert 0.0 < tail(1_200, 100_000, 0.01) < 1e-8
    assert tail(100_000, 100_000, 0.01) == 0.0
    assert tail(1_000, 100_000, 0.01) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("window", "since_s", "expected"),
    [
        (None, 0, "solid"),
        (Window(1, 1), 0, "first"),
        (Window(10, 1), 0, "first"),
        (Window(10, 0), 0, "first"),
        (Window(2, 2), 0, "solid"),
        (Window(10, 2), 1, "solid"),  # a first failure and its check a second later
        (Window(10, 2), 0, "intermittent"),  # one run long: the other failure was before
        (Window(10, 3), 61, "solid"),
        (Window(10, 3), 1, "intermittent"),
        (Window(10, 10), 3_600, "solid"),
        (Window(10, 4, 1), 0, "solid"),
        (Window(10, 4, 2), 0, "intermittent"),
    ],
)
def test_the_window_and_the_age_of_the_status_tell_the_history(
    window: Window | None, since_s: float, expected: str
) -> None:
    since = AT - timedelta(seconds=since_s)
    result = Result(check="tcp", target="x:443", status="failed", at=AT, since=since, window=window)
    assert history_of(result, 60.0) == expected


def test_without_since_a_rare_failure_in_a_full_window_comes_and_goes() -> None:
    def told(runs: int, failures: int) -> str:
        window = Window(runs, failures)
        return history_of(Result(check="tcp", target="x:443", status="failed", at=AT, window=window), 60.0)

    assert (told(10, 3), told(10, 8), told(4, 2)) == ("intermittent", "solid", "solid")


@pytest.mark.parametrize(
    ("window", "nodes", "expected"),
    [
        (None, 5, False),
        (Window(10, 2), 1, False),
        (Window(10, 3), 5, True),
        (Window(10, 3), 5_000, False),
        (Window(10, 5), 5_000, True),
        (Window(3, 9), 5, False),
        (Window(10**12, 10**11), 5, False),
        (Window(-1, -5), 5, False),
    ],
)
def test_a_rate_is_beyond_chance_for_so_many_nodes(window: Window | None, nodes: int, expected: bool) -> None:
    assert beyond(window, nodes, 0.01) is expected


def test_the_noise_of_the_fleet_itself_is_the_base_rate_where_it_is_more() -> None:
    assert rate_of(0, 0) == rate_of(0, 1_000) == rate_of(5, 1_000_000) == 0.01
    assert rate_of(3_000, 100_000) == pytest.approx(0.03, rel=0.01)
    assert rate_of(1, 2) < 0.03  # two runs are no measurement
