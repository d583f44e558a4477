"""Which registries is this node configured for by name?

Cannot see: registries that only an image's reference names; wildcards, which name none.

Source: containerd's certs.d folders and its older `registry.mirrors`; containers-registries.conf(5).
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from agent.host.root import HostFileError, Root
from agent.host.runtime import Runtime
from agent.host.storage import read_toml

_REGISTRY = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?")
_CONTAINERS = "/etc/containers/registries.conf"


def registries(root: Root, runtimes: tuple[Runtime, ...]) -> list[str]:
    """Give their names in the order in which the configuration has them, each once."""
    found: list[str] = []
    for runtime in runtimes:
        if runtime.name == "containerd":
            found.extend(_of_containerd(root, runtime))
        elif runtime.name in ("podman", "cri-o"):
            found.extend(_of_containers(root))
    named = (_normal(name) for name in found)
    return list(dict.fromkeys(name for name in named if _REGISTRY.fullmatch(name)))


def _of_containerd(root: Root, runtime: Runtime) -> Iterator[str]:
    folders = {"/etc/containerd/certs.d"}
    tables = _registry_tables(read_toml(root, runtime.config)) if runtime.config else []
    for table in tables:
        folders.update(folder for folder in str(table.get("config_path") or "").split(":") if folder)
        mirrors = table.get("mirrors")
        yield from mirrors if isinstance(mirrors, dict) else ()
    for folder in sorted(folders):
        try:
            names = root.list(folder)
        except HostFileError:
            continue
        # `_default` is for all others; `host_5000_` is how a port is written where a colon may not stand.
        yield from (re.sub(r"_(\d+)_$", r":\1", name) for name in names if name != "_default")


def _registry_tables(config: dict[str, Any]) -> list[dict[str, Any]]:
    plugins = config.get("plugins")
    parts = [part for part in plugins.values() if isinstance(part, dict)] if isinstance(plugins, dict) else []
    return [part["registry"] for part in parts if isinstance(part.get("registry"), dict)]


def _of_containers(root: Root) -> Iterator[str]:
    drop_ins = f"{_CONTAINERS}.d"
    try:
        names = [name for name in root.list(drop_ins) if name.endswith(".conf")]
    except HostFileError:
        names = []
    for path in (_CONTAINERS, *(str(PurePosixPath(drop_ins, name)) for name in names)):
        config = read_toml(root, path)
        search = config.get("unqualified-search-registries")
        yield from (name for name in search if isinstance(name, str)) if isinstance(search, list) else ()
        for table in config.get("registry") or ():
            if isinstance(table, dict) and table.get("blocked") is not True:
                yield str(table.get("prefix") or table.get("location") or "").partition("/")[0]


def _normal(name: str) -> str:
    return "docker.io" if name in ("index.docker.io", "registry-1.docker.io") else name
