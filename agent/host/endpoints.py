"""Where does this node's runtime ask for the images of a registry, and in which order?

Each runtime has its own files and its own reading of them; without a runtime it is the registry itself, judged by the
system's trust. On loopback plain HTTP is taken where the port speaks no TLS, as most runtimes take it.
"""

from agent.host import containerd, containers, dockerd
from agent.host.endpoint import HUB, HUB_HOST, Endpoint, Origin
from agent.host.root import HostFileError, Root
from agent.host.runtime import Runtime


def endpoints(root: Root, runtime: Runtime | None, registry: str, path: str = "") -> list[Endpoint]:
    """Give the places in the runtime's order, mirrors first.

    Args:
        path: the repository's path; containers/image has rules for parts of a registry.

    Raises:
        HostFileError: where a file of the runtime's is broken.
        Fault: `policy_blocked` where it forbids this registry.
    """
    name = runtime.name if runtime else ""
    if runtime and name == "containerd":
        return containerd.endpoints(root, runtime.config, runtime.version, registry)
    if runtime and name in ("podman", "cri-o"):
        return containers.endpoints(root, override(runtime), registry, path)
    if name == "docker":
        return dockerd.endpoints(root, registry)
    try:
        origin = Origin.of(f"https://{HUB_HOST if registry == HUB else registry}")
    except ValueError as error:
        raise HostFileError(registry, str(error)) from error
    return [Endpoint(registry, origin, fallback_plain=containerd.is_localhost(registry))]


def override(runtime: Runtime) -> str | None:
    """Give the registries.conf that the runtime's environment names."""
    return runtime.environ.get("CONTAINERS_REGISTRIES_CONF")
