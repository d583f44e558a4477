"""Is it the node that fails at everything it asks, or is each place that it asks down by itself?

A node that asks few places may find all of them down, each of a fault that other nodes see alone. Then these findings
explain it, and one about the node would be too many: where at each place others fail, too, though they pass elsewhere,
more of them than fail at everything, and all together are a group or the fleet. Where a node fails at one place only,
and is thought to fail elsewhere because it comes and goes, the others at that place are enough.

Cannot see: a fault of the node beside such faults of places.
"""

from collections.abc import Mapping

from agent.contract.report import Subject
from aggregator.correlate.answers import ALL, Answers
from aggregator.correlate.bucket import Bucket
from aggregator.correlate.claim import Spot
from aggregator.correlate.crowd import union
from aggregator.correlate.draft import Part, subject_of
from aggregator.correlate.facts import Facts
from aggregator.correlate.scope import reach


def split(
    cause: str, bucket: Bucket, nodes: int, spots: Mapping[Spot, Bucket], answers: Answers, facts: Facts
) -> list[tuple[Subject, Part]]:
    """Sort the nodes that fail at everything into those of `all` and those of places."""
    checks: dict[Subject, set[str]] = {}
    for line in bucket.lines:
        subject = subject_of(line.column.place)
        if subject is None:
            return [(ALL, Part(bucket, nodes))]
        checks.setdefault(subject, set()).add(line.column.check)
    alone = union(one.alone for one in spots.values())
    at_place = {
        subject: nodes
        & union(crowd for line, crowd in bucket.lines.items() if subject_of(line.column.place) == subject)
        for subject in checks
    }
    once = twice = own = 0
    for failing in at_place.values():
        once, twice = once | failing, twice | (once & failing)
    for subject, asking in checks.items():
        failing = at_place[subject]
        for column in answers.asked(subject, asking):
            failing |= column.failing(cause)
        others = failing & ~nodes & ~alone
        down = others.bit_count() > at_place[subject].bit_count()
        if not down:
            own |= at_place[subject]
        elif reach(cause, failing, answers.told(subject, asking), facts).scope not in ("cluster", "group"):
            own |= at_place[subject] & twice
    places = [(subject, Part(bucket, at_place[subject] & ~own, subject)) for subject in sorted(checks, key=str)]
    return [(ALL, Part(bucket, own)), *places]
