"""Does what comes and goes on a node come and go at everything that it asks, though some of it looks well just now?

Compares two stories by their likelihood: all targets of a check fail at one rate; or those that fail now have a rate of
their own, and the others the base rate. A good answer that is younger than its window, and has no failure in it, was
something else than a failure before (a warning counts as good), and is no witness.

Cannot see: targets without a window; rates that change while the window lasts.

Source: the binomial likelihood; aggregator.correlate.chance for the base rate.
"""

import math
from collections.abc import Iterable, Sequence

from agent.contract.result import Result
from aggregator.correlate.cell import Cell
from aggregator.correlate.chance import BASE_RATE
from aggregator.correlate.column import Column
from aggregator.correlate.history import STREAK_SHARE, age_s, every_s

Rated = tuple[Column, int, int]  # with failures and runs


def shaky(failed: Sequence[Cell], results: Iterable[tuple[Column, Result]], interval_s: float) -> list[Column]:
    """Give the questions that are answered well now and share the trouble of those that fail.

    Args:
        interval_s: seconds between two rounds of the node.
    """
    rates: dict[str, tuple[int, int]] = {}
    for cell in failed:
        column, window = cell.line.column, cell.window
        if column.place.kind == "host" and window and 0 < window.failures < window.runs:
            failures, runs = rates.get(column.check, (0, 0))
            rates[column.check] = (failures + window.failures, runs + window.runs)
    if not rates:
        return []
    good: dict[str, list[Rated]] = {check: [] for check in rates}
    mute: dict[str, list[Column]] = {check: [] for check in rates}
    for column, result in results:
        if column.check in rates and result.status == "ok" and result.window:
            failures, runs = result.window.failures, result.window.runs
            if result.window.spells == 1:
                failures = 0  # an outage that is over
            if not failures and _young(result, runs, interval_s):
                mute[column.check].append(column)
            else:
                good[column.check].append((column, failures, runs))
    return [
        column
        for check, rate in rates.items()
        if _share(rate, good[check])
        for column in (*(one for one, _, _ in good[check]), *mute[check])
    ]


def log_likelihood(failures: int, runs: int, rate: float) -> float:
    """Give how likely it is that so many runs fail at this rate; what is the same for all rates is left out."""
    failed = failures * math.log(rate) if failures else 0.0
    return failed + ((runs - failures) * math.log1p(-rate) if runs > failures else 0.0)


def _share(failing: tuple[int, int], good: Sequence[Rated]) -> bool:
    failures, runs = sum(one[1] for one in good), sum(one[2] for one in good)
    if not failures or failures > runs:  # nobody bears it out
        return False
    together = (failing[0] + failures, failing[1] + runs)
    apart = log_likelihood(*failing, failing[0] / failing[1]) + log_likelihood(failures, runs, BASE_RATE)
    return log_likelihood(*together, together[0] / together[1]) >= apart


def _young(result: Result, runs: int, interval_s: float) -> bool:
    age = age_s(result)
    return age is not None and age < STREAK_SHARE * runs * every_s(result.check, interval_s)
