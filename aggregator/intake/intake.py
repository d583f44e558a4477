"""All agents' links together: one per node, and what their reports do to the fleet and the store."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from aiohttp import web

from agent.contract import wire
from agent.contract.result import Result
from aggregator.fleet import Fleet, Member
from aggregator.intake.doors import Doors
from aggregator.intake.session import Session
from aggregator.store.store import Store

log = logging.getLogger(__name__)


class Intake:
    """Takes what agents send.

    Args:
        changed: set whenever a report may look different.

    `on_results` is called with a node and its new results, `on_word` with a node and what it says besides reports,
    `on_link` with a node whose link is made or ended.
    """

    def __init__(self, fleet: Fleet, store: Store, doors: Doors, changed: asyncio.Event) -> None:
        self._fleet = fleet
        self._store = store
        self._doors = doors
        self._changed = changed
        self._sessions: dict[str, Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_results: Callable[[Member, Sequence[Result]], None] = _nobody_looks
        self.on_word: Callable[[str, wire.Word], None] = _nobody_listens
        self.on_link: Callable[[str, bool], None] = _nobody_cares
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
            self._keep(task)
        member = self._fleet.member(hello.node)
        member.greet(hello.boot, hello.interval_s, hello.facts, now)
        member.linked = True
        self._news()
        return member

    def greeted(self, session: Session) -> None:
        """Take note that an agent has its welcome: from now on it takes directives."""
        if not self.replaced(session):
            self.on_link(session.name, True)

    def replaced(self, session: Session) -> bool:
        """Whether another link speaks for this node by now."""
        return self._sessions.get(session.name) is not session

    def left(self, session: Session) -> None:
        """Take note that a link is over."""
        if session.member is not None and not self.replaced(session):
            del self._sessions[session.name]
            session.member.linked = False
            self.on_link(session.name, False)

    def refused(self, code: int) -> None:
        """Count a link that was closed for what came over it."""
        self.closed[code] += 1

    def speaks(self, node: str, directive: str) -> bool:
        """Whether a node has a link now, and its agent understands this directive (`wire.SPEAKS`)."""
        session = self._sessions.get(node)
        return session is not None and session.greeted and directive in session.speaks

    def address(self, node: str) -> str:
        """Give where a node's link comes from; nothing where it has none."""
        session = self._sessions.get(node)
        return session.peer if session is not None else ""

    def direct(self, node: str, directive: wire.Directive) -> bool:
        """Send a directive to a node; tell whether it is on its way."""
        session = self._sessions.get(node)
        if session is None or not session.greeted:
            return False
        self._keep(asyncio.create_task(session.direct(directive)))
        return True

    def hear(self, session: Session, word: wire.Word) -> None:
        """Take what an agent says besides its reports: it speaks for its own node and no other."""
        if session.member is not None:
            session.member.last_seen = datetime.now(UTC)
        self.on_word(session.name, word)

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
            self.on_results(member, body.results)
            write = member.write(changes, results=bool(body.results or body.targets is not None))
            if body.results or body.targets is not None or body.facts is not None:
                self._news()
        write.committed = partial(session.committed, write.seq)
        self._store.put(write)

    async def close(self) -> None:
        """Close all links: the aggregator ends."""
        for session in list(self._sessions.values()):
            await session.close(wire.CLOSE_GOING_AWAY, "the aggregator ends")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _news(self) -> None:
        self._fleet.version += 1
        self._changed.set()


def _nobody_looks(member: Member, results: Sequence[Result]) -> None:
    """Take no note of results."""


def _nobody_listens(node: str, word: wire.Word) -> None:
    """Drop a word that nobody waits for."""


def _nobody_cares(node: str, linked: bool) -> None:
    """Take no note of a link."""
