"""One agent's link, from its hello to its close.

Reports are taken at once and acked when they are on the disk; one ack speaks for all before it. What cannot be read
closes the link with a code and a reason (`agent.contract.wire`), and nothing that was acked before is lost by it.
"""

import asyncio
import contextlib
import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from agent.contract import wire
from agent.contract.redact import redact
from agent.contract.wire import WireError
from aggregator.fleet import Member

if TYPE_CHECKING:
    from aggregator.intake.intake import Intake

log = logging.getLogger(__name__)

HELLO_S = 10.0  # an agent says at once who it is
IDLE_INTERVALS = 3  # something comes each interval: after three the node is silent, and its link is dead
IDLE_AT_LEAST_S = 30.0  # a round trip to a far node with a bad network
BEHIND_AT_MOST = 8 * wire.IN_FLIGHT  # reports taken and not committed: an agent that sends on regardless must wait
REASON_BYTES = 123  # RFC 6455 5.5: a control frame has 125 bytes, two are the code

_NODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_BOOT = re.compile(r"[A-Za-z0-9-]{1,64}")


class Session:
    """One link. `member` is the node that it speaks for, once it has said so."""

    def __init__(self, intake: "Intake", socket: web.WebSocketResponse, peer: str) -> None:
        self._intake = intake
        self._socket = socket
        self._behind = asyncio.Event()
        self._to_ack = asyncio.Event()
        self._acked = 0
        self.boot = ""
        self.speaks: frozenset[str] = frozenset()
        self.greeted = False
        self.member: Member | None = None
        self.name = self.peer = peer

    async def run(self) -> None:
        """Serve the link until it closes."""
        acks = asyncio.create_task(self._acks())
        try:
            await self._greet()
            while await self._take_next():
                pass
        except WireError as error:
            self._intake.refused(error.code)
            log.warning("closed the link of %s: %d %s", self.name, error.code, redact(str(error)))
            await self.close(error.code, str(error))
        finally:
            acks.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await acks
            self._intake.left(self)

    async def close(self, code: int, reason: str) -> None:
        """Close the link, and say why."""
        cut = reason.encode()[:REASON_BYTES].decode("utf-8", "ignore")
        with contextlib.suppress(ConnectionError):
            await self._socket.close(code=code, message=cut.encode())

    async def _greet(self) -> None:
        hello = await self._next(HELLO_S)
        if hello is None:
            return
        if not isinstance(hello, wire.Hello):
            raise WireError(wire.CLOSE_ORDER, "the first message is no hello")
        if not _NODE.fullmatch(hello.node) or not _BOOT.fullmatch(hello.boot) or not 0 < hello.interval_s < 1e6:
            raise WireError(
                wire.CLOSE_NODE, f"no node can be called {hello.node[:40]!r}, or its boot or interval is none"
            )
        self.name, self.boot, self.speaks = hello.node, hello.boot, frozenset(hello.speaks)
        self.member = self._intake.joined(self, hello, datetime.now(UTC))
        self._acked = self.member.committed
        await self._say(wire.Welcome(at=datetime.now(UTC), seq=self._acked))
        self.greeted = True
        self._intake.greeted(self)

    async def _take_next(self) -> bool:
        """Take one report; false where the link is over."""
        member = self.member
        if member is None or self._intake.replaced(self):
            return False
        message = await self._next(max(IDLE_INTERVALS * member.interval_s, IDLE_AT_LEAST_S))
        if message is None or self._intake.replaced(self):
            return False
        if isinstance(message, wire.Hello):
            raise WireError(wire.CLOSE_ORDER, "a second hello")
        if not isinstance(message, wire.Report):
            self._intake.hear(self, message)
            return True
        self._intake.take(self, member, message, wire.read_body(message), datetime.now(UTC))
        while member.seq - member.committed > BEHIND_AT_MOST:
            self._behind.clear()
            await self._behind.wait()
        return True

    async def _next(self, patience_s: float) -> wire.UpMessage | None:
        """Give the next message; none where the other side has closed."""
        try:
            got = await self._socket.receive(timeout=patience_s)
        except TimeoutError as error:
            raise WireError(wire.CLOSE_IDLE, f"nothing came for {patience_s:.0f} s") from error
        if got.type is aiohttp.WSMsgType.TEXT:
            return wire.read_up(got.data)
        if got.type is aiohttp.WSMsgType.BINARY:
            raise WireError(wire.CLOSE_NOT_TEXT, "a message that is no text")
        if got.type is aiohttp.WSMsgType.ERROR:
            code = getattr(got.data, "code", wire.CLOSE_BAD_FRAME)
            raise WireError(int(code), f"a broken frame: {got.data}")
        if self._socket.close_code not in (wire.CLOSE_DONE, wire.CLOSE_GOING_AWAY):
            log.info("the link of %s broke (%s)", self.name, self._socket.close_code)
        return None

    def committed(self, seq: int) -> None:
        """Take note that the report `seq` and all before it are on the disk."""
        member = self.member
        if member is not None and member.boot == self.boot:
            member.committed = max(member.committed, seq)
        self._to_ack.set()
        self._behind.set()

    async def _acks(self) -> None:
        while True:
            await self._to_ack.wait()
            self._to_ack.clear()
            if self.member is not None and self.member.boot == self.boot:
                self._acked = self.member.committed
                with contextlib.suppress(ConnectionError):  # the reader of the link sees that, too
                    await self._say(wire.Ack(seq=self._acked, at=datetime.now(UTC)))

    async def direct(self, directive: wire.Directive) -> None:
        """Send a directive; an agent that is gone meanwhile is no error: its link ends by itself."""
        with contextlib.suppress(ConnectionError):
            await self._say(directive)

    async def _say(self, message: wire.DownMessage) -> None:
        await self._socket.send_str(wire.encode(message).decode())
