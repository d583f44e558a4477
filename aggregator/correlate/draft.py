"""A finding in the making: which failures of one cause and one subject belong together, and on which nodes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeVar

from agent.contract.report import Severity, Subject
from aggregator.correlate.bucket import Bucket, Entry
from aggregator.correlate.cell import Line
from aggregator.correlate.crowd import numbers_of
from aggregator.correlate.place import Place

Value = TypeVar("Value")


class Part(NamedTuple):
    """Some nodes' claims out of one bucket; of these the cells at one host or registry only, where one is named."""

    bucket: Bucket
    nodes: int
    only: Subject | None = None

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Give the nodes' claims."""
        for number in numbers_of(self.nodes):
            yield number, self.bucket.entries[number]

    def of(self, told: Mapping[int, Value]) -> Iterable[Value]:
        """Give what a mapping of the bucket holds of these nodes."""
        left_out = self.bucket.nodes.bits & ~self.nodes
        if not left_out or not told:
            return told.values()
        if left_out.bit_count() < self.nodes.bit_count():
            others = [number for number in numbers_of(left_out) if number in told]
            if not others:
                return told.values()
            rest = dict(told)
            for number in others:
                del rest[number]
            return rest.values()
        return [told[number] for number in numbers_of(self.nodes) if number in told]

    def began(self) -> datetime | None:
        """Give the earliest time at which one of these nodes began to fail; none where nobody tells."""
        known = self.bucket.since
        if any(self.nodes >> number & 1 for number in known.at):
            return known.top
        return min(self.of(known), default=None)

    def seen(self) -> datetime | None:
        """Give the latest time at which one of these nodes was seen to fail; none where nobody tells."""
        known = self.bucket.last
        if any(self.nodes >> number & 1 for number in known.at):
            return known.top
        return max(self.of(known), default=None)

    def lines(self) -> "Iterator[Said]":
        """Give what is said, and by which of the nodes."""
        for line, crowd in self.bucket.lines.items():
            nodes = crowd.bits & self.nodes
            if nodes and (self.only is None or subject_of(line.column.place) == self.only):
                yield Said(line, nodes, self)

    def following(self) -> "Iterator[Said]":
        """Give what follows from it, and on which of the nodes."""
        for line, crowd in self.bucket.following.items():
            if nodes := crowd.bits & self.nodes:
                yield Said(line, nodes, self)


class Said(NamedTuple):
    """One thing that some nodes say, and the part that they say it in."""

    line: Line
    nodes: int
    part: Part


@dataclass(slots=True, eq=False)
class Draft:
    """What a rule found.

    `nodes` fail, of `told` that could tell. `also` are failures that follow from it: evidence, not counted. `chance` is
    the probability that it is none. `notes` are further lines of evidence, before those of the parts.
    """

    cause: str
    severity: Severity
    subject: Subject
    parts: list[Part]
    nodes: int
    told: int
    also: list[Part] = field(default_factory=list)
    intermittent: bool = False
    chance: float = 0.0
    notes: list[str] = field(default_factory=list)
    _said: "tuple[list[Part], list[Said]] | None" = None

    @property
    def shown(self) -> int:
        """The nodes that show it by answers of their own."""
        return union_of(self.parts)

    @property
    def checks(self) -> set[str]:
        """The checks that show it; `pod` among them where Kubernetes does."""
        return {said.line.column.check for said in self.lines()}

    def lines(self) -> Sequence[Said]:
        """Give what is said of it, and by which nodes. Many ask, and the parts seldom change meanwhile."""
        if self._said is None or self._said[0] is not self.parts:
            self._said = self.parts, [said for part in self.parts for said in part.lines()]
        return self._said[1]

    def following(self) -> Iterator[Said]:
        """Give what follows from it, and on which nodes."""
        for part in self.parts:
            yield from part.following()
        for part in self.also:
            yield from part.lines()
            yield from part.following()

    def keep(self, nodes: int) -> None:
        """Leave out all other nodes."""
        self.nodes &= nodes
        kept = [Part(part.bucket, part.nodes & nodes, part.only) for part in self.parts]
        self.parts = [part for part in kept if part.nodes]


def subject_of(place: Place) -> Subject | None:
    """Give the host or the registry that is asked; none where it is the node itself."""
    if place.host is not None:
        return Subject(kind="host", value=place.host)
    return Subject(kind="registry", value=place.registry) if place.registry else None


def union_of(parts: Iterable[Part]) -> int:
    """Give the nodes of some parts."""
    nodes = 0
    for part in parts:
        nodes |= part.nodes
    return nodes
