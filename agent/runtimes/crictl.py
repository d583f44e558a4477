"""Pull through a CRI runtime by crictl, as kubelet would ask for it, and take away what was added.

containerd removes an image with all its names when CRI is asked to; so what is added is taken away name by name, by
containerd's own image service. An image whose tag now leads elsewhere than on this node is pulled by its digest: the
node's tag must not move because somebody looked.

Cannot see: credentials that kubelet would add: crictl brings none, only the runtime's own configuration counts.

Source: containerd, pkg/cri server/image_remove.go and api/services/images; crictl.
"""

import asyncio
import shutil
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from agent.host import grpc
from agent.probes import cri, exec  # noqa: A004 - the instrument's name is the house's
from agent.probes.fault import Fault
from agent.runtimes import journal
from agent.runtimes.order import Order, Pull, last_words

# Beside the agent first; then where distributions and k3s or rke2 put it, which services' PATH often lacks.
PLACES = "/usr/local/bin:/usr/bin:/bin:/opt/bin:/var/lib/rancher/rke2/bin"
QUICK_S = 10.0  # lists and removals: local work of milliseconds, of seconds on a busy disk
SETTLE_S = 1.0  # a runtime notices within this that its caller is gone, and ends the pull or has ended it
DELETE_IMAGE = "/containerd.services.images.v1.Images/Delete"
NAMESPACE = {"containerd-namespace": "k8s.io"}  # where containerd's CRI plugin keeps everything


class CrictlError(Exception):
    """crictl could not tell or do what is needed beside the pull. The message says what."""


class Held(msgspec.Struct, rename="camel"):
    """One image of the runtime, as CRI lists it."""

    id: str
    repo_tags: list[str] | None = None
    repo_digests: list[str] | None = None
    pinned: bool = False

    @property
    def names(self) -> list[str]:
        """All names of it but its id."""
        return [name for name in (*(self.repo_tags or ()), *(self.repo_digests or ())) if "<none>" not in name]


class _Images(msgspec.Struct):
    images: list[Held] | None = None


class _Named(msgspec.Struct):
    image: str = ""


class Container(msgspec.Struct, rename="camel"):
    """One container, as CRI lists it: by which names its image goes."""

    image: _Named | None = None
    image_ref: str = ""
    image_id: str = ""

    @property
    def names(self) -> set[str]:
        """All that may name its image."""
        return {self.image_ref, self.image_id, self.image.image if self.image else ""} - {""}


class _Containers(msgspec.Struct):
    containers: list[Container] | None = None


def program() -> str | None:
    """Give the path of crictl, or none."""
    return shutil.which("crictl") or shutil.which("crictl", path=PLACES)


async def images(socket: Path) -> list[Held]:
    """List the runtime's images. Raises `CrictlError`."""
    return msgspec.json.decode(await _ask(socket, "images", "--output", "json"), type=_Images).images or []


async def containers(socket: Path) -> list[Container]:
    """List the runtime's containers, those that ended among them. Raises `CrictlError`."""
    return msgspec.json.decode(await _ask(socket, "ps", "--all", "--output", "json"), type=_Containers).containers or []


