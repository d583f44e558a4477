"""One place that the runtime would ask for an image, with everything that its configuration says of that place."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}
HUB, HUB_HOST = "docker.io", "registry-1.docker.io"  # the one registry whose name is not its host's


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port; `host` without brackets."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """Read the origin of an absolute URL.

        Raises:
            ValueError: where the URL is none, or of another scheme than http and https.
        """
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is no http or https URL")
        return cls(parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])

    @property
    def target(self) -> str:
        """The target of the `tcp` and `tls` checks: `quay.io:443`, `[::1]:5000`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """What goes into the Host header: without the port where it is the scheme's own."""
        if self.port == DEFAULT_PORTS[self.scheme]:
            return f"[{self.host}]" if ":" in self.host else self.host
        return self.target

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class TrustSource:
    """Which certificates a place is judged by. Equal sources share one trust object.

    `system` adds the node's own bundle; `extra` are CA files of the node, by path; `verify` is false where the runtime
    is configured not to look. `client` is certificate and key file for a server that demands one.
    """

    system: bool = True
    extra: tuple[str, ...] = ()
    verify: bool = True
    client: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One place for one registry. `prefix` stands before `/{repository}/manifests/…`: `/v2` unless overridden.

    `mirror` tells that the pull can do without it; `repository` maps the path of the reference to the path asked for
    (containers/image may rewrite it); `source` is the file that says so, empty for the registry itself.
    """

    registry: str
    origin: Origin
    prefix: str = "/v2"
    mirror: bool = False
    trust: TrustSource = field(default_factory=TrustSource)
    headers: tuple[tuple[str, str], ...] = ()
    rewrite: tuple[str, str] | None = None
    may: frozenset[str] = frozenset({"pull", "resolve"})
    fallback_plain: bool = False  # https first, and plain HTTP where the port speaks no TLS (loopback, `insecure`)
    source: str = ""
    namespace: str = ""  # containerd tells a mirror whose image it is asked for: `?ns=docker.io`

    def path_of(self, repository: str) -> str:
        """Give the repository's path at this place; `repository` is the path in the reference."""
        if self.rewrite is None:
            return repository
        old, new = self.rewrite
        if not old:
            return f"{new}/{repository}".strip("/")
        if repository == old or repository.startswith(f"{old}/"):
            return (new + repository[len(old) :]).strip("/")
        return repository

    def evidence(self) -> dict[str, Any]:
        """Say in a result which place was asked, and why there."""
        return {"endpoint": str(self.origin), "mirror": self.mirror} | ({"source": self.source} if self.source else {})
