"""One request and all its redirects, each hop a target of its own: as Go's client follows them, by hand.

At most ten requests; credentials never to another host; a redirect to plain HTTP is followed and remarked upon.

Source: Go net/http, `Client.Do` and `shouldCopyHeaderOnRedirect`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urljoin, urlsplit

from agent.check import Look
from agent.host.endpoint import Endpoint, Origin
from agent.probes.fault import Fault
from agent.probes.http import Response, StaleFault

REQUESTS_AT_MOST = 10  # Go stops before the eleventh
STALE_AT_MOST = 3  # reused connections that may turn out dead before the failure is the host's
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PRIVATE = frozenset({"authorization", "cookie", "cookie2", "www-authenticate"})  # never to another site
REWRITES_METHOD = frozenset({301, 302, 303})
_SAFE = "%/:=&?~+!$,;'@()*[]|"  # written into a request line as they are; the rest is escaped


@dataclass(slots=True)
class Patience:
    """Seconds of HTTP that one question has left, over all its hops; waiting for dns, tcp and tls is not counted."""

    left_s: float


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `authorizations` are per origin; `headers` go to every hop.

    `head_is_enough`: of the body as much as comes, for whom only the head counts.
    """

    method: str
    url: str
    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)
    authorizations: Mapping[Origin, str] = field(default_factory=dict)
    body: bytes = b""
    head_is_enough: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came in the end, from where, and what is odd about the way."""

    response: Response
    origin: Origin
    hops: int = 0
    remarks: tuple[str, ...] = ()


async def follow(look: Look, via: Endpoint, request: Request, patience: Patience) -> Answer:
    """Ask, and go where the answers point.

    Raises:
        Fault: where an address makes no sense, or there is no end; and as a connection raises.
        Blocked: where dns, tcp or tls of a hop failed.
    """
    first = origin_of(request.url)
    carried, at_home = request.authorizations.get(first), True
    remarks: list[str] = []
    for hop in range(REQUESTS_AT_MOST):
        origin = origin_of(request.url)
        at_home = at_home and _is_same_site(first.host, origin.host)
        authorization = request.authorizations.get(origin) or (carried if at_home else None)
        headers = {name: value for name, value in request.headers.items() if at_home or name.lower() not in PRIVATE}
        if authorization:
            headers = {**headers, "Authorization": authorization}
        response = await _ask(look, via, request, origin, headers, patience)
        location = response.header("location").strip()
        if response.status not in REDIRECTS or not location:
            return Answer(response, origin, hop, tuple(remarks))
        request = _redirected(request, response.status, location, origin)
        if origin.scheme == "https" and origin_of(request.url).scheme == "http":
            remarks.append(f"{origin.host} redirects to plain HTTP at {origin_of(request.url).host}")
    raise Fault("registry_unavailable", f"{first.target} redirects more than {REQUESTS_AT_MOST - 1} times")


def origin_of(url: str) -> Origin:
    """Give the origin of an address that a server named.

    Raises:
        Fault: where it is none that could be asked.
    """
    try:
        origin = Origin.of(url)
        host = origin.host if origin.host.isascii() else origin.host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise Fault("registry_unavailable", f"{_shown(url)!r} is no http or https address") from None
    if not 0 < origin.port < 65536 or any(not character.isprintable() or character in ' "<>\\' for character in host):
        raise Fault("registry_unavailable", f"{_shown(url)!r} is no address that can be asked")
    return replace(origin, host=host)


async def _ask(
    look: Look, via: Endpoint, request: Request, origin: Origin, headers: Mapping[str, str], patience: Patience
) -> Response:
    for attempt in range(STALE_AT_MOST):
        connection = await look.connect(origin, via)
        started = time.monotonic()
        try:
            return await connection.request(
                request.method,
                _target(request.url),
                headers,
                patience_s=max(patience.left_s, 0.0),
                max_bytes=request.max_bytes,
                body=request.body,
                head_is_enough=request.head_is_enough,
            )
        except StaleFault:
            if attempt == STALE_AT_MOST - 1:
                raise
        finally:
            patience.left_s -= time.monotonic() - started
    raise AssertionError("unreachable: the last attempt returns or raises")


def _redirected(request: Request, status: int, location: str, origin: Origin) -> Request:
    # Header values arrive as Latin-1; what servers write there is UTF-8.
    text = location.encode("latin-1").decode("utf-8", errors="replace")
    try:
        url = urljoin(request.url, text)
    except ValueError:
        raise Fault("registry_unavailable", f"{origin.target} redirects to nowhere: {_shown(text)!r}") from None
    if urlsplit(url).scheme not in ("http", "https"):
        raise Fault("registry_unavailable", f"{origin.target} redirects to nowhere: {_shown(text)!r}")
    if status in REWRITES_METHOD and request.method not in ("GET", "HEAD"):
        return replace(request, method="GET", url=url, body=b"")
    return replace(request, url=url)


def _target(url: str) -> str:
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe=_SAFE)
    return f"{path}?{quote(parts.query, safe=_SAFE)}" if parts.query else path


def _is_same_site(first: str, other: str) -> bool:
    return other == first or (other.endswith(f".{first}") and ":" not in first)


def _shown(url: str) -> str:
    """Cut an address for a person, without its query: that is where signatures stand."""
    return url.partition("?")[0][:120]
