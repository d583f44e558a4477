"""The simulated agents' runs: when a question was last asked, since when it fails, and what its window says."""

import random

import pytest

from bench.fleet import runs
from bench.fleet.runs import pace


def test_what_is_well_has_a_window_of_good_runs() -> None:
    line = runs.well(pace("tcp", 60.0, 90_000.0, 5.0, 0.5))
    assert (line.failed, line.window.runs, line.window.failures) == (False, 10, 0)


def test_a_young_agent_has_few_runs() -> None:
    assert runs.well(pace("tcp", 60.0, 150.0, 5.0, 0.5)).window.runs == 3


def test_what_fails_is_seen_again_after_a_second() -> None:
    line = runs.solid(pace("tcp", 60.0, 90_000.0, 5.0, 0.5), 30.0, 5.0)
    assert (line.failed, line.window.failures) == (True, 2)
    assert line.began_ago_s - line.ago_s == pytest.approx(1.0)


def test_what_fails_for_long_fills_the_window() -> None:
    line = runs.solid(pace("tcp", 60.0, 90_000.0, 5.0, 0.5), 7_200.0, 5.0)
    assert (line.window.runs, line.window.failures) == (10, 10)
    assert 7_100 < line.began_ago_s <= 7_200


def test_a_check_that_has_not_run_since_the_fault_began_is_still_well() -> None:
    line = runs.solid(pace("manifest", 60.0, 90_000.0, 5.0, 0.9), 60.0, 5.0)
    assert (line.failed, line.seen) == (False, False)


def test_a_blocked_question_keeps_its_good_window() -> None:
    line = runs.blocked(pace("manifest", 60.0, 90_000.0, 5.0, 0.1), 4_000.0, 5.0)
    assert (line.began_ago_s, line.window.failures) == (4_000.0, 0)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.7])
def test_what_comes_and_goes_fails_about_as_often_as_it_should(rate: float) -> None:
    chance = random.Random(7)
    own = pace("registry", 60.0, 90_000.0, 5.0, 0.5)
    windows = [runs.flapping(own, 40_000.0, rate, 5.0, chance).window for _ in range(400)]
    assert {window.runs for window in windows} == {10}
    assert sum(window.failures for window in windows) / 4_000 == pytest.approx(rate, abs=0.03)


def test_a_flapping_line_never_ends_before_it_began() -> None:
    chance = random.Random(3)
    own = pace("registry", 60.0, 90_000.0, 5.0, 0.5)
    lines = [runs.flapping(own, 4_000.0, 0.4, 5.0, chance) for _ in range(200)]
    assert all(line.began_ago_s >= line.ago_s >= 0 for line in lines)
    assert {line.failed for line in lines} == {True, False}
