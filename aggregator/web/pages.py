"""The readers' paths: /report, /snapshot, /nodes/NAME, /metrics, /healthz, /readyz."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from agent.contract.reference import InvalidReferenceError, parse
from aggregator.directives.leases import Leases
from aggregator.fleet import Fleet
from aggregator.intake.doors import Doors
from aggregator.reporter import Reporter
from aggregator.store.store import Store
from aggregator.web import choice, fitness
from aggregator.web.ask import check_parameters, form_of, refusal, wait_of
from aggregator.web.incidents_text import render_incidents
from aggregator.web.past import asked_for
from aggregator.web.text import render

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPEN_TO_ALL = ("/healthz", "/readyz")  # a probe of the kubelet shows no token, and learns nothing
DECIDED = ("fit", "unfit")


@dataclass(frozen=True)
class Pages:
    """What the pages are made of. `metrics` gives the text of /metrics."""

    fleet: Fleet
    reporter: Reporter
    store: Store
    doors: Doors
    metrics: Callable[[], bytes]
    leases: Leases

    def add_to(self, app: web.Application) -> None:
        """Add all paths."""
        paths: tuple[tuple[str, Callable[[web.Request], Awaitable[web.Response]]], ...] = (
            ("/report", self.report),
            ("/snapshot", self.snapshot),
            ("/nodes/{name}", self.node),
            ("/metrics", self.show_metrics),
            ("/healthz", self.health),
            ("/readyz", self.ready),
        )
        for path, page in paths:
            app.router.add_get(path, self._behind_door(path, page))

    def _behind_door(
        self, path: str, page: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            refused = None if path in OPEN_TO_ALL else self.doors.refuse_reader(request)
            return refused if refused is not None else await page(request)

        return answer

    async def report(self, request: web.Request) -> web.Response:
        """Give the report, of now or of the past, whole or for one node or image; text for a person, or JSON."""
        check_parameters(request, "format", "node", "image", "at", "since")
        form = form_of(request)
        asked = await asked_for(request, self.reporter, self.store)
        report = asked.report
        node, image = request.query.get("node"), request.query.get("image")
        if node is not None:
            if node not in self.fleet.members and not choice.names(report, node):
                raise web.HTTPNotFound(text=f"no node {node[:80]!r} was ever heard\n")
            report = choice.of_node(report, node)
        if image is not None:
            try:
                report = choice.of_image(report, parse(image), self.fleet.members.values())
            except InvalidReferenceError as error:
                raise refusal(f"image: {error}") from error
        if form == "json":
            return _json(report)
        text = render(report) if asked.since is None else render_incidents(report, asked.since)
        text = f"{asked.remark}\n{text}" if asked.remark else text
        return web.Response(text=text, headers={"Vary": "Accept", "Cache-Control": "no-store"})

    async def snapshot(self, request: web.Request) -> web.Response:
        """Give everything that is known of every node."""
        check_parameters(request)
        return _json(self.fleet.snapshot(datetime.now(UTC)))

    async def node(self, request: web.Request) -> web.Response:
        """Tell whether a node is fit to pull, now or when it is decided."""
        check_parameters(request, "wait")
        name = request.match_info["name"]
        with self.leases.validated(name):
            answer = await self._decided(name, time.monotonic() + wait_of(request))
        if answer is None:
            return _json({"error": f"no node {name[:80]!r} was ever heard"}, 404)
        answer.turns = [
            fitness.Turn(
                registry=turn.registry,
                identity=turn.identity,
                since=self.leases.at(turn.since),
                next_at=self.leases.at(turn.next_at),
                before=turn.before,
                why=turn.why,
            )
            for turn in self.leases.turns(name)
        ]
        return _json(answer, 200 if answer.verdict == "fit" else 503)

    async def _decided(self, name: str, ends_at: float) -> fitness.Fitness | None:
        while True:
            report = await self.reporter.newest()
            member = self.fleet.members.get(name)
            answer = fitness.judge(member, report, datetime.now(UTC)) if member is not None else None
            left_s = ends_at - time.monotonic()
            if left_s <= 0 or (answer is not None and answer.verdict in DECIDED):
                return answer
            await self.reporter.next(left_s)

    async def show_metrics(self, request: web.Request) -> web.Response:
        """Give all series."""
        del request
        return web.Response(body=self.metrics(), headers={"Content-Type": METRICS_TYPE})

    async def health(self, request: web.Request) -> web.Response:
        """Speak for the process alone."""
        del request
        return web.Response(text="ok\n")

    async def ready(self, request: web.Request) -> web.Response:
        """Tell whether reports are taken: there is a report, and the store can be written."""
        del request
        if self.reporter.report is None:
            return web.Response(status=503, text="no report yet\n")
        if self.store.done.fault:
            return web.Response(status=503, text=f"the store cannot be written: {self.store.done.fault}\n")
        return web.Response(text="ok\n")


def _json(form: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(form) + b"\n",
        status=status,
        content_type="application/json",
        headers={"Vary": "Accept", "Cache-Control": "no-store"},
    )
