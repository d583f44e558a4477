"""The runbook's verification checklist, answered from what was seen.

`yes`, `no`, or what stands in the way of an answer: `not tested`, `not watched`, `unknown`.

Cannot see: whether a pod that waited runs again; events. Both need Kubernetes.

Source: runbook 009, Verification Checklist.
"""

from collections.abc import Callable

from agent.contract.report import ChecklistItem
from aggregator.correlate.matrix import Matrix
from aggregator.correlate.measures import PULLS_LEFT
from aggregator.correlate.wording import clean, some

PULL_WITHIN_S = 30.0  # runbook: "Image pull completes in <30 seconds"
NAMED = 5  # nodes or pods named in a line; the findings name all
MOST_IGNORED = 5  # lines about input that could not be used
ASKING = frozenset({"registry", "manifest", "platform", "layer"})  # checks that are refused by a limit


def pods(matrix: Matrix) -> list[ChecklistItem]:
    """Do pods get their images?"""
    ask = "no pod waits for its image"
    if not matrix.symptoms.watched:
        return [
            ChecklistItem(ask=ask, answer="not watched", detail="no pods were reported"),
            ChecklistItem(ask="no Failed to pull image events", answer="not watched", detail="no events were reported"),
        ]
    names = sorted(matrix.symptoms.waiting)
    detail = f"{len(names)} wait: {some(names, NAMED)}" if names else ""
    return [
        ChecklistItem(ask=ask, answer="no" if names else "yes", detail=detail),
        ChecklistItem(ask="no Failed to pull image events", answer="no" if names else "yes", detail=detail),
    ]


def pulls(matrix: Matrix) -> list[ChecklistItem]:
    """Do the test pulls end within 30 s? One that the runtime served from its own cache proves nothing."""
    ask = f"test pulls under {PULL_WITHIN_S:.0f} s"
    told = matrix.answers.tally.pulls
    if not told.slowest_s and not told.failed:
        detail = "test pulls came from the runtimes' own caches" if told.told else "no test pull was made"
        return [ChecklistItem(ask=ask, answer="not tested", detail=detail)]
    slowest_s = told.slowest_s.top or 0.0
    slowest = max((matrix.names[one] for one in told.slowest_s.at), default="")
    parts = [f"slowest {slowest_s:.1f} s on {clean(slowest)}"] if told.slowest_s else []
    parts += [f"fails on {some(matrix.names_of(told.failed.bits), NAMED)}"] if told.failed else []
    in_time = not told.failed and slowest_s <= PULL_WITHIN_S
    return [ChecklistItem(ask=ask, answer="yes" if in_time else "no", detail="; ".join(parts))]


def pulls_left(matrix: Matrix) -> list[ChecklistItem]:
    """Are more than 50 pulls left, at each registry for each source? The best one is used."""
    ask = f"more than {PULLS_LEFT} pulls left"
    limits = matrix.answers.tally.limits
    limited = _limited(matrix)
    least = {
        registry: {source: left.top for source, left in told.left.items() if left.top is not None}
        for registry, told in limits.items()
        if told.left
    }
    if not least and not limited:
        detail = f"no limit is told by {some(sorted(limits), NAMED)}" if limits else "no registry was asked"
        return [ChecklistItem(ask=ask, answer="not tested", detail=detail)]
    low = {registry for registry, told in limits.items() if told.low}
    return [
        ChecklistItem(
            ask=f"{ask} at {clean(registry)}",
            answer="no" if registry in low or registry in limited else "yes",
            detail=some(
                [
                    f"refused to {some(matrix.names_of(limited[registry]), NAMED)} now"
                    for _ in limited.keys() & {registry}
                ]
                + [
                    f"{left:g} left for {source}"
                    for source, left in sorted(least.get(registry, {}).items(), key=_least)
                ],
                NAMED,
            ),
        )
        for registry in sorted(least.keys() | limited.keys())
    ]


def _limited(matrix: Matrix) -> dict[str, int]:
    """Give the registries that limit somebody right now, whatever was left when they last told, and whom."""
    found: dict[str, int] = {}
    of_check = matrix.answers.columns.of_check
    for column in (column for check in ASKING for column in of_check.get(check, ())):
        registry = column.place.registry
        if registry and (refused := column.failing("rate_limited")):
            found[registry] = found.get(registry, 0) | refused
    return found


def reach(matrix: Matrix) -> list[ChecklistItem]:
    """Does every node reach its registries?"""
    ask = "every node reaches its registries"
    asked: dict[str, tuple[int, int]] = {}
    for column in matrix.answers.columns.of_check.get("registry", ()):
        missed = column.failing_at_all | column.skipped.bits
        reached = matrix.answers.at(column) & ~missed
        if reached or missed:
            asked[column.target] = (reached, missed)
    if not asked:
        return [ChecklistItem(ask=ask, answer="not tested", detail="no registry was asked")]
    parts = []
    for registry, (reached, missed) in sorted(asked.items(), key=lambda one: (not one[1][1], one[0])):
        without = f" (not {some(matrix.names_of(missed), NAMED)})" if missed else ""
        count = reached.bit_count()
        parts.append(f"{clean(registry)} {count} of {count + missed.bit_count()}{without}")
    silent = matrix.bits("silent")
    parts += [f"silent: {some(matrix.names_of(silent), NAMED)}"] if silent else []
    answer = "no" if any(missed for _, missed in asked.values()) else "unknown" if silent else "yes"
    return [ChecklistItem(ask=ask, answer=answer, detail="; ".join(parts))]


def ignored(matrix: Matrix) -> list[ChecklistItem]:
    """Could everything be used that was reported? Said only where it could not."""
    said = [*matrix.ignored, *(line for lines in matrix.answers.tally.ignored.values() for line in lines)]
    if not said:
        return []
    detail = "left out: " + some([clean(line) for line in sorted(said)], MOST_IGNORED)
    return [ChecklistItem(ask="everything that was reported could be used", answer="no", detail=detail)]


QUESTIONS: tuple[Callable[[Matrix], list[ChecklistItem]], ...] = (pods, pulls, pulls_left, reach, ignored)


def _least(one: tuple[str, float]) -> tuple[float, str]:
    return one[1], one[0]
