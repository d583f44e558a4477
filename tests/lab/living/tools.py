"""Every tool of the living corpus: read `TOOLS` and you know who pulls."""

import itertools

from tests.lab.daemon import FIRST, Daemon
from tests.lab.living.kubelet import SECOND, Kubelet
from tests.lab.living.tool import Command, Tool
from tests.lab.node import LabNode

_folders = itertools.count()


def crictl(daemon: Daemon, engine: str) -> Tool:
    """Give crictl as it speaks to a containerd of the node."""
    return Command(
        f"crictl with {engine}",
        engine,
        lambda node, options, image: ("crictl", *daemon.endpoints, "pull", *options, image),
        daemon,
    )


def _podman(node: LabNode, options: tuple[str, ...], image: str) -> tuple[str, ...]:
    return (node.podman, "pull", *options, image)


def _buildah(node: LabNode, options: tuple[str, ...], image: str) -> tuple[str, ...]:
    return ("buildah", "pull", "--policy=always", *options, image)


def _skopeo(node: LabNode, options: tuple[str, ...], image: str) -> tuple[str, ...]:
    folder = f"/var/lib/containers/skopeo-{next(_folders)}"
    return ("skopeo", "copy", *options, f"docker://{image}", f"dir:{folder}")


CRICTL_1, CRICTL_2 = crictl(FIRST, "containerd 1"), crictl(SECOND, "containerd 2")
PODMAN, BUILDAH = Command("podman", "podman", _podman), Command("buildah", "buildah", _buildah)
SKOPEO = Command("skopeo", "skopeo", _skopeo)
KUBELET = Kubelet()
WITH_CRICTL = (CRICTL_1, CRICTL_2)
THROUGH_CRI: tuple[Tool, ...] = (*WITH_CRICTL, KUBELET)
OF_CONTAINERS = (PODMAN, BUILDAH, SKOPEO)
TOOLS: tuple[Tool, ...] = (*THROUGH_CRI, *OF_CONTAINERS)
