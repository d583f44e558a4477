"""Which images and registries does this node really use?

The runtime's images, those of most containers first, and the registries that the node's configuration names. Where the
node has neither, a few well-known images stand in: something must be looked at.

Cannot see: images of a runtime that does not answer or that this process may not ask; what podman of other users holds.

Source: `crictl images` and `crictl ps`; `podman images` and `podman ps`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from agent.contract.reference import InvalidReferenceError, Reference, parse
from agent.host.node import Node
from agent.host.registries import registries
from agent.host.runtime import Runtime
from agent.probes import exec  # noqa: A004 - the instrument's name is the house's
from agent.runtimes import crictl

AT_MOST = 20  # the table's bound for the manifest check, which keeps a round's load on a registry small
PODMAN_S = 10.0  # local work
DEFAULTS = (  # public, small, old enough to stay, one for each registry that most clusters use; asked for by HEAD
    "docker.io/library/busybox:latest",
    "quay.io/prometheus/busybox:latest",
    "registry.k8s.io/pause:3.10",
    "ghcr.io/stefanprodan/podinfo:latest",
)


@dataclass(frozen=True, slots=True)
class Used:
    """What a node uses, the most used first, and in words where that was learnt."""

    images: tuple[str, ...]
    registries: tuple[str, ...]
    source: str


async def used(node: Node) -> Used:
    """Ask each runtime of the node, and read its configuration."""
    counts: Counter[str] = Counter()
    sources = []
    for runtime in node.runtimes:
        found = await _of_runtime(node, runtime)
        counts.update(found)
        if found:
            sources.append(f"the images of {runtime.name}")
    configured = registries(node.root, node.runtimes)
    if configured:
        sources.append("the configured registries")
    images = most_used(counts)
    if not images and not configured:
        return Used(DEFAULTS, (), "a default list: the node has no images of registries, and names no registry")
    return Used(tuple(images), tuple(configured), " and ".join(sources))


def most_used(counts: Mapping[str, int]) -> list[str]:
    """Give the images that came from a registry, those of most containers first."""
    good = {str(found): count for name, count in counts.items() if (found := _pulled(name))}
    return sorted(good, key=lambda name: (-good[name], name))[:AT_MOST]


def counted(images: Iterable[tuple[str, list[str], list[str]]], used_by: Iterable[set[str]]) -> Counter[str]:
    """Count containers for each image that has a digest of a registry.

    Args:
        images: id, tags and repository digests of each. Without a digest of a repository it was imported or built here.
        used_by: for each container, every name that its image may go by.
    """
    counts: Counter[str] = Counter()
    containers = list(used_by)
    for image_id, tags, digests in images:
        pulled_from = {name.partition("@")[0] for name in digests}
        names = [name for name in tags if name.rpartition(":")[0] in pulled_from] or ([] if tags else digests[:1])
        known = {image_id, image_id.removeprefix("sha256:"), *tags, *digests}
        users = sum(1 for container in containers if container & known)
        counts.update(dict.fromkeys(names, users))
    return counts


def _pulled(name: str) -> Reference | None:
    try:
        reference = parse(name)
    except InvalidReferenceError:
        return None
    return None if reference.registry == "localhost" or "<none>" in name else reference


async def _of_runtime(node: Node, runtime: Runtime) -> Counter[str]:
    try:
        if runtime.name == "podman":
            return await _of_podman(node, runtime)
        if runtime.cri is not None and runtime.living:
            socket = node.root.real(runtime.cri)
            held = await crictl.images(socket)
            containers = await crictl.containers(socket)
            listed = ((image.id, image.repo_tags or [], image.repo_digests or []) for image in held)
            return counted(listed, (container.names for container in containers))
    except (crictl.CrictlError, msgspec.DecodeError, OSError):
        pass  # what cannot be listed is not used, as far as this process knows; the `runtime` check says why
    return Counter()


class _PodmanImage(msgspec.Struct, rename="pascal"):
    """One entry of `podman images --format json`; `Names` has the tags and `RepoDigests` what was pulled or pushed."""

    id: str = msgspec.field(default="", name="Id")
    names: list[str] | None = None
    repo_digests: list[str] | None = None


class _PodmanContainer(msgspec.Struct, rename="pascal"):
    """One entry of `podman ps --format json`."""

    image: str = ""
    image_id: str = msgspec.field(default="", name="ImageID")


async def _of_podman(node: Node, runtime: Runtime) -> Counter[str]:
    stores = any(node.root.exists(store) for store in runtime.stores)
    if runtime.program is None or not stores or not node.root.is_this_machine:
        return Counter()
    images = await exec.run((runtime.program, "images", "--format", "json"), PODMAN_S)
    containers = await exec.run((runtime.program, "ps", "--all", "--format", "json"), PODMAN_S)
    if not images.succeeded or not containers.succeeded:
        return Counter()
    held = msgspec.json.decode(images.stdout or "[]", type=list[_PodmanImage])
    users = msgspec.json.decode(containers.stdout or "[]", type=list[_PodmanContainer])
    listed = ((image.id, image.names or [], image.repo_digests or []) for image in held)
    return counted(listed, ({one.image, one.image_id} - {""} for one in users))
