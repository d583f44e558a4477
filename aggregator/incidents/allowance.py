"""How many bytes may the past cost? A bucket that fills slowly: an incident's first minutes are kept whole, a fleet
that flaps for days is kept thinned out.
"""

from dataclasses import dataclass

DAY_S = 86_400.0
BYTES_PER_DAY = 200_000_000  # a disk does not notice; the default bound of the store holds five worst days of it
BURST_BYTES = 32_000_000  # some thousand changes of a fleet of thousands, told one by one


@dataclass(slots=True)
class Allowance:
    """What may be written now. It may go below zero: what is begun is written, and what comes next waits."""

    left_bytes: float = BURST_BYTES
    filled_at: float | None = None
    spent_bytes: int = 0

    def has(self, now: float) -> bool:
        """Whether something may be written.

        Args:
            now: monotonic seconds.
        """
        if self.filled_at is not None:
            gained = (now - self.filled_at) * BYTES_PER_DAY / DAY_S
            self.left_bytes = min(BURST_BYTES, self.left_bytes + max(gained, 0.0))
        self.filled_at = now
        return self.left_bytes > 0

    def spend(self, size_bytes: int) -> None:
        """Take what was written off."""
        self.left_bytes -= size_bytes
        self.spent_bytes += size_bytes
