"""Through which proxy would the runtime go to a host?

Read from the environment of the runtime's process or unit, as Go programs read it: HTTPS_PROXY, HTTP_PROXY, NO_PROXY,
upper case before lower; loopback never goes through a proxy.

Cannot see: a proxy that only the network imposes; SOCKS proxies, which are named and not gone through.

Source: golang.org/x/net/http/httpproxy.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

from agent.host.endpoint import Origin

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy. `authorization` is the value of Proxy-Authorization; it is never shown."""

    scheme: str
    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return (
            f"{self.scheme}://[{self.host}]:{self.port}"
            if ":" in self.host
            else f"{self.scheme}://{self.host}:{self.port}"
        )


def proxy_for(origin: Origin, environ: Mapping[str, str] | None) -> Proxy | None:
    """Give the proxy for an origin, or none.

    Raises:
        ValueError: where the variable holds no URL of a proxy; the message shows no credentials.
    """
    if not environ:
        return None
    name = "HTTPS_PROXY" if origin.scheme == "https" else "HTTP_PROXY"
    told = environ.get(name) or environ.get(name.lower()) or ""
    if not told or _goes_direct(origin, environ.get("NO_PROXY") or environ.get("no_proxy") or ""):
        return None
    return _parse(name, told.strip())


def _parse(name: str, told: str) -> Proxy:
    try:
        parts = urlsplit(told if "://" in told else f"http://{told}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{name} is no URL of a proxy") from error
    if parts.scheme not in _PORTS or not host:
        raise ValueError(f"{name} is no URL of a proxy")
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {b64encode(pair.encode()).decode()}"
    return Proxy(parts.scheme, host, port or _PORTS[parts.scheme], authorization)


def _goes_direct(origin: Origin, no_proxy: str) -> bool:
    host = origin.host.lower().rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        address = None
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_covers(entry.strip().lower(), host, origin.port) for entry in no_proxy.split(","))


def _covers(entry: str, host: str, port: int) -> bool:
    """Tell whether one entry of NO_PROXY names this host: `*`, network, address, name or `.suffix`, port or not."""
    if entry in ("", "*"):
        return entry == "*"
    if "/" in entry:
        try:
            return ip_address(host) in ip_network(entry, strict=False)
        except ValueError:
            return False
    name, wanted = _split_port(entry)
    if wanted is not None and wanted != port:
        return False
    try:
        return ip_address(name) == ip_address(host)
    except ValueError:
        name = name.removeprefix("*")
        return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, int(rest[1:]) if rest[1:].isdigit() else None
    name, colon, port = entry.rpartition(":")
    return (name, int(port)) if colon and port.isdigit() and ":" not in name else (entry, None)
