"""Can these nodes pull this image now? Who was asked, and what came of it.

Each node gives exactly one answer: its trace, or the reason why there is none. An agent that ignores the question, or
whose link breaks, is such a reason; what comes twice, late or for another node changes nothing. Bounded in rate, so
that neither a caller nor many of them are a load on a registry.

Cannot see: whether an agent tells the truth; what it does after nobody waits for it any more, which ends by itself.
"""

import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.contract.report import Trace
from agent.contract.result import Result
from agent.contract.wire import Answer
from aggregator.directives.spread import facts_of, spread

log = logging.getLogger(__name__)

NODES_AT_MOST = 50  # asked by one caller: as many as a person can read side by side
NODES_A_MINUTE = 100  # by all callers: a trace is about ten requests, so this is a load of less than 20 a second
AT_ONCE = 4  # callers who are answered
MINUTE_S = 60.0
LATE_S = 5.0  # an answer that was ready in time may still be on its way
REMEMBERED = 1000  # answers given: who gives another one is told apart from who was never asked

Tell = Callable[[Trace], None]


@dataclass(slots=True)
class Asking:
    """One caller. `waits`: the nodes that have not answered, by the id of their directive; `came`: their results."""

    image: str
    tell: Tell
    within_s: float
    ends_at: float
    waits: dict[str, str] = field(default_factory=dict)
    came: dict[str, int] = field(default_factory=dict)


class Traces:
    """All callers that wait for traces. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.askings: list[Asking] = []
        self._by_id: dict[str, Asking] = {}
        self._done: dict[str, None] = {}
        self._asked_at: deque[float] = deque()

    @property
    def waiting(self) -> int:
        """How many answers are waited for."""
        return len(self._by_id)

    def refusal(self, nodes: int, now: float) -> tuple[str, float] | None:
        """Give why so many nodes cannot be asked now, and in how many seconds they can be; none where they can."""
        if len(self.askings) >= AT_ONCE:
            return f"{AT_ONCE} callers are being answered", 1.0
        while self._asked_at and self._asked_at[0] <= now - MINUTE_S:
            self._asked_at.popleft()
        over = len(self._asked_at) + nodes - NODES_A_MINUTE
        if over > 0:
            return f"at most {NODES_A_MINUTE} nodes a minute are asked", self._asked_at[over - 1] + MINUTE_S - now
        return None

    def begin(self, image: str, nodes: Sequence[str], within_s: float, now: float, tell: Tell) -> Asking:
        """Begin to wait for an answer of each node.

        Args:
            within_s: how long an agent has.
            tell: called with each answer.
        """
        asking = Asking(image, tell, within_s, now + within_s + LATE_S)
        asking.waits = {secrets.token_hex(8): node for node in nodes}
        self.askings.append(asking)
        self._by_id.update(dict.fromkeys(asking.waits, asking))
        self._asked_at.extend([now] * len(nodes))
        return asking

    def heard(self, node: str, answer: Answer) -> None:
        """Take an answer; those to other directives are nothing to this."""
        asking = self._by_id.get(answer.id)
        if asking is None:
            if answer.id in self._done:
                log.info("%s answered again, or too late: dropped", node)
                del self._done[answer.id]
        elif asking.waits[answer.id] != node:
            log.warning("%s answered what %s was asked: dropped", node, asking.waits[answer.id])
        elif answer.done:
            self._settle(answer.id, *_trace_of(asking.image, node, answer))
        else:
            asking.came[answer.id] = asking.came.get(answer.id, 0) + 1

    def fail(self, asking: Asking, node: str, why: str) -> None:
        """Take note that a node will not answer."""
        for id_ in [id_ for id_, one in asking.waits.items() if one == node]:
            self._settle(id_, None, why)

    def left(self, node: str) -> None:
        """Take note that a node has no link any more: what it had to say is lost with it."""
        for asking in list(self.askings):
            self.fail(asking, node, "its link broke before it answered")

    def overdue(self, now: float) -> None:
        """End the waiting for those whose time is up."""
        for asking in [asking for asking in self.askings if asking.ends_at <= now]:
            for id_ in list(asking.waits):
                said = f"after {came} results" if (came := asking.came.get(id_)) else "it ignores the question"
                self._settle(id_, None, f"no answer within {asking.within_s + LATE_S:g} s: {said}")

    def end(self, asking: Asking) -> None:
        """Forget a caller, who is answered or gone."""
        for id_ in asking.waits:
            del self._by_id[id_]
            self._remember(id_)
        asking.waits.clear()
        self.askings.remove(asking)

    def _settle(self, id_: str, trace: Trace | None, why: str) -> None:
        asking = self._by_id.pop(id_)
        node = asking.waits.pop(id_)
        self._remember(id_)
        asking.tell(trace or Trace(node=node, image=asking.image, verdict="unknown", detail=why))

    def _remember(self, id_: str) -> None:
        self._done[id_] = None
        if len(self._done) > REMEMBERED:
            del self._done[next(iter(self._done))]


def _trace_of(image: str, node: str, answer: Answer) -> tuple[Trace | None, str]:
    trace = answer.trace
    if trace is None:
        return None, answer.error or "its agent ended without an answer"
    if trace.node != node:
        return None, f"its agent answered for another node, {trace.node[:80]!r}"
    if trace.image != image:
        return None, f"its agent answered for another image, {trace.image[:80]!r}"
    return trace, ""


def sample(facts: Mapping[str, Mapping[str, object]], most: int) -> list[str]:
    """Choose nodes that are as different as can be, by their facts."""
    return spread({name: facts_of(own) for name, own in facts.items()}, (), most)


def is_used(registry: str, fleet: Iterable[Mapping[str, Result]]) -> bool:
    """Tell whether any node is configured for a registry or uses it: something was asked there on its behalf."""
    name = f"registry {registry}"
    return any(
        name in results or any(registry in result.registries for result in results.values()) for results in fleet
    )
