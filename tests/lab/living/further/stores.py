"""Stores that take nothing more."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.lab import Lab
from tests.lab.living.further.kind import IMAGE, NODE, Further
from tests.lab.living.tool import Ask
from tests.lab.living.tools import BUILDAH, OF_CONTAINERS, PODMAN

_STORE = "/var/lib/containers"


@contextmanager
def _full(lab: Lab) -> Iterator[list[Ask]]:
    node = lab.node(NODE)
    node.fill(_STORE)
    try:
        yield [Ask(tool, node, IMAGE) for tool in OF_CONTAINERS]
    finally:
        node.free(_STORE)


@contextmanager
def _read_only(lab: Lab) -> Iterator[list[Ask]]:
    node = lab.node(NODE)
    node.run("mount", "-o", "remount,ro", _STORE)
    try:
        yield [Ask(tool, node, IMAGE) for tool in (PODMAN, BUILDAH)]
    finally:
        node.run("mount", "-o", "remount,rw", _STORE)


FURTHER: tuple[Further, ...] = (
    Further("the store of containers is full", "disk_full", _full),
    Further("the store of containers is read-only", "storage_error", _read_only),
)
