"""An update is the same function as the whole: after any sequence of changes the report is that of the whole fleet.

Reports of nodes arrive in pieces, twice, late and in any order; the settled report is the same.
"""

import random
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from agent.contract.report import Node, Pod, Report, Snapshot
from agent.contract.result import Result, Status, Window
from aggregator.correlate import Matrix, correlate, report_of, take
from tests.scenario.five_nodes import APP_1, AT, CART, ONE, answer, both, node_of, when

FAULTS = (
    ("dns_failed", "dns", ""), ("connect_refused", "tcp", ONE), ("connect_timeout", "tcp", "two"),
    ("tls_untrusted", "tls", ""), ("rate_limited", "rate_limit manifest", ONE), ("image_not_found", "manifest", APP_1),
    ("auth_failed", "manifest", "team"), ("disk_full", "disk", ""), ("clock_skew", "clock", ""),
    ("blob_unavailable", "layer", ""), ("unknown", "platform", ""), ("gremlins", "registry", ""),
)  # fmt: skip
WINDOWS = (None, Window(1, 1), Window(10, 1), Window(10, 3), Window(10, 10))
NAMES = [f"node-{number}" for number in range(1, 13)]


class Life:
    """A fleet that changes by chance; `nodes` and `pods` are what it is now."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.at = AT
        self.nodes: dict[str, Node] = {}
        self.pods: list[Pod] = []
        self.matrix = Matrix("lab", AT)

    def step(self) -> None:
        """Let one thing happen."""
        happens: tuple[Callable[[], None], ...] = (
            self.report,
            self.report,
            self.report,
            self.leave,
            self.wait,
            self.pod,
        )
        self.chance.choice(happens)()

    def report(self) -> None:
        """One node reports."""
        chosen = self.chance.sample(FAULTS, self.chance.choice((0, 1, 1, 2, 3)))
        faults = [when(cause, checks=checks, target=target) for cause, checks, target in chosen]
        name = self.chance.choice(NAMES)
        node = node_of(name, both(*faults), self.chance.choice(WINDOWS), last_seen=self.at)
        node.facts |= {"zone": self.chance.choice("abc"), "pool": self.chance.choice(("gpu", "cpu"))}
        node.schedulable = self.chance.random() > 0.1
        statuses: tuple[Status, ...] = ("ok", "warn", "unknown", "skipped")
        extra = self.chance.choice(statuses)
        node.results.append(answer("dns", "mirror.lab", extra, "dns_failed" if extra == "warn" else None))
        for result in node.results:
            if result.status == "ok" and self.chance.random() < 0.1:
                result.window, result.since = Window(10, self.chance.choice((1, 3, 4))), AT
        self.chance.shuffle(node.results)
        self.nodes[name] = node
        take(self.matrix, [node])

    def leave(self) -> None:
        """One node is forgotten."""
        name = self.chance.choice(NAMES)
        self.nodes.pop(name, None)
        self.matrix.drop(name)

    def wait(self) -> None:
        """Time passes, now and then backwards."""
        self.at += timedelta(seconds=self.chance.choice((-30, 5, 60, 200)))
        self.matrix.advance(self.at)

    def pod(self) -> None:
        """Other pods wait."""
        self.pods = [
            Pod(namespace="shop", name=f"p{number}", node=self.chance.choice(NAMES), image=CART, reason="ErrImagePull")
            for number in range(self.chance.randint(0, 3))
        ]
        self.matrix.hear(self.pods)

    def whole(self) -> Snapshot:
        """Give the fleet as a snapshot."""
        return Snapshot(cluster="lab", at=self.at, nodes=list(self.nodes.values()), pods=self.pods)


def text(report: Report) -> bytes:
    return msgspec.json.format(msgspec.json.encode(report))


@pytest.mark.parametrize("seed", range(40))
def test_after_any_changes_the_report_is_that_of_the_whole_fleet(seed: int) -> None:
    life = Life(seed)
    for _ in range(30):
        life.step()
        assert text(report_of(life.matrix)) == text(correlate(life.whole()))


def test_what_is_gone_leaves_nothing_behind() -> None:
    life = Life(3)
    for _ in range(40):
        life.step()
    for name in NAMES:
        life.matrix.drop(name)
    life.matrix.hear([])
    life.matrix.purge()
    held = life.matrix.answers
    assert (dict(held.columns), held.columns.of_subject, held.columns.measured) == ({}, {}, set())
    assert (life.matrix.claims.failures, life.matrix.claims.warnings, life.matrix.facts.having) == ({}, {}, {})
    assert (held.tally.answers, held.tally.sizes, held.tally.limits) == (0, {}, {})


@pytest.mark.parametrize("seed", range(20))
def test_reports_in_pieces_twice_and_late_settle_to_the_same(seed: int) -> None:
    life = Life(100 + seed)
    for _ in range(20):
        life.report()
    settled = text(correlate(life.whole()))
    chance, known = random.Random(seed), Matrix("lab", AT)
    told: dict[str, dict[tuple[str, str], Result]] = {name: {} for name in life.nodes}
    pieces = [(name, result) for name, node in life.nodes.items() for result in node.results]
    pieces += chance.sample(pieces, len(pieces) // 4)
    chance.shuffle(pieces)
    for number, (name, result) in enumerate(pieces):
        told[name][result.check, result.target] = result
        heard = msgspec.structs.replace(life.nodes[name], results=list(told[name].values()))
        take(known, [heard])
        if number % 50 == 0:
            report_of(known)
    known.advance(life.at)
    assert text(report_of(known)) == settled
