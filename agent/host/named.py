"""Which hosts does the configuration of the node's runtime name for an image?

A mirror, another location, or the registry itself where a file speaks of it by name. A rule for all registries
(`_default`, `*`) names its mirrors, and no registry.
"""

from agent.contract.reference import Reference
from agent.host.dockerd import CONFIG, read_json
from agent.host.endpoint import DEFAULT_PORTS, HUB, HUB_HOST, Endpoint, Origin
from agent.host.fault import Fault
from agent.host.node import Node
from agent.host.registries import registries
from agent.host.root import HostFileError
from agent.host.toml import Table


def named(node: Node, reference: Reference) -> set[tuple[str, int]]:
    """Give hosts and ports. What cannot be read names nothing."""
    known = _registries(node)
    found: set[tuple[str, int]] = set()
    for path in ("", reference.path):
        try:
            endpoints = node.endpoints(reference.registry, path)
        except (HostFileError, Fault):
            continue
        for endpoint in endpoints:
            if not _is_itself(endpoint) or reference.registry in known:
                found.update(_places(endpoint))
    return found


def _registries(node: Node) -> set[str]:
    if node.runtime is None:
        return set()
    known = set(registries(node.root, (node.runtime,)))
    if node.runtime.name == "docker":
        try:
            known.update(Table(CONFIG, read_json(node.root, CONFIG)).texts("insecure-registries"))
        except HostFileError:
            return known
    return known


def _is_itself(endpoint: Endpoint) -> bool:
    """Tell the registry under its own name from what a file puts in its place."""
    name = HUB_HOST if endpoint.registry == HUB else endpoint.registry
    own = {Origin.of(f"{scheme}://{name}") for scheme in DEFAULT_PORTS}
    return (endpoint.origin.host, endpoint.origin.port) in {(origin.host, origin.port) for origin in own}


def _places(endpoint: Endpoint) -> set[tuple[str, int]]:
    origin = endpoint.origin
    places = {(origin.host.lower(), origin.port)}
    if endpoint.fallback_plain and origin.port == DEFAULT_PORTS["https"]:
        places.add((origin.host.lower(), DEFAULT_PORTS["http"]))
    return places
