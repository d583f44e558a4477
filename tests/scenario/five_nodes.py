"""Five nodes in three zones, two registries, and what their agents report when something is broken.

The first registry has a token service on a host of its own, the second one its blobs. Answers are made as a round makes
them: each question once, and what stands above a failure is skipped.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.contract.report import Finding, Node, Pod, Report, Snapshot
from agent.contract.result import Result, Status, Window
from aggregator.correlate import Matrix, correlate, take

AT = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
BEGAN = AT - timedelta(seconds=110)
ZONES = {"node-1": "a", "node-2": "a", "node-3": "b", "node-4": "b", "node-5": "c"}

ONE, TWO = "one.lab", "two.lab"
TOKEN, BLOBS = "auth.one.lab", "blobs.two.lab"
APP_1, APP_2, WEB = f"{ONE}/team/app:1", f"{ONE}/team/app:2", f"{ONE}/team/web:1"
CART, SHOP = f"{TWO}/shop/cart:1", f"{TWO}/shop/front:1"
IMAGES = {ONE: (APP_1, APP_2, WEB), TWO: (CART, SHOP)}

Broken = Callable[[str, str, str], str | None]
"""(node, check, target) -> cause"""


def nothing(node: str, check: str, target: str) -> str | None:
    """Break nothing."""
    del node, check, target
    return None


def when(cause: str, *, nodes: Iterable[str] = ZONES, checks: str, target: str = "") -> Broken:
    """Break these checks (in one text) on these nodes, for targets that contain `target`."""
    on = set(nodes)
    return lambda node, check, asked: cause if node in on and check in checks.split() and target in asked else None


def both(*faults: Broken) -> Broken:
    """Break several things; the first fault that speaks counts."""
    return lambda node, check, target: next((cause for fault in faults if (cause := fault(node, check, target))), None)


class _Walk:
    """One node's round."""

    def __init__(self, node: str, broken: Broken, window: Window | None) -> None:
        self.node, self.broken, self.window = node, broken, window
        self.results: dict[tuple[str, str], Result] = {}

    def ask(self, check: str, target: str, registry: str | None, *needs: str | None) -> str | None:
        """Ask once; give what it blocks: its own name where it failed, or what blocked it."""
        old = self.results.get((check, target))
        if old is None:
            blocked_by = next((need for need in needs if need), None)
            cause = None if blocked_by else self.broken(self.node, check, target)
            status: Status = "skipped" if blocked_by else "failed" if cause else "ok"
            old = self.results[check, target] = answer(
                check, target, status, cause, registries=[registry] if registry else [], blocked_by=blocked_by,
                window=self.window if status == "failed" else None,
            )  # fmt: skip
        return old.blocked_by or (old.key if old.status == "failed" else None)

    def host(self, host: str, registry: str) -> str | None:
        dns = self.ask("dns", host, registry)
        tcp = self.ask("tcp", f"{host}:443", registry, dns)
        return self.ask("tls", f"{host}:443", registry, tcp)

    def registry(self, registry: str) -> str | None:
        base = self.host(registry, registry)
        token = self.host(TOKEN, registry) if registry == ONE and base is None else None
        return self.ask("registry", registry, None, base, token)

    def image(self, registry: str, image: str, reached: str | None) -> None:
        manifest = self.ask("manifest", image, registry, reached)
        platform = self.ask("platform", image, registry, manifest)
        blobs = self.host(BLOBS, registry) if registry == TWO and platform is None else None
        self.ask("layer", image, registry, platform, blobs)

    def all(self) -> list[Result]:
        for check, target in (("disk", "/var/lib/containerd"), ("clock", "node"), ("runtime", "/run/containerd.sock")):
            self.ask(check, target, None)
        for registry, images in IMAGES.items():
            reached = self.registry(registry)
            self.ask("rate_limit", registry, None, reached)
            for image in images:
                self.image(registry, image, reached)
        return list(self.results.values())


def answer(
    check: str,
    target: str,
    status: Status = "ok",
    cause: str | None = None,
    *,
    since: datetime | None = None,
    **more: Any,
) -> Result:
    """Make one result, as of now; a failure began 110 s ago."""
    since = since or (BEGAN if status == "failed" else AT - timedelta(hours=1))
    detail = f"{cause} was seen" if cause else ""
    return Result(check=check, target=target, status=status, cause=cause, detail=detail, at=AT, since=since, **more)


def results_of(node: str, broken: Broken = nothing, window: Window | None = None) -> list[Result]:
    """Give what one node's agent reports."""
    return _Walk(node, broken, window).all()


def facts_of(node: str) -> dict[str, Any]:
    """Give a node's facts: zones differ, the address is each node's own, and the rest is the same."""
    number = node.rpartition("-")[2]
    return {
        "zone": ZONES.get(node, "c"), "arch": "amd64", "runtime": "containerd 1.6.20", "resolver": "10.0.0.2",
        "egress": f"192.0.2.{number}", "pool": "default",
    }  # fmt: skip


def node_of(name: str, broken: Broken = nothing, window: Window | None = None, **more: Any) -> Node:
    """Make one node, heard five seconds ago."""
    given: dict[str, Any] = {"last_seen": AT - timedelta(seconds=5), "interval_s": 60.0, "facts": facts_of(name)}
    return Node(name=name, **{"results": results_of(name, broken, window), **given, **more})


def fleet(broken: Broken = nothing, window: Window | None = None) -> list[Node]:
    """Make the five nodes."""
    return [node_of(name, broken, window) for name in ZONES]


def snapshot(nodes: Sequence[Node], pods: Sequence[Pod] = ()) -> Snapshot:
    """Make a snapshot of some nodes."""
    return Snapshot(cluster="lab", at=AT, nodes=list(nodes), pods=list(pods))


def matrix(nodes: Sequence[Node]) -> Matrix:
    """Put some nodes into a matrix."""
    made = Matrix("lab", AT)
    take(made, nodes)
    return made


def report(nodes: Sequence[Node], pods: Sequence[Pod] = ()) -> Report:
    """Correlate some nodes."""
    return correlate(snapshot(nodes, pods))


def said(report: Report) -> list[tuple[str, ...]]:
    """Give what a report finds, short: cause, scope (with its group), subject, nodes by number."""
    return [short(finding) for finding in report.findings]


def short(finding: Finding) -> tuple[str, ...]:
    """Write one finding short."""
    group = f" {finding.group.fact}={finding.group.value}" if finding.group else ""
    subject = finding.subject.kind + (f" {finding.subject.value}" if finding.subject.value else "")
    nodes = " ".join(name.removeprefix("node-") for name in finding.nodes)
    return (finding.cause, finding.scope + group, subject, nodes)
