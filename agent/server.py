"""The agent's own HTTP server: /metrics, /healthz, /readyz.

/healthz speaks for the process alone: it must not depend on the network that the agent looks at. /readyz: the first
round has ended. A port that is taken is no reason not to check: the agent runs on without.
"""

import logging
from collections.abc import Callable

from aiohttp import web

from agent.contract.address import Listen, shows_token

log = logging.getLogger(__name__)

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def serve(
    listen: Listen, token_file: str | None, metrics: Callable[[], bytes], ready: Callable[[], bool]
) -> web.AppRunner | None:
    """Start the server; none where it cannot listen there.

    Args:
        token_file: what /metrics asks for off loopback.
        metrics: gives the text of /metrics.
        ready: whether the first round has ended.
    """

    async def show_metrics(request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization", "")
        if not listen.is_loopback and not shows_token(shown, token_file):
            return web.Response(
                status=401, text="a bearer token is asked for\n", headers={"WWW-Authenticate": "Bearer"}
            )
        return web.Response(body=metrics(), headers={"Content-Type": METRICS_TYPE})

    async def show_health(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def show_ready(_: web.Request) -> web.Response:
        return web.Response(text="ok\n") if ready() else web.Response(status=503, text="the first round is not over\n")

    app = web.Application()
    app.router.add_get("/metrics", show_metrics)
    app.router.add_get("/healthz", show_health)
    app.router.add_get("/readyz", show_ready)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, listen.host or None, listen.port).start()
    except OSError as error:
        log.warning("no /metrics: cannot listen on %s: %s; the checks go on", listen, error.strerror or error)
        await runner.cleanup()
        return None
    return runner
