"""Whose clock is wrong, as far as one node can tell."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.check import Settings
from agent.checks.clock import Observation, compare, judge

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SETTINGS = Settings.default("clock")
DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("ahead_s", "status"),
    [
        ({}, "unknown"),
        ({"a": 0.0}, "ok"),
        ({"a": 30.0, "b": 30.0}, "ok"),
        ({"a": 31.0, "b": -31.0, "c": -31.0}, "warn"),
        ({"a": 301.0, "b": 301.0}, "failed"),
        ({"a": -2 * DAY_S, "b": -2 * DAY_S, "c": 0.0}, "failed"),
        ({"a": -2 * DAY_S, "b": 0.0, "c": 0.1}, "ok"),  # one registry with a wrong clock
        ({"a": 2 * DAY_S, "b": 0.0}, "ok"),  # of two that disagree, the kinder
        ({"a": 2 * DAY_S}, "warn"),  # nobody can tell who of two is wrong
        ({"aggregator": 2 * DAY_S}, "failed"),
    ],
)
def test_the_median_decides(ahead_s: dict[str, float], status: str) -> None:
    verdict = judge(Observation(ahead_s), SETTINGS)
    assert verdict.status == status
    assert verdict.cause == ("clock_skew" if status in ("warn", "failed") else None)


def test_the_detail_says_how_far_and_against_whom() -> None:
    verdict = judge(Observation({"quay.io": 2 * DAY_S, "aggregator": 2 * DAY_S}), SETTINGS)
    assert verdict.detail == "the clock is 2.0 days ahead of aggregator, quay.io"
    assert "90 seconds behind" in judge(Observation({"aggregator": -90.0}), SETTINGS).detail


def test_each_host_counts_once_by_its_newest_word() -> None:
    dates = [("a", NOW - timedelta(days=1), NOW), ("a", NOW, NOW), ("b", NOW - timedelta(seconds=60), NOW)]
    assert compare(dates, NOW).ahead_s == {"a": -0.5, "b": 59.5}


def test_what_was_compared_before_the_clock_was_set_is_forgotten() -> None:
    before = NOW + timedelta(days=2)  # the clock was two days ahead then
    assert compare([("a", NOW, before)], NOW).ahead_s == {}
