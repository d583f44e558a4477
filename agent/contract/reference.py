"""Image references: `docker.io/library/nginx:latest`, always written out.

Source: github.com/distribution/reference, its grammar and its normalisation.
"""

import re
from dataclasses import dataclass

DEFAULT_REGISTRY = "docker.io"
DEFAULT_TAG = "latest"
NAME_BYTES = 255  # registry and path together
PORT_AT_MOST = 65535
PORT_DIGITS = 5

_HOST = re.compile(
    r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
    r"(?::[0-9]+)?|\[[a-fA-F0-9:]+\](?::[0-9]+)?"
)
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
_DIGEST_HEX = {"sha256": 64, "sha384": 96, "sha512": 128}


class InvalidReferenceError(ValueError):
    """The text can name no image. The message says which part, and why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One image: `registry` with its port, `path` in it, and a tag, a digest or both (then the digest counts)."""

    registry: str
    path: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        return _written(self.registry, self.path, self.tag, self.digest)

    @property
    def repository(self) -> str:
        """Registry and path: `docker.io/library/nginx`."""
        return f"{self.registry}/{self.path}"

    @property
    def selector(self) -> str:
        """What stands behind `/manifests/`: the digest where there is one, else the tag."""
        return self.digest or self.tag or DEFAULT_TAG


def parse(text: str) -> Reference:
    """Parse a reference as people write it, and write it out.

    Raises:
        InvalidReferenceError: where the text can name no image.
    """
    return Reference(*_parts(text))


def written_out(text: str) -> str:
    """Give the reference that people write as `str(parse(text))` does, in half the time.

    Raises:
        InvalidReferenceError: where the text can name no image.
    """
    return _written(*_parts(text))


def _written(registry: str, path: str, tag: str | None, digest: str | None) -> str:
    return f"{registry}/{path}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _parts(text: str) -> tuple[str, str, str | None, str | None]:
    if not text:
        raise InvalidReferenceError("an empty text names no image")
    rest, _, digest = text.partition("@")
    if "@" in text:
        _check_digest(text, digest)
    registry, remainder = _split_registry(rest)
    path, colon, tag = remainder.partition(":")
    if registry == DEFAULT_REGISTRY and "/" not in path:
        path = f"library/{path}"
    _check_path(text, path)
    if colon and not _TAG.fullmatch(tag):
        raise InvalidReferenceError(f"{text!r}: the tag {tag!r} is not letters, digits, '_', '.' and '-' (at most 128)")
    if len(registry) + 1 + len(path) > NAME_BYTES:
        raise InvalidReferenceError(f"{text!r}: the name is longer than {NAME_BYTES} characters")
    if not colon and not digest:
        tag = DEFAULT_TAG
    return registry, path, tag or None, digest or None


def is_short(text: str) -> bool:
    """Tell whether a reference names no registry, so that a runtime has to guess or look one up."""
    first, slash, _ = text.partition("@")[0].partition("/")
    return not slash or not _looks_like_registry(first)


def _looks_like_registry(part: str) -> bool:
    return "." in part or ":" in part or part == "localhost" or part != part.lower()


def _split_registry(rest: str) -> tuple[str, str]:
    first, slash, remainder = rest.partition("/")
    if not slash or not _looks_like_registry(first):
        return DEFAULT_REGISTRY, rest
    if not _HOST.fullmatch(first):
        raise InvalidReferenceError(f"{rest!r}: {first!r} is no registry host")
    port = first.rpartition(":")[2] if not first.endswith("]") and ":" in first else "1"
    if len(port) > PORT_DIGITS or not 0 < int(port) <= PORT_AT_MOST:
        raise InvalidReferenceError(f"{rest!r}: {port} is no port (1 to {PORT_AT_MOST})")
    if first in ("index.docker.io", DEFAULT_REGISTRY):
        return DEFAULT_REGISTRY, remainder
    return first, remainder


def _check_path(text: str, path: str) -> None:
    if _PATH.fullmatch(path):
        return
    if _PATH.fullmatch(path.lower()):
        raise InvalidReferenceError(f"{text!r}: the repository {path!r} must be lower case")
    raise InvalidReferenceError(f"{text!r}: {path!r} is no repository name")


def _check_digest(text: str, digest: str) -> None:
    algorithm, _, value = digest.partition(":")
    wanted = _DIGEST_HEX.get(algorithm)
    if not _DIGEST.fullmatch(digest) or wanted is None or len(value) != wanted or value != value.lower():
        raise InvalidReferenceError(f"{text!r}: {digest!r} is no digest such as sha256:<64 hexadecimal digits>")
