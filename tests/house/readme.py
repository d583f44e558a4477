"""What README.md shows: the commands of its `console` blocks and the files of its `yaml` ones."""

import re

from tests.house.project import ROOT

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    """Give the fenced blocks of a kind."""
    return [text for found, text in _BLOCK.findall((ROOT / "README.md").read_text()) if found == kind]


def commands() -> list[str]:
    """Give each command once, in order, without its prompt."""
    lines = "".join(blocks("console")).splitlines()
    return list(dict.fromkeys(line.removeprefix("$ ") for line in lines if line.startswith("$ ")))
