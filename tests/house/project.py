"""The project's own files, as the house tests read them."""

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PRODUCT = ("agent", "aggregator", "pullscope")
EVERYTHING = (*PRODUCT, "bench", "docs", "tests")


@cache
def files() -> tuple[Path, ...]:
    """Give every file that belongs to the project: what git would commit, or all where there is no git."""
    words = ("git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    try:
        listed = subprocess.run(words, capture_output=True, check=True).stdout.decode().split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if ".venv" not in path.parts]
    return tuple(sorted(path for name in listed if name and (path := ROOT / name).is_file()))


def modules(*folders: str) -> list[Path]:
    """Give the Python modules of these folders."""
    return [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def stems(folder: str) -> set[str]:
    """Give the names of a folder's modules, without its `__init__`."""
    return {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}


@cache
def tree(path: Path) -> ast.Module:
    """Give a module's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def name(path: Path) -> str:
    """Give a file's name within the project."""
    return str(path.relative_to(ROOT))


@cache
def declared() -> dict[str, Any]:
    """Give pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
