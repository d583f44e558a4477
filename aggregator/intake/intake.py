"""All agents' links together: one per node, and what their reports do to the fleet and the store."""

import asyncio
import logging
from collections import Counter
from datetime import datetime
from functools import partial

from aiohttp import web

from agent.contract import wire
from aggregator.fleet import Fleet, Member
from aggregator.intake.doors import Doors
from aggregator.intake.session import Session
from aggregator.store.store import Store

log = logging.getLogger(__name__)


class Intake:
    """Takes what agents send.

    Args:
        changed: set whenever a report may look different.
    """

    def __init__(self, fleet: Fleet, store: Store, doors: Doors, changed: asyncio.Event) -> None:
        self._fleet = fleet
        self._store = store
        self._doors = doors
        self._changed = changed
        self._sessions: dict[str, Session] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.reports = 0
        self.repeated = 0
        self.results = 0
        self.closed: Counter[int] = Counter()

    @property
    def links(self) -> int:
        """How many nodes have a link."""
        return len(self._sessions)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve `/v1/link`."""
        refusal = self._doors.refuse_agent(request)
        if refusal is not None:
            self.closed[refusal.status] += 1
            return refusal
        socket = web.WebSocketResponse(max_msg_size=wire.MAX_MESSAGE_BYTES, compress=False)
        if not socket.can_prepare(request):
            return web.Response(status=426, text="agents speak WebSocket here\n", headers={"Upgrade": "websocket"})
        await socket.prepare(request)
        await Session(self, socket, request.remote or "?").run()
        return socket

    def joined(self, session: Session, hello: wire.Hello, now: datetime) -> Member:
        """Let a link speak for its node from now on; another one that did is closed."""
        before = self._sessions.get(hello.node)
        self._sessions[hello.node] = session
        if before is not None:
            twin = before.boot != hello.boot
            if twin:
                log.warning("another agent speaks for %s now", hello.node)
            task = asyncio.create_task(
                before.close(wire.CLOSE_REPLACED if twin else wire.CLOSE_DONE, "another link speaks for this node")
            )
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        member = self._fleet.member(hello.node)
        member.greet(hello.boot, hello.interval_s, hello.facts, now)
        member.linked = True
        self._news()
        return member

    def replaced(self, session: Session) -> bool:
        """Whether another link speaks for this node by now."""
        return self._sessions.get(session.name) is not session

    def left(self, session: Session) -> None:
        """Take note that a link is over."""
        if session.member is not None and not self.replaced(session):
            del self._sessions[session.name]
            session.member.linked = False

    def refused(self, code: int) -> None:
        """Count a link that was closed for what came over it."""
        self.closed[code] += 1

    def take(self, session: Session, member: Member, report: wire.Report, body: wire.Body, now: datetime) -> None:
        """Take a report; one that was taken before changes nothing, and is acked again."""
        member.last_seen = now
        self._fleet.heard.add(member.name)
        self.reports += 1
        if report.seq <= member.seq:
            self.repeated += 1
            write = member.write([], results=False)
        else:
            self.results += len(body.results)
            changes = member.take(report.seq, body, report.at, now)
            write = member.write(changes, results=bool(body.results or body.targets is not None))
            if body.results or body.targets is not None or body.facts is not None:
                self._news()
        write.committed = partial(session.committed, write.seq)
        self._store.put(write)

    async def close(self) -> None:
        """Close all links: the aggregator ends."""
        for session in list(self._sessions.values()):
            await session.close(wire.CLOSE_GOING_AWAY, "the aggregator ends")
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _news(self) -> None:
        self._fleet.version += 1
        self._changed.set()
