"""The containerds of a node of the lab: one by itself, and more where a test wants them beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Read by containerd 1 and 2 alike.
_CONFIGURATION = """
version = 2
root = "/var/lib/containerd{place}"
state = "/run/containerd{place}"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs",
                    "io.containerd.snapshotter.v1.btrfs",
                    "io.containerd.snapshotter.v1.devmapper",
                    "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "/run/containerd{place}/containerd.sock"
[ttrpc]
  address = "/run/containerd{place}/containerd.sock.ttrpc"
[plugins."io.containerd.nri.v1.nri"]
  disable = true
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  {of_cri}
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
"""


@dataclass(frozen=True)
class Daemon:
    """A containerd of a node: its program, where its files are beside the first one's, and its environment."""

    name: str = "containerd"
    program: str = "containerd"
    place: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    of_cri: str = ""  # one more line of its CRI plugin's configuration

    @property
    def config(self) -> str:
        """Its configuration file, inside the node."""
        return f"/etc/containerd{self.place}/config.toml"

    @property
    def configuration(self) -> str:
        """What stands in that file."""
        return _CONFIGURATION.format(place=self.place, of_cri=self.of_cri)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """crictl's options to speak to it."""
        socket = f"unix:///run/containerd{self.place}/containerd.sock"
        return ("--runtime-endpoint", socket, "--image-endpoint", socket)


FIRST = Daemon()
