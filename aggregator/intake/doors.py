"""Who may come in? Agents and readers show a token where anybody else could reach this server.

A server on loopback has both doors open, and readers over loopback are always let in (unless a token of their own is
configured): who is on this machine can read the store anyway. A browser never speaks for an agent: pages of strangers
may open WebSockets to loopback, and the browser says so by an Origin.
"""

from dataclasses import dataclass

from aiohttp import web

from agent.contract.address import Listen, is_loopback, shows_token


@dataclass(frozen=True, slots=True)
class Doors:
    """What is asked for at each door. Token files are read anew each time: they are rotated."""

    listen: Listen
    token_file: str | None = None
    reader_token_file: str | None = None

    def refuse_agent(self, request: web.Request) -> web.Response | None:
        """Give the answer to one who may not report, none for one who may."""
        if "Origin" in request.headers:
            return web.Response(status=403, text="a browser is no agent\n")
        if self.token_file is None and self.listen.is_loopback:
            return None
        return None if _shows(request, self.token_file) else _unauthorized()

    def refuse_reader(self, request: web.Request) -> web.Response | None:
        """Give the answer to one who may not read, none for one who may."""
        if self.reader_token_file is None and (self.listen.is_loopback or _comes_from_here(request)):
            return None
        return None if _shows(request, self.reader_token_file or self.token_file) else _unauthorized()

    def refuse_caller(self, request: web.Request) -> web.Response | None:
        """Give the answer to one who may not let agents do anything, none for one who may.

        As for readers, but that a page in a browser, and whoever comes by another server on this machine, show a token
        in any case: a stranger may stand behind both.
        """
        if _shows(request, self.reader_token_file or self.token_file):
            return None
        if any(name in request.headers for name in _OF_PAGES):
            return web.Response(status=403, text="a page in a browser may ask for this with a token only\n")
        if any(name in request.headers for name in _OF_PROXIES):
            return _unauthorized()
        return self.refuse_reader(request)


_OF_PAGES = ("Origin", "Sec-Fetch-Site")  # every browser says one of them with a POST, whatever the page wants
_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def _comes_from_here(request: web.Request) -> bool:
    """Tell a reader on this machine, or through `kubectl port-forward`: neither end of the connection is elsewhere."""
    ends = [request.transport.get_extra_info(end) for end in ("peername", "sockname")] if request.transport else []
    return bool(ends) and all(end and is_loopback(end[0]) for end in ends)


def _unauthorized() -> web.Response:
    return web.Response(status=401, text="a bearer token is asked for\n", headers={"WWW-Authenticate": "Bearer"})


def _shows(request: web.Request, path: str | None) -> bool:
    return shows_token(request.headers.get("Authorization", ""), path)
