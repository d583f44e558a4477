"""From which nodes is nothing heard?

Counted against all expected nodes; who is NotReady, cordoned or leaving is not expected.

Cannot see: whether the node, its network or only its agent is down.
"""

from collections.abc import Sequence

from agent.contract.causes import severity_of
from agent.contract.table import SILENT_AFTER_INTERVALS
from aggregator.correlate.draft import Draft
from aggregator.correlate.fleet import ALL, Fleet
from aggregator.correlate.history import utc
from aggregator.correlate.view import SILENT


def find(fleet: Fleet, found: Sequence[Draft]) -> list[Draft]:
    """Give one draft for all silent nodes."""
    del found
    silent = fleet.named("silent")
    if not silent:
        return []
    told = set(fleet.expected) - set(fleet.named("waiting"))
    notes = [_last_words(fleet, name) for name in silent]
    return [Draft(SILENT, severity_of(SILENT), ALL, [], set(silent), told, notes=notes)]


def _last_words(fleet: Fleet, name: str) -> str:
    node = fleet.views[name].node
    if node.last_seen is None:
        return f"{name}: never heard"
    interval = f" (its interval is {node.interval_s:g} s)" if node.interval_s else ""
    ago_s = (fleet.at - utc(node.last_seen)).total_seconds()
    return f"{name}: last heard {ago_s:.0f} s ago, more than {SILENT_AFTER_INTERVALS} intervals{interval}"
