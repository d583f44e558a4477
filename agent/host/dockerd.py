"""Where Docker looks for images: the mirrors and insecure registries of daemon.json, and certs.d.

Cannot see: flags of the daemon's command line; Docker's containerd image store, which reads `hosts.toml` too.

Source: dockerd's reference; moby, registry/config.go and registry/service_v2.go.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from agent.host.certificates import trust_of
from agent.host.endpoint import HUB, HUB_HOST, Endpoint, Origin
from agent.host.root import HostFileError, Root
from agent.host.toml import Table

CONFIG = "/etc/docker/daemon.json"
FOLDER = "/etc/docker/certs.d"


def endpoints(root: Root, registry: str) -> list[Endpoint]:
    """Give where Docker asks for a registry's images: mirrors stand for Docker Hub only.

    Raises:
        HostFileError: where daemon.json is broken.
    """
    table = Table(CONFIG, read_json(root, CONFIG))
    insecure = table.texts("insecure-registries")
    found: list[Endpoint] = []
    for url in table.texts("registry-mirrors") if registry == HUB else []:
        try:
            origin = Origin.of(url)
        except ValueError as error:
            raise HostFileError(CONFIG, f"registry-mirrors: {error}") from error
        found.append(_endpoint(root, registry, origin, urlsplit(url).netloc, insecure, mirror=True))
    try:
        origin = Origin.of(f"https://{HUB_HOST if registry == HUB else registry}")
    except ValueError as error:
        raise HostFileError(CONFIG, str(error)) from error
    return [*found, _endpoint(root, registry, origin, registry, insecure, mirror=False)]


def read_json(root: Root, path: str) -> dict[str, Any]:
    """Read a JSON file of the node; empty where there is none.

    Raises:
        HostFileError: where it is broken.
    """
    import json  # not msgspec: its messages name no line

    try:
        text = root.read_text(path)
    except FileNotFoundError:
        return {}
    try:
        value = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise HostFileError(path, f"line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise HostFileError(path, "is no JSON that can be read") from error
    if not isinstance(value, dict):
        raise HostFileError(path, "line 1: expected an object")
    return value


def _endpoint(root: Root, registry: str, origin: Origin, name: str, insecure: list[str], *, mirror: bool) -> Endpoint:
    unverified = name in insecure or origin.host in insecure or _in_network(origin.host, insecure)
    trust = trust_of(root, f"{FOLDER}/{name}", strict=True, verify=not unverified)
    fallback = unverified and origin.scheme == "https"
    return Endpoint(
        registry,
        origin,
        mirror=mirror,
        trust=trust,
        fallback_plain=fallback,
        source=CONFIG if mirror or unverified else "",
    )


def _in_network(host: str, insecure: list[str]) -> bool:
    """Tell a literal address in one of the networks named, or on this machine: those are always insecure."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or any(_holds(network, address) for network in insecure)


def _holds(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(network)
    except ValueError:
        return False
