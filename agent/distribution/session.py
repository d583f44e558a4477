"""One place that serves images, asked as one identity: requests with the authorisation that the place demands.

A 401 is answered once with a token or with basic credentials; a second 401 is the answer. What was demanded before is
brought along from the start, so that a known place costs one request.

Source: the distribution specification; the order of containerd's authorizer.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from agent.check import Look
from agent.distribution.authorize import authorize
from agent.distribution.challenge import Challenge, choose
from agent.distribution.follow import Answer, Patience, Request, follow
from agent.distribution.walk import goes_on
from agent.host.credentials import Credential
from agent.host.endpoint import DEFAULT_PORTS, Endpoint, Origin

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    r"[A-Z][a-z]{2}, (?P<day>[0-9]{2}) (?P<month>[A-Z][a-z]{2}) (?P<year>[0-9]{4}) "
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) GMT"
)
HEAD_BYTES_AT_MOST = 0  # an answer to HEAD has no body


@dataclass(slots=True)
class Session:
    """Speaks to one endpoint. `remarks` gathers what is odd about the ways of its requests."""

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
        bare: bool = False,
        root: bool = False,
    ) -> Answer:
        """Ask for a path below the endpoint's prefix.

        Args:
            path: such as `/library/nginx/manifests/latest`.
            scope: what a token must be good for: `repository:library/nginx:pull`.
            first_bytes: ask for these only.
            bare: show nothing, and take a 401 for the answer.
            root: the path is below the protocol's own prefix, `/v2`, whatever the endpoint's is; as for the runtimes,
                only the head of the answer counts.

        Raises:
            Fault: as the connection, the redirects and the token service raise.
            Blocked: where dns, tcp or tls of any host on the way failed.
        """
        patience = self.patience()
        origin = await self._origin()
        request = Request(method, f"{origin}{self._path(path, root)}", max_bytes, _headers(method, accept, first_bytes))
        own = {name.title(): value for name, value in self.endpoint.headers if name.lower() != "host"}
        request = replace(request, headers={**request.headers, **own}, head_is_enough=root)
        shown: dict[Origin, str] = {}
        known = None if bare else self.demanded(origin)
        if known is not None:
            value = await authorize(self.look, self.endpoint, known, scope, self.credential, patience)
            shown = {origin: value} if value else {}
        fresh: set[Origin] = set()
        while True:
            answer = await follow(self.look, self.endpoint, replace(request, authorizations=shown), patience)
            self._note(answer)
            demand = choose(answer.response.all("www-authenticate")) if answer.response.status == 401 else None
            if root:
                self.look.found(_asked(answer.origin), True)
            elif known is None and not goes_on(self.look.node) and self.look.recall(_asked(origin)):
                return answer  # containers/image knows no demand but that of `/v2/`, which made none
            if demand is not None:
                self.look.found(_memory(answer.origin), demand)
            if demand is None or bare or answer.origin in fresh:
                return answer
            fresh.add(answer.origin)
            # Credentials belong to the endpoint; another host that asks for some gets what an anonymous node has.
            credential = self.credential if answer.origin == origin else None
            before = shown.get(answer.origin)
            value = await authorize(
                self.look, self.endpoint, demand, scope or demand.scope, credential, patience, refused=before
            )
            if value is None or value == before:
                return answer
            shown = shown | {answer.origin: value}

    def patience(self) -> Patience:
        """Give one question's share: the check's patience, shortened towards the round's deadline."""
        return Patience(self.look.settings.patience_s)

    def demanded(self, origin: Origin) -> Challenge | None:
        """Give what a place demanded when it was last asked in this round."""
        known = self.look.recall(_memory(origin))
        return known if isinstance(known, Challenge) else None

    async def _origin(self) -> Origin:
        """Give where the endpoint is asked: plain HTTP where the runtime would fall back to it."""
        origin = self.endpoint.origin
        if not self.endpoint.fallback_plain or origin.scheme != "https":
            return origin
        port = DEFAULT_PORTS["http"] if origin.port == DEFAULT_PORTS["https"] else origin.port
        seen = await self.look.need("tls", origin.target, self.endpoint)
        return Origin("http", origin.host, port) if seen.plain else origin

    def _path(self, path: str, root: bool) -> str:
        """Write the path as the runtime would: a mirror is told whose image it is asked for."""
        prefix, named = self.endpoint.prefix, self.endpoint.namespace
        if root:
            return f"/v2{path}" if prefix.startswith("/v2/") or not prefix else f"{prefix}{path}"
        return f"{prefix}{path}" + (f"{'&' if '?' in path else '?'}ns={named}" if named else "")

    def _note(self, answer: Answer) -> None:
        self.remarks.extend(remark for remark in answer.remarks if remark not in self.remarks)
        there = _date(answer.response.header("date"))
        if there is not None:  # the clock check compares
            host = answer.origin.host
            told = [date for date in self.look.recall("dates") or () if date[0] != host]
            self.look.found("dates", [*told, (host, there, datetime.now(UTC))])


def _date(text: str) -> datetime | None:
    """Read a Date header in the one form that servers still send; email.utils would cost a trace 3 ms of start-up."""
    found = _DATE.fullmatch(text)
    if found is None or found["month"] not in _MONTHS:
        return None
    day, hour, minute, second = (int(found[name]) for name in ("day", "hour", "minute", "second"))
    month = _MONTHS.index(found["month"]) + 1
    try:
        return datetime(int(found["year"]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _memory(origin: Origin) -> str:
    return f"challenge {origin}"


def _asked(origin: Origin) -> str:
    return f"asked /v2/ {origin}"


def _headers(method: str, accept: str, first_bytes: int | None) -> dict[str, str]:
    headers = {"Accept": accept}
    if first_bytes is not None:
        headers["Range"] = f"bytes=0-{first_bytes - 1}"
    elif method == "GET":
        headers["Accept-Encoding"] = "gzip"  # Go's client asks by itself, and undoes it
    return headers
