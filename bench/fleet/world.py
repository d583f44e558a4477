"""What there is: registries with their hosts, machines with their facts, and which asks what.

A machine's `facts` are what is true of it, `told` what its agent reports of them.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from agent.contract.table import ROUND_S
from bench.fleet.knobs import Knobs

Sender = Literal["whole", "no_windows", "no_beginnings"]
State = Literal["counted", "cordoned", "not_ready", "leaving"]

AT = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)  # every snapshot's time
ARCHES = frozenset({"amd64", "arm64"})


@dataclass(frozen=True, slots=True)
class Image:
    """One image of a registry. `repository` is written out with its registry."""

    name: str
    repository: str
    registry: str
    arches: frozenset[str] = ARCHES


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry and its hosts. `auth` and `blobs` are none where the registry's own host does it."""

    name: str
    host: str
    images: tuple[Image, ...]
    auth: str | None = None
    blobs: str | None = None
    limits: bool = False
    private: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that a pull from here goes through."""
        return tuple(host for host in (self.host, self.auth, self.blobs) if host)


@dataclass(slots=True)
class Machine:
    """One node as it is.

    `asks` names its registries and their images, `mirrors` the mirror by registry. `silent_s` is set where its agent
    says nothing any more. `ahead_s` is what its clock is wrong by, `age_s` how long its agent has run.
    """

    name: str
    facts: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)
    asks: list[tuple[Registry, tuple[Image, ...]]] = field(default_factory=list)
    mirrors: dict[str, str] = field(default_factory=dict)
    proxied: bool = False
    state: State = "counted"
    interval_s: float = 60.0
    says_interval: bool = True
    age_s: float = 90_000.0
    ahead_s: float = 0.0
    silent_s: float | None = None
    is_new: bool = False  # never heard, and too young for it to be a fault
    never_heard: bool = False  # its agent never came up

    @property
    def counts(self) -> bool:
        """Whether its faults are anybody's."""
        return self.state == "counted"

    @property
    def hosts(self) -> set[str]:
        """The hosts of registries that it asks, mirrors left out."""
        return {host for registry, _ in self.asks for host in registry.hosts}


@dataclass(slots=True)
class World:
    """One cluster at one moment. `focus` are machines that the next faults are laid on, to have them overlap."""

    cluster: str
    knobs: Knobs
    registries: tuple[Registry, ...]
    machines: list[Machine]
    style: str = ""
    sender: Sender = "whole"
    remarks: bool = True
    focus: frozenset[str] = frozenset()

    @property
    def stretch(self) -> float:
        """How many times the usual the agents' intervals are."""
        return self.machines[0].interval_s / ROUND_S

    def counted(self) -> list[Machine]:
        """Give the machines that count and are heard."""
        return [one for one in self.machines if one.counts and one.silent_s is None and not one.is_new]

    def having(self, fact: str, value: Any) -> list[Machine]:
        """Give the machines of which a fact is true."""
        return [one for one in self.machines if one.facts.get(fact) == value]
