"""What a tool of the living corpus is, and how one is asked to pull."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.lab.living.door import PATIENCE_S
from tests.lab.node import FIRST, Daemon, LabNode

SECOND = Daemon(
    "containerd2", "containerd2", "/2"
)  # beside the node's own, under the same fault: files, trust, full disk
_folders = itertools.count()


@dataclass(frozen=True)
class Tool:
    """A program that pulls, and the words that make it pull an image on a node, with options."""

    name: str
    words: Callable[[LabNode, tuple[str, ...], str], tuple[str, ...]]
    daemon: Daemon | None = None


@dataclass(frozen=True)
class Heard:
    """What came of it: whether it worked, what the tool said, and what its daemon wrote into its log meanwhile."""

    tool: str
    worked: bool
    said: str
    logged: str = ""


@dataclass(frozen=True)
class Ask:
    """One pull of one tool."""

    tool: Tool
    node: LabNode
    image: str
    options: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    patience_s: float = PATIENCE_S

    def hear(self) -> Heard:
        """Pull to the end, or until patience ends: a tool that tries again and again has said why by then."""
        command = self.tool.words(self.node, self.options, self.image)
        log = self.node.log_of(self.tool.daemon) if self.tool.daemon else None
        before = log.stat().st_size if log else 0
        cut = ("timeout", "--signal=INT", "--kill-after=3", str(self.patience_s))
        done = self.node.run(*cut, *command, patience_s=self.patience_s + 10, **self.env)
        logged = ""
        if log:
            with log.open(errors="replace") as lines:
                lines.seek(before)
                logged = "".join(line for line in lines if self.image in line and "level=error" in line)
        return Heard(self.tool.name, done.returncode == 0, done.stderr + done.stdout, logged)


def crictl(daemon: Daemon) -> Tool:
    """Give crictl as it speaks to a containerd of the node."""
    return Tool(
        f"crictl with {daemon.name}",
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


CRICTL_1, CRICTL_2 = crictl(FIRST), crictl(SECOND)
PODMAN, BUILDAH, SKOPEO = Tool("podman", _podman), Tool("buildah", _buildah), Tool("skopeo", _skopeo)
THROUGH_CRI = (CRICTL_1, CRICTL_2)
OF_CONTAINERS = (PODMAN, BUILDAH, SKOPEO)
TOOLS = (*THROUGH_CRI, *OF_CONTAINERS)
