"""One round: questions in, results out, each (check, target) asked at most once.

What a question needs is asked when it is needed, so that hosts which only a server's answer names (a token service, a
blob host) walk through dns, tcp and tls like any other. The round is the one place for patience, exceptions, clocks and
results: a `Fault` is `failed`, a prerequisite that failed makes `skipped`, and an instrument that breaks is `unknown`.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from agent import checks
from agent.check import Blocked, CannotLook, Check, Refused, Settings
from agent.contract.redact import redact, redact_all
from agent.contract.result import Result, Verdict, failed, unknown, warn
from agent.host.endpoint import Endpoint, Origin
from agent.host.node import Node
from agent.host.root import HostFileError
from agent.probes.connections import Connections
from agent.probes.fault import Fault
from agent.probes.guard import Guard
from agent.probes.http import Connection
from agent.probes.stream import Stream

log = logging.getLogger(__name__)

AT_ONCE = 16  # questions that work at the same time: enough for a node's registries, few enough to stay unnoticed
OVERRUN = 4  # an instrument may take this many times its patience (it may ask several times) before it is cut
MARGIN_S = 0.5  # patience ends this long before the deadline: a fact comes out, not a cut
OPTIONAL = "mirror: "  # begins the detail of what failed and a pull can do without
LAST = frozenset({"clock"})  # asked when all others are done: they bring what it compares with


@dataclass(frozen=True, slots=True)
class Question:
    """One check of one target; `registries` are those on whose behalf it is asked, `via` the endpoint, for hosts."""

    check: str
    target: str
    registries: tuple[str, ...] = ()
    via: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    observation: Any
    blocked_by: str | None  # what stops those who need this: its own name, or what stopped it


@dataclass(slots=True)
class _Asked:
    question: Question
    registries: set[str]
    optional: bool
    outcome: "asyncio.Task[_Outcome]" = field(init=False)
    result: Result | None = None
    failed: Verdict | None = None  # what was seen, where it is only a warning as long as a pull can do without


class Round:
    """Asks questions of one reading of a node.

    Args:
        node: the node as one runtime sees it.
        settings: per check; a check without an entry runs by the table.
        deadline_s: seconds after which the whole is over; patience shrinks towards it.
        on_result: called with each result when it is known.
        guard: keeps the round from places that it may not ask; none: it may ask any.
        remembered: what checks may `recall` from outside the round: `dates`, the clock's references.
        find: gives a check by its name.
    """

    def __init__(
        self,
        node: Node,
        settings: Mapping[str, Settings],
        *,
        deadline_s: float | None = None,
        on_result: Callable[[Result], None] | None = None,
        guard: Guard | None = None,
        remembered: Mapping[str, Any] | None = None,
        find: Callable[[str], Check] = checks.check,
    ) -> None:
        self.node = node
        self.guard = guard
        self.memory: dict[str, Any] = dict(remembered or {})
        self.connections = Connections()
        self.slots = asyncio.Semaphore(AT_ONCE)
        self._settings = settings
        self._find = find
        self._ends_at = None if deadline_s is None else time.monotonic() + deadline_s
        self._on_result = on_result
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._results: list[Result] = []
        self.needs: list[tuple[Question, Question]] = []  # (who asked, what was needed): the round's graph

    async def ask(self, questions: Sequence[Question]) -> list[Result]:
        """Ask all, and give every result of the round, prerequisites included, in the order of completion."""
        try:
            first = [question for question in questions if question.check not in LAST]
            for group in (first, [question for question in questions if question.check in LAST]):
                await asyncio.gather(*(self.start(question).outcome for question in group))
        finally:
            await self._end()
        return self._results

    def seen(self, check: str, target: str) -> Any | None:
        """Give what a check observed in this round; none where it was not asked or could not look."""
        asked = self._asked.get((check, target))
        done = asked is not None and asked.outcome.done() and not asked.outcome.cancelled()
        return asked.outcome.result().observation if asked is not None and done else None

    def start(self, question: Question) -> _Asked:
        """Start a question, or join the one that was started before."""
        key = (question.check, question.target)
        asked = self._asked.get(key)
        optional = question.via is not None and question.via.mirror
        if asked is None:
            asked = self._asked[key] = _Asked(question, set(question.registries), optional)
            asked.outcome = asyncio.create_task(self._run(asked), name=" ".join(key))
        else:
            asked.registries.update(question.registries)
            asked.optional = asked.optional and optional
            if asked.result is not None:
                asked.result.registries = sorted(asked.registries)
                if asked.failed is not None and not asked.optional:
                    # Seen to fail for a mirror's sake, and now something that a pull cannot do without needs it.
                    asked.result.status, asked.result.detail = "failed", redact(asked.failed.detail)
                    asked.failed = None
        return asked

    def settings(self, check: str) -> Settings:
        """Give a check's settings, its patience shortened to what is left of the whole."""
        settings = self._settings.get(check) or Settings.default(check)
        left_s = self.left_s
        if left_s is None or left_s - MARGIN_S >= settings.patience_s:
            return settings
        return msgspec.structs.replace(settings, patience_s=max(left_s - MARGIN_S, 0.05))

    def within(self, wanted_s: float) -> float:
        """Give `wanted_s`, or what is left of the whole where that is less."""
        left_s = self.left_s
        return wanted_s if left_s is None else max(0.0, min(wanted_s, left_s))

    @property
    def left_s(self) -> float | None:
        """Seconds until the deadline, or none."""
        return None if self._ends_at is None else self._ends_at - time.monotonic()

    async def _run(self, asked: _Asked) -> _Outcome:
        question = asked.question
        look = _Look(self, asked)
        started = time.perf_counter()
        verdict, observation, blocked_by = await self._verdict(question, look)
        took_s = time.perf_counter() - started - look.waited_s
        if verdict.status == "failed" and asked.optional:
            asked.failed = verdict
            verdict = warn(verdict.cause or "unknown", f"{OPTIONAL}{verdict.detail}", **verdict.evidence)
            blocks: str | None = f"{question.check} {question.target}"
        else:
            blocks = f"{question.check} {question.target}" if verdict.status in ("failed", "unknown") else blocked_by
        asked.result = Result(
            check=question.check,
            target=question.target,
            status=verdict.status,
            cause=verdict.cause,
            detail=redact(verdict.detail),
            evidence=redact_all(verdict.evidence),  # type: ignore[arg-type]  # a dict stays a dict
            registries=sorted(asked.registries),
            took_s=round(max(took_s, 0.0), 6),
            at=datetime.now(UTC),
            blocked_by=blocked_by,
        )
        if (self._settings.get(question.check) or Settings.default(question.check)).enabled:
            self._results.append(asked.result)
            if self._on_result is not None:
                self._on_result(asked.result)
        return _Outcome(observation, blocks)

    async def _verdict(self, question: Question, look: "_Look") -> tuple[Verdict, Any, str | None]:
        """Look and judge; nothing but cancellation of the whole gets out of here."""
        try:
            check = self._find(question.check)
            async with self.slots, look.watched():
                observation = await check.observe(question.target, look)
            return check.judge(observation, look.settings), observation, None
        except Blocked as blocked:
            return Verdict(status="skipped", detail=f"not asked: {blocked.by} failed"), None, blocked.by
        except Fault as fault:
            return failed(fault.cause, fault.detail, **fault.evidence), None, None
        except Refused as reason:
            return unknown(f"refused: {reason}", refused=True), None, None
        except CannotLook as reason:
            return unknown(f"cannot look: {reason}"), None, None
        except HostFileError as error:
            if error.forbidden:
                return unknown(f"cannot look: {error}"), None, None
            return failed("config_invalid", str(error), file=error.path), None, None
        except TimeoutError:
            if self.left_s is not None and self.left_s < MARGIN_S:
                return failed("cancelled", "no end within the time for the whole"), None, None
            return unknown("the instrument took longer than it may"), None, None
        except Exception as error:  # the one place where a broken instrument becomes `unknown`
            log.exception("the check %s of %s broke", question.check, question.target)
            return unknown(f"the instrument broke: {type(error).__name__}"), None, None

    async def _end(self) -> None:
        tasks = [asked.outcome for asked in self._asked.values()]
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            stream = getattr(outcome.observation, "stream", None) if isinstance(outcome, _Outcome) else None
            if isinstance(stream, Stream):
                stream.abort()
        self.connections.close()


