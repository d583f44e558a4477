"""Who belongs to a fault that comes and goes, though he may pass just now?

The windows of all nodes that were asked are a mixture: members fail at a rate of their own, the others at the fleet's
noise. Both the rate and the share of members are fitted; a node belongs to it where that is likelier than not.

Cannot see: a member without a bad run in its window; rates that differ from member to member.

Source: expectation maximization for a mixture of two binomial distributions, one of which is known (Dempster, Laird,
Rubin 1977).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from aggregator.correlate.chance import tail
from aggregator.correlate.column import Column, Pause, Streak
from aggregator.correlate.crowd import numbers_of
from aggregator.correlate.draft import Draft
from aggregator.correlate.shaky import log_likelihood

ROUNDS = 30  # of fitting; it stands still after some ten
STILL = 1e-6  # a share that changes by less stands still
KEPT = 256  # fits: most drafts are the same in the next report
OVER = 0.01  # a pause that chance makes so seldom is rather the end
USUAL_RUNS = 10  # of a window, where none of the draft's tells

Taken = dict[Column, int]
Windows = dict[Streak, int]


@dataclass(frozen=True, slots=True)
class Mixture:
    """What was fitted: the members' rate and their share; `noise` is that of all others. `evidence`: how much likelier
    the windows are with members than without, as a logarithm."""

    rate: float
    share: float
    noise: float
    evidence: float

    def belongs(self, streak: Streak) -> bool:
        """Tell whether a node with these failures and runs is likelier a member than not."""
        return _odds(streak, self.rate, self.share, self.noise) > 0.0


def windows(draft: Draft, taken: Taken) -> Windows:
    """Give, by failures and runs over all that the draft is about, the nodes that show it or had a bad run lately.

    Args:
        taken: by question, the nodes whose bad runs are explained already.
    """
    told: Windows = {}
    seen = 0
    for part in draft.parts:
        for streak, crowd in part.bucket.pooled.items():
            if nodes := crowd.bits & part.nodes & ~seen:
                told[streak] = told.get(streak, 0) | nodes
        seen |= part.nodes
    paused = _pauses(draft, draft.told & ~seen, taken)
    for streak, nodes in paused.items():
        told[streak] = told.get(streak, 0) | nodes
    return told


def _pauses(draft: Draft, others: int, taken: Taken) -> Windows:
    """Give the windows of nodes that do not show it just now."""
    columns = {said.line.column for said in draft.lines()}
    found = [
        (pause, nodes)
        for column in columns
        for pause, crowd in column.pausing.items()
        if (nodes := crowd.bits & others & ~taken.get(column, 0))
    ]
    end = _end(found, draft.shown.bit_count())
    told: Windows = {}
    if len(columns) == 1:
        for pause, nodes in found:
            if _resting(pause) >= end:
                told[pause[:2]] = told.get(pause[:2], 0) | nodes
        return told
    pooled: dict[int, Streak] = {}
    for pause, nodes in found:
        for number in numbers_of(nodes) if _resting(pause) >= end else ():
            before = pooled.get(number, (0, 0))
            pooled[number] = (before[0] + pause[0], before[1] + pause[1])
    for number, streak in pooled.items():
        told[streak] = told.get(streak, 0) | 1 << number
    return told


def _end(found: Sequence[tuple[Pause, int]], shown: int) -> float:
    """Give below which chance a pause is rather the end: of many nodes a few have one that is rare for each of them."""
    rare: dict[float, int] = {}
    paused = 0
    for pause, nodes in found:
        paused |= nodes
        if (chance := _resting(pause)) < OVER:
            rare[chance] = rare.get(chance, 0) | nodes
    so_rare, end = 0, 0.0
    for chance in sorted(rare):
        so_rare |= rare[chance]
        if tail(so_rare.bit_count(), shown + paused.bit_count(), chance) < OVER:
            end = math.nextafter(chance, 1.0)
    return end


@lru_cache(maxsize=KEPT)
def _resting(pause: Pause) -> float:
    """Give how likely so many last runs are good, where so many of a window's runs fail and any may be the bad ones."""
    failures, runs, good = pause
    before = max(runs - good, failures)
    return math.exp(_ways(failures, before) - _ways(failures, runs))


