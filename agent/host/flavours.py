"""In which ways do container runtimes come, and where do their parts lie by default?

Source: the default paths of containerd 1.6-2.x, k3s, rke2, k0s, MicroK8s, CRI-O, Docker with cri-dockerd.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Flavour:
    """One way in which a runtime comes: where its parts lie by default."""

    name: str
    sockets: tuple[str, ...]
    configs: tuple[str, ...]
    store: str
    units: tuple[str, ...]


_K3S, _RKE2, _MICROK8S = "/var/lib/rancher/k3s/agent", "/var/lib/rancher/rke2/agent", "/var/snap/microk8s"
# In the order of preference where several are there and nothing names one.
FLAVOURS = (
    Flavour(
        "containerd",
        ("/run/containerd/containerd.sock", "/var/run/containerd/containerd.sock"),
        ("/etc/containerd/config.toml",),
        "/var/lib/containerd",
        ("containerd.service",),
    ),
    Flavour(
        "containerd",
        ("/run/k3s/containerd/containerd.sock",),
        (f"{_K3S}/etc/containerd/config.toml",),
        f"{_K3S}/containerd",
        ("k3s.service", "k3s-agent.service"),
    ),
    Flavour(
        "containerd",
        ("/run/k3s/containerd/containerd.sock",),
        (f"{_RKE2}/etc/containerd/config.toml",),
        f"{_RKE2}/containerd",
        ("rke2-server.service", "rke2-agent.service"),
    ),
    Flavour(
        "containerd",
        (f"{_MICROK8S}/common/run/containerd.sock",),
        (f"{_MICROK8S}/current/args/containerd.toml",),
        f"{_MICROK8S}/common/var/lib/containerd",
        ("snap.microk8s.daemon-containerd.service",),
    ),
    Flavour(
        "containerd",
        ("/run/k0s/containerd.sock",),
        ("/etc/k0s/containerd.toml",),
        "/var/lib/k0s/containerd",
        ("k0scontroller.service", "k0sworker.service"),
    ),
    Flavour(
        "cri-o",
        ("/run/crio/crio.sock", "/var/run/crio/crio.sock"),
        ("/etc/crio/crio.conf", "/etc/crio/crio.conf.d"),
        "",
        ("crio.service", "cri-o.service"),
    ),
    Flavour(
        "docker",
        ("/run/docker.sock", "/var/run/docker.sock"),
        ("/etc/docker/daemon.json",),
        "/var/lib/docker",
        ("docker.service",),
    ),
)
DOCKER_CRI = ("/run/cri-dockerd.sock", "/var/run/cri-dockerd.sock")


def of_endpoint(endpoint: str) -> Flavour:
    """Guess what listens at a socket of an operator's own, by its name."""
    name = "cri-o" if "crio" in endpoint else "docker" if "docker" in endpoint else "containerd"
    like = next(flavour for flavour in FLAVOURS if flavour.name == name)
    return replace(like, sockets=(endpoint,), configs=like.configs if name != "containerd" else ())
