"""A finding in the making: which failures of one cause and one subject belong together, and on which nodes."""

from dataclasses import dataclass, field

from agent.contract.report import Severity, Subject
from aggregator.correlate.cell import Cell


@dataclass(slots=True, eq=False)
class Draft:
    """What a rule found.

    `nodes` fail, of `told` that could tell. `also` are failures that follow from it: evidence, not counted. `chance` is
    the probability that it is none. `notes` are further lines of evidence, before those of the cells.
    """

    cause: str
    severity: Severity
    subject: Subject
    cells: list[Cell]
    nodes: set[str]
    told: set[str]
    also: list[Cell] = field(default_factory=list)
    intermittent: bool = False
    chance: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def checks(self) -> set[str]:
        """The checks that show it; `pod` among them where Kubernetes does."""
        return {cell.check for cell in self.cells}
