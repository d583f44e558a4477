"""What became of the runs of one question: its last answer, since when, and the window of the last ten.

As the agents do it: each check has its period, what failed is checked again after a second and then more often, and
what is blocked keeps the window that it had. Times are seconds before the snapshot.
"""

import random
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from agent.contract.result import Window
from agent.contract.table import CADENCES, CONFIRM_AFTER_S, ROUND_S

WINDOW_RUNS = 10
RETRY_RATIO = 12  # what is not well is asked so many times as often, at most once an interval
WHOLE_ROUND = frozenset({"tls"})  # goes along with every connection that is made anyway
RUNS_AT_MOST = 60  # of a long flapping only the last are looked at: the window holds ten


@dataclass(frozen=True, slots=True)
class Pace:
    """How a machine runs one check: its period, the period while it fails, and when it last ran."""

    every_s: float
    retry_s: float
    ago_s: float
    age_s: float

    def before(self, ago_s: float) -> int:
        """Give how many runs there were before a moment, ten at most."""
        return max(0, min(WINDOW_RUNS, int((self.age_s - ago_s) / self.every_s) + 1))


@dataclass(frozen=True, slots=True)
class Line:
    """The last answer and its history. `began_ago_s` is when the present status began."""

    failed: bool
    ago_s: float
    began_ago_s: float
    window: Window
    seen: bool = True  # the fault was met at all


@lru_cache(maxsize=256)
def window(runs: int, failures: int) -> Window:
    """Give a window; equal ones are one object, since a fleet has millions."""
    return Window(runs, failures)


def pace(check: str, interval_s: float, age_s: float, heard_s: float, phase: float) -> Pace:
    """Work out a machine's pace; `phase` between 0 and 1 is where it stands in the period."""
    every_s = (ROUND_S if check in WHOLE_ROUND else CADENCES[check].every_s) * interval_s / ROUND_S
    slow = every_s > interval_s
    ago_s = heard_s + (phase * every_s if slow else 0.5)
    return Pace(every_s, max(interval_s, every_s / RETRY_RATIO), min(ago_s, max(age_s, heard_s + 0.5)), age_s)


def well(own: Pace) -> Line:
    """Give the line of what has always been well."""
    return Line(False, own.ago_s, own.age_s, window(max(1, own.before(own.ago_s)), 0), seen=False)


def solid(own: Pace, fault_age_s: float, heard_s: float) -> Line:
    """Give the line of what fails since a moment."""
    if own.ago_s > fault_age_s:
        return well(own)
    missed = int((fault_age_s - own.ago_s) / own.every_s)
    first_ago_s = min(own.ago_s + missed * own.every_s, max(own.age_s, own.ago_s))
    again_s = first_ago_s - CONFIRM_AFTER_S
    if again_s < 0:
        return Line(True, first_ago_s, first_ago_s, window(min(WINDOW_RUNS, own.before(first_ago_s) + 1), 1))
    more = max(0, int((again_s - heard_s) / own.retry_s))
    last_ago_s = again_s - more * own.retry_s
    failures = 2 + more
    runs = min(WINDOW_RUNS, own.before(first_ago_s + own.every_s) + failures)
    return Line(True, last_ago_s, first_ago_s, window(max(runs, min(failures, 10)), min(WINDOW_RUNS, failures)))


def blocked(own: Pace, since_ago_s: float, heard_s: float) -> Line:
    """Give the line of what cannot be asked since a moment."""
    ago_s = heard_s + min(own.ago_s - heard_s, own.retry_s)
    return Line(True, ago_s, since_ago_s, window(max(1, own.before(since_ago_s + own.every_s)), 0))


def flapping(own: Pace, fault_age_s: float, rate: float, heard_s: float, chance: random.Random) -> Line:
    """Give the line of what fails in `rate` of its runs since a moment."""
    reach_s = min(fault_age_s, own.age_s, RUNS_AT_MOST * own.every_s)
    if own.ago_s > reach_s:
        return well(own)
    ago_s = own.ago_s + int((reach_s - own.ago_s) / own.every_s) * own.every_s
    bad: deque[bool] = deque([False] * own.before(ago_s + own.every_s), maxlen=WINDOW_RUNS)
    failed, began = False, own.age_s
    last = ago_s
    while ago_s >= heard_s:
        now = chance.random() < rate
        first = now and not failed
        if now != failed:
            began = ago_s
        failed, last = now, ago_s
        bad.append(now)
        ago_s -= CONFIRM_AFTER_S if first else own.retry_s if failed else own.every_s
    return Line(failed, last, began, window(len(bad), sum(bad)))
