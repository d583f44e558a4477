"""Which runtime socket does kubelet use?

Reads the flags that kubeadm and administrators leave in environment files, then kubelet's configuration file; a flag
wins, as it does for kubelet.

Cannot see: flags of a kubelet that is started otherwise, and a configuration file at a place of the operator's own.

Source: kubelet's `--container-runtime-endpoint` and KubeletConfiguration.containerRuntimeEndpoint.
"""

import re

from agent.host.root import HostFileError, Root

FLAG_FILES = ("/etc/default/kubelet", "/etc/sysconfig/kubelet", "/var/lib/kubelet/kubeadm-flags.env")
CONFIG_FILES = ("/var/lib/kubelet/config.yaml", "/etc/kubernetes/kubelet.conf", "/var/lib/kubelet/config.json")

_FLAG = re.compile(r"--container-runtime-endpoint[=\s]+\"?'?([^\s\"']+)")
# The key stands at the top level of YAML or JSON and is nobody else's name: no parser is needed, nor its start-up.
_KEY = re.compile(r"(?:^|[{,])\s*\"?containerRuntimeEndpoint\"?\s*:\s*\"?'?([^\s\"',#}]+)", re.MULTILINE)


def endpoint(root: Root) -> str | None:
    """Give the path of the socket that kubelet pulls through, or none where nothing says so."""
    for pattern, files in ((_FLAG, FLAG_FILES), (_KEY, CONFIG_FILES)):
        for path in files:
            try:
                found = pattern.search(root.read_text(path))
            except (FileNotFoundError, HostFileError):
                continue
            if found:
                return socket_path(found[1])
    return None


def socket_path(text: str) -> str | None:
    """Read `unix:///run/x.sock`, `unix:/run/x.sock` or a bare path; none where it is no Unix socket."""
    path = re.sub(r"^unix:(//)?(?=/)", "", text.strip())
    return path if path.startswith("/") else None
