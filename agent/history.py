"""What became of each check on each target: since when, and how many of its last runs failed.

`since` is kept by the monotonic clock and written in the wall clock's time of now, so that a node whose clock jumps
does not report a beginning that never was.

Cannot see: what was before this process started; the aggregator joins that on.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from agent.contract.result import Result, Status, Window

WINDOW_RUNS = 10  # enough to tell one bad run from a flapping target, and over within minutes


@dataclass(slots=True)
class _Line:
    status: Status
    began: float  # monotonic seconds
    bad: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW_RUNS))


class History:
    """The line of every (check, target) of this node."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def enter(self, result: Result, now: float, wall: datetime | None = None) -> bool:
        """Write `since` and `window` into a result, and tell whether it is a first failure.

        Only runs that could tell count in the window; a skipped or unknown one says nothing of the target.

        Args:
            now: monotonic seconds.
            wall: the wall clock's time of now.
        """
        line = self._lines.get(result.key)
        before = line.status if line is not None else None
        if line is None:
            line = self._lines[result.key] = _Line(result.status, now)
        elif line.status != result.status:
            line.status, line.began = result.status, now
        if result.could_tell:
            line.bad.append(result.status == "failed")
        if line.bad:
            spells = sum(bad and not before for before, bad in pairwise((False, *line.bad)))
            result.window = Window(len(line.bad), sum(line.bad), spells)
        result.since = (wall or datetime.now(UTC)) - timedelta(seconds=now - line.began)
        return result.status == "failed" and before != "failed"

    def forget(self, key: str) -> None:
        """Drop a target that is checked no more."""
        self._lines.pop(key, None)
