"""The runbook's verification checklist, answered from what was seen.

`yes`, `no`, or what stands in the way of an answer: `not tested`, `not watched`, `unknown`.

Cannot see: whether a pod that waited runs again; events. Both need Kubernetes.

Source: runbook 009, Verification Checklist.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from agent.contract.report import ChecklistItem
from agent.contract.result import Result
from aggregator.correlate import symptoms
from aggregator.correlate.evidence import clean
from aggregator.correlate.fleet import Fleet

PULL_WITHIN_S = 30.0  # runbook: "Image pull completes in <30 seconds"
PULLS_LEFT = 50  # runbook: "Rate limit shows >50 remaining pulls"
NAMED = 5  # nodes or pods named in a line; the findings name all
MOST_IGNORED = 5  # lines about input that could not be used


def pods(fleet: Fleet) -> list[ChecklistItem]:
    """Do pods get their images?"""
    ask = "no pod waits for its image"
    if not fleet.pods:
        return [
            ChecklistItem(ask=ask, answer="not watched", detail="no pods were reported"),
            ChecklistItem(ask="no Failed to pull image events", answer="not watched", detail="no events were reported"),
        ]
    names = sorted({f"{pod.namespace}/{pod.name}" for pod in symptoms.waiting(fleet)})
    detail = f"{len(names)} wait: {_some(names)}" if names else ""
    return [
        ChecklistItem(ask=ask, answer="no" if names else "yes", detail=detail),
        ChecklistItem(ask="no Failed to pull image events", answer="no" if names else "yes", detail=detail),
    ]


def pulls(fleet: Fleet) -> list[ChecklistItem]:
    """Do the test pulls end within 30 s? One that the runtime served from its own cache proves nothing."""
    ask = f"test pulls under {PULL_WITHIN_S:.0f} s"
    told = list(_told(fleet, "pull"))
    failed = sorted({node for node, result in told if result.status == "failed"})
    real = [(_took_s(result), node) for node, result in told if result.status != "failed" and not _cached(result)]
    timed = [(took_s, node) for took_s, node in real if math.isfinite(took_s) and took_s >= 0.0]
    if not timed and not failed:
        detail = "test pulls came from the runtimes' own caches" if told else "no test pull was made"
        return [ChecklistItem(ask=ask, answer="not tested", detail=detail)]
    slowest, node = max(timed, default=(0.0, ""))
    parts = [f"slowest {slowest:.1f} s on {clean(node)}"] if timed else []
    parts += [f"fails on {_some(failed)}"] if failed else []
    in_time = not failed and slowest <= PULL_WITHIN_S
    return [ChecklistItem(ask=ask, answer="yes" if in_time else "no", detail="; ".join(parts))]


def pulls_left(fleet: Fleet) -> list[ChecklistItem]:
    """Are more than 50 pulls left, at each registry for each source? The best one is used."""
    ask = f"more than {PULLS_LEFT} pulls left"
    least: dict[str, dict[str, float]] = defaultdict(dict)
    low: set[str] = set()
    for _, result in _told(fleet, "rate_limit"):
        left = _left(result)
        if left and (result.status != "ok" or max(left.values()) <= PULLS_LEFT):
            low.add(result.target)
        for source, number in left.items():
            sources = least[result.target]
            sources[source] = min(number, sources.get(source, number))
    limited = _limited(fleet)
    for registry in limited:
        least[registry] = least.get(registry, {})
    if not least:
        silent = sorted({result.target for _, result in _told(fleet, "rate_limit")})
        detail = f"no limit is told by {_some(silent)}" if silent else "no registry was asked"
        return [ChecklistItem(ask=ask, answer="not tested", detail=detail)]
    return [
        ChecklistItem(
            ask=f"{ask} at {clean(registry)}",
            answer="no" if registry in low or registry in limited else "yes",
            detail=_some(
                [f"refused to {_some(sorted(limited[registry]))} now" for _ in limited.keys() & {registry}]
                + [f"{left:g} left for {source}" for source, left in sorted(sources.items(), key=_least_first)]
            ),
        )
        for registry, sources in sorted(least.items())
    ]


def _limited(fleet: Fleet) -> dict[str, set[str]]:
    """Give the registries that limit somebody right now, whatever was left when they last told, and whom."""
    found: dict[str, set[str]] = defaultdict(set)
    for check in ("registry", "manifest", "platform", "layer"):
        for name, result in _told(fleet, check):
            if result.status == "failed" and result.cause == "rate_limited":
                for registry in result.registries:
                    found[registry].add(name)
    return found


def reach(fleet: Fleet) -> list[ChecklistItem]:
    """Does every node reach its registries?"""
    ask = "every node reaches its registries"
    reached: dict[str, set[str]] = defaultdict(set)
    missed: dict[str, set[str]] = defaultdict(set)
    for view in fleet.heard:
        for (check, target), result in view.answers.items():
            if check == "registry" and result.status != "unknown":
                (reached if result.status in ("ok", "warn") else missed)[target].add(view.name)
    registries = sorted(reached.keys() | missed.keys())
    if not registries:
        return [ChecklistItem(ask=ask, answer="not tested", detail="no registry was asked")]
    parts = []
    for registry in sorted(registries, key=lambda one: (not missed[one], one)):
        asked = len(reached[registry]) + len(missed[registry])
        without = f" (not {_some(sorted(missed[registry]))})" if missed[registry] else ""
        parts.append(f"{clean(registry)} {len(reached[registry])} of {asked}{without}")
    silent = fleet.named("silent")
    parts += [f"silent: {_some(silent)}"] if silent else []
    answer = "no" if any(missed.values()) else "unknown" if silent else "yes"
    return [ChecklistItem(ask=ask, answer=answer, detail="; ".join(parts))]


def ignored(fleet: Fleet) -> list[ChecklistItem]:
    """Could everything be used that was reported? Said only where it could not."""
    if not fleet.ignored:
        return []
    detail = "left out: " + _some([clean(line) for line in sorted(fleet.ignored)], MOST_IGNORED)
    return [ChecklistItem(ask="everything that was reported could be used", answer="no", detail=detail)]


QUESTIONS: tuple[Callable[[Fleet], list[ChecklistItem]], ...] = (pods, pulls, pulls_left, reach, ignored)


def _told(fleet: Fleet, check: str) -> Iterator[tuple[str, Result]]:
    for (name, _), column in fleet.columns.items():
        if name == check:
            yield from column.items()


def _left(result: Result) -> dict[str, float]:
    """Read the pulls that are left, per source, out of the evidence of `rate_limit`: by identity, or of one only."""
    identities = result.evidence.get("identities")
    told: dict[str, Any] = identities if isinstance(identities, dict) else {"": result.evidence}
    found: dict[str, float] = {}
    for who, limit in told.items():
        left = limit.get("remaining") if isinstance(limit, dict) else None
        if isinstance(left, int | float) and math.isfinite(left):
            found[_source(str(who), limit.get("source"))] = left
    if not found and result.status == "failed" and result.cause == "rate_limited":
        found["this fleet"] = 0.0
    return found


def _source(who: str, source: object) -> str:
    """Name who is counted: the address or account that the registry names, and as whom it was asked."""
    if source and who:
        return clean(f"{source} ({who})")
    return clean(str(source or who or "this fleet"))


def _took_s(result: Result) -> float:
    """Give the time of the pull itself; the check's own includes waiting and tidying up."""
    slowest_s = result.evidence.get("slowest_s")
    return float(slowest_s) if isinstance(slowest_s, int | float) else result.took_s


def _cached(result: Result) -> bool:
    pulled = result.evidence.get("pulls")
    told = [one for one in pulled.values() if isinstance(one, dict)] if isinstance(pulled, dict) else []
    return bool(told) and all(one.get("from_cache") or one.get("refused") for one in told)


def _least_first(one: tuple[str, float]) -> tuple[float, str]:
    return one[1], one[0]


def _some(names: list[str], most: int = NAMED) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(clean(name) for name in names[:most]) + rest
