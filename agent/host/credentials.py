"""What would this node show to a registry?

Which file counts depends on who pulls: kubelet's own for containerd and CRI-O in Kubernetes, the daemon's own file,
auth.json for podman. Nothing that is read here is ever shown.

Cannot see: credential helpers and kubelet's credential plugins (programs of the node, which are not run); secrets of
pods; `--authfile` given by hand.

Source: kubelet's credentialprovider; containers-auth.json(5); containerd's CRI configuration; crio.conf(5).
"""

from agent.host.auth_file import Credential, by_containers, by_kubelet, decode, entries
from agent.host.containerd import CONFIG, registry_table
from agent.host.endpoint import HUB, HUB_HOST
from agent.host.home import own
from agent.host.root import Root
from agent.host.runtime import Runtime
from agent.host.toml import Table
from agent.host.toml import read as read_toml

__all__ = ["Credential", "credentials"]

KUBELET = "/var/lib/kubelet/config.json"
CONTAINERS = ("/run/containers/0/auth.json", "/root/.config/containers/auth.json", "/root/.docker/config.json")
DOCKER = ("/root/.docker/config.json",)
CRIO = "/etc/crio/crio.conf"


def credentials(root: Root, runtime: Runtime | None, registry: str, path: str = "") -> list[Credential]:
    """Give what is tried, in order; empty is anonymous.

    Args:
        registry: the name in the reference, or the host of the mirror that is asked.
        path: the repository's path, or nothing for the registry as a whole.

    Raises:
        HostFileError: where a file is broken.
    """
    name = runtime.name if runtime else ""
    found: list[Credential] = []
    if name in ("containerd", "cri-o", ""):
        found += _kubelet(root, registry, path)
    if runtime and name == "containerd":
        found += _containerd(root, runtime.config or CONFIG, registry)
    elif name == "cri-o":
        found += _containers(root, (*_crio_files(root), *CONTAINERS), registry, path)
    elif name == "docker":
        found += _containers(root, DOCKER, registry, path)
    else:
        environ = runtime.environ.get("REGISTRY_AUTH_FILE") if runtime else None
        found += _containers(root, (environ,) if environ else own(root, CONTAINERS), registry, path)
    distinct: dict[str, Credential] = {}
    for credential in found:
        distinct.setdefault(credential.fingerprint, credential)
    return list(distinct.values())


def _kubelet(root: Root, registry: str, path: str) -> list[Credential]:
    found = entries(root, KUBELET)
    return by_kubelet(KUBELET, found, registry, path)


def _containers(root: Root, files: tuple[str, ...], registry: str, path: str) -> list[Credential]:
    """Give the entry of the first file that has one, as containers/image takes it."""
    for file in files:
        credential = by_containers(file, entries(root, file), registry, path)
        if credential is not None:
            return [credential]
    return []


def _containerd(root: Root, config: str, registry: str) -> list[Credential]:
    """Read `registry.configs.HOST.auth`, which is by the host that is asked."""
    host = HUB_HOST if registry == HUB else registry
    table = registry_table(root, config)[0]
    auth = table.table("configs").table(host).table("auth")
    if not auth.values:
        auths = table.table("auths")
        auth = next((auths.table(key) for key in auths.values if key.partition("://")[2] == host or key == host), auth)
    credential = decode(table.path, host, auth.values)
    return [credential] if credential else []


def _crio_files(root: Root) -> tuple[str, ...]:
    """Give the `global_auth_file` that CRI-O is told."""
    files = [CRIO, *(f"/etc/crio/crio.conf.d/{name}" for name in root.list("/etc/crio/crio.conf.d"))]
    told = ""
    for file in files:
        try:
            table = Table(file, read_toml(root, file))
        except FileNotFoundError:
            continue
        told = table.table("crio").table("image").text("global_auth_file") or told
    return (told,) if told else ()
