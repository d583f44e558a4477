"""From which nodes is nothing heard?

Counted against all expected nodes; who is NotReady, cordoned or leaving is not expected.

Cannot see: whether the node, its network or only its agent is down.
"""

from collections.abc import Sequence

from agent.contract.causes import severity_of
from agent.contract.table import SILENT_AFTER_INTERVALS
from aggregator.correlate.draft import Draft
from aggregator.correlate.evidence import MOST_LINES
from aggregator.correlate.history import utc
from aggregator.correlate.matrix import ALL, Matrix
from aggregator.correlate.view import SILENT


def find(matrix: Matrix, found: Sequence[Draft]) -> list[Draft]:
    """Give one draft for all silent nodes."""
    del found
    silent = matrix.bits("silent")
    if not silent:
        return []
    told = matrix.expected & ~matrix.bits("waiting")
    notes = [_last_words(matrix, name) for name in matrix.names_of(silent)[:MOST_LINES]]
    return [Draft(SILENT, severity_of(SILENT), ALL, [], silent, told, notes=notes)]


def _last_words(matrix: Matrix, name: str) -> str:
    node = matrix.seats[name].view.node
    if node.last_seen is None:
        return f"{name}: never heard"
    interval = f" (its interval is {node.interval_s:g} s)" if node.interval_s else ""
    ago_s = (matrix.at - utc(node.last_seen)).total_seconds()
    return f"{name}: last heard {ago_s:.0f} s ago, more than {SILENT_AFTER_INTERVALS} intervals{interval}"
