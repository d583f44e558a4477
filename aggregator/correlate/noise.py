"""Is it more than chance?

A failure that was seen twice stands. One that comes and goes stands where its rate in the window is beyond chance for
as many nodes as were asked. First runs stand only together: where so many nodes fail at once that chance would do it
less than once in a hundred snapshots (`chance.FLEET_ALPHA`, over all questions), in the fleet or in one group of it.

Cannot see: noise that is not independent between nodes; a fault of three nodes out of thousands in its first second.

Source: aggregator.correlate.chance, where the test and its rates stand.
"""

import math
from collections.abc import Iterable

from agent.contract.result import Window
from aggregator.correlate import flapping
from aggregator.correlate.chance import FLEET_ALPHA, SERIES_ALPHA, tail
from aggregator.correlate.column import Streak
from aggregator.correlate.draft import Draft
from aggregator.correlate.flapping import Taken
from aggregator.correlate.matrix import Matrix
from aggregator.correlate.scope import reach
from aggregator.correlate.tally import Tally

FEWEST_FAILURES = 3  # two in a window are a first failure and its check a second later, or twice bad luck
MOST_RUNS = 10_000  # a window longer than this was not counted by an agent


def settled(drafts: Iterable[Draft], matrix: Matrix) -> list[Draft]:
    """Give the drafts that are more than chance, without what may be. What most nodes show is judged first."""
    taken: Taken = {}
    ranked = sorted(drafts, key=lambda draft: (-draft.shown.bit_count(), draft.cause, str(draft.subject)))
    return [draft for draft in ranked if _settle(draft, taken, matrix)]


def _settle(draft: Draft, taken: Taken, matrix: Matrix) -> bool:
    """Take what may be chance out of a draft, and tell whether something is left."""
    rate = rate_beside(draft, matrix.answers.tally)
    told = draft.told.bit_count()
    solid = rare = 0
    for part in draft.parts:
        solid |= part.bucket.solid.bits & part.nodes
        for streak, crowd in part.bucket.rare.items():
            if beyond(streak, told, rate):
                rare |= crowd.bits & part.nodes
    shown = draft.shown
    first = shown & ~solid & ~rare
    standing = draft.nodes & ~first
    if _flaps(draft, standing, solid, rate, taken, matrix):
        return True
    chance = _chance(draft, first, standing, rate, matrix) if first else 0.0
    if first and chance > FLEET_ALPHA and not _covered(draft, standing, matrix):
        draft.keep(standing)
    if not draft.nodes:
        return False
    draft.chance = 0.0 if standing else chance
    coming = rare & ~solid & draft.nodes
    draft.intermittent = 2 * coming.bit_count() > draft.nodes.bit_count()
    return True


def _flaps(draft: Draft, standing: int, solid: int, rate: float, taken: Taken, matrix: Matrix) -> bool:
    """Tell whether it comes and goes on several nodes; then who belongs to it is told by the windows of all."""
    told = flapping.windows(draft, taken)
    partly = some = 0
    for (failures, runs), nodes in told.items():
        some |= nodes
        partly |= nodes if 1 < failures < runs else 0
    unsure = draft.shown & (partly | ~solid)
    if some.bit_count() < 2 or not partly or 2 * unsure.bit_count() <= draft.shown.bit_count():
        return False  # one node that comes and goes says nothing of the others, and neither does what stands
    if flapping.stands(told, draft):
        return False
    mixture = flapping.fit(told, draft, rate)
    odd = math.log(max(matrix.answers.tally.questions, 1) / FLEET_ALPHA) + math.log(draft.told.bit_count())
    if not standing and mixture.evidence < odd:  # the last term pays for what was fitted (BIC)
        return False
    belong = flapping.members(told, mixture)
    if not belong & draft.shown:
        return False
    draft.keep(belong | standing)
    draft.nodes |= (belong & draft.told) | standing
    draft.intermittent = 2 * (draft.nodes & ~solid).bit_count() > draft.nodes.bit_count()
    flapping.take(draft, taken)
    return True


def rate_beside(draft: Draft, tally: Tally) -> float:
    """Estimate how often a run fails by itself in this fleet, from everything but the draft's own failures."""
    own = sum(sum(part.of(part.bucket.firsts)) for part in draft.parts)
    return tally.rate(tally.firsts - own)


def beyond(streak: Streak | Window | None, nodes: int, rate: float) -> bool:
    """Tell whether one node's window fails more often than chance lets one of so many nodes fail."""
    if streak is None:
        return False
    failures, runs = streak if isinstance(streak, tuple) else (streak.failures, streak.runs)
    if not FEWEST_FAILURES <= failures <= runs <= MOST_RUNS:
        return False
    return tail(failures, runs, rate) * max(nodes, 1) < SERIES_ALPHA


def _chance(draft: Draft, first: int, standing: int, rate: float, matrix: Matrix) -> float:
    """Give how likely first runs on so many nodes are, in the fleet or in the likeliest group."""
    questions = max(matrix.answers.tally.questions, 1)
    asked = draft.told & ~standing
    failing = first.bit_count()
    least = tail(failing, asked.bit_count(), rate)
    groups = sum(map(len, matrix.facts.having.values()))
    for fact, value in matrix.facts.shared(first).items() if failing > 1 else ():
        inside = matrix.facts.having[fact][value].bits & asked
        least = min(least, tail(failing, inside.bit_count(), rate) * groups)
    return min(1.0, least * questions)


def _covered(draft: Draft, standing: int, matrix: Matrix) -> bool:
    """Tell whether what stands already reaches so far that the first runs belong to it."""
    if not standing:
        return False
    if 2 * standing.bit_count() >= draft.told.bit_count():  # most fail already: one more is of the same, and no chance
        return True
    before = reach(draft.cause, standing, draft.told, matrix.facts)
    together = reach(draft.cause, draft.nodes, draft.told, matrix.facts)
    return before.scope == together.scope != "nodes" and before.group == together.group
