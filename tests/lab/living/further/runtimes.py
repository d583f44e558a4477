"""Runtimes that are asked and not there."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.lab import Lab
from tests.lab.living.further.kind import IMAGE, NODE, Further, asking
from tests.lab.living.tool import Ask, Command, Tool

_SILENT = "/run/silent.sock"


def _crictl(path: str) -> Tool:
    where = ("--runtime-endpoint", f"unix://{path}", "--image-endpoint", f"unix://{path}")
    return Command(f"crictl at {path}", "containerd 2", lambda node, options, image: ("crictl", *where, "pull", image))


def _podman(path: str) -> Tool:
    where = ("--remote", "--url", f"unix://{path}")
    return Command(f"podman at {path}", "podman", lambda node, options, image: (node.podman, *where, "pull", image))


@contextmanager
def _silent(lab: Lab) -> Iterator[list[Ask]]:
    node = lab.node(NODE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(node.path(_SILENT)))
        listener.listen()
        try:
            yield [Ask(_crictl(_SILENT), node, IMAGE)]
        finally:
            node.path(_SILENT).unlink()


FURTHER: tuple[Further, ...] = (
    Further("no socket", "runtime_unavailable", asking((_crictl("/run/none.sock"), _podman("/run/none.sock")), IMAGE)),
    Further("a socket and nobody answers", "runtime_unavailable", _silent),
)
