"""The data forms of version 1 that leave a process: snapshot, report, trace, classification.

Unknown keys are ignored when these are read: a DaemonSet rolls, and an older reader meets newer writers.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from agent.contract.causes import Remedy
from agent.contract.result import Result

VERSION = 1

Severity = Literal["failure", "warning"]
Scope = Literal["cluster", "group", "nodes", "node"]
SubjectKind = Literal["image", "repository", "registry", "host", "all"]


class Node(msgspec.Struct, kw_only=True):
    """One node as the aggregator last heard it. `interval_s` is the node's own reporting interval, where known."""

    name: str
    last_seen: datetime | None = None
    created: datetime | None = None
    ready: bool = True
    schedulable: bool = True
    leaving: bool = False
    interval_s: float | None = None
    facts: dict[str, Any] = msgspec.field(default_factory=dict)
    results: list[Result] = msgspec.field(default_factory=list)


class Pod(msgspec.Struct, kw_only=True):
    """What Kubernetes says of a pod that waits for its image."""

    namespace: str
    name: str
    node: str | None = None
    image: str = ""
    reason: str = ""
    message: str = ""
    since: datetime | None = None


class Snapshot(msgspec.Struct, kw_only=True):
    """A whole fleet at one moment: what `GET /snapshot` gives and `pullscope correlate` reads."""

    version: int = VERSION
    cluster: str = ""
    at: datetime
    nodes: list[Node] = msgspec.field(default_factory=list)
    pods: list[Pod] = msgspec.field(default_factory=list)


class Subject(msgspec.Struct, kw_only=True, frozen=True):
    """What a finding is about; `value` is null for `all`."""

    kind: SubjectKind
    value: str | None = None


class Group(msgspec.Struct, kw_only=True, frozen=True):
    """The fact that separates failing from passing nodes."""

    fact: str
    value: str


class Difference(msgspec.Struct, kw_only=True, frozen=True):
    """A fact that every failing node has and (almost) no healthy one."""

    fact: str
    failing: str
    healthy: str | None


class Suggestion(msgspec.Struct, kw_only=True, frozen=True):
    """The name that was likely meant, and why. `confirmed`: a registry was seen to have it; else nothing was asked."""

    image: str
    reason: str
    confirmed: bool = False


class Finding(msgspec.Struct, kw_only=True):
    """Cause, scope, subject, since, evidence and fix: what a person reads."""

    id: str
    cause: str
    severity: Severity
    scope: Scope
    group: Group | None = None
    nodes: list[str]
    failing: int
    observed: int
    subject: Subject
    checks: list[str]
    since: datetime | None = None
    last_seen: datetime | None = None
    intermittent: bool = False
    confidence: float = 1.0
    evidence: list[str] = msgspec.field(default_factory=list)
    differs: list[Difference] = msgspec.field(default_factory=list)
    pods: list[str] = msgspec.field(default_factory=list)
    remedy: Remedy
    suggestion: Suggestion | None = None


class Census(msgspec.Struct, kw_only=True):
    """The well that every share is drawn from."""

    expected: int
    reporting: int
    silent: list[str] = msgspec.field(default_factory=list)
    excluded: list[str] = msgspec.field(default_factory=list)


class ChecklistItem(msgspec.Struct, kw_only=True):
    """One line of the runbook's verification checklist, answered."""

    ask: str
    answer: str
    detail: str = ""


class IncidentRecord(msgspec.Struct, kw_only=True):
    """One incident from its beginning to its end.

    `since` and `until`: from when to when it failed; `until` is null while it lasts. `opened`: when a report named it
    first. `confirmed`: when it was seen twice. `returns`: how often it came back within minutes, and `returned` when
    last. `nodes` names some of the `failing` ones, scope and counts are those of the newest report that names it.
    """

    id: str
    cause: str
    severity: Severity
    subject: Subject
    scope: Scope
    group: Group | None = None
    state: Literal["open", "confirmed", "cleared"]
    since: datetime
    opened: datetime
    confirmed: datetime | None = None
    until: datetime | None = None
    last_seen: datetime
    intermittent: bool = False
    returns: int = 0
    returned: datetime | None = None
    nodes: list[str] = msgspec.field(default_factory=list)
    failing: int
    observed: int


class Freshness(msgspec.Struct, kw_only=True):
    """How old an answer in a report can be, in seconds, by its check; a node that is silent is told as that.

    `interval_s` is the longest of all nodes; `stretched`: the registries for whose sake, and the interval that each
    asks for; `rate`: the requests a second that the fleet may make to one registry.
    """

    interval_s: float
    rate: float
    stretched: dict[str, float] = msgspec.field(default_factory=dict)
    up_to_s: dict[str, float] = msgspec.field(default_factory=dict)


class Report(msgspec.Struct, kw_only=True):
    """The answer of `GET /report` and the output of `pullscope correlate --json`.

    `incidents`: only where it is asked for (`?since=`), those that were open at some time since then.
    """

    version: int = VERSION
    cluster: str = ""
    at: datetime
    verdict: Literal["healthy", "degraded", "failing", "unknown"]
    nodes: Census
    findings: list[Finding] = msgspec.field(default_factory=list)
    checklist: list[ChecklistItem] = msgspec.field(default_factory=list)
    freshness: Freshness | msgspec.UnsetType = msgspec.UNSET
    incidents: list[IncidentRecord] | msgspec.UnsetType = msgspec.UNSET


class Trace(msgspec.Struct, kw_only=True):
    """The output of `pullscope trace IMAGE --json`."""

    version: int = VERSION
    node: str
    image: str
    verdict: Literal["ok", "warn", "failed", "unknown"]
    cause: str | None = None
    detail: str = ""
    remedy: Remedy | None = None
    suggestion: Suggestion | None = None
    took_s: float = 0.0
    results: list[Result] = msgspec.field(default_factory=list)


class TraceSummary(msgspec.Struct, kw_only=True):
    """The last line of `POST /trace`: what the traces of several nodes say together.

    `summary` in words: `4 of 5 can, node-3 cannot: tls_untrusted`. `unknown`: nodes of which it cannot be told.
    """

    version: int = VERSION
    image: str
    verdict: Literal["ok", "warn", "failed", "unknown"]
    summary: str
    asked: int
    can: list[str] = msgspec.field(default_factory=list)
    cannot: dict[str, str] = msgspec.field(default_factory=dict)
    unknown: list[str] = msgspec.field(default_factory=list)


class Classification(msgspec.Struct, kw_only=True):
    """What one message of a failed pull says: the output of `pullscope classify --json`."""

    cause: str
    causes: list[str]
    image: str | None = None
    host: str | None = None
    transient: bool = False
    suggestion: Suggestion | None = None
    matched: str = ""
    detail: str = ""
