"""Where containerd's CRI plugin looks for images: `certs.d/*/hosts.toml`, or the older tables of its own file.

The meaning follows the version of the daemon: which folder is read by itself, and how `localhost` is spoken to.

Cannot see: a broken hosts.toml as containerd does, which passes over it with a line in its log; here it is a mistake
that is said. `dial_timeout`, and what an image pull through `ctr` is told by flags.

Source: containerd, core/remotes/docker/config/hosts.go and internal/cri/server/images/image_pull.go, 1.6 to 2.4.
"""

import fnmatch
import ipaddress
import posixpath
from dataclasses import replace
from urllib.parse import urlsplit

from agent.host.certificates import trust_of
from agent.host.endpoint import HUB, HUB_HOST, Endpoint, Origin, TrustSource
from agent.host.hosts_toml import read as read_hosts
from agent.host.root import HostFileError, Root
from agent.host.toml import Table
from agent.host.toml import read as read_toml

CONFIG = "/etc/containerd/config.toml"
DEFAULT_FOLDERS = "/etc/containerd/certs.d:/etc/docker/certs.d"
READS_BY_ITSELF = (2, 2)  # from this version on the folders are read without being named
TRIES_TLS_ON_LOCALHOST = (1, 7, 3)  # before, localhost is spoken to in plain HTTP only
_PLUGINS = ("io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri", "cri")  # of files of version 3, 2 and 1
IMPORTS_AT_MOST = 32  # files that a configuration may draw in; more is a loop or a mistake


def endpoints(root: Root, config: str | None, version: str | None, registry: str) -> list[Endpoint]:
    """Give where containerd asks for a registry's images, in its order.

    Args:
        config: the daemon's file, or none for the usual place.
        version: of the running daemon, or none where nobody could be asked.

    Raises:
        HostFileError: where a file is broken.
    """
    known = _numbers(version)
    registries, form = registry_table(root, config or CONFIG)
    folders = registries.text("config_path")
    modern = known >= READS_BY_ITSELF if known else form in (0, 3)
    if not folders and modern and not registries.values.get("mirrors"):
        folders = DEFAULT_FOLDERS
    if not folders:
        return _deprecated(registry, registries)
    for folder in (f"{top}/{name}" for top in folders.split(":") if top for name in _names(registry)):
        if not root.exists(folder):
            continue
        found = read_hosts(root, folder, registry)
        if found is None:
            return [_itself(registry, known, trust_of(root, folder, strict=False), folder)]
        *first, last = found
        if isinstance(last, TrustSource):
            last = _itself(registry, known, last, f"{folder}/hosts.toml")
        return _as_mirrors([*(one for one in first if isinstance(one, Endpoint)), last])
    return [_itself(registry, known, None, "")]


def registry_table(root: Root, config: str) -> tuple[Table, int]:
    """Give the table of registries of the CRI plugin, and the version of the file (0: there is none)."""
    merged: dict[str, object] = {}
    form, todo, done = 0, [config], 0
    while todo and done < IMPORTS_AT_MOST:
        path, done = todo.pop(0), done + 1
        try:
            table = Table(path, read_toml(root, path))
        except FileNotFoundError:
            continue
        version = table.values.get("version", 1)
        form = max(form, version if isinstance(version, int) else 1)
        for plugin in _PLUGINS:
            merged |= table.table("plugins").table(plugin).table("registry").values
        todo += [found for pattern in table.texts("imports") for found in _glob(root, posixpath.dirname(path), pattern)]
    return Table(config, merged, "registry"), form


