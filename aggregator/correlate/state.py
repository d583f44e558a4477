"""Does a node count, and was it heard?

Who is NotReady, cordoned or leaving does not count; who was not heard for three of its intervals is silent; who was
never heard and is young is waited for. Only this hangs on the time of the report.

Cannot see: whether a silent node, its network or only its agent is down.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

from agent.contract.report import Node
from agent.contract.table import SILENT_AFTER_INTERVALS, SILENT_AFTER_S
from aggregator.correlate.current import STALE_S
from aggregator.correlate.history import utc

State = Literal["excluded", "silent", "waiting", "heard"]

NEVER = datetime.max.replace(tzinfo=UTC)


def state_of(node: Node, heard: bool, at: datetime) -> tuple[State, datetime]:
    """Give the state at a time, and until when it holds by itself.

    Args:
        heard: whether there are results of it, which somebody must have heard.
    """
    if not node.ready or not node.schedulable or node.leaving:
        return "excluded", NEVER
    if node.last_seen is None and heard:
        return "heard", NEVER
    since = node.last_seen or node.created
    until = _later(since, _patience(node)) if since else None
    if until is None or until < at:
        return "silent", NEVER
    return "heard" if node.last_seen else "waiting", until


def _patience(node: Node) -> timedelta:
    interval_s = node.interval_s or 0.0
    patience_s = SILENT_AFTER_INTERVALS * interval_s if 0.0 < interval_s < float("inf") else SILENT_AFTER_S
    return timedelta(seconds=min(patience_s, STALE_S))


def _later(moment: datetime, patience: timedelta) -> datetime:
    try:
        return utc(moment) + patience
    except OverflowError:  # heard at the end of time: never silent
        return NEVER
