"""Who may come in? Agents and readers show a token where anybody else could reach this server.

On loopback both doors are open: who is on this machine can read the store anyway. A browser never speaks for an agent:
pages of strangers may open WebSockets to loopback, and the browser says so by an Origin.
"""

import hmac
import logging
from dataclasses import dataclass

from aiohttp import web

from agent.contract.address import Listen, read_token
from agent.contract.strict import ConfigError

log = logging.getLogger(__name__)


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
        if self.listen.is_loopback and self.reader_token_file is None:
            return None
        return None if _shows(request, self.reader_token_file or self.token_file) else _unauthorized()


def _unauthorized() -> web.Response:
    return web.Response(status=401, text="a bearer token is asked for\n", headers={"WWW-Authenticate": "Bearer"})


def _shows(request: web.Request, path: str | None) -> bool:
    try:
        wanted = f"Bearer {read_token(path)}" if path else ""
    except ConfigError as error:
        log.error("nobody can be let in: %s", error)
        return False
    shown = request.headers.get("Authorization", "")
    return bool(wanted) and hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), wanted.encode())
