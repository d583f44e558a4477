"""Where else may an image be that is not where it was looked for: the places that are in use, and no other.

Cannot see: whether it is there; who can ask, asks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from agent.contract.reference import DEFAULT_REGISTRY, InvalidReferenceError, Reference, parse
from agent.contract.suggest.places import LIBRARY
from agent.contract.suggest.spelling import SHORTEST, distance

AT_MOST = 5  # places: each is a question to a registry


@dataclass(frozen=True, slots=True)
class Place:
    """Another name for an image, and what makes it likely."""

    reference: Reference
    reason: str


def elsewhere(missing: Reference, images: Iterable[str], registries: Iterable[str]) -> list[Place]:
    """Give where an image may be, the likeliest first.

    Args:
        images: in use, those of most containers first.
        registries: in use besides those of the images.
    """
    used = [reference for image in images if (reference := _parsed(image))]
    found: dict[str, Place] = {}
    for place in (*_alike(missing, used), *_in_library(missing), *_registries(missing, used, registries)):
        if place.reference != missing:
            found.setdefault(str(place.reference), place)
    return list(found.values())[:AT_MOST]


def _alike(missing: Reference, used: list[Reference]) -> Iterator[Place]:
    """Give the repositories in use that are called alike: elsewhere, with more or less in front, a slip away.

    The same last name under another organisation is nothing: every team has an `api`.
    """
    path = _bare(missing)
    kinds: tuple[list[Place], ...] = ([], [], [])
    for one in used:
        place = Place(replace(missing, registry=one.registry, path=one.path), f"{one.repository} is in use here")
        if one.repository == missing.repository:
            continue
        if _bare(one) == path:
            kinds[0].append(place)
        elif f"/{one.path}".endswith(f"/{path}") or f"/{missing.path}".endswith(f"/{_bare(one)}"):
            kinds[1].append(place)
        elif one.registry == missing.registry and _is_slip(one.path, missing.path):
            kinds[2].append(place)
    for kind in kinds:
        yield from kind


def _in_library(missing: Reference) -> Iterator[Place]:
    """Give the name that a copy of Docker Hub has for an official image."""
    if "/" not in missing.path and missing.registry != DEFAULT_REGISTRY:
        meant = replace(missing, path=f"{LIBRARY}{missing.path}")
        yield Place(meant, f"a mirror of Docker Hub has the official images under {LIBRARY}")


def _registries(missing: Reference, used: list[Reference], registries: Iterable[str]) -> Iterator[Place]:
    """Give the same path at each registry in use."""
    path = _bare(missing)
    for registry in dict.fromkeys([*(one.registry for one in used), *registries]):
        if registry != missing.registry:
            here = f"{LIBRARY}{path}" if registry == DEFAULT_REGISTRY and "/" not in path else path
            yield Place(replace(missing, registry=registry, path=here), f"{registry} is in use here")


def _is_slip(path: str, other: str) -> bool:
    return len(path) >= SHORTEST and distance(path, other, 1) == 1 and _digits(path) == _digits(other)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _bare(reference: Reference) -> str:
    return reference.path.removeprefix(LIBRARY) if reference.registry == DEFAULT_REGISTRY else reference.path


def _parsed(image: str) -> Reference | None:
    try:
        return parse(image)
    except InvalidReferenceError:
        return None