def is_localhost(registry: str) -> bool:
    """Tell a name that containerd treats as this machine."""
    host = urlsplit(f"//{registry}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _numbers(version: str | None) -> tuple[int, ...]:
    parts = (version or "").partition("-")[0].partition("+")[0].split(".")
    return tuple(int(part) for part in parts if part.isdecimal())


def _names(registry: str) -> list[str]:
    host, colon, port = registry.rpartition(":")
    return [*([f"{host}_{port}_"] if colon and host else []), registry, "_default"]


def _itself(registry: str, version: tuple[int, ...], trust: TrustSource | None, source: str) -> Endpoint:
    """Give the registry under its own name. `trust` is none where no file says anything of it."""
    if registry == HUB:
        return Endpoint(HUB, Origin("https", HUB_HOST, 443), trust=trust or TrustSource(), source=source)
    parts = urlsplit(f"//{registry}")
    host, port = parts.hostname or registry, parts.port
    if not is_localhost(registry):
        return Endpoint(registry, Origin("https", host, port or 443), trust=trust or TrustSource(), source=source)
    tries_tls = not version or version >= TRIES_TLS_ON_LOCALHOST
    unverified = replace(trust or TrustSource(), verify=False)
    if port == 80 or not tries_tls:
        return Endpoint(registry, Origin("http", host, port or 80), trust=unverified, source=source)
    ambiguous = port not in (None, 443)
    origin = Origin("https", host, port or 443)
    return Endpoint(registry, origin, trust=unverified, fallback_plain=ambiguous, source=source)


def _as_mirrors(found: list[Endpoint]) -> list[Endpoint]:
    """Mark all but the last that may be pulled from as such that the pull can do without."""
    usable = [endpoint for endpoint in found if "pull" in endpoint.may]
    last = usable[-1:]  # named before too, it is asked twice, for the same answer
    usable = [one for one in usable[:-1] if (one.origin, one.prefix) != (last[0].origin, last[0].prefix)] + last
    marked = [replace(endpoint, mirror=True) for endpoint in usable[:-1]]
    return [_told_whose(endpoint) for endpoint in [*marked, *usable[-1:]]]


def _told_whose(endpoint: Endpoint) -> Endpoint:
    """Let a place that is not the registry's own be told whose image it is asked for."""
    own = HUB_HOST if endpoint.registry == HUB else endpoint.registry
    return endpoint if endpoint.origin.authority == own else replace(endpoint, namespace=endpoint.registry)


def _deprecated(registry: str, registries: Table) -> list[Endpoint]:
    """Read `registry.mirrors` and `registry.configs`, which containerd 1.x obeys where no folder is named."""
    mirrors = registries.table("mirrors")
    urls = mirrors.table(registry if registry in mirrors.values else "*").texts("endpoint")
    own = HUB_HOST if registry == HUB else registry
    urls = [url if "://" in url else f"{'http' if is_localhost(url) else 'https'}://{url}" for url in urls]
    try:
        places = [(Origin.of(url), urlsplit(url)) for url in urls]
        if not any(parts.netloc == registry for _, parts in places):
            url = f"{'http' if is_localhost(own) else 'https'}://{own}"
            places.append((Origin.of(url), urlsplit(url)))
    except ValueError as error:
        raise HostFileError(registries.path, f"mirrors: {error}") from error
    source = registries.path if registries.values else ""
    return _as_mirrors(
        [
            Endpoint(registry, origin, parts.path or "/v2", trust=_tls(registries, parts.netloc), source=source)
            for origin, parts in places
        ]
    )


def _tls(registries: Table, host: str) -> TrustSource:
    table = registries.table("configs").table(host).table("tls")
    ca, certificate, key = (table.text(name) for name in ("ca_file", "cert_file", "key_file"))
    client = (certificate, key) if certificate and key else None
    verify = not table.flag("insecure_skip_verify")
    return TrustSource(extra=(ca,) if ca else (), verify=verify, client=client)


def _glob(root: Root, base: str, pattern: str) -> list[str]:
    folder, name = posixpath.split(posixpath.join(base, pattern))
    if not any(character in name for character in "*?["):
        return [f"{folder}/{name}"]
    return [f"{folder}/{found}" for found in root.list(folder) if fnmatch.fnmatchcase(found, name)]
