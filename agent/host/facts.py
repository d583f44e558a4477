"""What is worth comparing of this node with others: what every failing node has and no healthy one.

Zone, pool and the like come out of the agent's configuration; the rest is read. Nothing is sent: the egress address is
the source that the kernel would choose.

Cannot see: the address behind a NAT; an environment that a person gave to podman by hand.

Source: os-release(5), connect(2) on a datagram socket.
"""

import hashlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from agent.contract.redact import redact
from agent.host.bundle import Stamp, read, unchanged
from agent.host.endpoint import TrustSource
from agent.host.platform import platform
from agent.host.resolver import read as read_resolver
from agent.host.root import HostFileError, Root
from agent.host.runtime import Runtime
from agent.host.storage import read_toml

# Addresses for documentation: nobody has them, so the route to them is the way out.
ELSEWHERE = ((socket.AF_INET, "203.0.113.1"), (socket.AF_INET6, "2001:db8::1"))
FILES_AT_MOST = 200  # of registry configuration; a node has a handful
HASH_CHARACTERS = 12  # 48 bits: enough to tell configurations apart, short enough to read aloud

_CONTAINERS = ("/etc/containers/registries.conf", "/etc/containers/registries.conf.d", "/etc/containers/certs.d")
_DOCKER = ("/etc/docker/daemon.json", "/etc/docker/certs.d")

_trust: dict[tuple[Path, str, str], tuple[dict[Path, Stamp | None], str]] = {}


def facts(root: Root, runtime: Runtime | None, configured: Mapping[str, str]) -> dict[str, str]:
    """Give the node's facts by name; what cannot be read is left out, and what is configured wins."""
    found = {
        "arch": platform(root).architecture,
        "os": _os(root),
        "kernel": os.uname().release,
        "runtime": f"{runtime.name} {runtime.version or ''}".strip() if runtime and runtime.found else "",
        "resolver": _resolvers(root),
        "registry_config": _registry_configuration(root, runtime),
        "trust": _trust_bundle(root, runtime.environ if runtime else {}),
        "egress": _egress(),
        "proxy": _proxy(runtime.environ if runtime else {}),
    }
    return {name: value for name, value in found.items() if value} | dict(configured)


def _os(root: Root) -> str:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            lines = root.read_text(path).splitlines()
        except (FileNotFoundError, HostFileError):
            continue
        told = dict(line.partition("=")[::2] for line in lines if "=" in line)
        return " ".join(told.get(key, "").strip("\"'") for key in ("ID", "VERSION_ID")).strip()
    return ""


def _resolvers(root: Root) -> str:
    try:
        config = read_resolver(root)
    except (FileNotFoundError, HostFileError):
        return ""
    return ",".join(str(server) for server in config.behind or config.servers)


def _proxy(environ: Mapping[str, str]) -> str:
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
    return redact(next((environ[name] for name in names if environ.get(name)), ""))


def _egress() -> str:
    for family, address in ELSEWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((address, 443))
                return str(probe.getsockname()[0])
            except OSError:  # no route, or no such family
                continue
    return ""


def _trust_bundle(root: Root, environ: Mapping[str, str]) -> str:
    """Hash the certificates that the runtime trusts, whatever file and order they stand in."""
    key = (root.path, environ.get("SSL_CERT_FILE", ""), environ.get("SSL_CERT_DIR", ""))
    known = _trust.get(key)
    if known is None or not unchanged(known[0]):
        try:
            bundle = read(root, TrustSource(), environ)
        except HostFileError:
            return ""
        known = _trust[key] = (bundle.stamps, _hash(b"".join(sorted(bundle.certificates))))
    return known[1]


def _registry_configuration(root: Root, runtime: Runtime | None) -> str:
    """Hash what the runtime reads of registries: mirrors, their trust, their order. Keys and other settings are not."""
    name = runtime.name if runtime else ""
    places: tuple[str, ...] = _CONTAINERS
    written: list[bytes] = []
    if runtime and name == "containerd":
        folder = PurePosixPath(runtime.config).parent if runtime.config else PurePosixPath("/etc/containerd")
        places = tuple(dict.fromkeys((f"{folder}/certs.d", "/etc/containerd/certs.d", "/etc/docker/certs.d")))
        if runtime.config:
            plugins = read_toml(root, runtime.config).get("plugins")
            written.append(json.dumps(_of_registries(plugins), sort_keys=True, default=str).encode())
    elif name == "docker":
        places = _DOCKER
    for path in _files(root, places):
        try:
            written.append(path.encode() + b"\0" + root.read_bytes(path))
        except (FileNotFoundError, HostFileError):
            continue
    return _hash(b"\0".join(written)) if written else ""


def _of_registries(plugins: Any) -> dict[str, Any]:
    if not isinstance(plugins, dict):
        return {}
    return {name: part["registry"] for name, part in plugins.items() if isinstance(part, dict) and "registry" in part}


def _files(root: Root, places: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for path in _walk(root, places, depth=3):  # certs.d/HOST/FILE
        if len(found) >= FILES_AT_MOST:
            break
        if not path.endswith(".key"):
            found.append(path)
    return found


def _walk(root: Root, places: tuple[str, ...], depth: int) -> Iterator[str]:
    for place in places:
        try:
            is_folder = root.real(place).is_dir()
            names = root.list(place) if is_folder and depth else []
        except (HostFileError, PermissionError):
            continue
        if is_folder:
            yield from _walk(root, tuple(f"{place}/{name}" for name in names), depth - 1)
        else:
            yield place


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]
