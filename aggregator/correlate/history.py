"""Is a failing answer a first run, a failure that stays, or one that comes and goes?

Reads the result's window (the last runs and how many failed) and the age of its status. No window: the sender has
confirmed it already.

Cannot see: the order of good and bad runs inside the window; it is concluded from how long the status stands.
"""

from datetime import UTC, datetime

from agent.contract.result import Result
from aggregator.correlate.cell import History

# A streak that explains all failures of the window lasts (failures - 1) intervals, less one because a first failure is
# checked again after a second. Half of that is asked for: rounds are jittered, and a directive may add runs in between.
STREAK_SHARE = 0.5
RUNS_TO_JUDGE = 10  # with fewer runs and no `since`, good runs in the window may all lie before the failure


def utc(moment: datetime) -> datetime:
    """Give an aware time in UTC; a time without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def history_of(result: Result, interval_s: float) -> History:
    """Tell what the window of a failing result says.

    Args:
        interval_s: seconds between two rounds of the node.
    """
    window = result.window
    if window is None:
        return "solid"
    if window.failures <= 1:
        return "first"
    if window.failures >= window.runs:
        return "solid"
    if result.since is None:
        rare = window.failures * 2 <= window.runs and window.runs >= RUNS_TO_JUDGE
        return "intermittent" if rare else "solid"
    streak_s = (utc(result.at) - utc(result.since)).total_seconds()
    explains_all = streak_s > 0 and streak_s >= (window.failures - 2) * interval_s * STREAK_SHARE
    return "solid" if explains_all else "intermittent"