async def pull(order: Order, runtime: str, socket: Path, patience_s: float, folder: Path) -> Pull:
    """Pull an image, time it, and leave the node's images as they were; the caller holds the lock.

    Raises:
        CrictlError: where the images cannot be listed, before anything was tried.
        OSError: where crictl cannot be started or no journal can be kept.
    """
    before = await images(socket)
    held = [image for image in before if image.id == order.config_digest]
    elsewhere = {name for image in before if image.id != order.config_digest for name in image.names}
    asked = order.by_digest if order.asked in elsewhere else order.asked
    entry = journal.Entry(
        runtime=runtime,
        socket=str(socket),
        names=list(order.names),
        config_digest=order.config_digest,
        before=[name for image in before for name in (image.id, *image.names)],
    )
    written = journal.write(folder, entry)
    ended = False
    kept = ""
    started = time.perf_counter()
    try:
        found = await _run(socket, ("pull", asked), patience_s)
        ended = found.status is not None
        took_s = time.perf_counter() - started
    finally:
        if not ended:
            await asyncio.sleep(SETTLE_S)
        try:
            kept = await undo(entry)
            written.unlink()
        except (CrictlError, Fault, OSError) as error:  # the entry stays: the next start tries again
            kept = f"could not be removed yet: {error}"
    return Pull(
        runtime=runtime,
        asked=asked,
        took_s=took_s,
        was_present=bool(held),
        from_cache=bool(held) and found.succeeded,
        transferred_bytes=order.total_bytes if found.succeeded and not held else 0,
        error=None if found.succeeded or not ended else last_words(found.stderr),
        ended=ended,
        kept=kept,
    )


async def undo(entry: journal.Entry) -> str:
    """Remove every name that the pull added; give why one is kept, or nothing.

    Raises:
        CrictlError, Fault: where the runtime cannot be asked.
    """
    socket = Path(entry.socket)
    present = await images(socket)
    names = added(entry, present)
    if not names:
        return ""
    ids = {image.id for image in present if set(names) & {image.id, *image.names}} - set(entry.before)
    for container in await containers(socket):
        if container.names & {*names, *ids}:
            return "a container uses it by now"
    for name in names:
        await _remove(entry.runtime, socket, name)
    await _wait_until_gone(socket, names)
    return ""


def added(entry: journal.Entry, present: Sequence[Held]) -> list[str]:
    """Give the names that are there, were not there before, and are of this pull; an id last, once it has no other."""
    before = set(entry.before)
    repositories = {name.partition("@")[0] for name in entry.names if "@" in name}
    found: list[str] = []
    for image in present:
        if image.id != entry.config_digest and not set(entry.names) & set(image.names):
            continue
        mine = [name for name in image.names if name not in before and _repository(name) in repositories]
        found.extend(mine)
        if image.id not in before and len(mine) == len(image.names):
            found.append(image.id)
    return found


def _repository(name: str) -> str:
    path = name.partition("@")[0]
    return path if "@" in name else path.rpartition(":")[0]


async def _remove(runtime: str, socket: Path, name: str) -> None:
    """Remove one name. containerd collects what nothing names any more before it answers (field 2: sync)."""
    if runtime == "containerd":
        message = grpc.text_field(1, name) + grpc.true_field(2)
        await cri.call(socket, DELETE_IMAGE, message, QUICK_S, NAMESPACE)
    elif not name.startswith("sha256:"):  # CRI-O and cri-dockerd remove the image with its last name
        await _run(socket, ("rmi", name), QUICK_S)


async def _wait_until_gone(socket: Path, names: Collection[str]) -> None:
    """Look until CRI's own list, which follows containerd's books by events, has none of them."""
    ends_at = time.monotonic() + QUICK_S
    while left := {name for image in await images(socket) for name in (image.id, *image.names)} & set(names):
        if time.monotonic() > ends_at:
            raise CrictlError(f"still there: {', '.join(sorted(left))}")
        await asyncio.sleep(0.1)


async def _ask(socket: Path, *arguments: str) -> str:
    ended = await _run(socket, arguments, QUICK_S)
    if not ended.succeeded:
        raise CrictlError(f"crictl {arguments[0]}: {last_words(ended.stderr)}")
    return ended.stdout


async def _run(socket: Path, arguments: Sequence[str], patience_s: float) -> exec.Ended:
    found = program()
    if found is None:
        raise CrictlError("crictl is not installed")
    endpoint = f"unix://{socket}"
    options = ("--runtime-endpoint", endpoint, "--image-endpoint", endpoint, "--timeout", f"{QUICK_S:.0f}s")
    return await exec.run((found, *options, *arguments), patience_s)
