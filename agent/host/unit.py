"""The environment that systemd would start a service with, out of its unit files.

Used where the service's process cannot be seen; where it can, the process decides.

Cannot see: `PassEnvironment=`, specifiers such as %i, generators, and what `systemctl set-environment` added.

Source: systemd.exec(5), systemd.unit(5), systemd-system.conf(5).
"""

import shlex

from agent.host.root import HostFileError, Root

# The first folder that has a unit of that name wins; so it is with each drop-in's file name.
FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


def environment(root: Root, units: tuple[str, ...]) -> dict[str, str]:
    """Give the environment of the first of these services that is there; empty where none is."""
    for unit in units:
        files = _files(root, unit)
        if files:
            found = _managers(root)
            for path in files:
                _apply(root, _read(root, path), found)
            return found
    return {}


def _files(root: Root, unit: str) -> list[str]:
    """Give the unit's file and its drop-ins, in the order in which they apply."""
    main = next((f"{folder}/{unit}" for folder in FOLDERS if root.exists(f"{folder}/{unit}")), None)
    if main is None:
        return []
    drop_ins: dict[str, str] = {}
    for place in ("service.d", f"{unit}.d"):
        for folder in reversed(FOLDERS):
            for name in _names(root, f"{folder}/{place}"):
                drop_ins[name] = f"{folder}/{place}/{name}"
    return [main, *(drop_ins[name] for name in sorted(drop_ins))]


def _managers(root: Root) -> dict[str, str]:
    """Give what systemd hands to every service: DefaultEnvironment=."""
    found: dict[str, str] = {}
    folder = "/etc/systemd/system.conf.d"
    for path in ("/etc/systemd/system.conf", *(f"{folder}/{name}" for name in _names(root, folder))):
        for key, value in _settings(_read(root, path), "Manager"):
            if key == "DefaultEnvironment":
                found.update(_assignments(value))
    return found


def _apply(root: Root, text: str, found: dict[str, str]) -> None:
    for key, value in _settings(text, "Service"):
        if key == "Environment":
            if value:
                found.update(_assignments(value))
            else:
                found.clear()
        elif key == "EnvironmentFile" and value:
            for line in _read(root, value.lstrip("-")).splitlines():
                if not line.lstrip().startswith(("#", ";")):
                    name, equals, rest = line.partition("=")
                    if equals:
                        found[name.strip()] = _unquote(rest.strip())


def _settings(text: str, section: str) -> list[tuple[str, str]]:
    found = []
    within = ""
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            within = line[1:-1]
        elif within == section and line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found.append((key.strip(), value.strip()))
    return found


def _assignments(value: str) -> dict[str, str]:
    try:
        words = shlex.split(value)
    except ValueError:  # an open quote: systemd ignores the line
        return {}
    return {name: rest for name, equals, rest in (word.partition("=") for word in words) if equals}


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value


def _read(root: Root, path: str) -> str:
    try:
        return root.read_text(path)
    except (FileNotFoundError, HostFileError):
        return ""


def _names(root: Root, folder: str) -> list[str]:
    try:
        return [name for name in root.list(folder) if name.endswith(".conf")]
    except HostFileError:
        return []
