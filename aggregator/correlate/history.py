"""Is a failing answer a first run, a failure that stays, or one that comes and goes?

Reads the result's window (the last runs and how many failed) and the age of its status. No window: the sender has
confirmed it already.

Cannot see: the order of good and bad runs inside the window, where it does not say in how many spells they failed; it
is concluded from how long the status stands.
"""

from datetime import UTC, datetime

from agent.contract.result import Result, Window
from agent.contract.table import CADENCES, CONFIRM_AFTER_S, ROUND_S
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
    failures, runs = window.failures, window.runs
    if failures <= 1:
        return "first"
    if failures >= runs or window.spells == 1:
        return "solid"
    if result.since is None:
        return "intermittent" if _rare(window) else "solid"
    streak_s = (utc(result.at) - utc(result.since)).total_seconds()
    if streak_s <= 0 or streak_s < (failures - 2) * interval_s * STREAK_SHARE:
        return "intermittent"
    # a streak as long as this would have filled more of the window: good runs lie within it
    lasted_runs = streak_s / every_s(result.check, interval_s)
    return "intermittent" if failures < STREAK_SHARE * min(lasted_runs, runs) else "solid"


def history_of_warning(result: Result) -> History:
    """Tell whether a warning was seen twice. In the window it counts as good, so that only its age can tell."""
    if result.since is None:
        return "solid"
    return "first" if (utc(result.at) - utc(result.since)).total_seconds() < CONFIRM_AFTER_S else "solid"


def age_s(result: Result) -> float | None:
    """Give for how long the status stands; none where it is not known."""
    return (utc(result.at) - utc(result.since)).total_seconds() if result.since else None


def every_s(check: str, interval_s: float) -> float:
    """Give the seconds between two runs of a check on a node with this interval."""
    return CADENCES[check].every_s * interval_s / ROUND_S if check in CADENCES else interval_s


def _rare(window: Window) -> bool:
    return window.failures * 2 <= window.runs and window.runs >= RUNS_TO_JUDGE
