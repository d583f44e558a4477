"""How much may the past cost the disk? A bucket that fills slowly: an incident's first minutes are kept whole, a fleet
that flaps for days is kept thinned out.

Counted is what a disk writes: whole pages, once into the journal and once into the file, and the page of an index or of
a neighbour beside those of the content.
"""

from dataclasses import dataclass

DAY_S = 86_400.0
BYTES_PER_DAY = 500_000_000  # a disk does not notice, and the default bound of the store holds a week of worst days
BURST_BYTES = 64_000_000  # two thousand changes of a fleet of thousands, told one by one
PAGE_BYTES = 4_096  # of SQLite
PAGES_BESIDE = 2
WRITTEN_TWICE = 2


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
        """Take off what a row of so many bytes costs."""
        pages = -(-size_bytes // PAGE_BYTES) + PAGES_BESIDE
        self.left_bytes -= WRITTEN_TWICE * PAGE_BYTES * pages
        self.spent_bytes += WRITTEN_TWICE * PAGE_BYTES * pages
