"""The aggregator as a service: one server for agents and readers, one store, one report."""

import asyncio
import contextlib
import errno
import logging
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType

from aiohttp import web

from agent.contract import wire
from agent.contract.strict import ConfigError
from aggregator.config import Config
from aggregator.directives.desk import Desk
from aggregator.directives.intervals import Intervals
from aggregator.directives.leases import Leases
from aggregator.fleet import Fleet
from aggregator.intake.doors import Doors
from aggregator.intake.intake import Intake
from aggregator.metrics import Metrics
from aggregator.reporter import Reporter
from aggregator.store.store import Store, StoreError
from aggregator.web.pages import Pages
from aggregator.web.traces import TracePage

log = logging.getLogger(__name__)

END_S = 1.0  # readers that are being answered have this long when the aggregator ends


class Aggregator:
    """One aggregator; `async with` starts and ends it.

    Args:
        any_port: take another port where the configured one is taken.

    Raises:
        ConfigError: on entering, in one line: the store cannot be used, or the address not be listened at.
    """

    def __init__(self, config: Config, *, any_port: bool = False) -> None:
        self.config = config
        self._any_port = any_port
        self._stack = contextlib.AsyncExitStack()
        self.url = ""

    async def __aenter__(self) -> "Aggregator":
        try:
            async with contextlib.AsyncExitStack() as stack:
                await self._start(stack)
                self._stack = stack.pop_all()
        except StoreError as error:
            raise ConfigError(str(error)) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        config = self.config
        self.store = Store(config.store, config.store_bytes)
        stack.push_async_callback(self.store.close)
        self.fleet = Fleet.load(config.cluster, self.store, datetime.now(UTC))
        self.reporter = Reporter(self.fleet, self.store, config.forget_after_s, config.keep_s)
        doors = Doors(config.listens_at(), config.token_file, config.reader_token_file)
        self.intake = Intake(self.fleet, self.store, doors, self.reporter.changed)
        leases = Leases(self.fleet, self.intake, self.store)
        intervals = Intervals(self.fleet, self.intake, config.registry_rate)
        self.reporter.freshness = intervals.freshness
        self.desk = desk = Desk(self.fleet, self.intake, leases, intervals)
        metrics = Metrics(self.reporter, self.intake, self.store, leases.budget, intervals.load)
        self.store.start()
        app = web.Application()
        app.router.add_get(wire.PATH, self.intake.handle)
        Pages(self.fleet, self.reporter, self.store, doors, metrics.text, leases).add_to(app)
        TracePage(self.fleet, self.intake, doors, desk).add_to(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=END_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        self.url = await self._listen(runner)
        stack.push_async_callback(self.intake.close)
        for service in (self.reporter.run(), desk.run(), leases.run(), intervals.run()):
            stack.push_async_callback(_end, asyncio.create_task(service))

    async def _listen(self, runner: web.AppRunner) -> str:
        listen = self.config.listens_at()
        try:
            await web.TCPSite(runner, listen.host or None, listen.port).start()
        except OSError as error:
            if not self._any_port or error.errno != errno.EADDRINUSE:
                raise ConfigError(f"cannot listen on {listen}: {error.strerror or error}") from error
            await web.TCPSite(runner, listen.host or None, 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def run_aggregator(config: Config, *, on_serving: Callable[[str], None] | None = None) -> None:
    """Run an aggregator until cancelled.

    Args:
        on_serving: called with its URL when it serves.

    Raises:
        ConfigError: where it cannot start.
    """
    async with Aggregator(config) as aggregator:
        log.info("serving at %s", aggregator.url)
        if on_serving is not None:
            on_serving(aggregator.url)
        await asyncio.get_running_loop().create_future()


def serve(config: Config, *, on_serving: Callable[[str], None] | None = None) -> None:
    """Run an aggregator until SIGTERM or SIGINT. Raises as `run_aggregator`."""

    async def until_told() -> None:
        task = asyncio.create_task(run_aggregator(config, on_serving=on_serving))
        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(until_told())
