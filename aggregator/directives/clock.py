"""The budget's clock: seconds in which an aggregator ran over this store, and nothing else.

The wall clock may jump, at a restart too, and the monotonic one begins anew with each boot: with either, leases could
grow old in a moment and be granted again. This one only goes while the process does. The time between two runs is not
counted: after a restart pulls are in use for longer than they need be, never for less.

Cannot see: how long the aggregator was away.
"""

import time
from collections.abc import Callable


class Clock:
    """Goes on from where it was left."""

    def __init__(self, left_at: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ahead = left_at - monotonic()

    def now(self) -> float:
        """Give the seconds so far."""
        return self._ahead + self._monotonic()
