"""What a perfect report of a fleet would say: derived from the faults and from what the agents could see of them.

Strict truth follows the design's words. Where the words leave two answers (which window is beyond chance, whether a
node that fails of something else in the same place is one that could tell), the other one is kept beside it and only
the lenient figures accept it.

Source: DESIGN, section 5.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.contract.report import Group, Scope, Subject
from bench.fleet import subjects
from bench.fleet.agent import Seen
from bench.fleet.fault import Fault
from bench.fleet.subjects import ALL, TOLD, Told
from bench.fleet.world import World

SHARE = 0.9  # "at least nine in ten"
FEW = 3  # nodes whose good moments do not begin together by chance
SURE_FAILURES = 3  # in a window of ten: beyond chance for any check and fleet that is drawn here


@dataclass(slots=True)
class Expected:
    """One finding of the truth.

    Args:
        kinds: the faults behind it.
        nodes: the failing ones; `maybe` may stand there or not.
        scopes: the strict one first; the others only by another reading of the words.
        fact: what should be named as different, where the fault hangs on a fact and the fleet shows it.
        sure: whether it must be said at all; a flapping that was hardly seen need not be.
    """

    kinds: set[str]
    cause: str
    subject: Subject
    nodes: set[str]
    scopes: list[Scope]
    maybe: set[str] = field(default_factory=set)
    group: Group | None = None
    fact: str | None = None
    sure: bool = True

    @property
    def key(self) -> tuple[str, Subject]:
        """What tells it apart from the other findings of its report."""
        return (self.cause, self.subject)


def expected(world: World, faults: Sequence[Fault], walks: Mapping[str, Sequence[Seen]]) -> list[Expected]:
    """Derive the findings of a fleet. `walks` holds the answers of the counted nodes that are heard."""
    images = {image.name: image for registry in world.registries for image in registry.images}
    told: Told = {
        node: {(one.result.check, one.result.target): one for one in seen if one.result.status in TOLD}
        for node, seen in walks.items()
    }
    facts = {one.name: one.told for one in world.machines if one.counts}
    by_fault: dict[int, list[Seen]] = defaultdict(list)
    for seen in walks.values():
        for cell in seen:
            if cell.fault is not None and _shows(cell):
                by_fault[id(cell.fault)].append(cell)
    found: dict[tuple[str, Subject], list[tuple[Fault, list[Seen]]]] = defaultdict(list)
    for fault in faults:
        if not by_fault[id(fault)]:
            continue  # nobody could see it
        for subject, cells in subjects.sort(fault.cause, by_fault[id(fault)], told, images).items():
            found[fault.cause, subject].append((fault, cells))
    findings = [_of(*key, parts, told, images, facts) for key, parts in found.items()]
    return [*findings, *_silent(world, faults, facts)]


def _shows(cell: Seen) -> bool:
    """Tell whether an answer shows its fault: it fails, or is between two failures of what comes and goes."""
    if cell.result.status in ("failed", "warn"):
        return True
    if cell.fault is None or cell.fault.rate == 1.0 or cell.line is None or cell.result.status != "ok":
        return False
    # What a node's own trouble spoils now and then is spoiled at all its hosts, seen so far or not.
    return cell.line.window.failures > 0 or cell.fault.targets is None


def _of(
    cause: str,
    subject: Subject,
    parts: Sequence[tuple[Fault, list[Seen]]],
    told: Told,
    images: Mapping[str, Any],
    facts: Mapping[str, Mapping[str, Any]],
) -> Expected:
    cells = [cell for _, own in parts for cell in own]
    nodes = {cell.node for cell in cells}
    sure = _sure(subject, cells)
    answers = subjects.told_of(subject, {cell.result.check for cell in cells}, told, images)
    elsewhere = {
        node for node, own in answers.items() if node not in nodes and all(one.result.status == "failed" for one in own)
    }
    scope, group = scope_of(nodes, set(answers), facts)
    scopes = [scope]
    for fewer, could_tell in ((nodes, answers.keys() - elsewhere), (sure, set(answers))):
        other = scope_of(fewer, set(could_tell), facts)[0] if fewer else scope
        if other not in scopes:
            scopes.append(other)
    same = {node for node in elsewhere if any(one.result.cause == cause for one in answers[node])}
    finding = Expected({fault.kind for fault, _ in parts}, cause, subject, nodes, scopes, (nodes - sure) | same, group)
    finding.maybe |= _paused(parts, told)
    # Few nodes that are all well at this moment look like an outage that has just ended.
    finding.sure = bool(sure) and (len(sure) >= FEW or any(cell.result.status != "ok" for cell in cells))
    if len(parts) == 1:
        finding.fact = difference(parts[0][0], nodes, set(answers) - nodes, scope, facts)
    return finding


def _sure(subject: Subject, cells: Sequence[Seen]) -> set[str]:
    """Give the nodes that show it beyond doubt: it stays, or fails often enough; for `all`, at every target."""
    failures: dict[str, list[int]] = defaultdict(list)
    for cell in cells:
        if cell.optional and cell.fault is not None and cell.fault.rate < 1.0:
            continue  # its window tells nothing of the runs that warned
        seen = cell.line.window.failures if cell.line else 0
        stays = cell.fault is not None and cell.fault.rate == 1.0 and (seen > 1 or cell.result.status == "warn")
        failures[cell.node].append(SURE_FAILURES if stays else seen)
    return {node for node, own in failures.items() if sum(own) >= SURE_FAILURES and (subject != ALL or min(own) > 0)}


def _paused(parts: Sequence[tuple[Fault, list[Seen]]], told: Told) -> set[str]:
    """Give the nodes that a flapping fault is on, and whose window shows nothing of it yet."""
    flapping = [fault for fault, _ in parts if fault.rate < 1.0]
    return {node for fault in flapping for node in fault.on if node in told} if flapping else set()


def scope_of(nodes: set[str], told: set[str], facts: Mapping[str, Mapping[str, Any]]) -> tuple[Scope, Group | None]:
    """Tell the scope of failing nodes among those that could tell."""
    if len(nodes) == 1:
        return "node", None
    if len(nodes) >= SHARE * len(told):
        return "cluster", None
    best: tuple[int, str, str] | None = None
    for fact, value in _shared(nodes, facts).items():
        having = sum(1 for node in told if str(facts[node].get(fact)) == value)
        if len(nodes) >= SHARE * having and (best is None or having < best[0]):
            best = (having, fact, value)
    return ("group", Group(fact=best[1], value=best[2])) if best else ("nodes", None)


def _shared(nodes: set[str], facts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    first, *others = sorted(nodes)
    return {
        fact: str(value)
        for fact, value in facts[first].items()
        if all(facts[other].get(fact) == value for other in others)
    }


def difference(
    fault: Fault, nodes: set[str], healthy: set[str], scope: Scope, facts: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """Give the fact that should be named: the fault hangs on it, all failing nodes show it, (almost) no healthy one."""
    if fault.fact is None or scope == "cluster" or not healthy:
        return None
    value = _shared(nodes, facts).get(fault.fact)
    if value is None:
        return None
    among = sum(1 for node in healthy if str(facts[node].get(fault.fact)) == value)
    return fault.fact if among <= (1 - SHARE) * len(healthy) else None


def _silent(world: World, faults: Sequence[Fault], facts: Mapping[str, Mapping[str, Any]]) -> list[Expected]:
    silent = {one.name for one in world.machines if one.counts and one.silent_s is not None}
    if not silent:
        return []
    everybody = {one.name for one in world.machines if one.counts}
    scopes: list[Scope] = []
    group = None
    for could_tell in (everybody, everybody - {one.name for one in world.machines if one.is_new}):
        scope, found = scope_of(silent, could_tell, facts)
        group = group or found
        if scope not in scopes:
            scopes.append(scope)
    own = [fault for fault in faults if fault.cause == "agent_silent"]
    fact = difference(own[0], silent, everybody - silent, scopes[0], facts) if len(own) == 1 else None
    return [Expected({fault.kind for fault in own}, "agent_silent", ALL, silent, scopes, group=group, fact=fact)]
