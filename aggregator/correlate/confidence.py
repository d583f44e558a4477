"""How sure is a finding?

An estimate: the product of four shares, each with its reason below. It answers "is cause, subject and scope right", not
"does something fail". Shares are what `bench.fleet` shows over its fleets and its storms, rounded down: the world is
worse than a simulator.

Source: the rule of succession (Laplace) for nodes that could not tell: after n answers of one kind, the next one is of
another kind with 1 / (n + 2).
"""

from agent.contract.causes import BY_ID
from aggregator.correlate.draft import Draft
from aggregator.correlate.explain import VAGUE
from aggregator.correlate.scope import Reach

SEEN_TWICE = 0.99  # a run fails by itself once in a hundred (chance.BASE_RATE); two in a row are no chance
VAGUE_CAUSE = 0.5  # it fails, and the reason is a guess
NEW_CAUSE = 0.9  # a newer agent's word, taken as it is
COMES_AND_GOES = 0.92  # nodes that are just in a good moment are counted as passing
NO_FACT = 0.91  # some nodes, and nothing that they share: it may be two faults
RIVAL = 0.98  # for each other fact that would name the group as well


def confidence(draft: Draft, reach: Reach, expected: int) -> float:
    """Give the share of such findings that is right, between 0 and 1, to two places.

    Args:
        expected: how many nodes count.
    """
    told = draft.told.bit_count()
    real = min(SEEN_TWICE, 1.0 - draft.chance)
    cause = VAGUE_CAUSE if draft.cause in VAGUE else 1.0 if draft.cause in BY_ID else NEW_CAUSE
    untold = max(0, expected - told) / max(expected, 1)
    looked = 1.0 - untold / (told + 2)
    shape = {"group": RIVAL**reach.rivals, "nodes": NO_FACT}.get(reach.scope, 1.0)
    shape *= COMES_AND_GOES if draft.intermittent else 1.0
    return round(max(0.0, real * cause * looked * shape), 2)
