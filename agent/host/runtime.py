"""Which container runtimes does this node have, and whose path is judged?

A runtime is *there* where it has a socket file, a configuration of its own, or kubelet names it; podman, which is no
daemon, where its program lies under the root. One that is there and does not answer has failed; that is the `runtime`
check's word. Where other software only left a configuration behind (no socket, no store: it never ran here) and another
runtime lives, it is passed over. On another root no program speaks for the node: sockets are looked for under it, and
podman is known by its program or, with no CRI-O beside it, by containers' registries.conf.

Cannot see: runtimes on sockets of an operator's own that neither kubelet, /etc/crictl.yaml nor
CONTAINER_RUNTIME_ENDPOINT names; containerd namespaces of other clients (nerdctl, Docker).
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.host import kubelet, unit, version
from agent.host.flavours import DOCKER_CRI, FLAVOURS, Flavour, of_endpoint
from agent.host.peer import Peer, peer
from agent.host.root import HostFileError, Root
from agent.host.storage import graph_root, read_toml

PODMAN_PROGRAMS = ("/usr/bin/podman", "/usr/local/bin/podman", "/bin/podman", "/opt/podman/bin/podman")
ALIASES = {"crio": "cri-o", "cri-dockerd": "docker"}
NAMES = ("containerd", "cri-o", "podman", "docker", "crictl")  # what a person may ask for; crictl is whichever it asks


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime of the node. Paths are the node's own.

    `socket` is where it is asked (none: podman without its API), `cri` where kubelet and crictl ask it. `found` tells
    that it is there at all. `living`: its socket accepts (none: nobody here can tell). `named`: kubelet or the operator
    says that this is the one. `config` is the file in force. `environ` is what its process was started with, or what
    its unit says; it may hold secrets and is never shown.
    """

    name: str
    socket: str | None = None
    cri: str | None = None
    config: str | None = None
    stores: tuple[str, ...] = ()
    version: str | None = None
    configured: bool = False
    found: bool = False
    living: bool | None = None
    named: bool = False
    pid: int | None = None
    program: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    @property
    def target(self) -> str:
        """The target of the `runtime` check: the socket's path, or the runtime's name where it has none."""
        return self.socket or self.name


def detect(root: Root, only: str | None = None) -> tuple[Runtime, ...]:
    """Give the runtimes that are there, the preferred one first.

    Args:
        root: the node's files.
        only: a runtime's name: that one alone, even where nothing of it is there (then `found` is false). `crictl`
            is whichever it would speak to.
    """
    wanted = ALIASES.get(only, only) if only else None
    endpoint = _named(root)
    seen = [_daemon(root, flavour, endpoint) for flavour in FLAVOURS]
    if endpoint and not any(runtime.socket == endpoint for runtime in seen):
        seen.insert(0, _daemon(root, of_endpoint(endpoint), endpoint))
    there = [runtime for runtime in seen if runtime.found and not _is_dockers(root, runtime, seen)]
    podman = _podman(root, any(runtime.name == "cri-o" for runtime in there))
    there = _distinct([*there, podman] if podman.found else there)
    if wanted == "crictl":
        wanted = next((runtime.name for runtime in there if runtime.cri), "containerd")
    if wanted:
        named = [runtime for runtime in there if runtime.name == wanted]
        absent = [runtime for runtime in (*seen, podman) if runtime.name == wanted]
        return tuple((named or absent)[:1]) or (Runtime(wanted),)
    if any(runtime.living or runtime.named for runtime in there):
        there = [runtime for runtime in there if _ever_ran(root, runtime)]
    return tuple(sorted(there, key=lambda runtime: not runtime.named))


def primary(root: Root, runtimes: tuple[Runtime, ...]) -> Runtime | None:
    """Give the runtime whose path is judged: the one that is named, else the first that lives, else the first."""
    del root
    chosen = [runtime for runtime in runtimes if runtime.named] or [runtime for runtime in runtimes if runtime.living]
    return next(iter(chosen or runtimes), None)


def _named(root: Root) -> str | None:
    """Give the socket that the operator or kubelet names. This process's environment speaks for its machine only."""
    told = os.environ.get("CONTAINER_RUNTIME_ENDPOINT") if root.is_this_machine else None
    endpoint = kubelet.socket_path(told) if told else kubelet.endpoint(root)
    if endpoint is None:
        try:
            lines = root.read_text("/etc/crictl.yaml").splitlines()
        except (FileNotFoundError, HostFileError):
            return None
        texts = [line.partition(":")[2].strip(" \"'") for line in lines if line.startswith("runtime-endpoint:")]
        endpoint = kubelet.socket_path(texts[0]) if texts else None
        if endpoint is not None and not root.exists(endpoint):
            return None  # crictl's file alone, left from another runtime, makes none
    if endpoint is None:
        return None
    plain = endpoint.removeprefix("/var") if endpoint.startswith("/var/run/") else endpoint
    twins = (plain, f"/var{plain}") if plain.startswith("/run/") else (plain,)
    return next((twin for twin in twins if root.exists(twin)), plain)


