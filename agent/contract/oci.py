"""What a registry serves of an image: index, manifest and configuration, in their OCI and Docker forms.

Reads them as strictly as Go's decoder does: a number where a list belongs ends the pull, unknown keys do not.

Source: the OCI image specification; the manifest formats (schema 2) of the distribution project.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from agent.contract.platforms import Kind, accepted, normalise

MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
OUTDATED_TYPES = (  # schema 1: refused by every runtime of today
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
CONFIG_TYPES = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)
ACCEPT = ", ".join((*MANIFEST_TYPES, *INDEX_TYPES, "*/*"))
MANIFEST_BYTES = 4 * 1024 * 1024  # what containerd and containers/image take at most
SIZE_AT_MOST = 2**63 - 1  # Go's int64

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)")  # RFC 3339, as Go reads it
_LAYER = re.compile(
    r"application/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?"
    r"|application/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+gzip|\+zstd)?"
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")


class FormError(ValueError):
    """The bytes are no index, manifest or configuration that a runtime could read. The message says why."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A pointer to content: what it is, its digest and how long. `foreign` content lies elsewhere, by URL."""

    media_type: str
    digest: str
    size_bytes: int
    platform: Kind | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """One image for several platforms. `oci` tells its form from Docker's, which matter to containers/image."""

    manifests: tuple[Descriptor, ...]
    oci: bool = True


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image for one platform."""

    config: Descriptor
    layers: tuple[Descriptor, ...]

    @property
    def total_bytes(self) -> int:
        """What a pull onto an empty node transfers: configuration and each layer once."""
        sizes = {part.digest: part.size_bytes for part in (self.config, *self.layers)}
        return min(sum(sizes.values()), SIZE_AT_MOST)


@dataclass(frozen=True, slots=True)
class Config:
    """What the configuration of an image says: the platform that it runs on, and how many layers it has."""

    platform: Kind
    layers: int


def is_digest(text: str) -> bool:
    """Tell whether a text is a digest that can be verified."""
    return _DIGEST.fullmatch(text) is not None


def matches(content: bytes, digest: str) -> bool:
    """Tell whether content is what its digest says."""
    return digest_of(content, digest.partition(":")[0]) == digest


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """Give the digest of content."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def parse(content: bytes, media_type: str, *, containers: bool = False) -> Index | Manifest:
    """Read an index or a manifest of the type that it was announced as.

    Args:
        containers: whether containers/image reads it, for which a Docker manifest has to call itself one.

    Raises:
        FormError: where it is none.
    """
    if media_type not in (*MANIFEST_TYPES, *INDEX_TYPES):
        raise FormError(f"no runtime reads a manifest of the type {media_type or 'none'!r}")
    document = _object(_decode(content), "the manifest")
    inner = _text(document, "mediaType")
    if type(document.get("schemaVersion") or 0) is not int:
        raise FormError("schemaVersion is no number")
    if containers and media_type == MANIFEST_TYPES[1] != inner:
        raise FormError(f"it is said to be {media_type} and calls itself {inner or 'nothing'}")
    if document.get("fsLayers"):
        raise FormError("the manifest is of schema 1, which no runtime of today reads")
    if media_type in INDEX_TYPES:
        if document.get("config") or document.get("layers") or inner in MANIFEST_TYPES:
            raise FormError("it is said to be an index and is a manifest")
        children = tuple(_descriptor(child, "manifests[]") for child in _list(document, "manifests"))
        return Index(children, oci=media_type == INDEX_TYPES[0])
    if document.get("manifests") or inner in INDEX_TYPES:
        raise FormError("it is said to be a manifest and is an index")
    layers = tuple(_descriptor(layer, "layers[]") for layer in _list(document, "layers"))
    return Manifest(_descriptor(document.get("config"), "config"), layers)


def parse_config(content: bytes) -> Config:
    """Read the configuration of an image.

    Raises:
        FormError: where it is none.
    """
    document = _object(_decode(content), "the configuration")
    root = document.get("rootfs")
    layers = _list(_object(root, "rootfs"), "diff_ids") if root is not None else []
    _check_config(document)
    return Config(_kind(document), len(layers))


def _check_config(document: dict[str, Any]) -> None:
    """Refuse fields of which Go's decoder can make nothing."""
    created = document.get("created")
    if created is not None and not (isinstance(created, str) and _TIME.fullmatch(created)):
        raise FormError("created is no time")
    _list(document, "history")
    run = document.get("config")
    for key in ("Env", "Entrypoint", "Cmd") if run is not None else ():
        if not all(isinstance(text, str | None) for text in _list(_object(run, "config"), key)):
            raise FormError(f"config.{key} is no list of texts")


def is_layer(media_type: str) -> bool:
    """Tell whether containerd can unpack a layer of this type."""
    return _LAYER.fullmatch(media_type) is not None


def choose(index: Index, node: Kind, *, containers: bool) -> Descriptor | None:
    """Give the manifest that a runtime on such a node would take out of an index; none where there is none.

    Args:
        index: what the registry offers.
        node: the node's own platform.
        containers: whether containers/image chooses (podman, CRI-O), and not containerd.
    """
    for wanted in accepted(node, containers=containers):
        for child in index.manifests:
            if child.platform is not None and _is(child.platform, wanted, node, containers):
                return child
    unnamed = [child for child in index.manifests if child.platform is None]
    return unnamed[0] if unnamed and (index.oci or not containers) else None


def runs(kind: Kind, node: Kind, *, containers: bool) -> bool:
    """Tell whether an image for `kind` runs on such a node."""
    return any(_is(kind, wanted, node, containers) for wanted in accepted(node, containers=containers))


def _is(kind: Kind, wanted: Kind, node: Kind, containers: bool) -> bool:
    if containers:
        return kind == wanted
    return normalise(Kind(kind.os or node.os, kind.architecture, kind.variant)) == wanted


def _decode(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content.decode("utf-8", errors="replace"))
    except RecursionError:
        raise FormError("it is nested too deeply") from None
    except msgspec.DecodeError as error:
        raise FormError(f"it is no JSON: {error}") from None


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FormError(f"{what} is no object")
    return value


def _list(document: dict[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    if value is not None and not isinstance(value, list):
        raise FormError(f"{key} is no list")
    return value or []


def _text(document: dict[str, Any], key: str) -> str:
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise FormError(f"{key} is no text")
    return value or ""


def _kind(document: dict[str, Any]) -> Kind:
    return Kind(_text(document, "os"), _text(document, "architecture"), _text(document, "variant"))


def _descriptor(value: Any, where: str) -> Descriptor:
    document = _object(value, where)
    digest = _text(document, "digest")
    if not is_digest(digest):
        raise FormError(f"{where}.digest {digest[:80]!r} is no digest")
    size = document.get("size", 0)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= SIZE_AT_MOST:
        raise FormError(f"{where}.size is no number of bytes")
    platform = document.get("platform")
    kind = None if platform is None else _kind(_object(platform, f"{where}.platform"))
    return Descriptor(_text(document, "mediaType"), digest, size, kind, bool(_list(document, "urls")))
