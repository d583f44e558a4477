"""From a snapshot to a report: applies every rule, and never raises.

A rule that breaks becomes a finding that says so; the others still speak. What could not be used of the input is one
more line of the checklist.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from agent.contract.causes import remedy_for
from agent.contract.report import ChecklistItem, Finding, Node, Report, Snapshot
from aggregator.correlate import checklist, failures, silence, warnings
from aggregator.correlate.current import once_each
from aggregator.correlate.draft import Draft
from aggregator.correlate.finding import finding_of, rank
from aggregator.correlate.incident import Incident, id_of
from aggregator.correlate.matrix import ALL, Matrix
from aggregator.correlate.verdict import census, verdict

log = logging.getLogger(__name__)


class Rule(Protocol):
    """A module that finds something: drafts of a fleet, knowing what the rules before it found."""

    @property
    def __name__(self) -> str: ...

    def find(self, matrix: Matrix, found: Sequence[Draft], /) -> list[Draft]:
        """Give what this rule finds."""


RULES: tuple[Rule, ...] = (silence, failures, warnings)


def correlate(snapshot: Snapshot, opened: Sequence[Incident] = ()) -> Report:
    """Explain a fleet with the fewest findings.

    Args:
        opened: the incidents of the reports before, so that ids and `since` stay.
    """
    matrix = Matrix(snapshot.cluster, snapshot.at)
    matrix.hear(snapshot.pods)
    take(matrix, once_each(snapshot.nodes, matrix.ignored))
    return report_of(matrix, opened)


def take(matrix: Matrix, nodes: Iterable[Node]) -> None:
    """Take what some nodes tell now; a node that cannot be understood is said, and the others still count."""
    for node in nodes:
        try:
            matrix.put(node)
        except Exception as error:  # one of the two places that catch everything
            log.exception("what %s tells cannot be taken", node.name)
            matrix.ignored.append(f"{node.name}: what it tells ({type(error).__name__})")


def report_of(matrix: Matrix, opened: Sequence[Incident] = (), rules: Sequence[Rule] = RULES) -> Report:
    """Apply the rules to a fleet that is taken apart already."""
    findings: list[Finding] = []
    drafts: list[Draft] = []
    for rule in rules:
        try:
            found = rule.find(matrix, drafts)
        except Exception as error:  # a broken rule is said, not thrown
            log.exception("the rule %s broke", rule.__name__)
            findings.append(_broken(f"the rule {rule.__name__.rpartition('.')[2]}", error, matrix))
            continue
        drafts += found
    for draft in drafts:
        try:
            findings.append(finding_of(draft, matrix, opened))
        except Exception as error:
            log.exception("a finding of %s could not be finished", draft.cause)
            findings.append(_broken(f"a finding of {draft.cause}", error, matrix))
    findings.sort(key=rank)
    return Report(
        cluster=matrix.cluster,
        at=matrix.at,
        verdict=verdict(matrix, findings),
        nodes=census(matrix),
        findings=findings,
        checklist=_checklist(matrix),
    )


def _checklist(matrix: Matrix) -> list[ChecklistItem]:
    items: list[ChecklistItem] = []
    answer: Callable[[Matrix], list[ChecklistItem]]
    for answer in checklist.QUESTIONS:
        try:
            items += answer(matrix)
        except Exception as error:
            log.exception("the checklist's %s broke", answer.__name__)
            items.append(ChecklistItem(ask=answer.__name__, answer="unknown", detail=f"broke: {type(error).__name__}"))
    return items


def _broken(what: str, error: Exception, matrix: Matrix) -> Finding:
    """Say that something could not be placed: a warning about every node, because nobody knows which."""
    nodes = matrix.names_of(matrix.expected)
    return Finding(
        id=id_of(matrix.cluster, what, ALL, matrix.at),
        cause="unknown",
        severity="warning",
        scope="cluster" if len(nodes) != 1 else "node",
        nodes=nodes,
        failing=len(nodes),
        observed=len(nodes),
        subject=ALL,
        checks=[],
        last_seen=matrix.at,
        confidence=0.0,
        evidence=[f"{what} broke ({type(error).__name__}): look at the aggregator's log; this report is not whole"],
        remedy=remedy_for("unknown"),
    )
