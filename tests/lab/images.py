"""The lab's images: small OCI layouts written here, pushed by skopeo."""

import gzip
import hashlib
import io
import json
import platform
import tarfile
from pathlib import Path
from random import Random

from tests.lab import network
from tests.lab.process import run

# Two repositories and more in each registry, and two images of one repository: so that every subject can be told apart.
OF_REGISTRY = ("registry.lab/team/app:1", "registry.lab/team/app:2", "registry.lab/shop/cart:1")
OF_IMAGES = ("images.lab/base/tool:1", "images.lab/base/shell:1")
ALL = OF_REGISTRY + OF_IMAGES
LAYER_BYTES = 64 * 1024  # small enough to be read whole, too large to be an accident

# The registries behind their front doors, without tokens and TLS: for pushing and deleting.
BACK_DOORS = {"registry.lab": "127.0.0.1:5011", "images.lab": "127.0.0.1:5002"}
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def write(image: str, folder: Path, *, program: str | None = None) -> Path:
    """Write the OCI layout of an image, with one layer of its own; with a busybox in it, it sleeps when it is run."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def put(content: bytes, media_type: str) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    archive = _archive(Path(program).read_bytes() if program else Random(image).randbytes(LAYER_BYTES))
    machine = platform.machine()
    config = {
        "architecture": _ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "config": {"Cmd": ["/busybox", "sleep", "infinity"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(archive).hexdigest()}"]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": put(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [put(gzip.compress(archive, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")],
    }
    index = {"schemaVersion": 2, "manifests": [put(json.dumps(manifest).encode(), str(manifest["mediaType"]))]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def _archive(content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("busybox")
        entry.size = len(content)
        entry.mode = 0o755
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def push(image: str, folder: Path) -> None:
    """Push a layout by the registry's back door."""
    skopeo("copy", "--dest-tls-verify=false", f"oci:{folder}", f"docker://{_behind(image)}")


def delete(image: str) -> None:
    """Delete the image's manifest; its blobs stay, as in a registry that nobody sweeps."""
    skopeo("delete", "--tls-verify=false", f"docker://{_behind(image)}")


def skopeo(*words: str) -> str:
    """Run skopeo where the registries are."""
    return run(*network.inside(network.OUTSIDE), "skopeo", "--insecure-policy", *words)


def _behind(image: str) -> str:
    registry, _, rest = image.partition("/")
    return f"{BACK_DOORS[registry]}/{rest}"
