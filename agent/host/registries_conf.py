"""What containers' registries.conf and its drop-ins say: mirrors, other locations, what is blocked, short names.

Read whole, as containers/image does: one broken file breaks every pull. Drop-ins replace a registry by its prefix.

Cannot see: files of other users than root; `CONTAINERS_REGISTRIES_CONF`, unless podman's environment is this process's.

Source: containers-registries.conf(5); containers/image, pkg/sysregistriesv2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.host.home import own
from agent.host.root import HostFileError, Root
from agent.host.toml import Table
from agent.host.toml import read as read_toml

FILES = ("/root/.config/containers/registries.conf", "/etc/containers/registries.conf")  # the first alone
FOLDERS = ("/etc/containers/registries.conf.d", "/root/.config/containers/registries.conf.d")
ALIASES = ("/root/.cache/containers/short-name-aliases.conf", "/var/cache/containers/short-name-aliases.conf")
MODES = ("enforcing", "permissive", "disabled")
PULLS = ("", "all", "digest-only", "tag-only")


@dataclass(frozen=True, slots=True)
class Place:
    """A location to pull from, with the part of the repository's path that it brings: `mirror.example/hub`."""

    location: str
    insecure: bool = False
    pulls: str = "all"


@dataclass(frozen=True, slots=True)
class Entry:
    """One `[[registry]]`."""

    prefix: str
    place: Place
    mirrors: tuple[Place, ...] = ()
    blocked: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Registries:
    """All files together. `search` is none where no file says anything of it."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    search: tuple[str, ...] | None = None
    mode: str = "permissive"
    aliases: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def entry(self, name: str) -> Entry | None:
        """Give the entry with the longest prefix of a registry, namespace or repository."""
        found = [entry for entry in self.entries.values() if matched(name, entry.prefix) is not None]
        return max(found, key=lambda entry: len(entry.prefix), default=None)


def matched(name: str, prefix: str) -> int | None:
    """Give how many characters of `name` a prefix covers; none where it is no prefix of it."""
    if prefix.startswith("*."):
        at = name.find(prefix[1:])
        if at < 0 or "/" in name[:at]:
            return None
        end = at + len(prefix) - 1
    elif name.startswith(prefix):
        end = len(prefix)
    else:
        return None
    return end if end == len(name) or name[end] in ":/@" else None


def read(root: Root, override: str | None = None) -> Registries:
    """Read all files.

    Args:
        override: the file that the environment names instead of the usual ones, which has to be there.

    Raises:
        HostFileError: where one is broken.
    """
    main = override or next((path for path in own(root, FILES) if root.exists(path)), FILES[-1])
    try:
        merged = _one(root, main, drop_in=False)
    except FileNotFoundError:
        if override:
            raise HostFileError(override, "is not there, and the environment names it") from None
        merged = Registries()
    folders = own(root, FOLDERS[1:] if main == own(root, FILES)[0] else FOLDERS)
    for path in (f"{folder}/{name}" for folder in folders for name in root.list(folder) if name.endswith(".conf")):
        try:
            merged = _merged(merged, _one(root, path, drop_in=True))
        except FileNotFoundError:
            continue
    return Registries(
        merged.entries, merged.search, merged.mode or MODES[1], {**merged.aliases, **_learnt(root)}, merged.source
    )


def _merged(old: Registries, new: Registries) -> Registries:
    return Registries(
        {**old.entries, **new.entries},
        old.search if new.search is None else new.search,
        new.mode or old.mode,
        {**old.aliases, **new.aliases},
        old.source if new.search is None else new.source,
    )


def _one(root: Root, path: str, *, drop_in: bool) -> Registries:
    table = Table(path, read_toml(root, path))
    if isinstance(table.values.get("registries"), dict):
        if drop_in or any(key in table.values for key in ("registry", "unqualified-search-registries", "aliases")):
            raise HostFileError(path, "registries: the old form (version 1) may not stand here")
        return _version_1(table.table("registries"), path)
    entries: dict[str, Entry] = {}
    for item in table.tables("registry"):
        entry = _entry(item, path)
        entries.setdefault(entry.prefix, entry)  # the first of one prefix counts
    mode = table.text("short-name-mode")
    if mode and mode not in MODES:
        raise table.wrong("short-name-mode", f"one of {', '.join(MODES)}")
    search = "unqualified-search-registries"
    found = tuple(_location(table, search, text) for text in table.texts(search)) if search in table.values else None
    return Registries(entries, found, mode, _aliases(table), path)


def _version_1(table: Table, path: str) -> Registries:
    blocked = table.table("block").texts("registries")
    insecure = table.table("insecure").texts("registries")
    entries = {
        name: Entry(name, Place(name, name in insecure), blocked=name in blocked, source=path)
        for name in (*blocked, *insecure)
    }
    return Registries(entries, tuple(table.table("search").texts("registries")), "", {}, path)


def _entry(table: Table, path: str) -> Entry:
    location = _location(table, "location", table.text("location"))
    prefix = _location(table, "prefix", table.text("prefix")) or location
    if not prefix or (not location and not prefix.startswith("*.")):
        raise table.wrong("location", "the place to pull from")
    if prefix.startswith("*.") and any(character in prefix for character in "/@:"):
        raise table.wrong("prefix", "a form such as *.example.com")
    by_digest = table.flag("mirror-by-digest-only")
    mirrors = []
    for item in table.tables("mirror"):
        pulls = item.text("pull-from-mirror")
        where = _location(item, "location", item.text("location"))
        if not where:
            raise item.wrong("location", "the place to pull from")
        if pulls not in PULLS or (pulls and by_digest):
            raise item.wrong("pull-from-mirror", "all, digest-only or tag-only, and no mirror-by-digest-only")
        mirrors.append(Place(where, item.flag("insecure"), "digest-only" if by_digest else pulls or "all"))
    return Entry(prefix, Place(location, table.flag("insecure")), tuple(mirrors), table.flag("blocked"), path)


def _location(table: Table, key: str, text: str) -> str:
    if text.startswith(("http://", "https://")):
        raise table.wrong(key, "a host and path without http:// or https://")
    return text.rstrip("/")


def _aliases(table: Table) -> dict[str, str]:
    values = table.table("aliases")
    return {name: values.text(name) for name in values.values}


def _learnt(root: Root) -> dict[str, str]:
    """Read the short names that podman has recorded by itself; they win over every file."""
    found: dict[str, str] = {}
    for path in own(root, ALIASES):
        try:
            found |= _aliases(Table(path, read_toml(root, path)))
        except FileNotFoundError:
            continue
    return found
