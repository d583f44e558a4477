"""Which images run on which nodes: operating system, architecture and variant, as the runtimes match them.

Source: the platforms package of containerd (`Only`, `Normalize`) and the platform matcher of containers/image; their
rules differ.
"""

from dataclasses import dataclass

_ARM64_MINORS = {8: 9, 9: 7}  # the highest minor version that is known of each arm64 version
_ARM64_AS_V8 = 5  # arm64 v9.N runs what v8.(N+5) runs
_ARM_OLDEST = 5
_CONTAINERS_VARIANTS = {"arm": ("v8", "v7", "v6", "v5"), "arm64": ("v8",)}


@dataclass(frozen=True, slots=True)
class Kind:
    """Operating system, architecture and variant as Go names them; `variant` may be empty."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part) or "none"


def normalise(kind: Kind) -> Kind:
    """Write a platform as containerd compares it: `aarch64` is `arm64`, `arm` without a variant is `v7`."""
    arch, variant = kind.architecture.lower(), kind.variant.lower()
    if arch == "i386":
        arch, variant = "386", ""
    elif arch in ("x86_64", "x86-64", "amd64"):
        arch, variant = "amd64", "" if variant == "v1" else variant
    elif arch in ("aarch64", "arm64"):
        arch = "arm64"
        variant = {"8": "", "v8": "", "v8.0": "", "9": "v9", "9.0": "v9", "v9.0": "v9"}.get(variant, variant)
    elif arch in ("armhf", "armel"):
        arch, variant = "arm", "v7" if arch == "armhf" else "v6"
    elif arch == "arm":
        variant = {"": "v7", "7": "v7", "5": "v5", "6": "v6", "8": "v8"}.get(variant, variant)
    return Kind(kind.os.lower(), arch, variant)


def accepted(node: Kind, *, containers: bool) -> list[Kind]:
    """Give what a node runs, the best first.

    Args:
        node: the node's own platform.
        containers: whether containers/image chooses (podman, CRI-O), and not containerd.
    """
    return _by_containers(node) if containers else _by_containerd(normalise(node))


def _by_containers(node: Kind) -> list[Kind]:
    known = _CONTAINERS_VARIANTS.get(node.architecture, ())
    if not node.variant:
        variants = ("", *known)
    elif node.variant in known:
        variants = (*known[known.index(node.variant) :], "")
    else:
        variants = (node.variant, "")
    return [Kind(node.os, node.architecture, variant) for variant in variants]


def _by_containerd(node: Kind) -> list[Kind]:
    if node.architecture == "amd64":
        level = _number(node.variant)
        older = ["", *(f"v{version}" for version in range(2, level))][::-1] if level > 1 else []
        return [node, *(Kind(node.os, "amd64", variant) for variant in older), Kind(node.os, "386")]
    if node.architecture == "arm":
        versions = range(_number(node.variant) - 1, _ARM_OLDEST - 1, -1)
        return [node, *(Kind(node.os, "arm", f"v{version}") for version in versions)]
    if node.architecture == "arm64":
        return [*_arm64(node), *_by_containerd(Kind(node.os, "arm", "v8"))]
    return [node]


def _arm64(node: Kind) -> list[Kind]:
    major_text, _, minor_text = (node.variant or "v8").removeprefix("v").partition(".")
    if not major_text.isdecimal() or int(major_text) not in _ARM64_MINORS or not (minor_text or "0").isdecimal():
        return [node]
    major, minor = int(major_text), int(minor_text or "0")
    runs = [(major, number) for number in range(min(minor, _ARM64_MINORS[major]), -1, -1)]
    if major > min(_ARM64_MINORS):
        runs += [(8, number) for number in range(min(minor + _ARM64_AS_V8, _ARM64_MINORS[8]), -1, -1)]
    names = [f"v{version}.{number}" if number else f"v{version}" for version, number in runs]
    return [Kind(node.os, "arm64", "" if name == "v8" else name) for name in names]


def _number(variant: str) -> int:
    digits = variant.removeprefix("v")
    return int(digits) if digits.isdecimal() and digits.isascii() else 0