def _ways(k: int, n: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def stands(told: Windows, draft: Draft) -> bool:
    """Tell whether too few are in a good moment for what comes and goes: it has begun lately, and stays.

    One bad run is anybody's; of two or more those that show it would rest as often as their windows do, at all that
    they ask at once.
    """
    shown = draft.shown
    failures = runs = resting = 0
    for (bad, asked), nodes in told.items():
        here = (nodes & shown).bit_count()
        failures, runs = failures + bad * here, runs + asked * here
        resting += (nodes & ~shown).bit_count() if bad > 1 else 0
    now, asked_at_once = shown.bit_count(), len({said.line.column for said in draft.lines()})
    rest = (1.0 - failures / runs) ** asked_at_once if runs else 0.0
    return tail(now, now + resting, 1.0 - rest) < OVER


def take(draft: Draft, taken: Taken) -> None:
    """Take note that the bad runs of the draft's nodes are explained."""
    for column in {said.line.column for said in draft.lines()}:
        taken[column] = taken.get(column, 0) | draft.nodes


def fit(told: Windows, draft: Draft, noise: float) -> Mixture:
    """Fit the mixture. Nodes without a bad run count with a window as long as the longest."""
    streaks = Counter({streak: nodes.bit_count() for streak, nodes in told.items()})
    usual_runs = max((runs for _, runs in streaks), default=USUAL_RUNS)
    streaks[0, usual_runs] += max(0, draft.told.bit_count() - sum(streaks.values()))
    shown = [(streak, (nodes & draft.nodes).bit_count()) for streak, nodes in told.items()]
    failures, runs = (sum(streak[which] * count for streak, count in shown) for which in (0, 1))
    start = sum(count for _, count in shown) / max(sum(streaks.values()), 1)
    return _fitted(tuple(sorted(streaks.items())), _rate(failures, runs, noise), start, noise)


@lru_cache(maxsize=KEPT)
def _fitted(counts: tuple[tuple[Streak, int], ...], rate: float, start: float, noise: float) -> Mixture:
    """Fit the mixture to counted windows, sorted because sums of floats hang on their order."""
    total = sum(count for _, count in counts)
    least = 1.0 / (total + 2)
    share = min(max(start, least), 1.0 - least)
    for _ in range(ROUNDS):
        weights = {one: count * _sigmoid(_odds(one, rate, share, noise)) for one, count in counts}
        before, members = share, sum(weights.values())
        share = min(max(members / max(total, 1), least), 1.0 - least)
        failures, runs = (sum(one[which] * weight for one, weight in weights.items()) for which in (0, 1))
        rate = _rate(failures, runs, noise)
        if abs(share - before) < STILL:
            break
    evidence = sum(count * _log_mixed(one, rate, share, noise) for one, count in counts)
    return Mixture(rate, share, noise, evidence)


def members(told: Windows, mixture: Mixture) -> int:
    """Give the nodes that belong to it."""
    nodes = 0
    for streak, crowd in told.items():
        if mixture.belongs(streak):
            nodes |= crowd
    return nodes


def _rate(failures: float, runs: float, noise: float) -> float:
    return min(max(failures / runs if runs else 0.0, 2 * noise), 1.0 - noise)


def _gain(streak: Streak, rate: float, noise: float) -> float:
    return log_likelihood(*streak, rate) - log_likelihood(*streak, noise)


def _odds(streak: Streak, rate: float, share: float, noise: float) -> float:
    return math.log(share / (1.0 - share)) + _gain(streak, rate, noise)


def _log_mixed(streak: Streak, rate: float, share: float, noise: float) -> float:
    gain = _gain(streak, rate, noise)
    high = max(gain, 0.0)
    return high + math.log((1.0 - share) * math.exp(-high) + share * math.exp(gain - high))


def _sigmoid(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds)) if odds > -700.0 else 0.0
