"""What a tool of the living corpus is, and how one is asked to pull."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.lab.daemon import Daemon
from tests.lab.living.door import PATIENCE_S
from tests.lab.node import LabNode


@dataclass(frozen=True)
class Heard:
    """What came of a pull: whether it worked, what the tool said, and what was written into a log meanwhile."""

    tool: "Tool"
    worked: bool
    said: str
    logged: str = ""


class Tool(Protocol):
    """Something that pulls. What is said of its `engine` holds for it as well."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def engine(self) -> str:
        """What pulls in the end."""

    def hear(self, ask: "Ask", /) -> Heard:
        """Pull to the end, or until patience ends: a tool that tries again and again has said why by then."""


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
        """Do it."""
        return self.tool.hear(self)


@dataclass(frozen=True)
class Command:
    """A program that pulls, and the words that make it pull an image on a node, with options."""

    name: str
    engine: str
    words: Callable[[LabNode, tuple[str, ...], str], tuple[str, ...]]
    daemon: Daemon | None = None

    def hear(self, ask: Ask) -> Heard:
        """Run it, and read what its daemon logs."""
        log = ask.node.log_of(self.daemon.name) if self.daemon else None
        before = log.stat().st_size if log else 0
        cut = ("timeout", "--signal=INT", "--kill-after=3", str(ask.patience_s))
        command = self.words(ask.node, ask.options, ask.image)
        done = ask.node.run(*cut, *command, patience_s=ask.patience_s + 10, **ask.env)
        logged = ""
        if log:
            with log.open(errors="replace") as lines:
                lines.seek(before)
                logged = "".join(line for line in lines if ask.image in line and "level=error" in line)
        return Heard(self, done.returncode == 0, done.stderr + done.stdout, logged)
