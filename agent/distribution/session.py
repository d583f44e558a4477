"""One place that serves images, asked as one identity: requests with the authorisation that the place demands.

A 401 is answered once with a token or with basic credentials; a second 401 is the answer. What was demanded before is
brought along from the start, so that a known place costs one request.

Source: the distribution specification; the order of containerd's authorizer.
"""

from dataclasses import dataclass, field, replace

from agent.check import Look
from agent.distribution.authorize import authorize
from agent.distribution.challenge import Challenge, choose
from agent.distribution.follow import Answer, Patience, Request, follow
from agent.host.credentials import Credential
from agent.host.endpoint import DEFAULT_PORTS, Endpoint, Origin
from agent.probes.http import Response

HEAD_BYTES_AT_MOST = 0  # an answer to HEAD has no body


@dataclass(slots=True)
class Session:
    """Speaks to one endpoint. `patience` is what one question has; each `ask` starts anew with the check's."""

    look: Look
    endpoint: Endpoint
    credential: Credential | None = None
    remarks: list[str] = field(default_factory=list)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        scope: str = "",
        accept: str = "*/*",
        max_bytes: int = HEAD_BYTES_AT_MOST,
        first_bytes: int | None = None,
    ) -> Answer:
        """Ask for a path below the endpoint's prefix.

        Args:
            path: such as `/library/nginx/manifests/latest`.
            scope: what a token must be good for: `repository:library/nginx:pull`.
            first_bytes: ask for these only.

        Raises:
            Fault: as the connection, the redirects and the token service raise.
            Blocked: where dns, tcp or tls of any host on the way failed.
        """
        patience = Patience(self.look.settings.patience_s)
        origin = await self._origin()
        request = Request(method, f"{origin}{self._path(path)}", max_bytes, _headers(method, accept, first_bytes))
        own = {name.title(): value for name, value in self.endpoint.headers if name.lower() != "host"}
        request = replace(request, headers={**request.headers, **own})
        shown: dict[Origin, str] = {}
        known = self._demanded(origin)
        if known is not None:
            value = await authorize(self.look, self.endpoint, known, scope, self.credential, patience)
            shown = {origin: value} if value else {}
        fresh: set[Origin] = set()
        while True:
            answer = await follow(self.look, self.endpoint, replace(request, authorizations=shown), patience)
            self._note(answer)
            demand = choose(answer.response.all("www-authenticate")) if answer.response.status == 401 else None
            if demand is None or answer.origin in fresh:
                return answer
            fresh.add(answer.origin)
            self.look.found(_memory(answer.origin), demand)
            # Credentials belong to the endpoint; another host that asks for some gets what an anonymous node has.
            credential = self.credential if answer.origin == origin else None
            before = shown.get(answer.origin)
            value = await authorize(
                self.look, self.endpoint, demand, scope or demand.scope, credential, patience, refused=before
            )
            if value is None or value == before:
                return answer
            shown = shown | {answer.origin: value}

    async def _origin(self) -> Origin:
        """Give where the endpoint is asked: plain HTTP where the runtime would fall back to it."""
        origin = self.endpoint.origin
        if not self.endpoint.fallback_plain or origin.scheme != "https":
            return origin
        port = DEFAULT_PORTS["http"] if origin.port == DEFAULT_PORTS["https"] else origin.port
        seen = await self.look.need("tls", origin.target, self.endpoint)
        return Origin("http", origin.host, port) if seen.plain else origin

    def _path(self, path: str) -> str:
        """Write the path as the runtime would: a mirror is told whose image it is asked for."""
        named = self.endpoint.namespace
        return f"{self.endpoint.prefix}{path}" + (f"?ns={named}" if named else "")

    def _demanded(self, origin: Origin) -> Challenge | None:
        known = self.look.recall(_memory(origin))
        return known if isinstance(known, Challenge) else None

    def _note(self, answer: Answer) -> None:
        self.remarks.extend(remark for remark in answer.remarks if remark not in self.remarks)


def is_html(response: Response) -> bool:
    """Tell whether a page for people came where a registry would speak: a portal, a proxy, a login."""
    start = response.body[:256].lstrip().lower()
    return response.media_type in ("text/html", "application/xhtml+xml") or start.startswith((b"<!doctype", b"<html"))


def _memory(origin: Origin) -> str:
    return f"challenge {origin}"


def _headers(method: str, accept: str, first_bytes: int | None) -> dict[str, str]:
    headers = {"Accept": accept}
    if first_bytes is not None:
        headers["Range"] = f"bytes=0-{first_bytes - 1}"
    elif method == "GET":
        headers["Accept-Encoding"] = "gzip"  # Go's client asks by itself, and undoes it
    return headers
