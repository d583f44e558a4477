"""The answer of one check on one target on one node.

A failure of the thing under test is `failed`; a failure of the instrument is `unknown`; what could not be asked because
something below it failed is `skipped`, with the name of that something in `blocked_by`.
"""

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

Status = Literal["ok", "warn", "failed", "skipped", "unknown"]


class Window(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last runs of a check on a target: how many there were and how many of them failed.

    `spells`: in how many spells they failed, each without a good run in it: one is an outage, several come and go; none
    where it is not known.
    """

    runs: int
    failures: int
    spells: int | None = None


class Result(msgspec.Struct, kw_only=True, omit_defaults=False):
    """One answer, in the form of the data forms' version 1. Times are aware and UTC, durations float seconds."""

    check: str
    target: str
    status: Status
    cause: str | None = None
    detail: str = ""
    evidence: dict[str, Any] = msgspec.field(default_factory=dict)
    registries: list[str] = msgspec.field(default_factory=list)
    took_s: float = 0.0
    at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    since: datetime | None = None
    blocked_by: str | None = None
    window: Window | None = None

    @property
    def key(self) -> str:
        """The name by which another result's `blocked_by` points here: `tls quay.io:443`."""
        return f"{self.check} {self.target}"

    @property
    def could_tell(self) -> bool:
        """Whether the thing under test was seen at all: only these results count in a share."""
        return self.status in ("ok", "warn", "failed")


class Verdict(msgspec.Struct, kw_only=True, frozen=True):
    """What a judge says of one observation; the runner makes a `Result` of it."""

    status: Status
    cause: str | None = None
    detail: str = ""
    evidence: dict[str, Any] = msgspec.field(default_factory=dict)


def ok(detail: str = "", **evidence: Any) -> Verdict:
    """Say that the target answered as it should."""
    return Verdict(status="ok", detail=detail, evidence=evidence)


def warn(cause: str, detail: str, **evidence: Any) -> Verdict:
    """Say that the pull can do without this, or can still pass, and why somebody should look."""
    return Verdict(status="warn", cause=cause, detail=detail, evidence=evidence)


def failed(cause: str, detail: str, **evidence: Any) -> Verdict:
    """Say that a pull stops here, and of what."""
    return Verdict(status="failed", cause=cause, detail=detail, evidence=evidence)


def unknown(detail: str, **evidence: Any) -> Verdict:
    """Say that the instrument could not look; it is no word about the target."""
    return Verdict(status="unknown", detail=detail, evidence=evidence)
