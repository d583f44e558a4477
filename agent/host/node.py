"""One reading of the node's configuration, as one runtime's eyes.

Made anew for every round: what an administrator changed is seen at the next one. Each part is read when it is first
asked for.
"""

import os
import socket
from collections.abc import Mapping
from functools import cached_property

from agent.contract.platforms import Kind
from agent.host import runtime as runtimes
from agent.host.credentials import Credential, credentials
from agent.host.endpoint import Endpoint, Origin, TrustSource
from agent.host.endpoints import endpoints
from agent.host.facts import facts
from agent.host.platform import platform
from agent.host.proxy import Proxy, proxy_for
from agent.host.resolver import ResolverConfig
from agent.host.resolver import read as read_resolver
from agent.host.root import HostFileError, Root
from agent.host.runtime import Runtime
from agent.host.trust import Trust, manner_of
from agent.host.trust import load as load_trust


class Node:
    """A node under its root.

    Args:
        root: the tree that holds the node's files.
        runtime: whose path is judged (`containerd`, `podman` …); without it the one that kubelet uses, or the only one.
        name: what the node is called; without it what Kubernetes or the host says.
        configured: facts that only the configuration knows, such as the zone.
    """

    def __init__(
        self,
        root: Root | None = None,
        runtime: str | None = None,
        name: str | None = None,
        configured: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root or Root()
        self.name = name or os.environ.get("NODE_NAME") or socket.gethostname()
        self._wanted = runtime
        self._configured = dict(configured or {})

    @cached_property
    def runtimes(self) -> tuple[Runtime, ...]:
        """All runtimes that are there; only the one that was asked for, where one was."""
        return runtimes.detect(self.root, self._wanted)

    @cached_property
    def runtime(self) -> Runtime | None:
        """The runtime whose path is judged; none where the node has none."""
        return runtimes.primary(self.root, self.runtimes)

    @cached_property
    def resolver(self) -> ResolverConfig:
        """The node's resolv.conf, nsswitch.conf and hosts. Raises `HostFileError`."""
        return read_resolver(self.root)

    @cached_property
    def platform(self) -> Kind:
        """What the node runs, as Go names it."""
        return platform(self.root)

    def endpoints(self, registry: str, path: str = "") -> list[Endpoint]:
        """Give where the runtime looks for a repository, mirrors first, in its order. Raises `HostFileError`."""
        return endpoints(self.root, self.runtime, registry, path)

    def trust(self, source: TrustSource) -> Trust:
        """Give the certificates that a place is judged by. Raises `HostFileError`."""
        if self.runtime is None:
            return load_trust(self.root, source)
        manner = manner_of(self.runtime.name, self.runtime.version)
        return load_trust(self.root, source, self.runtime.environ, manner)

    def proxy(self, origin: Origin) -> Proxy | None:
        """Give the proxy that the runtime goes through to a place. Raises `HostFileError` where it names no proxy."""
        try:
            return proxy_for(origin, self.runtime.environ if self.runtime else None)
        except ValueError as error:
            raise HostFileError(f"environment of {self.runtime.name if self.runtime else ''}", str(error)) from error

    def credentials(self, registry: str, path: str = "") -> list[Credential]:
        """Give what the node would show to a registry, the longest match first; empty is anonymous."""
        return credentials(self.root, self.runtime, registry, path)

    def facts(self) -> dict[str, str]:
        """Give the properties of this node that are worth comparing."""
        return facts(self.root, self.runtime, self._configured)
