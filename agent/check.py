"""What a check is: a name, how it looks, and how it judges what was seen.

`observe` waits, may fail and has no opinion; `judge` is pure. Targets, patience, exceptions, clocks and results are the
round's business (`agent.round`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from agent.contract.result import Verdict
from agent.contract.table import CADENCES
from agent.host.endpoint import Endpoint, Origin
from agent.host.node import Node
from agent.probes.guard import Guard

if TYPE_CHECKING:
    from agent.probes.http import Connection


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one check runs.

    `every_s`: seconds between two runs on one target. `patience_s`: seconds that the target has for its answer;
    then a fact comes out, not a cancellation.
    """

    enabled: bool = True
    every_s: float
    patience_s: float

    @classmethod
    def default(cls, check: str) -> "Settings":
        """Give the settings of the table."""
        row = CADENCES[check]
        return cls(every_s=row.every_s, patience_s=row.patience_s)


class Blocked(Exception):
    """Raised by `Look.need`: the question cannot be asked, for the reason that `by` names: `dns quay.io`."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class CannotLook(Exception):
    """Raised by an instrument that cannot look, with the reason in words: `unknown`, and no fault of anybody's."""


class Refused(CannotLook):
    """Raised where a place may not be asked (`agent.probes.guard`), with the reason in words; nothing was connected."""


class Look(Protocol):
    """What a check may use while it looks at one target."""

    @property
    def node(self) -> Node:
        """The node, as the runtime that is judged is configured."""

    @property
    def settings(self) -> Settings:
        """This check's settings; `patience_s` already shortened to what is left of the whole."""

    @property
    def via(self) -> Endpoint | None:
        """The endpoint on whose behalf a host is looked at: its trust and its registry; none for node checks."""

    @property
    def guard(self) -> Guard | None:
        """What keeps this round from places that it may not ask; none where it may ask any."""

    async def need(self, check: str, target: str, via: Endpoint | None = None) -> Any:
        """Give the observation of another check, asked at most once in a round.

        Raises:
            Blocked: where that check failed or could not be asked.
        """

    async def connect(self, origin: Origin, via: Endpoint) -> "Connection":
        """Give a connection to speak HTTP on, after dns, tcp and (for https) tls were each asked and answered.

        Connections are reused within the round. Raises as `need`; `Fault` where a further connection fails.
        """

    def found(self, key: str, value: Any) -> None:
        """Remember something for other checks of this round (a token, a manifest), by a key of the caller's."""

    def recall(self, key: str) -> Any | None:
        """Give what `found` remembered, or none."""


PULLS = "pulls"  # what `Look.recall` gives a `Leave` by, where pulls are counted


class Leave(Protocol):
    """Whom to ask before anything that a registry counts as a pull."""

    def counts(self, registry: str) -> bool:
        """Whether the registry counts pulls."""

    async def lease(self, registry: str, who: str, pulls: int) -> Callable[[int], None]:
        """Give leave to pull so many times now, as `who`; call what is returned with how many it were.

        Raises:
            CannotLook: where it may not be now.
        """


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `name` is module, configuration key, metric label and report key alike."""

    name: str
    observe: Callable[[str, Look], Awaitable[Any]]
    judge: Callable[[Any, Settings], Verdict]
