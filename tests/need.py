"""What a test needs on the machine: where it is missing the test is skipped, or fails under PULLSCOPE_REQUIRE_ALL=1."""

import os
import shutil
from pathlib import Path

import pytest

_BUILT = Path(os.environ.get("PULLSCOPE_TOOLS", Path.home() / ".cache/pullscope/tools")) / "bin"


def missing(what: str) -> None:
    """Skip the test for want of `what`, or fail where everything is required."""
    if os.environ.get("PULLSCOPE_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is missing, and PULLSCOPE_REQUIRE_ALL=1 wants everything")
    pytest.skip(f"{what} is missing")


def program(name: str) -> str:
    """Give the path of a program: one that the project built, or one of the system's."""
    for folder in (str(_BUILT), os.environ.get("PATH", ""), "/usr/sbin:/sbin:/usr/lib/frr"):
        found = shutil.which(name, path=folder)
        if found:
            return found
    missing(f"the program {name}")
    raise AssertionError("unreachable: missing() never returns")


def root() -> None:
    """Ask for root: network namespaces, mounts and the runtimes' stores need it."""
    if os.geteuid() != 0:
        missing("root")
