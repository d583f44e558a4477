"""The agent's WebSocket to the aggregator: reports up, acks and directives down.

Whatever happens here, the checks go on: without an aggregator the spool keeps what matters. Each interval something is
sent, if only to say that the agent lives. The aggregator's name is resolved by this process's own name service, never
by the checks.
"""

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec

from agent.contract import wire
from agent.contract.address import read_token
from agent.contract.redact import redact
from agent.contract.strict import ConfigError
from agent.spool import Spool

log = logging.getLogger(__name__)

BACKOFF_BASE_S = 0.5  # doubled with each failure, and drawn from zero on: full jitter
BACKOFF_CAP_S = 30.0  # half an interval where that is less: a silent node is one after three intervals
BACKOFF_SLOW_S = 60.0  # where only a person can help: a refused token, another version
OPEN_S = 10.0  # connection, handshake and welcome together
CLOSE_S = 1.0  # a broken server need not agree to the end
QUIET_INTERVALS = 3  # every report is acked: nothing heard for so long is a dead link
QUIET_AT_LEAST_S = 10.0  # a commit may wait for a slow disk
MANY = 50  # results that wait: more than come at once in a round, so that they are sent without waiting for more
WORDS_AT_MOST = 1000  # besides reports, and not sent yet: answers to directives come in dozens
LINGER_S = 0.25  # results of one round come together; nobody notices this much later

_SLOW = (401, 403, 404)  # a refused token, or no aggregator at all behind the address


@dataclass
class Speaker:
    """Who speaks on the link, and for how long between two reports."""

    node: str
    boot: str
    interval_s: float
    facts: dict[str, Any] = field(default_factory=dict)


class _Refused(Exception):
    """The aggregator is there and does not want this agent."""


