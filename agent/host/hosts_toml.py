"""One `hosts.toml` of containerd: the places to ask before the registry itself, and how each is spoken to.

Source: containerd, docs/hosts.md and core/remotes/docker/config/hosts.go.
"""

import posixpath
from urllib.parse import urlsplit

from agent.host.endpoint import DEFAULT_PORTS, Endpoint, Origin, TrustSource
from agent.host.root import HostFileError, Root
from agent.host.toml import Table
from agent.host.toml import read as read_toml

CAPABILITIES = frozenset({"pull", "resolve", "push", "referrers"})


def read(root: Root, folder: str, registry: str) -> list[Endpoint | TrustSource] | None:
    """Give the places in the file's order; none where there is no file, or an empty one.

    The last is the default server; where the file names none it is what is said of trust for the registry itself.

    Raises:
        HostFileError: where the file is broken.
    """
    path = f"{folder}/hosts.toml"
    try:
        if not root.read_bytes(path):
            return None
        table = Table(path, read_toml(root, path))
    except FileNotFoundError:
        return None
    hosts = table.table("host")
    found: list[Endpoint | TrustSource] = [_place(hosts.table(url), url, folder, registry) for url in hosts.values]
    server = table.text("server")
    found.append(_place(table, server, folder, registry) if server else _trust(table, folder))
    return found


def _place(table: Table, url: str, folder: str, registry: str) -> Endpoint:
    if not url.startswith("http"):
        url = f"https://{url}"
    try:
        origin = Origin.of(url)
    except ValueError as error:
        raise HostFileError(table.path, str(error)) from error
    # TLS settings on an http:// place: TLS is tried first, at the same port or at TLS's own.
    ambiguous = origin.scheme == "http" and _says_tls(table) and urlsplit(url).port != DEFAULT_PORTS["http"]
    if ambiguous:
        origin = Origin("https", origin.host, urlsplit(url).port or DEFAULT_PORTS["https"])
    override = table.flag("override_path")
    prefix = posixpath.normpath(urlsplit(url).path) if urlsplit(url).path else ""
    if not override and not prefix.endswith("/v2"):
        prefix = f"{prefix.rstrip('/')}/v2"
    may = frozenset(capability.lower() for capability in table.texts("capabilities")) or CAPABILITIES
    if not may <= CAPABILITIES:
        raise HostFileError(table.path, f"{url}: unknown capability {sorted(may - CAPABILITIES)[0]!r}")
    return Endpoint(
        registry,
        origin,
        prefix.rstrip("/"),
        trust=_trust(table, folder),
        headers=_headers(table.table("header")),
        may=may & {"pull", "resolve"} if "pull" in may else frozenset(),
        fallback_plain=ambiguous,
        source=table.path,
    )


def _says_tls(table: Table) -> bool:
    return any(key in table.values for key in ("ca", "client", "skip_verify"))


def _trust(table: Table, folder: str) -> TrustSource:
    extra = tuple(posixpath.join(folder, path) for path in table.texts("ca"))
    return TrustSource(extra=extra, verify=not table.flag("skip_verify"), client=_client(table, folder))


def _client(table: Table, folder: str) -> tuple[str, str] | None:
    """Give the first pair of certificate and key: a file with both, or a list of files or of pairs."""
    value = table.values.get("client")
    first = value[0] if isinstance(value, list) and value else value
    pair = [first, first] if isinstance(first, str) else first
    if value is None:
        return None
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(path, str) for path in pair):
        raise table.wrong("client", "a file, a list of files or a list of pairs of files")
    return posixpath.join(folder, pair[0]), posixpath.join(folder, pair[1])


def _headers(table: Table) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name in table.values for value in table.texts(name)[:1])
