"""What a fault of the lab is: a title, the findings that it must give, and how it begins and ends."""

from dataclasses import dataclass
from typing import Any, Protocol

from agent.contract.report import Scope, SubjectKind
from tests.lab.lab import NODES, Lab

EVERY_NODE = tuple(f"node-{number}" for number in NODES)


@dataclass(frozen=True)
class Expected:
    """What a finding must say: everything of it but times, words and counts that follow from these."""

    cause: str
    scope: Scope
    nodes: tuple[str, ...]
    subject: tuple[SubjectKind, str | None]
    group: tuple[str, str] | None = None


class Fault(Protocol):
    """One file in `faults/`."""

    @property
    def TITLE(self) -> str:  # noqa: N802 - a module's constant
        """What is broken, in words."""

    @property
    def FINDINGS(self) -> tuple[Expected, ...]:  # noqa: N802 - a module's constant
        """What the report must say, no more and no less."""

    @property
    def OF_PATH(self) -> bool:  # noqa: N802 - a module's constant
        """Whether it lies between node and image, so that skopeo meets it as well."""

    def begin(self, lab: Lab, /) -> None:
        """Break it."""

    def end(self, lab: Lab, /) -> None:
        """Mend it."""


def said(report: dict[str, Any]) -> frozenset[Expected]:
    """Give what a report's findings say."""
    return frozenset(
        Expected(
            cause=finding["cause"],
            scope=finding["scope"],
            nodes=tuple(sorted(finding["nodes"])),
            subject=(finding["subject"]["kind"], finding["subject"]["value"]),
            group=(finding["group"]["fact"], finding["group"]["value"]) if finding["group"] else None,
        )
        for finding in report["findings"]
    )
