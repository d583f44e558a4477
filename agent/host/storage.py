"""Where podman, buildah and CRI-O keep their images: the graph root of containers/storage.

Cannot see: `--root` given to one podman by hand.

Source: containers-storage.conf(5).
"""

import os
import tomllib
from typing import Any

from agent.host.root import HostFileError, Root

DEFAULT = "/var/lib/containers/storage"
FILES = ("/etc/containers/storage.conf", "/usr/share/containers/storage.conf")  # the first that is there, alone


def graph_root(root: Root) -> str:
    """Give the folder of the store that this process's podman would use; on another root, the node's own (root's)."""
    rootless = root.is_this_machine and os.geteuid() != 0
    override = os.environ.get("CONTAINERS_STORAGE_CONF") if root.is_this_machine else None
    if rootless and not override:
        return _rootless(root)
    return _setting(root, (override,) if override else FILES, "graphroot") or DEFAULT


def _rootless(root: Root) -> str:
    home = os.environ.get("HOME", "/")
    own = os.environ.get("XDG_CONFIG_HOME", f"{home}/.config") + "/containers/storage.conf"
    named = _setting(root, (own,), "graphroot") or _setting(root, (own, *FILES), "rootless_storage_path")
    return os.path.expandvars(named or os.environ.get("XDG_DATA_HOME", f"{home}/.local/share") + "/containers/storage")


def _setting(root: Root, files: tuple[str, ...], key: str) -> str | None:
    for path in files:
        table = read_toml(root, path).get("storage")
        if table is not None:
            value = table.get(key) if isinstance(table, dict) else None
            return value if isinstance(value, str) and value else None
    return None


def read_toml(root: Root, path: str) -> dict[str, Any]:
    """Read a TOML file of the node; empty where there is none, or where it is broken: whoever obeys it says so."""
    try:
        return tomllib.loads(root.read_text(path))
    except (FileNotFoundError, HostFileError, tomllib.TOMLDecodeError):
        return {}
