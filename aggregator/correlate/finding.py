"""From a draft to what a person reads: scope, differences, times, evidence and the fix."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from agent.contract.causes import Remedy, remedy_for
from agent.contract.report import Finding
from aggregator.correlate import evidence, incident
from aggregator.correlate.cell import Cell
from aggregator.correlate.confidence import confidence
from aggregator.correlate.differences import differences
from aggregator.correlate.draft import Draft
from aggregator.correlate.fleet import Fleet
from aggregator.correlate.history import utc
from aggregator.correlate.incident import Incident
from aggregator.correlate.place import POD, order_of
from aggregator.correlate.scope import Reach, reach
from aggregator.correlate.suggestion import suggestion_of

_WIDTH = {"cluster": 0, "group": 1, "nodes": 2, "node": 3}
_SMALLEST = ("all", "host", "registry", "repository", "image")

# What may stand in a command that somebody pastes into a root shell: names, ports, tags and digests, nothing else.
_HARMLESS = re.compile(r"[A-Za-z0-9._:/@\[\]+-]+")


def finding_of(draft: Draft, fleet: Fleet, opened: Sequence[Incident]) -> Finding:
    """Finish a draft."""
    where = _reach(draft, fleet)
    cells = draft.cells
    before = incident.find(opened, draft.cause, draft.subject)
    since = _since(draft, fleet, before)
    began = before.opened if before else since or fleet.at
    healthy = draft.told - draft.nodes
    return Finding(
        id=before.id if before else incident.id_of(fleet.cluster, draft.cause, draft.subject, began),
        cause=draft.cause,
        severity=draft.severity,
        scope=where.scope,
        group=where.group,
        nodes=sorted(draft.nodes),
        failing=len(draft.nodes),
        observed=len(draft.told),
        subject=draft.subject,
        checks=sorted(_checks(draft) - {POD}, key=order_of),
        since=since,
        last_seen=max((cell.at for cell in cells), default=fleet.at),
        intermittent=draft.intermittent,
        confidence=confidence(draft, where, len(fleet.expected)),
        evidence=evidence.lines(draft),
        differs=[]
        if where.scope == "cluster"
        else differences(draft.cause, draft.nodes, healthy, fleet.facts, where.group),
        pods=sorted({cell.pod for cell in (*cells, *draft.also) if cell.pod}),
        remedy=_remedy(draft),
        suggestion=suggestion_of(draft, fleet),
    )


def rank(finding: Finding) -> tuple[bool, int, int, int, str, str]:
    """Give the sort key that puts the worst first: failures, wide scopes, many nodes, large subjects."""
    return (
        finding.severity != "failure",
        _WIDTH[finding.scope],
        -finding.failing,
        _SMALLEST.index(finding.subject.kind),
        finding.cause,
        finding.subject.value or "",
    )


def _reach(draft: Draft, fleet: Fleet) -> Reach:
    where = reach(draft.cause, draft.nodes, draft.told, fleet.facts)
    if where.scope == "cluster" and draft.checks == {POD} and len(draft.told) * 2 < len(fleet.expected):
        return Reach("nodes")  # pods that do not wait are not reported: most nodes did not tell
    return where


def _checks(draft: Draft) -> set[str]:
    """Give the checks that say this cause, those included that only repeat what one below them says."""
    return draft.checks | {cell.check for cell in draft.also if cell.cause == draft.cause}


def _since(draft: Draft, fleet: Fleet, before: Incident | None) -> datetime | None:
    times = [cell.since for cell in draft.cells if cell.since]
    if not draft.cells:
        heard = (fleet.views[name].node.last_seen for name in draft.nodes)
        times = [utc(time) for time in heard if time]
    if before and (before.since or not times):
        times.append(utc(before.since or before.opened))
    return min(times, default=None)


def _remedy(draft: Draft) -> Remedy:
    """Give the fix, its commands filled in with what failed first; nothing that a shell could run is put in."""
    cells = sorted(draft.cells, key=_below_first) + sorted(draft.also, key=_below_first)
    places = [cell.place for cell in cells]
    registries = [place.registry for place in places] + [name for cell in cells for name in cell.result.registries]
    registry = _first(registries)
    known = {
        "host": _first([place.host for place in places]) or registry,
        "registry": registry,
        "repository": _first([place.repository for place in places]),
        "image": _first([place.image for place in places]),
        "node": _first(sorted(draft.nodes)),
    }
    return remedy_for(draft.cause, **known)


def _below_first(cell: Cell) -> tuple[tuple[int, str], tuple[str, ...]]:
    return order_of(cell.check), cell.order


def _first(names: Iterable[str | None]) -> str | None:
    return next((name for name in names if name and _HARMLESS.fullmatch(name)), None)
