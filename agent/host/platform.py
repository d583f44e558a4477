"""What this node runs, as Go names it: os, architecture and variant.

Cannot see: a runtime that was built for another architecture than the kernel's (32-bit ARM on a 64-bit kernel).

Source: Go's runtime.GOARCH; github.com/containerd/platforms, its normalisation and its ARM variants.
"""

import os

from agent.contract.platforms import Kind
from agent.host.root import Root

# What uname says, and what Go calls it. ARM's variant is what containerd reads of the processor.
_MACHINES = {
    "x86_64": ("amd64", ""),
    "amd64": ("amd64", ""),
    "aarch64": ("arm64", "v8"),
    "arm64": ("arm64", "v8"),
    "armv8l": ("arm", "v7"),  # a 32-bit process on a 64-bit processor
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "armv5tel": ("arm", "v5"),
    "i386": ("386", ""),
    "i486": ("386", ""),
    "i586": ("386", ""),
    "i686": ("386", ""),
    "ppc64le": ("ppc64le", ""),
    "s390x": ("s390x", ""),
    "riscv64": ("riscv64", ""),
    "loongarch64": ("loong64", ""),
    "mips64": ("mips64le", ""),
}


def platform(root: Root, machine: str | None = None) -> Kind:
    """Give the node's platform.

    Args:
        root: the node's files; they lie on the machine itself, so its kernel speaks for them.
        machine: what `uname -m` says, where it is not this kernel.
    """
    del root
    named = machine or os.uname().machine
    arch, variant = _MACHINES.get(named, (named, ""))
    return Kind("linux", arch, variant)
