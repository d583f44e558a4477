"""What is a target: a host, a registry, an image, or the node itself?

The kind follows from the check; a check of a newer agent is placed by what its target looks like.
"""

from dataclasses import dataclass
from typing import Literal

from agent.contract import reference
from agent.contract.report import Subject
from agent.contract.table import CADENCES

Kind = Literal["host", "registry", "image", "node"]

POD = "pod"  # not a check: what Kubernetes says of a pod, placed like a pull of its image

_KIND_OF_TARGET: dict[str, Kind] = {
    "host": "host",
    "host:port": "host",
    "registry": "registry",
    "image": "image",
    "path": "node",
    "node": "node",
}
_KINDS: dict[str, Kind] = {row.check: _KIND_OF_TARGET[row.target] for row in CADENCES.values()} | {POD: "image"}
_ORDER = {row.check: number for number, row in enumerate(CADENCES.values())}


@dataclass(frozen=True, slots=True)
class Place:
    """One target, taken apart. What does not apply is none."""

    kind: Kind
    host: str | None = None
    registry: str | None = None
    repository: str | None = None
    image: str | None = None

    def subjects(self) -> tuple[Subject, ...]:
        """Give every subject that this target is part of, the smallest first, `all` left out."""
        if self.kind == "host":
            return (Subject(kind="host", value=self.host),)
        of_image = (
            (Subject(kind="image", value=self.image), Subject(kind="repository", value=self.repository))
            if self.kind == "image"
            else ()
        )
        return (*of_image, Subject(kind="registry", value=self.registry)) if self.registry else of_image


def place_of(check: str, target: str) -> Place:
    """Take the target of a check apart."""
    kind = _KINDS.get(check) or _guess(target)
    if kind == "host":
        return Place(kind, host=host_of(target))
    if kind == "registry":
        return Place(kind, registry=target)
    if kind == "image":
        return _image(target)
    return Place(kind)


def host_of(target: str) -> str:
    """Give the host of `host`, `host:port`, `[address]:port` or a bare address, in lower case."""
    text = target.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.rpartition(":")
    return host if colon and port.isdigit() and ":" not in host else text


def order_of(check: str) -> tuple[int, str]:
    """Give the sort key of a check: as in the table, checks that are not known behind all others."""
    return _ORDER.get(check, len(_ORDER)), check


def _guess(target: str) -> Kind:
    if target.startswith("/") or not target:
        return "node"
    if "/" in target:
        return "image"
    return "host" if "." in target or ":" in target else "node"


def _image(target: str) -> Place:
    try:
        parsed = reference.parse(target)
    except reference.InvalidReferenceError:
        registry, slash, _ = target.partition("/")
        return Place("image", registry=registry if slash else None, repository=target, image=target)
    return Place("image", registry=parsed.registry, repository=parsed.repository, image=str(parsed))
