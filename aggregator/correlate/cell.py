"""One failing or warning answer of one node: what findings are made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent.contract.result import Result
from aggregator.correlate.place import Place, place_of

History = Literal["first", "solid", "intermittent"]


@dataclass(frozen=True, slots=True, eq=False)  # each is itself: a set of cells compares nothing
class Cell:
    """A node's answer that is not good.

    `since` and `at` are by the aggregator's clock as well as can be told. `history`: whether this is a first failed
    run, a failure that was seen again, or one that comes and goes. `pod` names the pod that says so, if no check does.
    """

    node: str
    result: Result
    cause: str
    history: History
    since: datetime | None
    at: datetime
    pod: str | None = None

    @property
    def check(self) -> str:
        """The check that answered; `pod` for what Kubernetes says."""
        return self.result.check

    @property
    def target(self) -> str:
        """What was asked."""
        return self.result.target

    @property
    def place(self) -> Place:
        """The target, taken apart."""
        return place_of(self.result.check, self.result.target)

    @property
    def order(self) -> tuple[str, str, str, str, str]:
        """A key that sorts cells the same way whatever order they came in."""
        return (self.node, self.check, self.target, self.pod or "", self.result.detail)

    def concerns(self, registry: str | None) -> bool:
        """Tell whether a pull from this registry goes through what failed here."""
        return registry is not None and (registry == self.place.registry or registry in self.result.registries)
