"""Which questions are due now?

Pure but for the random numbers that it is given: time comes in as monotonic seconds, so a test needs no clock.
Questions of one round stay together: the same stretch of jitter counts for all of them, and what is nearly due goes
along, because a round reuses its connections.

What is not ok is asked more often: a failure ends for the person who waits for it. What was skipped is asked as soon as
what blocked it is well again.
"""

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.check import Settings
from agent.contract.result import Result, Status
from agent.contract.table import CONFIRM_AFTER_S, RETRY_RATIO
from agent.round import Question

JITTER_RATIO = 0.05  # either way: a fleet that was started at once drifts apart within some rounds
START_RATIO = 0.05  # of an interval: nodes that start at once do not ask at once, and nobody waits for the first answer
START_AT_MOST_S = 3.0  # `pullscope run` has 30 s for its first report
ALONG_RATIO = 0.1  # due within this share of its own `every_s`: goes along with a round that runs anyway
NAMED_FOR_S = 7200.0  # a host that only an answer named (token service, blobs) is asked by itself for this long after:
# twice as long as it takes until `layer` is asked again and names it anew
NAMED_AT_MOST = 128  # of such questions; blob hosts that rotate must not fill the node

_NEVER = (math.inf, None)


@dataclass(frozen=True, slots=True)
class Start:
    """When a round began, and the stretch of jitter that counts for all its questions."""

    at: float
    factor: float


@dataclass(frozen=True, slots=True)
class Again:
    """A question that is asked once more at once; `cause` is what was seen, here or elsewhere."""

    question: Question
    cause: str | None


@dataclass(slots=True)
class _Entry:
    status: Status
    blocked_by: str | None
    due_at: float


class Schedule:
    """When each question of a node is asked again.

    Args:
        settings: per check.
        interval_s: between two rounds.
        now: monotonic seconds.
        chance: the source of jitter.
    """

    def __init__(
        self, settings: Mapping[str, Settings], interval_s: float, now: float, chance: random.Random | None = None
    ) -> None:
        self._settings = settings
        self._own_s = interval_s
        self.interval_s = interval_s
        self._chance = chance or random.Random()
        self._starts_at = now + self._chance.uniform(0, min(START_RATIO * interval_s, START_AT_MOST_S))
        self._entries: dict[str, _Entry] = {}
        self._named: dict[str, tuple[Question, float]] = {}
        self._again: dict[str, tuple[float, str | None]] = {}

    def stretch(self, interval_s: float | None) -> None:
        """Take another interval (a directive), or with none the configured one; it is never shorter than that."""
        self.interval_s = max(interval_s or 0.0, self._own_s)

    def questions(self, planned: Iterable[Question], now: float) -> list[Question]:
        """Give all that this node asks: what is planned, and the hosts that answers have named lately."""
        for name in [name for name, (_, until) in self._named.items() if until <= now]:
            del self._named[name]
        every = {key(question): question for question, _ in self._named.values()}
        every.update((key(question), question) for question in planned)
        return [question for question in every.values() if self._settings[question.check].enabled]

    def due(self, questions: Iterable[Question], now: float) -> list[Question]:
        """Give those that a round at `now` asks; none before the first round's time."""
        if now < self._starts_at:
            return []
        candidates = list(questions)
        if not any(self._due_at(question) <= now for question in candidates):
            return []
        return [question for question in candidates if self._due_at(question) - self._along_s(question.check) <= now]

    def next_at(self, questions: Iterable[Question]) -> float:
        """Give when the next round is due."""
        return max(min((self._due_at(question) for question in questions), default=self._starts_at), self._starts_at)

    def take_again(self, questions: Iterable[Question], now: float) -> list[Again]:
        """Take those that are to be asked once more by now: after a first failure, or because they were hastened."""
        due = [question for question in questions if self._again.get(key(question), _NEVER)[0] <= now]
        return [Again(question, self._again.pop(key(question))[1]) for question in due]

    def next_again_at(self, questions: Iterable[Question]) -> float:
        """Give when the next question is to be asked once more; infinity where none is."""
        return min((self._again.get(key(question), _NEVER)[0] for question in questions), default=math.inf)

    def is_again(self, name: str) -> bool:
        """Whether a question is to be asked once more."""
        return name in self._again

    def hasten(self, name: str, cause: str | None, now: float) -> None:
        """Ask once more now: what others have seen is looked at here."""
        self._again[name] = (now, cause)

    def due_now(self, name: str, now: float) -> None:
        """Ask in the next round, with all patience."""
        if name in self._entries:
            self._entries[name].due_at = now

    def put_off(self, name: str, until: float) -> None:
        """Do not ask before: it is another node's turn."""
        if name in self._entries:
            self._entries[name].due_at = until
        else:
            self._entries[name] = _Entry("unknown", None, until)

    def start(self, now: float) -> Start:
        """Begin a round: what it answers is asked again counted from here."""
        return Start(now, self._chance.uniform(1 - JITTER_RATIO, 1 + JITTER_RATIO))

    def answered(
        self, result: Result, start: Start, *, first_failure: bool, now: float, again_after_s: float = CONFIRM_AFTER_S
    ) -> None:
        """Take a result of the round that began at `start`; a first failure is asked once more, a second later."""
        every_s = self._every_s(result.check)
        if result.status not in ("ok", "warn"):
            every_s = min(every_s, max(self.interval_s, every_s / RETRY_RATIO))
        self._entries[result.key] = _Entry(result.status, result.blocked_by, start.at + every_s * start.factor)
        self._again.pop(result.key, None)
        if first_failure:
            self._again[result.key] = (now + again_after_s, result.cause)
        if result.status in ("ok", "warn"):
            self._unblock(result.key, now)

    def named(self, needs: Iterable[tuple[Question, Question]], planned: Iterable[Question], now: float) -> None:
        """Remember what a round asked because a planned question needed it, by itself or through others.

        Args:
            needs: who asked, and what was needed.
        """
        edges = list(needs)
        told = {key(question) for question in planned}
        reached = set(told)
        while fresh := [what for who, what in edges if key(who) in reached and key(what) not in reached]:
            for question in fresh:
                reached.add(key(question))
                self._named.pop(key(question), None)
                self._named[key(question)] = (question, now + NAMED_FOR_S)
        while len(self._named) > NAMED_AT_MOST:
            del self._named[next(iter(self._named))]

    def forget(self, name: str) -> None:
        """Drop a target that is checked no more."""
        self._entries.pop(name, None)
        self._again.pop(name, None)

    def _unblock(self, blocker: str, now: float) -> None:
        for entry in self._entries.values():
            if entry.status == "skipped" and entry.blocked_by == blocker:
                entry.due_at = min(entry.due_at, now)

    def _every_s(self, check: str) -> float:
        return self._settings[check].every_s * self.interval_s / self._own_s

    def _along_s(self, check: str) -> float:
        return ALONG_RATIO * self._every_s(check)

    def _due_at(self, question: Question) -> float:
        entry = self._entries.get(key(question))
        return entry.due_at if entry is not None else self._starts_at


def key(question: Question) -> str:
    """Give the name of a question, the same as its result's: `tls quay.io:443`."""
    return f"{question.check} {question.target}"
