"""What fails by itself: single runs, a host's hiccup that many nodes saw, outages that are over, broken instruments.

None of it is a finding. A single failed run shows as `failed` only until its check a second later; what is left of it
is one bad run in a window of good ones.
"""

import random
from dataclasses import dataclass, field

from agent.contract.table import ROUND_S
from bench.fleet import runs
from bench.fleet.runs import Line, Pace

CAUSES: dict[str, tuple[str, ...]] = {
    "dns": ("dns_failed",),
    "tcp": ("connect_timeout", "connect_timeout", "connection_reset", "connect_refused"),
    "tls": ("tls_timeout", "connection_reset"),
    "registry": ("registry_unavailable", "connection_reset"),
    "manifest": ("registry_unavailable", "connection_reset", "unknown"),
    "platform": ("registry_unavailable",),
    "layer": ("blob_unavailable", "connection_reset"),
    "pull": ("cancelled", "unknown"),
}
TWICE_SHARE = 0.05  # of bad runs have another one in their window
SLOW_SHARE = 0.02  # of answers take long


@dataclass(frozen=True, slots=True)
class Odd:
    """One answer that noise spoiled, or a trace of it."""

    line: Line
    status: str
    cause: str | None


@dataclass(slots=True)
class Noise:
    """The noise of one fleet.

    Args:
        rate: how often one run fails by itself.
        instruments: how often an instrument breaks.
        now: the share of bad runs that are the last one, seen before its check a second later.
        hiccups: per (check, target): how long ago, and which share of nodes saw a bad run then.
        over: per (check, target): an outage that ended: how many failures are left in the window.
    """

    rate: float = 0.0
    instruments: float = 0.0
    now: float = 0.1
    hiccups: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    over: dict[tuple[str, str], int] = field(default_factory=dict)

    def draw(self, check: str, target: str, pace: Pace, heard_s: float, chance: random.Random) -> Odd | None:
        """Draw what noise makes of a good answer; mostly nothing."""
        if check not in CAUSES:
            return None
        if self.hiccups or self.over:
            odd = self._shared(check, target, pace, chance)
            if odd is not None:
                return odd
        lot = chance.random()
        if lot < self.instruments:
            line = runs.well(pace)
            return Odd(Line(True, line.ago_s, line.ago_s, line.window), "unknown", None)
        if lot < self.instruments + self.rate:
            return self._single(check, pace, heard_s, chance)
        return None

    def _single(self, check: str, pace: Pace, heard_s: float, chance: random.Random) -> Odd:
        before = pace.before(pace.ago_s)
        bad = 2 if before >= runs.WINDOW_RUNS and chance.random() < TWICE_SHARE else 1
        window = runs.window(max(before, bad), bad)
        if chance.random() < self.now * ROUND_S / max(
            pace.every_s, ROUND_S
        ):  # what is asked rarely is rarely just asked
            ago_s = heard_s + 0.5
            return Odd(Line(True, ago_s, ago_s, window), "failed", chance.choice(CAUSES[check]))
        began_s = pace.ago_s + chance.randint(0, max(before - 2, 0)) * pace.every_s
        return Odd(Line(False, pace.ago_s, began_s, window), "ok", None)

    def _shared(self, check: str, target: str, pace: Pace, chance: random.Random) -> Odd | None:
        left = self.over.get((check, target))
        if left is not None and pace.before(pace.ago_s) >= runs.WINDOW_RUNS:
            good = runs.WINDOW_RUNS - left
            began_s = pace.ago_s + (good - 1) * pace.every_s
            return Odd(Line(False, pace.ago_s, began_s, runs.window(runs.WINDOW_RUNS, left)), "ok", None)
        hiccup = self.hiccups.get((check, target))
        if hiccup is None or chance.random() >= hiccup[1]:
            return None
        runs_since = min(int(hiccup[0] / pace.every_s), runs.WINDOW_RUNS - 2)
        window = runs.window(max(2, pace.before(pace.ago_s)), 1)
        return Odd(Line(False, pace.ago_s, pace.ago_s + runs_since * pace.every_s, window), "ok", None)

    def took_s(self, chance: random.Random) -> float:
        """Draw how long an answer took."""
        lot = chance.random()
        return 0.01 + 0.09 * lot if lot > SLOW_SHARE else 1.0 + 200.0 * lot