class Link:
    """One agent's link, made anew whenever it breaks.

    Args:
        url: the aggregator's, such as `http://127.0.0.1:8080`.
        on_directive: called with each directive of the aggregator.
    """

    def __init__(
        self,
        url: str,
        token_file: str | None,
        speaker: Speaker,
        spool: Spool,
        on_directive: Callable[[wire.Directive], None],
        chance: random.Random | None = None,
    ) -> None:
        self._url = url.rstrip("/") + wire.PATH
        self._token_file = token_file
        self._speaker = speaker
        self._spool = spool
        self._on_directive = on_directive
        self._chance = chance or random.Random()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._linger: asyncio.TimerHandle | None = None
        self._words: asyncio.Queue[wire.Word] = asyncio.Queue(WORDS_AT_MOST)
        self._sent: deque[tuple[int, bytes]] = deque()
        self._seq = 0
        self._acked = 0
        self._said = ""
        self.connected = False
        self.reference: tuple[str, datetime, datetime] | None = None  # (who, its clock, this node's clock then)

    def news(self, *, soon: bool = False) -> None:
        """Say that the spool has something; `soon`: more of it is coming."""
        if not soon:
            self._news.set()
        elif self._linger is None or self._linger.when() <= asyncio.get_running_loop().time():
            self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._news.set)

    def clock(self) -> datetime:
        """Give the aggregator's clock, as far as it is known."""
        here = datetime.now(UTC)
        return self.reference[1] + (here - self.reference[2]) if self.reference is not None else here

    def say(self, word: wire.Word) -> bool:
        """Send a word besides the reports; tell whether it is on its way. With the link it is lost."""
        if not self.connected or self._words.full():
            return False
        self._words.put_nowait(word)
        return True

    async def run(self) -> None:
        """Keep the link until cancelled."""
        failures = 0
        async with aiohttp.ClientSession() as session:
            while True:
                slow = False
                try:
                    await self._live(session)
                    why = "the aggregator closed the link"
                except _Refused as error:
                    why, slow = str(error), True
                except (
                    aiohttp.ClientError,
                    OSError,
                    ConfigError,
                    wire.WireError,
                ) as error:  # OSError: TimeoutError, too
                    why = str(error) or type(error).__name__
                failures = 0 if self.connected else failures + 1
                self.connected = False
                self._say(logging.WARNING, f"no link to {self._url}: {why}; the checks go on")
                await asyncio.sleep(self._pause_s(failures, slow))

    def _pause_s(self, failures: int, slow: bool) -> float:
        if slow:
            return self._chance.uniform(BACKOFF_SLOW_S / 2, BACKOFF_SLOW_S)
        cap_s = min(BACKOFF_CAP_S, max(BACKOFF_BASE_S, self._speaker.interval_s / 2))
        return self._chance.uniform(0, min(cap_s, BACKOFF_BASE_S * 2.0 ** min(failures, 16)))

    async def _live(self, session: aiohttp.ClientSession) -> None:
        headers = {}
        if self._token_file is not None:
            headers["Authorization"] = f"Bearer {read_token(self._token_file)}"
        try:
            async with asyncio.timeout(OPEN_S):
                socket = await session.ws_connect(
                    self._url,
                    headers=headers,
                    max_msg_size=wire.MAX_MESSAGE_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            if error.status in _SLOW:
                raise _Refused(f"the aggregator answers {error.status} {_MEANINGS[error.status]}") from error
            raise
        try:
            async with asyncio.timeout(OPEN_S):
                await self._greet(socket)
            sending = [asyncio.create_task(self._send(socket)), asyncio.create_task(self._speak(socket))]
            try:
                await self._receive(socket)
            finally:
                for task in sending:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError, OSError):
                        await task
        finally:
            await asyncio.shield(_close(socket))

    async def _greet(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        speaker = self._speaker
        hello = wire.Hello(
            version=wire.VERSION,
            node=speaker.node,
            boot=speaker.boot,
            at=datetime.now(UTC),
            interval_s=speaker.interval_s,
            facts=speaker.facts,
            speaks=list(wire.SPEAKS),
        )
        await socket.send_str(wire.encode(hello).decode())
        welcome = await self._next(socket, OPEN_S)
        if not isinstance(welcome, wire.Welcome):
            raise wire.WireError(wire.CLOSE_ORDER, "the aggregator did not greet")
        if welcome.seq < self._acked:  # its store was lost: it knows less than it had acked
            self._spool.again()
        self._heard(welcome.seq, welcome.at)
        self._words = asyncio.Queue(WORDS_AT_MOST)  # what was meant for the link before is nobody's now
        self.connected = True
        self._say(logging.INFO, f"linked to {self._url}")
        self._news.set()
        for seq, body in list(self._sent):
            await self._send_report(socket, seq, body)

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Send what the spool has, and something at least once an interval."""
        while True:
            if len(self._spool) < MANY:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._speaker.interval_s):
                        await self._news.wait()
            while len(self._sent) >= wire.IN_FLIGHT:
                self._room.clear()
                await self._room.wait()
            self._news.clear()
            self._seq += 1  # from here to the sending nothing is waited for: what is taken is also remembered
            self._sent.append((self._seq, self._spool.take() or b"{}"))
            await self._send_report(socket, *self._sent[-1])

    async def _speak(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Send what was said besides the reports."""
        while True:
            word = await self._words.get()
            await socket.send_str(wire.encode(word).decode())

    async def _send_report(self, socket: aiohttp.ClientWebSocketResponse, seq: int, body: bytes) -> None:
        report = wire.Report(version=wire.VERSION, seq=seq, at=datetime.now(UTC), body=msgspec.Raw(body))
        await socket.send_str(wire.encode(report).decode())

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            quiet_s = max(QUIET_INTERVALS * self._speaker.interval_s, QUIET_AT_LEAST_S)
            message = await self._next(socket, quiet_s)
            if message is None:
                return
            if isinstance(message, wire.Ack):
                self._heard(message.seq, message.at)
            elif isinstance(message, wire.Directive):
                self._on_directive(message)
            else:
                log.info("the aggregator sent %r, which this agent does not know", str(message)[:40])

    async def _next(self, socket: aiohttp.ClientWebSocketResponse, patience_s: float) -> wire.DownMessage | str | None:
        """Give the next message; none where the aggregator has closed the link in order."""
        got = await socket.receive(timeout=patience_s)
        if got.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            return wire.read_down(got.data)
        if got.type is aiohttp.WSMsgType.ERROR:
            raise wire.WireError(wire.CLOSE_BAD_FRAME, f"broken frame: {socket.exception()}")
        reason = got.extra if got.type is aiohttp.WSMsgType.CLOSE else ""
        if socket.close_code in wire.RETRY_SLOWLY:
            raise _Refused(f"the aggregator closed with {socket.close_code}: {reason}")
        if socket.close_code in (wire.CLOSE_DONE, wire.CLOSE_GOING_AWAY):
            return None
        if socket.close_code in (wire.CLOSE_BAD_MESSAGE, wire.CLOSE_TOO_BIG) and self._sent:
            seq, _ = self._sent.popleft()  # sent again it would be refused again, and nothing after it would be heard
            log.error("report %d is lost: the aggregator cannot take it (%s)", seq, redact(str(reason)))
        raise wire.WireError(wire.CLOSE_BAD_FRAME, f"the link broke ({socket.close_code}{reason and f': {reason}'})")

    def _heard(self, seq: int, at: datetime) -> None:
        self.reference = ("aggregator", at, datetime.now(UTC))
        self._acked = seq
        while self._sent and self._sent[0][0] <= seq:
            self._sent.popleft()
        self._room.set()

    def _say(self, level: int, line: str) -> None:
        """Log a line once, not with every attempt."""
        if line != self._said:
            self._said = line
            log.log(level, "%s", redact(line))


_MEANINGS = {401: "(no token, or a wrong one)", 403: "(this agent may not report)", 404: "(no aggregator there)"}


async def _close(socket: aiohttp.ClientWebSocketResponse) -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError):
        await socket.close(code=wire.CLOSE_GOING_AWAY)
