"""What a further fault is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.lab.lab import Lab
from tests.lab.living.tool import Ask, Tool
from tests.lab.node import LabNode

NODE = "node-5"
IMAGE = "registry.lab/team/app:1"


@dataclass(frozen=True)
class Further:
    """One fault: while the context lasts, the pulls that it gives meet it."""

    story: str
    cause: str
    begin: Callable[[Lab], AbstractContextManager[list[Ask]]]


def asking(tools: tuple[Tool, ...], image: str, *options: str) -> Callable[[Lab], AbstractContextManager[list[Ask]]]:
    """Ask tools with nothing broken but the question."""

    @contextmanager
    def begin(lab: Lab) -> Iterator[list[Ask]]:
        yield [Ask(tool, lab.node(NODE), image, options) for tool in tools]

    return begin


@contextmanager
def changed(node: LabNode, path: str, text: str) -> Iterator[None]:
    """Let a file of a node hold something else, or be there at all."""
    file = node.path(path)
    before = file.read_text() if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)


def with_file(
    tools: tuple[Tool, ...], path: str, text: str, *, image: str = IMAGE
) -> Callable[[Lab], AbstractContextManager[list[Ask]]]:
    """Ask tools while a file of the node holds something else."""

    @contextmanager
    def begin(lab: Lab) -> Iterator[list[Ask]]:
        with changed(lab.node(NODE), path, text):
            yield [Ask(tool, lab.node(NODE), image) for tool in tools]

    return begin
