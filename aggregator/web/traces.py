"""`POST /trace`: can these nodes pull this image now?

    {"image": "quay.io/team/app:1", "nodes": ["node-1", "node-2"]}
    {"image": "quay.io/team/app:1", "sample": 5, "pull": false}

Answers stream as they come, one line for each node, and a last line says what they say together: text for a person,
a trace in JSON for who asks for it. A registry that nobody uses is refused before any node is asked. What an agent
may connect to is its own guard's word (`agent.probes.guard`).

Cannot see: a caller who is gone, until the next look at the connection.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from aiohttp import web

from agent.contract import wire
from agent.contract.reference import InvalidReferenceError, Reference, parse
from agent.contract.report import Trace
from agent.contract.table import CADENCES, TRACE_WITHIN_S
from aggregator.directives.desk import Desk
from aggregator.directives.traces import NODES_AT_MOST, Asking, is_used, sample
from aggregator.fleet import Fleet
from aggregator.intake.doors import Doors
from aggregator.intake.intake import Intake
from aggregator.web.ask import check_parameters, form_of, refusal
from aggregator.web.trace_lines import fixes, line, together

BODY_BYTES = 64 * 1024  # an image and fifty names of nodes are a tenth of it
BODY_S = 10.0  # for a caller's question to arrive
LOOK_S = 0.5  # between two looks at whether the caller is still there, and whose time is up
WRITE_S = 10.0  # a caller who takes no line for so long is gone

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$")]
Names = Annotated[list[Name], msgspec.Meta(min_length=1, max_length=NODES_AT_MOST)]
Number = Annotated[int, msgspec.Meta(ge=1, le=NODES_AT_MOST)]


class Order(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a caller wants. `nodes`: these; or `sample`: so many, spread over the facts. `pull`: a real pull, too."""

    image: str
    nodes: Names | None = None
    sample: Number | None = None
    pull: bool = False


_order = msgspec.json.Decoder(Order)


@dataclass(frozen=True)
class TracePage:
    """What the path is made of."""

    fleet: Fleet
    intake: Intake
    doors: Doors
    desk: Desk

    def add_to(self, app: web.Application) -> None:
        """Add the path."""
        app.router.add_post("/trace", self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Ask the nodes, and stream what they say."""
        refused = self.doors.refuse_caller(request)
        if refused is not None:
            return refused
        check_parameters(request, "format")
        as_json = form_of(request) == "json"
        order = await _read(request)
        reference = self._allowed(order)
        nodes = self._chosen(order)
        now = time.monotonic()
        busy = self.desk.traces.refusal(len(nodes), now)
        if busy is not None:
            raise web.HTTPTooManyRequests(
                text=f"{busy[0]}: try again in {busy[1]:.0f} s\n", headers={"Retry-After": f"{busy[1] + 0.5:.0f}"}
            )
        answers: asyncio.Queue[Trace] = asyncio.Queue()
        within_s = TRACE_WITHIN_S + (CADENCES["pull"].patience_s if order.pull else 0)
        asking = self.desk.traces.begin(str(reference), nodes, within_s, now, answers.put_nowait)
        try:
            self._ask(asking, reference, pull=order.pull)
            return await self._stream(request, asking, answers, len(nodes), as_json=as_json)
        finally:
            self.desk.traces.end(asking)

    def _allowed(self, order: Order) -> Reference:
        try:
            reference = parse(order.image)
        except InvalidReferenceError as error:
            raise refusal(f"image: {error}") from error
        if not is_used(reference.registry, (member.results for member in self.fleet.members.values())):
            raise web.HTTPForbidden(
                text=f"{reference.registry} is refused: no node of this fleet is configured for it or uses it\n"
            )
        return reference

    def _chosen(self, order: Order) -> Sequence[str]:
        if (order.nodes is None) is (order.sample is None):
            raise refusal('expected either "nodes", a list of names, or "sample", a number of nodes')
        if order.nodes is not None:
            return list(dict.fromkeys(order.nodes))
        reachable = {name: member.facts for name, member in self.fleet.members.items() if self._speaks(name)}
        if not reachable:
            raise web.HTTPServiceUnavailable(text="no agent has a link now that could be asked\n")
        return sample(reachable, order.sample or 1)

    def _speaks(self, node: str) -> bool:
        return self.intake.speaks(node, wire.RUN)

    def _ask(self, asking: Asking, reference: Reference, *, pull: bool) -> None:
        """Send every node its directive; of those that cannot be asked, say why."""
        for id_, node in list(asking.waits.items()):
            why = self._why_not(node) or (self.desk.why_no_pull(node, reference.registry) if pull else None)
            run = wire.Run(id=id_, image=asking.image, pull=pull, within_s=asking.within_s)
            if why is None and not self.intake.direct(node, run):
                why = "its link has just ended"
            if why is not None:
                self.desk.traces.fail(asking, node, why)

    def _why_not(self, node: str) -> str | None:
        member = self.fleet.members.get(node)
        if member is None:
            return "no node of this name was ever heard"
        if self._speaks(node):
            return None
        if member.linked:
            return "its agent is an older one, which makes no traces on demand"
        return f"it has no link now; last heard {member.last_seen:%Y-%m-%d %H:%M:%S} UTC"

    async def _stream(
        self, request: web.Request, asking: Asking, answers: "asyncio.Queue[Trace]", nodes: int, *, as_json: bool
    ) -> web.StreamResponse:
        kind = "application/x-ndjson" if as_json else "text/plain; charset=utf-8"
        response = web.StreamResponse(headers={"Content-Type": kind, "Cache-Control": "no-store", "Vary": "Accept"})
        told: list[Trace] = []
        with contextlib.suppress(ConnectionError, TimeoutError):  # the caller is gone, or takes nothing any more
            await response.prepare(request)
            while len(told) < nodes and not _is_gone(request):
                self.desk.traces.overdue(time.monotonic())
                trace = await _next(answers)
                if trace is not None:
                    told.append(trace)
                    await _write(response, _encode(trace) if as_json else line(trace))
            if len(told) == nodes:
                last = together(asking.image, told)
                for text in [_encode(last)] if as_json else [*fixes(told), last.summary]:
                    await _write(response, text)
                await response.write_eof()
        return response


async def _read(request: web.Request) -> Order:
    """Read the body.

    Raises:
        web.HTTPException: where it is too long, too slow, or not what is expected.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.content.iter_chunked(BODY_BYTES):
                body += part
                if len(body) > BODY_BYTES:
                    raise web.HTTPRequestEntityTooLarge(BODY_BYTES, len(body), text=f"at most {BODY_BYTES} bytes\n")
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text=f"the question did not arrive within {BODY_S:.0f} s\n") from error
    try:
        return _order.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        example = '{"image": "quay.io/team/app:1", "sample": 5}'
        raise refusal(f"expected JSON such as {example}: {error}") from error


async def _next(answers: "asyncio.Queue[Trace]") -> Trace | None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_S):
            return await answers.get()
    return None


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(WRITE_S):
        await response.write(f"{text}\n".encode())


def _encode(form: object) -> str:
    return msgspec.json.encode(form).decode()
