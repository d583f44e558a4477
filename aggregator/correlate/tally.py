"""What is counted over all answers: how noisy the fleet is, and the numbers that the checklist asks for."""

from collections import Counter

from aggregator.correlate.chance import rate_of
from aggregator.correlate.crowd import Crowd
from aggregator.correlate.extreme import Extreme
from aggregator.correlate.measures import Measure
from aggregator.correlate.view import View


class Tally:
    """Counts of the nodes that count and were heard.

    `answers` could tell; `firsts` of them failed in one run only. `singles`: how many of the `windows` show one failure
    between good runs, by their runs. `sizes`: how many nodes were asked so many questions.
    """

    def __init__(self) -> None:
        self.answers = self.firsts = self.windows = 0
        self.singles: Counter[int] = Counter()
        self.sizes: Counter[int] = Counter()
        self.ignored: dict[int, list[str]] = {}
        self.pulls = Pulls()
        self.limits: dict[str, Limits] = {}

    def rate(self, firsts: int) -> float:
        """Estimate how often a run fails by itself, out of so many first failures and what stands in the windows.

        Each answer tells whether its last run failed alone, and each window of n runs how many of its n did.
        """
        alone = sum(count / runs for runs, count in sorted(self.singles.items()) if runs > 0)
        return rate_of(firsts + alone, self.answers + self.windows)

    @property
    def questions(self) -> int:
        """How many questions a node is asked at most: so many chances for a coincidence."""
        return max(self.sizes, default=0)

    def add(self, number: int, view: View) -> None:
        """Add a node."""
        self._count(view, 1)
        if view.ignored:
            self.ignored[number] = view.ignored
        for measure in view.measures:
            if measure.check == "pull":
                self.pulls.add(number, measure)
            else:
                limits = self.limits.get(measure.target)
                if limits is None:
                    limits = self.limits[measure.target] = Limits()
                limits.add(number, measure)

    def drop(self, number: int, view: View) -> None:
        """Take a node out."""
        self._count(view, -1)
        self.ignored.pop(number, None)
        self.pulls.drop(number)
        for measure in view.measures:
            if measure.check != "pull" and measure.target in self.limits:
                limits = self.limits[measure.target]
                limits.drop(number, measure)
                if not limits.told:
                    del self.limits[measure.target]

    def _count(self, view: View, sign: int) -> None:
        self.answers += sign * len(view.told)
        self.windows += sign * view.windows
        for runs in view.singles:
            self.singles[runs] += sign
        self.firsts += sign * sum(cell.history == "first" for cell in view.failed)
        size = len(view.told) + len(view.skipped)
        self.sizes[size] += sign
        if not self.sizes[size]:
            del self.sizes[size]


class Pulls:
    """Test pulls: who made one, on whom one fails, and how long the slowest real one took per node."""

    def __init__(self) -> None:
        self.told = Crowd()
        self.failed = Crowd()
        self.slowest_s: Extreme[float] = Extreme(max)

    def add(self, number: int, measure: Measure) -> None:
        """Add one pull of a node."""
        self.told.add(number)
        if measure.status == "failed":
            self.failed.add(number)
        if measure.took_s is not None:
            self.slowest_s.put(number, max(measure.took_s, self.slowest_s.get(number, 0.0)))

    def drop(self, number: int) -> None:
        """Take a node's pulls out."""
        self.told.discard(number)
        self.failed.discard(number)
        self.slowest_s.take(number)


class Limits:
    """One registry's limit: what is left by source and node, and on whom too little is."""

    def __init__(self) -> None:
        self.told = Crowd()
        self.low = Crowd()
        self.left: dict[str, Extreme[float]] = {}

    def add(self, number: int, measure: Measure) -> None:
        """Add what one node was told."""
        self.told.add(number)
        if measure.low:
            self.low.add(number)
        for source, left in measure.left:
            of_source = self.left.get(source)
            if of_source is None:
                of_source = self.left[source] = Extreme(min)
            of_source.put(number, left)

    def drop(self, number: int, measure: Measure) -> None:
        """Take out what one node was told."""
        self.told.discard(number)
        self.low.discard(number)
        for source, _ in measure.left:
            self.left[source].take(number)
            if not self.left[source]:
                del self.left[source]
