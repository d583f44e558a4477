"""TOML files of the node, read with the place of a mistake in words."""

import re
import tomllib
from typing import Any

from agent.host.root import HostFileError, Root

_PLACE = re.compile(r"^(?P<what>.*?) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)


def read(root: Root, path: str) -> dict[str, Any]:
    """Read a TOML file of the node.

    Raises:
        FileNotFoundError: where there is none.
        HostFileError: where it is broken; `why` begins with the line.
    """
    text = root.read_text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.match(str(error))
        line = (found and found["line"]) or len(text.splitlines())
        raise HostFileError(path, f"line {line}: {found['what'] if found else error}") from error
    except RecursionError as error:
        raise HostFileError(path, "is nested too deeply") from error


class Table:
    """One table of a file, whose values are taken by their type; `at` is its place in words."""

    def __init__(self, path: str, values: dict[str, Any], at: str = "") -> None:
        self.path = path
        self.values = values
        self._at = at

    def table(self, key: str) -> "Table":
        """Give a table below; an empty one where there is none."""
        return Table(self.path, self._take(key, dict, "a table", {}), self._place(key))

    def tables(self, key: str) -> "list[Table]":
        """Give an array of tables."""
        items = self._take(key, list, "an array of tables", [])
        if not all(isinstance(item, dict) for item in items):
            raise self.wrong(key, "an array of tables")
        return [Table(self.path, item, f"{self._place(key)}[{place}]") for place, item in enumerate(items)]

    def text(self, key: str, default: str = "") -> str:
        """Give a text."""
        return str(self._take(key, str, "a text", default))

    def texts(self, key: str) -> list[str]:
        """Give a list of texts; one text alone is a list of itself."""
        value = self.values.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "a text or a list of texts")
        return items

    def flag(self, key: str) -> bool:
        """Give true or false; false where it is not said."""
        return bool(self._take(key, bool, "true or false", False))

    def wrong(self, key: str, expected: str) -> HostFileError:
        """Say what stands in the wrong place."""
        return HostFileError(self.path, f"{self._place(key)}: expected {expected}")

    def _take(self, key: str, kind: type, expected: str, default: Any) -> Any:
        value = self.values.get(key, default)
        if not isinstance(value, kind):
            raise self.wrong(key, expected)
        return value

    def _place(self, key: str) -> str:
        return f"{self._at}.{key}" if self._at else key
