"""Is this configuration what it may be? One line with the place where it is not.

    agent.yaml: $.checks.dns.patience_s: expected float ≥ 0.1

YAML is decoded into msgspec structs that forbid unknown keys: the struct is schema, default and documentation.

Cannot see: what only the machine knows (whether a named file is there); who uses it says that.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")

MAX_CONFIG_BYTES = 1024 * 1024  # people write a few kilobytes; more is another file by mistake

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>.*)`$", re.DOTALL)


class ConfigError(Exception):
    """A mistake in Pullscope's own configuration, in one line; the command ends with exit code 2."""


class _Loader(yaml.SafeLoader):
    """YAML without tags, in which no key stands twice: the reader would believe the wrong one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1 and key != "<<":
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def decode(text: bytes, kind: type[T], where: str) -> T:
    """Decode YAML into a struct.

    Args:
        where: what the error calls this text: the file's path.

    Raises:
        ConfigError: in one line, with the place.
    """
    try:
        value = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ConfigError(f"{where}: {line}{error.problem or 'is no YAML'}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: is no YAML: {getattr(error, 'reason', error)}") from error
    except RecursionError as error:
        raise ConfigError(f"{where}: is nested too deeply") from error
    try:
        return msgspec.convert({} if value is None else value, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {explain(str(error))}") from error


def load(path: str, kind: type[T]) -> T:
    """Read a configuration file. Raises as `decode`, and where the file cannot be read."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    if len(text) > MAX_CONFIG_BYTES:
        raise ConfigError(f"{path}: is larger than {MAX_CONFIG_BYTES} bytes: no configuration")
    return decode(text, kind, path)


def explain(message: str) -> str:
    """Write msgspec's message as `PATH: what was expected`."""
    found = _AT.match(message)
    what, path = (found["what"], found["path"] or "$") if found else (message, "$")
    unknown = _UNKNOWN.match(what)
    if unknown:
        return f"{path}.{unknown['key']}: unknown key"
    what = what.replace("`", "").replace(">=", "≥").replace("<=", "≤").replace("object", "mapping")
    what = what.replace("array", "list").replace(" | null", "").removesuffix(" - at key in $")
    return f"{path}: {what[:1].lower()}{what[1:]}"
