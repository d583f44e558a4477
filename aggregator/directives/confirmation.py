"""Who else should look now? Asked when a check of a target begins or ceases to fail on one node.

The scope of a fault is to be known in seconds, not at the end of everybody's interval. Other nodes that ask the same
and have said otherwise are asked to look now, in waves: half of each are those most like the failing ones, half are
spread over the facts. Where a fact separates failing from well (no value of it has both), the values that look well are
cleared, and their other nodes need not be asked; nor need anybody where all that were asked are well. Bounded per node
and per registry, whatever happens.

In a large fleet the bound leaves nodes unasked for a while. Where nearly all that have looked, and that no fact clears,
see the fault, what the others said before it began is no word on it: they are `outdated`, and counted as not telling.

Cannot see: faults of the node itself (its disk, its runtime): others need not look for them. Real pulls are not asked
for, nor what counts as a pull where pulls are limited.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.contract.result import Result
from agent.contract.table import CADENCES
from agent.contract.wire import Ask
from aggregator.directives.spread import Facts, cleared_by, near, spread

WAVES = (8, 24, 72)  # nodes asked at a time: a few of every kind, then three times as many
QUIET = 24  # nodes that were asked and are all well, those most like the failing ones among them: it is not theirs
ANSWER_S = 5.0  # an agent that has not answered by then is not waited for: two hurried looks take less
TELLING = 8  # nodes that have looked, spread over the facts, and nearly all of them failing: what the rest said before
TELLING_SHARE = 0.9  # then is outdated; the same share as makes a scope the whole fleet
PAUSE_S = 0.25  # between two waves at least: where a registry's bound is reached, it fills up again meanwhile
FRESH_S = 5.0  # what was seen so lately is still so; a node that changes later by itself makes the others look anew
CASE_S = 60.0  # a case is over after this: by then every node has looked in its own interval
MINUTE_S = 60.0
NODE_AT_MOST = 240  # questions a minute to one node: two or three rounds of one with 20 images
REGISTRY_PER_S = 20.0  # questions a second about one registry or host, from all nodes
REGISTRY_BURST = 100  # of them at once: a fleet of a hundred nodes is asked in one go
CASES_AT_MOST = 200  # at the same time; a fleet where more begins to fail is asked about the first of them

_ASKED = frozenset(row.check for row in CADENCES.values() if row.target not in ("path", "node")) - {"pull"}
COUNTS_AS_PULL = frozenset({"platform", "layer"})  # GETs of manifests, where the digest is not cached

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Peer:
    """A node as far as it matters here. `status`: what it last said to the question, none where it does not ask it."""

    facts: Facts
    status: str | None
    reachable: bool


@dataclass(slots=True)
class _Case:
    """One question whose answer has changed somewhere: to `cause`, or from failing to well where that is none.

    `outdated`: whose last word is from before; `asked`: who was asked, each once; `waiting`: who has not answered yet,
    and until when that is waited for; `looked`: who has looked since, and whether it fails there.
    """

    key: Key
    cause: str | None
    registries: tuple[str, ...]
    opened: float
    wave: int = 0
    next_at: float = 0.0
    settled: bool = False
    peers: Mapping[str, Peer] | None = None
    outdated: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    waiting: dict[str, float] = field(default_factory=dict)
    looked: dict[str, bool] = field(default_factory=dict)


class Confirmation:
    """Decides who is asked what. All times are monotonic seconds."""

    def __init__(self) -> None:
        self._cases: dict[Key, _Case] = {}
        self._failing: dict[Key, set[str]] = defaultdict(set)
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        self._outdated: list[tuple[str, Key, bool]] = []
        self._buckets: dict[str, tuple[float, float]] = {}  # by registry or host: questions left, and when that was
        self.questions: Counter[str] = Counter()  # asked for so far, by check

    @property
    def cases(self) -> Sequence[Key]:
        """The questions that are being looked into."""
        return tuple(self._cases)

    def heard(self, node: str, results: Iterable[Result], now: float) -> None:
        """Take a node's results as they come."""
        for result in results:
            if result.check in _ASKED and result.could_tell:
                key = (result.check, result.target)
                if self._turns(key, node, fails=result.status == "failed"):
                    self._open(key, node, result, now)
                case = self._cases.get(key)
                if case and node in case.outdated:
                    self._outdate(case, case.outdated - {node})
                # An answer as before that nobody asked for may have been on its way when the case was opened.
                if case and (node in case.asked or (result.status == "failed") is (case.cause is not None)):
                    self._looked(case, node, fails=result.status == "failed")

    def _looked(self, case: _Case, node: str, *, fails: bool) -> None:
        case.waiting.pop(node, None)
        if case.looked.get(node) != fails:
            case.looked[node] = fails
            case.settled = False  # it may be a fact's first failing node: others are not cleared by it any more

    def _turns(self, key: Key, node: str, *, fails: bool) -> bool:
        """Remember who fails, and tell whether a node began or ceased to."""
        if fails:
            turned = node not in self._failing[key]
            self._failing[key].add(node)
            return turned
        turned = node in self._failing.get(key, ())
        if turned:
            self._failing[key].discard(node)
            if not self._failing[key]:
                del self._failing[key]
        return turned

    def _open(self, key: Key, node: str, result: Result, now: float) -> None:
        """Open a case. One that is open goes on where this is but its answer, or came with it."""
        cause = result.cause or "unknown" if result.status == "failed" else None
        case = self._cases.get(key)
        if case is None:
            wanted = len(self._cases) < CASES_AT_MOST
        else:
            turned = (case.cause is None) != (cause is None)
            wanted = turned or (node not in case.waiting and now - case.opened > FRESH_S)
        if wanted:
            self._close(key)
            self._cases[key] = _Case(key, cause, tuple(result.registries), now)

    def left(self, node: str) -> None:
        """Take note that a node has no link any more: nobody waits for it, and what it tells next is news."""
        for case in self._cases.values():
            case.waiting.pop(node, None)
        for key in [key for key, nodes in self._failing.items() if node in nodes]:
            self._turns(key, node, fails=False)

    def due(self, now: float) -> list[Key]:
        """Give the cases that want their next wave, and end those that are over."""
        for key, case in list(self._cases.items()):
            if now - case.opened > CASE_S:
                self._close(key)
        return [
            case.key
            for case in self._cases.values()
            if not case.settled and case.next_at <= now and not any(until > now for until in case.waiting.values())
        ]

    def outdated(self) -> list[tuple[str, Key, bool]]:
        """Give what has changed since this was asked last: (node, question, whether its last word is outdated now)."""
        changes, self._outdated = self._outdated, []
        return changes

    def _outdate(self, case: _Case, nodes: set[str]) -> None:
        self._outdated += [(node, case.key, False) for node in case.outdated - nodes]
        self._outdated += [(node, case.key, True) for node in nodes - case.outdated]
        case.outdated = nodes

    def _close(self, key: Key) -> None:
        if (case := self._cases.pop(key, None)) is not None:
            self._outdate(case, set())

    def wave(
        self, key: Key, fleet: Callable[[Key], Mapping[str, Peer]], now: float, *, limited: bool
    ) -> dict[str, Ask]:
        """Give who is asked next in a case, and what.

        Args:
            fleet: gives every node; it is asked once in a case.
            limited: whether the registry limits pulls, so that some questions cost one.
        """
        case = self._cases[key]
        peers = case.peers = case.peers if case.peers is not None else fleet(key)
        check, target = key
        case.waiting.clear()
        case.next_at = now + PAUSE_S
        missing, convinced = _missing(case, peers)
        self._outdate(case, set(missing) if convinced else set())
        may_ask = not (limited and check in COUNTS_AS_PULL)
        wanted = [name for name in missing if may_ask and self._may_ask(case, name, peers, now)]
        case.settled = not wanted
        most = min(WAVES[min(case.wave, len(WAVES) - 1)], self._left(case, now))
        looked = [(peers[name].facts, fails) for name, fails in case.looked.items() if name in peers]
        nodes = {name: peers[name].facts for name in wanted}
        failing = [facts for facts, fails in looked if fails] if case.cause else []
        chosen = near(nodes, failing, most // 2)
        chosen += spread(nodes, [facts for facts, _ in looked], most - len(chosen), without=chosen)
        case.wave += bool(chosen)
        for node in chosen:
            case.waiting[node] = now + ANSWER_S
            self._asked[node].append(now)
        case.asked.update(chosen)
        self._spend(case, len(chosen), now)
        self.questions[check] += len(chosen)
        return dict.fromkeys(chosen, Ask(check=check, target=target, cause=case.cause))

    def _may_ask(self, case: _Case, node: str, peers: Mapping[str, Peer], now: float) -> bool:
        return peers[node].reachable and node not in case.asked and self._has_room(node, now)

    def _has_room(self, node: str, now: float) -> bool:
        asked = self._asked[node]
        while asked and asked[0] <= now - MINUTE_S:
            asked.popleft()
        return len(asked) < NODE_AT_MOST

    def _left(self, case: _Case, now: float) -> int:
        return int(min((self._filled(place, now) for place in _places(case)), default=REGISTRY_BURST))

    def _spend(self, case: _Case, questions: int, now: float) -> None:
        for place in _places(case):
            self._buckets[place] = (self._filled(place, now) - questions, now)

    def _filled(self, place: str, now: float) -> float:
        left, at = self._buckets.get(place, (float(REGISTRY_BURST), now))
        return min(float(REGISTRY_BURST), left + (now - at) * REGISTRY_PER_S)


def _missing(case: _Case, peers: Mapping[str, Peer]) -> tuple[list[str], bool]:
    """Give whose word is missing, and whether those who have looked leave no doubt about them.

    Missing is who said otherwise before, has not looked since, and is cleared neither by a fact nor by all others.
    """
    otherwise = ("ok", "warn") if case.cause else ("failed",)
    looked = [(peers[name].facts, fails) for name, fails in case.looked.items() if name in peers]
    if case.cause and len(case.asked) >= QUIET and not any(case.looked.get(name) for name in case.asked):
        return [], False
    cleared = cleared_by(looked) if case.cause else frozenset()
    missing = [
        name
        for name, peer in peers.items()
        if peer.status in otherwise and name not in case.looked and peer.facts.isdisjoint(cleared)
    ]
    alike = [fails for facts, fails in looked if facts.isdisjoint(cleared)]
    convinced = case.cause is not None and len(alike) >= TELLING and sum(alike) >= TELLING_SHARE * len(alike)
    return missing, convinced


def _places(case: _Case) -> list[str]:
    """Give what a question loads: the registries that it is asked for, or its host."""
    return list(case.registries) or [case.key[1].rpartition(":")[0] or case.key[1]]
