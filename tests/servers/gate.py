"""A server that agents link to and that a test speaks for: it notes what comes and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web

from agent.contract import wire

Talk = Callable[[web.WebSocketResponse], Awaitable[None]]


class Gate:
    """One server. `links` are the conversations so far: what came over each."""

    def __init__(self, talk: Talk | None = None) -> None:
        self.links: list[list[wire.UpMessage]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self.refuse_with: int | None = None
        self._talk = talk

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take one link."""
        self.headers.append(dict(request.headers))
        if self.refuse_with is not None:
            self.links.append([])
            return web.Response(status=self.refuse_with)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.links.append([])
        if self._talk is not None:
            await self._talk(socket)
        return socket

    async def hear(self, socket: web.WebSocketResponse) -> wire.UpMessage:
        """Give the next message of the newest link."""
        message = wire.read_up(await socket.receive_str())
        self.links[-1].append(message)
        return message


async def say(socket: web.WebSocketResponse, message: wire.DownMessage) -> None:
    """Send a message down."""
    await socket.send_str(wire.encode(message).decode())


def now() -> datetime:
    """Give the clock of this server."""
    return datetime.now(UTC)


@asynccontextmanager
async def gate(talk: Callable[[Gate, web.WebSocketResponse], Awaitable[None]]) -> AsyncIterator[Gate]:
    """Serve on loopback; `talk` is called with each link."""
    made = Gate(lambda socket: talk(made, socket))
    app = web.Application()
    app.router.add_get(wire.PATH, made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], object], patience_s: float = 10.0) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: where it does not become so in time.
    """
    async with asyncio.timeout(patience_s):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
