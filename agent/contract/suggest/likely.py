"""From the words of a failed pull to the name that was likely meant, with nobody asked.

Says nothing where the text proves nothing: another cause, a name that looks right, a variable that was not filled in.

Cannot see: whether what it suggests is there. Each reason says so.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from agent.contract.redact import redact
from agent.contract.reference import DEFAULT_REGISTRY, InvalidReferenceError, Reference, parse
from agent.contract.report import Suggestion
from agent.contract.suggest.places import LIBRARY, is_suspect, named, registry_named
from agent.contract.suggest.tags import respelled
from agent.contract.suggest.written import mended

READ_CHARACTERS = 4096  # of a message: the image is named in its outer words
NOT_LOOKED_UP = "not looked up"

# Where a text stands that a runtime could not read as a name, in the words of kubelet, Docker, containers/image, crane.
_UNREADABLE = (
    r"(?:couldn't|could not|cannot|failed to|unable to|error) pars(?:e|ing) (?:the )?(?:image )?(?:reference|name):? "
    r'"?(?P<name>[^"]{1,400})"',
    r"pars(?:e|ing) (?:named |image )?(?:reference|name):? \"?(?P<name>[^\"]{1,400}?)\"?(?: is not a valid|: )",
    r'"(?P<name>[^"]{1,400})" is not a valid repository/tag',
    r'(?:[Ii]nvalid (?:image )?(?:name|reference)|default image tag|[Ii]mage):? "(?P<name>[^"]{1,400})"',
    r"(?:^|[ \"])(?P<name>(?=[^\s\"]{0,300}[/:@][^\s\"])[^\s\"]{1,400}?)\"?: invalid reference format",
    r"repository name \((?P<name>library/[^)]{1,300})\) must be lowercase",
)
_DENIED = re.compile(r"access denied for ([a-z0-9][a-z0-9._/-]{1,200})(?=[\s,:;]|$)")
_OFFICIAL = f"{DEFAULT_REGISTRY}/{LIBRARY}"
_BARE = re.compile(r"(?:^|[^\w./-])docker\.io/(?!library/)([a-z0-9._-]+)(?=[:@\s\"',]|$)(?!:\d+/)")


@cache
def _unreadable() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in _UNREADABLE)


def of_text(text: str) -> Suggestion | None:
    """Give what a text that can name no image was likely to name."""
    found = mended(text)
    if found is None:
        return None
    reference, reasons = _corrected(found[0], gone=False)
    return _said(reference, found[1], *reasons)


def of_absent(reference: Reference, message: str = "") -> Suggestion | None:
    """Give what an image that is not there was likely to be called."""
    meant, reasons = _corrected(reference, gone=True)
    if reasons:
        return _said(meant, *reasons)
    bare = _BARE.search(message[:READ_CHARACTERS]) if reference.registry == DEFAULT_REGISTRY else None
    if bare is not None and reference.path == f"{LIBRARY}{bare[1]}":
        return _said(reference, f"Docker Hub has its official images under {LIBRARY}, and no docker.io/{bare[1]}")
    return None


def _corrected(reference: Reference, *, gone: bool) -> tuple[Reference, list[str]]:
    reasons = []
    if (found := named(reference, gone=gone)) is not None:
        reference, reason = found
        reasons.append(reason)
    if reference.digest is None and reference.tag and (tag := respelled(reference.tag)):
        reasons.append(f"the tag {reference.tag} looks like {tag} misspelled")
        reference = replace(reference, tag=tag)
    return reference, reasons


def _of_unreadable(image: str | None, message: str) -> Suggestion | None:
    for text in (*((image,) if image else ()), *_texts(message[:READ_CHARACTERS])):
        found = of_text(text)
        if found is not None:
            return found
    return None


def _texts(message: str) -> Iterator[str]:
    for pattern in _unreadable():
        yield from (match["name"] for match in pattern.finditer(message))


def _of_absent(image: str | None, message: str) -> Suggestion | None:
    reference = _parsed(image)
    return of_absent(reference, message) if reference else None


def _of_place(image: str | None, message: str) -> Suggestion | None:
    """Look at the place alone: a registry that refuses says nothing of tags."""
    if image is None and (denied := _DENIED.search(message[:READ_CHARACTERS])):
        image = denied[1]
    if image is None or (image.startswith(f"{DEFAULT_REGISTRY}/") and not image.startswith(_OFFICIAL)):
        return None  # an organisation's image: most refusals, told apart before anything is taken apart
    reference = _parsed(image)
    found = named(reference, gone=False) if reference else None
    return _said(*found) if found else None


def _of_host(image: str | None, message: str) -> Suggestion | None:
    """Look at the registry's name alone: nothing else keeps one from being reached."""
    del message
    reference = _parsed(image) if image and is_suspect(image.partition("/")[0]) else None
    found = registry_named(reference) if reference else None
    return _said(*found) if found else None


def _of_short(image: str | None, message: str) -> Suggestion | None:
    """Write a short name out as Docker and Kubernetes read it."""
    reference = _parsed(image)
    if reference is None or reference.registry != DEFAULT_REGISTRY:
        return None
    meant, reasons = _corrected(reference, gone=False)
    return _said(meant, *(reasons or ["Docker and containerd read a name without a registry so"]))


LOOKS: dict[str, Callable[[str | None, str], Suggestion | None]] = {
    "invalid_reference": _of_unreadable,
    "image_not_found": _of_absent,
    "short_name_ambiguous": _of_short,
    "auth_failed": _of_place,
    "dns_failed": _of_host,
    "registry_unavailable": _of_host,
}


def _parsed(image: str | None) -> Reference | None:
    try:
        return parse(image) if image else None
    except InvalidReferenceError:
        return None


def _said(reference: Reference, *reasons: str) -> Suggestion | None:
    image = str(reference)
    if redact(image) != image:
        return None  # what holds a secret is passed on nowhere
    return Suggestion(image=image, reason=f"{redact('; '.join(reasons))} ({NOT_LOOKED_UP})")
