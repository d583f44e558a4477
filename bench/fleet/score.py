"""How well do findings match the truth: whole fleets, findings, differences, and does confidence mean what it says?

A finding is right when cause, subject, scope and every node are. Strict figures take the design's words; lenient ones
also accept the other reading where the words leave two (`truth`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from agent.contract.report import Difference, Finding, Scope, Subject
from bench.fleet.truth import Expected

BUCKETS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
SEEDS_KEPT = 12  # per class of misses: enough to look at


@dataclass(frozen=True, slots=True)
class Said:
    """One finding as it is compared, whoever said it."""

    cause: str
    subject: Subject
    scope: Scope
    nodes: frozenset[str]
    differs: tuple[Difference, ...] = ()
    confidence: float | None = None

    @property
    def key(self) -> tuple[str, Subject]:
        """What tells it apart from the others of its report."""
        return (self.cause, self.subject)


def said(findings: Iterable[Finding]) -> list[Said]:
    """Take from findings what is compared."""
    return [
        Said(one.cause, one.subject, one.scope, frozenset(one.nodes), tuple(one.differs), one.confidence)
        for one in findings
    ]


def is_right(one: Said, truth: Expected, *, lenient: bool = False) -> bool:
    """Tell whether a finding says what the truth says."""
    if one.key != truth.key:
        return False
    if not lenient:
        return one.scope == truth.scopes[0] and one.nodes == truth.nodes
    return one.scope in truth.scopes and truth.nodes - truth.maybe <= one.nodes <= truth.nodes | truth.maybe


@dataclass(slots=True)
class Tally:
    """Counts over many fleets; adds up in any order."""

    fleets: int = 0
    exact: int = 0
    exact_lenient: int = 0
    right: int = 0
    right_lenient: int = 0
    said: int = 0
    true: int = 0
    true_lenient: int = 0
    differences: int = 0
    difference_first: int = 0
    difference_named: int = 0
    took_s: float = 0.0
    nodes: int = 0
    buckets: Counter[float] = field(default_factory=Counter)
    buckets_right: Counter[float] = field(default_factory=Counter)
    misses: dict[str, list[int]] = field(default_factory=dict)
    miss_counts: Counter[str] = field(default_factory=Counter)

    def add(self, seed: int, given: Sequence[Said], truth: Sequence[Expected]) -> None:
        """Count one fleet."""
        self.fleets += 1
        self.said += len(given)
        self.true += len(truth)
        right = [one for one in given if any(is_right(one, other) for other in truth)]
        kind = [one for one in given if any(is_right(one, other, lenient=True) for other in truth)]
        unsaid = [one for one in truth if not any(is_right(other, one, lenient=True) for other in given)]
        self.right += len(right)
        self.right_lenient += len(kind)
        self.true_lenient += sum(1 for one in truth if one.sure or one not in unsaid)
        self.exact += len(right) == len(given) == len(truth)
        self.exact_lenient += len(kind) == len(given) and not any(one.sure for one in unsaid)
        self._count_differences(given, truth, seed)
        for one in given:
            if one.confidence is not None:
                bucket = max(edge for edge in BUCKETS if edge <= max(one.confidence, 0.0))
                self.buckets[bucket] += 1
                self.buckets_right[bucket] += one in kind
        self._explain(seed, given, truth, lenient=True)
        self._explain(seed, given, truth, lenient=False)

    def merge(self, other: "Tally") -> None:
        """Add another tally's counts."""
        for name in (
            "fleets", "exact", "exact_lenient", "right", "right_lenient", "said", "true", "true_lenient", "differences",
            "difference_first", "difference_named", "took_s", "nodes",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.buckets.update(other.buckets)
        self.buckets_right.update(other.buckets_right)
        self.miss_counts.update(other.miss_counts)
        for label, seeds in other.misses.items():
            self.misses[label] = sorted({*self.misses.get(label, ()), *seeds})[:SEEDS_KEPT]

    def f1(self, *, lenient: bool = False) -> float:
        """Give the harmonic mean of precision and recall over findings."""
        right = self.right_lenient if lenient else self.right
        true = self.true_lenient if lenient else self.true
        return 2 * right / (self.said + true) if self.said + true else 1.0

    def share(self, count: int, of: int) -> float:
        """Give a share; of nothing everything is right."""
        return count / of if of else 1.0

    def _count_differences(self, given: Sequence[Said], truth: Sequence[Expected], seed: int) -> None:
        for one in truth:
            if one.fact is None:
                continue
            self.differences += 1
            named = next((other.differs for other in given if other.key == one.key), ())
            facts = [difference.fact for difference in named]
            self.difference_first += facts[:1] == [one.fact]
            self.difference_named += one.fact in facts
            if one.fact not in facts:
                self._miss(seed, f"difference {one.fact} not named ({_kinds(one.kinds)})")

    def _explain(self, seed: int, given: Sequence[Said], truth: Sequence[Expected], *, lenient: bool) -> None:
        mark = "" if lenient else "doubtful: "
        by_key: dict[tuple[str, Subject], Said] = {one.key: one for one in given}
        known = {one.key for one in truth}
        for one in truth:
            other = by_key.get(one.key)
            if other is None and (one.sure if lenient else not one.sure):
                self._miss(
                    seed, f"{mark}not said: {one.cause} {one.subject.kind} {one.scopes[0]} ({_kinds(one.kinds)})"
                )
            elif other is not None and not is_right(other, one, lenient=lenient):
                if not lenient and not is_right(other, one, lenient=True):
                    continue  # counted as a plain miss
                self._miss(seed, f"{mark}{_wrong(other, one)}: {one.cause} {one.subject.kind} ({_kinds(one.kinds)})")
        for other in given if lenient else ():
            if other.key not in known:
                kinds = _kinds(kind for one in truth if one.cause == other.cause for kind in one.kinds)
                self._miss(seed, f"said too much: {other.cause} {other.subject.kind} {other.scope} ({kinds})")

    def _miss(self, seed: int, label: str) -> None:
        self.miss_counts[label] += 1
        seeds = self.misses.setdefault(label, [])
        if len(seeds) < SEEDS_KEPT and seed not in seeds:
            seeds.append(seed)


def _wrong(one: Said, truth: Expected) -> str:
    if one.nodes != truth.nodes:
        more, fewer = _amount(one.nodes - truth.nodes), _amount(truth.nodes - one.nodes)
        return f"wrong nodes ({more} too many, {fewer} missing)"
    return f"scope {one.scope}, not {truth.scopes[0]}"


def _amount(nodes: Collection[str]) -> str:
    return "none" if not nodes else "one" if len(nodes) == 1 else "some"


def _kinds(kinds: Iterable[str]) -> str:
    counted: dict[str, int] = defaultdict(int)
    for kind in kinds:
        counted[kind] += 1
    return ", ".join(sorted(counted)) or "nothing of this cause"
