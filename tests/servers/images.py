"""Images made by hand: manifest, configuration and layers as bytes, for registries that a test serves."""

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from random import Random
from typing import Any

OCI = "application/vnd.oci.image."
MANIFEST = f"{OCI}manifest.v1+json"
INDEX = f"{OCI}index.v1+json"
CONFIG = f"{OCI}config.v1+json"
LAYER = f"{OCI}layer.v1.tar+gzip"


@dataclass(frozen=True)
class Content:
    """Some bytes, what they are, and their digest."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"

    def descriptor(self, **more: Any) -> dict[str, Any]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.body)} | more


@dataclass(frozen=True)
class Image:
    """A manifest with all that it names."""

    manifest: Content
    config: Content
    layers: tuple[Content, ...]

    @property
    def blobs(self) -> tuple[Content, ...]:
        return self.config, *self.layers


def document(media_type: str, **fields: Any) -> Content:
    """Write a manifest or an index."""
    return Content(media_type, json.dumps({"schemaVersion": 2, "mediaType": media_type} | fields).encode())


def image(architecture: str = "amd64", sizes: tuple[int, ...] = (2_000,), *, os: str = "linux", **more: Any) -> Image:
    """Make an image of random layers; `more` are fields of the manifest that replace the right ones."""
    archives = [_archive(f"{architecture}-{place}-{size}", size) for place, size in enumerate(sizes)]
    layers = tuple(Content(LAYER, gzip.compress(archive, mtime=0)) for archive in archives)
    diffs = [f"sha256:{hashlib.sha256(archive).hexdigest()}" for archive in archives]
    told = {"architecture": architecture, "os": os, "config": {}, "rootfs": {"type": "layers", "diff_ids": diffs}}
    config = Content(CONFIG, json.dumps(told).encode())
    fields = {"config": config.descriptor(), "layers": [layer.descriptor() for layer in layers]} | more
    return Image(document(MANIFEST, **fields), config, layers)


def index(*images: Image, platforms: tuple[dict[str, str], ...]) -> Content:
    """Make an index of images for platforms."""
    children = [one.manifest.descriptor(platform=platform) for one, platform in zip(images, platforms, strict=True)]
    return document(INDEX, manifests=children)


def _archive(seed: str, size: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(f"content-{seed}")
        entry.size = size
        archive.addfile(entry, io.BytesIO(Random(seed).randbytes(size)))
    return out.getvalue()
