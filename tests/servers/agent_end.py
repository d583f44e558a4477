"""An agent's end of the link, spoken by a test word for word."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec

from agent.contract import wire
from agent.contract.result import Result


class AgentEnd:
    """One open WebSocket to an aggregator."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def greet(self, node: str = "node-1", boot: str = "boot-1", **more: Any) -> wire.Welcome:
        """Say hello, and give the answer."""
        fields: dict[str, Any] = {"version": wire.VERSION, "interval_s": 60.0, "facts": {"zone": "a"}} | more
        await self.say(wire.Hello(node=node, boot=boot, at=datetime.now(UTC), **fields))
        welcome = await self.hear()
        assert isinstance(welcome, wire.Welcome), welcome
        return welcome

    async def say(self, message: wire.UpMessage) -> None:
        """Send a message."""
        await self.socket.send_str(wire.encode(message).decode())

    async def report(self, seq: int, results: Sequence[Result] = (), **more: Any) -> None:
        """Send a report."""
        body = wire.encode(wire.Body(results=list(results), **more))
        await self.say(wire.Report(version=wire.VERSION, seq=seq, at=datetime.now(UTC), body=msgspec.Raw(body)))

    async def acked(self, seq: int) -> None:
        """Wait until a report is acked."""
        while True:
            message = await self.hear()
            assert isinstance(message, wire.Ack), message
            if message.seq >= seq:
                return

    async def hear(self, patience_s: float = 10.0) -> wire.DownMessage | str:
        """Give the next message."""
        return wire.read_down(await self.socket.receive_str(timeout=patience_s))

    async def closed(self, patience_s: float = 10.0) -> tuple[int | None, str]:
        """Wait for the end, and give its code and reason."""
        while True:
            message = await self.socket.receive(timeout=patience_s)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                return self.socket.close_code, str(message.extra or "")


@asynccontextmanager
async def agent_end(url: str, **headers: str) -> AsyncIterator[AgentEnd]:
    """Open a link to an aggregator."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url + wire.PATH, headers=headers, timeout=aiohttp.ClientWSTimeout(ws_close=1.0)) as socket,
    ):
        yield AgentEnd(socket)


def result(status: str = "ok", target: str = "quay.io:443", check: str = "tcp", **more: Any) -> Result:
    """Make a result; a failing one refuses connections."""
    fields: dict[str, Any] = {"since": datetime.now(UTC), "registries": ["quay.io"]}
    fields |= {"cause": "connect_refused"} if status == "failed" else {}
    return Result(check=check, target=target, status=status, **(fields | more))  # type: ignore[arg-type]  # a word