def _daemon(root: Root, flavour: Flavour, endpoint: str | None) -> Runtime:
    socket = next((path for path in flavour.sockets if root.exists(path)), flavour.sockets[0])
    config = next((path for path in flavour.configs if root.exists(path)), None)
    cri = next((path for path in DOCKER_CRI if root.exists(path)), None) if flavour.name == "docker" else socket
    named = endpoint is not None and endpoint in (socket, cri)
    seen = _look(root, socket)
    if seen.option("--config", "-c"):
        config = seen.option("--config", "-c")
    environ = seen.environ if seen.environ is not None else unit.environment(root, flavour.units)
    living = seen.state == "alive" if seen.state != "forbidden" else None
    return Runtime(
        name=flavour.name,
        socket=socket,
        cri=cri,
        config=config,
        stores=_stores(root, flavour, config, seen),
        version=_version(root, flavour.name, socket, seen.pid) if living else None,
        configured=config is not None,
        found=seen.state != "absent" or config is not None or named,
        living=living,
        named=named,
        pid=seen.pid,
        environ=environ,
    )


def _look(root: Root, socket: str) -> Peer:
    try:
        return peer(root.real(socket))
    except HostFileError:
        return Peer("dead")


def _version(root: Root, name: str, socket: str, pid: int | None) -> str | None:
    return version.of_socket(root.real(socket), pid, http=name == "docker")


def _stores(root: Root, flavour: Flavour, config: str | None, seen: Peer) -> tuple[str, ...]:
    """Give where its images lie; the command line wins over the file, as for the runtime."""
    if flavour.name == "cri-o":
        return (seen.option("--root", "-r") or graph_root(root),)
    if flavour.name == "docker":
        return (seen.option("--data-root") or _docker_root(root) or flavour.store,)
    told = read_toml(root, config).get("root") if config else None
    return (seen.option("--root") or (told if isinstance(told, str) and told else None) or flavour.store,)


def _docker_root(root: Root) -> str | None:
    # YAML reads JSON too, but json is in memory anyway and refuses what Docker refuses.
    import json

    try:
        told = json.loads(root.read_text("/etc/docker/daemon.json"))
    except (FileNotFoundError, HostFileError, ValueError):
        return None
    value = told.get("data-root") if isinstance(told, dict) else None
    return value if isinstance(value, str) else None


def _podman(root: Root, beside_crio: bool) -> Runtime:
    program = next((path for path in PODMAN_PROGRAMS if _is_program(root, path)), None)
    socket = "/run/podman/podman.sock" if root.exists("/run/podman/podman.sock") else None
    config = next((path for path in ("/etc/containers/registries.conf",) if root.exists(path)), None)
    only_config = config is not None and not root.is_this_machine and not beside_crio
    number = version.of_program(root.real(program)) if program and root.is_this_machine else None
    engine = read_toml(root, "/etc/containers/containers.conf").get("engine")
    pairs = engine.get("env", []) if isinstance(engine, dict) else []
    told = dict(pair.partition("=")[::2] for pair in pairs if isinstance(pair, str) and "=" in pair)
    return Runtime(
        name="podman",
        socket=socket,
        config=config,
        stores=(graph_root(root),),
        version=number,
        configured=config is not None,
        found=bool(program or socket or only_config),
        living=True if number else None,
        program=program,
        environ=(dict(os.environ) if root.is_this_machine else {}) | told,
    )


def _is_program(root: Root, path: str) -> bool:
    try:
        mode = root.real(path).stat().st_mode
    except (HostFileError, OSError):
        return False
    return stat.S_ISREG(mode) and bool(mode & 0o111)


def _is_dockers(root: Root, runtime: Runtime, seen: list[Runtime]) -> bool:
    """Tell a containerd that only serves Docker: its CRI plugin is off, and Docker is there."""
    if runtime.name != "containerd" or runtime.named or not any(one.name == "docker" and one.found for one in seen):
        return False
    off = read_toml(root, runtime.config).get("disabled_plugins") if runtime.config else None
    return isinstance(off, list) and bool({"cri", "io.containerd.grpc.v1.cri"} & set(map(str, off)))


def _ever_ran(root: Root, runtime: Runtime) -> bool:
    if runtime.named or runtime.living or runtime.name == "podman" or root.exists(runtime.target):
        return True
    try:
        return any(root.list(store) for store in runtime.stores)
    except HostFileError:  # a store that is closed to this process is a store
        return True


def _distinct(runtimes: list[Runtime]) -> list[Runtime]:
    """Drop a second finding of one socket: k3s and rke2 share theirs; the one with a configuration counts."""
    by_socket: dict[str, Runtime] = {}
    for runtime in sorted(runtimes, key=lambda one: not one.configured):
        by_socket.setdefault(runtime.target, runtime)
    return [runtime for runtime in runtimes if by_socket[runtime.target] is runtime]