class _Look:
    """What one check of one target may use: `agent.check.Look`."""

    def __init__(self, round_: Round, asked: _Asked) -> None:
        self._round = round_
        self._asked = asked
        self._watch: asyncio.Timeout | None = None
        self.waited_s = 0.0

    def watched(self) -> asyncio.Timeout:
        """Give the watch that cuts an instrument which overruns its own patience, or the deadline of the whole."""
        self._watch = asyncio.timeout(self._round.within(OVERRUN * self.settings.patience_s))
        return self._watch

    @property
    def node(self) -> Node:
        return self._round.node

    @property
    def settings(self) -> Settings:
        return self._round.settings(self._asked.question.check)

    @property
    def via(self) -> Endpoint | None:
        return self._asked.question.via

    @property
    def guard(self) -> Guard | None:
        return self._round.guard

    async def need(self, check: str, target: str, via: Endpoint | None = None) -> Any:
        registries = self._asked.registries | ({via.registry} if via else set())
        asked = self._round.start(Question(check, target, tuple(registries), via))
        self._round.needs.append((self._asked.question, asked.question))
        if not asked.outcome.done():
            await self._wait_for(asked.outcome)
        outcome = asked.outcome.result()
        if outcome.blocked_by is not None:
            raise Blocked(outcome.blocked_by)
        return outcome.observation

    async def _wait_for(self, outcome: "asyncio.Task[_Outcome]") -> None:
        """Wait without holding a slot, and without the time counting as this instrument's own."""
        assert self._watch is not None
        started = asyncio.get_running_loop().time()
        left_s = (self._watch.when() or started) - started
        self._watch.reschedule(None)
        self._round.slots.release()
        try:
            await asyncio.shield(outcome)
        finally:
            await asyncio.shield(self._round.slots.acquire())
            now = asyncio.get_running_loop().time()
            self.waited_s += now - started
            self._watch.reschedule(now + self._round.within(left_s))

    async def connect(self, origin: Origin, via: Endpoint) -> Connection:
        if origin.scheme == "http" and self.node.proxy(origin) is not None:
            raise CannotLook(f"the runtime goes to {origin} through a proxy, and plain HTTP is not followed there")
        seen = await self.need("tls" if origin.scheme == "https" else "tcp", origin.target, via)
        trust = self.node.trust(via.trust)
        return await self._round.connections.lend(origin, seen.stream, trust, self.settings.patience_s)

    def found(self, key: str, value: Any) -> None:
        self._round.memory[key] = value

    def recall(self, key: str) -> Any | None:
        return self._round.memory.get(key)
