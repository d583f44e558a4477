"""Whose own files does containers/image read: root's, or those of the person who runs podman without root?

Cannot see: another person's files; a node under another root, which is taken for root's.

Source: containers-registries.conf(5), containers-auth.json(5), containers-certs.d(5).
"""

import os

from agent.host.root import Root

ROOTS = "/root/"
RUNTIME = "/run/containers/0/"


def own(root: Root, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Give root's paths as those of the person who runs this process, where that is not root."""
    user = os.geteuid()
    if user == 0 or not root.is_this_machine:
        return paths
    home = os.environ.get("HOME", "/").rstrip("/") + "/"
    run = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{user}").rstrip("/") + "/containers/"
    return tuple(_swapped(_swapped(path, RUNTIME, run), ROOTS, home) for path in paths)


def _swapped(path: str, old: str, new: str) -> str:
    return new + path.removeprefix(old) if path.startswith(old) else path
