"""From a draft to what a person reads: scope, differences, times, evidence and the fix."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from agent.contract.causes import Remedy, remedy_for
from agent.contract.report import Finding
from aggregator.correlate import evidence, finished, incident
from aggregator.correlate.confidence import confidence
from aggregator.correlate.differences import differences
from aggregator.correlate.draft import Draft
from aggregator.correlate.history import utc
from aggregator.correlate.incident import Incident
from aggregator.correlate.matrix import Matrix
from aggregator.correlate.place import POD, order_of
from aggregator.correlate.scope import Reach, reach
from aggregator.correlate.suggestion import suggestion_of

_WIDTH = {"cluster": 0, "group": 1, "nodes": 2, "node": 3}
_SMALLEST = ("all", "host", "registry", "repository", "image")

# What may stand in a command that somebody pastes into a root shell: names, ports, tags and digests, nothing else.
_HARMLESS = re.compile(r"[A-Za-z0-9._:/@\[\]+-]+")


def finding_of(draft: Draft, matrix: Matrix, opened: Sequence[Incident]) -> Finding:
    """Finish a draft, or take what was made of the same draft before."""
    before = incident.find(opened, draft.cause, draft.subject)
    key = finished.key_of(draft, matrix, before)
    finding = finished.recall(key, matrix)
    if finding is None:
        finding = _finish(draft, matrix, before)
        finished.keep(key, finding, matrix)
    return finding


def _finish(draft: Draft, matrix: Matrix, before: Incident | None) -> Finding:
    where = _reach(draft, matrix)
    since = _since(draft, matrix, before)
    began = before.opened if before else since or matrix.at
    nodes = list(matrix.names_of(draft.nodes))
    return Finding(
        id=before.id if before else incident.id_of(matrix.cluster, draft.cause, draft.subject, began),
        cause=draft.cause,
        severity=draft.severity,
        scope=where.scope,
        group=where.group,
        nodes=nodes,
        failing=len(nodes),
        observed=draft.told.bit_count(),
        subject=draft.subject,
        checks=sorted(_checks(draft) - {POD}, key=order_of),
        since=since,
        last_seen=_last_seen(draft, matrix),
        intermittent=draft.intermittent,
        confidence=confidence(draft, where, matrix.expected.bit_count()),
        evidence=evidence.lines(draft, matrix),
        differs=[]
        if where.scope == "cluster"
        else differences(draft.cause, draft.nodes, draft.told & ~draft.nodes, matrix.facts, where.group),
        pods=sorted({said.line.pod for said in (*draft.lines(), *draft.following()) if said.line.pod}),
        remedy=_remedy(draft, nodes),
        suggestion=suggestion_of(draft, matrix),
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


def _reach(draft: Draft, matrix: Matrix) -> Reach:
    where = reach(draft.cause, draft.nodes, draft.told, matrix.facts)
    few = 2 * draft.told.bit_count() < matrix.expected.bit_count()
    if where.scope == "cluster" and few and draft.checks == {POD}:
        return Reach("nodes")  # pods that do not wait are not reported: most nodes did not tell
    return where


def _checks(draft: Draft) -> set[str]:
    """Give the checks that say this cause, those included that only repeat what one below them says."""
    return draft.checks | {said.line.column.check for said in draft.following() if said.line.cause == draft.cause}


def _since(draft: Draft, matrix: Matrix, before: Incident | None) -> datetime | None:
    times = [began for part in draft.parts if (began := part.began())]
    if not draft.parts:
        heard = (matrix.seats[name].view.node.last_seen for name in matrix.names_of(draft.nodes))
        times = [utc(time) for time in heard if time]
    since = min(times, default=None)
    since = min(since, matrix.at) if since else None
    if before and (before.since or not since):
        then = utc(before.since or before.opened)
        return min(since, then) if since else then
    return since


def _last_seen(draft: Draft, matrix: Matrix) -> datetime:
    times = [seen for part in draft.parts if (seen := part.seen())]
    return min(max(times, default=matrix.at), matrix.at)


def _remedy(draft: Draft, nodes: Sequence[str]) -> Remedy:
    """Give the fix, its commands filled in with what failed first; nothing that a shell could run is put in."""
    lines = sorted({one.line for one in draft.lines()}, key=lambda line: line.order)
    lines += sorted({one.line for one in draft.following()}, key=lambda line: line.order)
    places = [line.column.place for line in lines]
    registries = [place.registry for place in places] + sorted(
        {name for line in lines for name in line.sign.registries}
    )
    registry = _first(registries)
    known = {
        "host": _first([place.host for place in places]) or registry,
        "registry": registry,
        "repository": _first([place.repository for place in places]),
        "image": _first([place.image for place in places]),
        "node": _first(nodes),
    }
    return remedy_for(draft.cause, **known)


def _first(names: Iterable[str | None]) -> str | None:
    return next((name for name in names if name and _HARMLESS.fullmatch(name)), None)
