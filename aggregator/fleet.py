"""Every node as it was last heard, in memory. Read from the store at the start, changed by reports.

Times of a node whose clock is off are put right by how far it is off, so that "since" means the same on all nodes.
Where an agent was started anew and finds what the one before it left, `since` stays. The time in which no aggregator
ran is nobody's silence: it is not counted.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from agent.contract.report import Node, Snapshot
from agent.contract.result import Result
from agent.contract.table import CADENCES, ROUND_S, SILENT_AFTER_INTERVALS, SILENT_AFTER_S
from agent.contract.wire import Body
from aggregator.store.store import Store
from aggregator.store.writes import Change, NodeWrite

log = logging.getLogger(__name__)

CLOCK_OFF_S = 5.0  # less is the way of a report through a slow network
TARGETS_AT_MOST = 2000  # of one node; a fleet's memory must not hang on one node's mistake

_results = msgspec.json.Decoder(list[Result])
_facts = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder()


@dataclass(slots=True)
class Member:
    """One node. `seq` is the last report of `boot` that was taken; `whole`: that agent has finished a first round.

    `outdated` are the names of results that were given before the same began to fail elsewhere.
    """

    name: str
    boot: str = ""
    seq: int = 0
    committed: int = 0
    last_seen: datetime = field(default_factory=lambda: datetime.now(UTC))
    interval_s: float = ROUND_S
    facts: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    outdated: frozenset[str] = frozenset()
    whole: bool = False
    linked: bool = False

    def greet(self, boot: str, interval_s: float, facts: dict[str, Any], now: datetime) -> None:
        """Take a hello; of another boot, its reports count from one."""
        if boot != self.boot:
            self.boot, self.seq, self.committed, self.whole = boot, 0, 0, False
        self.interval_s, self.last_seen = interval_s, now
        self.facts = facts or self.facts

    def take(self, seq: int, body: Body, at: datetime, now: datetime) -> list[Change]:
        """Take a report that is new, and give what changed.

        Args:
            at: the node's clock when it was sent.
            now: this process's clock.
        """
        self.seq = seq
        self.facts = self.facts if body.facts is None else body.facts
        self.interval_s = body.interval_s or self.interval_s
        ahead = at - now
        shift = ahead if abs(ahead.total_seconds()) > CLOCK_OFF_S else None
        changes = []
        for position, result in enumerate(body.results):
            _put_right(result, shift)
            key = result.key
            before = self.results.get(key)
            if before is None and len(self.results) >= TARGETS_AT_MOST:
                continue
            self.results[key] = result
            if before is None or before.status != result.status or before.cause != result.cause:
                changes.append(_change(position, result))
            if before is not None and before.status == result.status and before.since != result.since:
                self._join(before, result, lost=body.dropped > 0)
        if body.targets is not None:
            kept = set(body.targets)
            self.results = {name: result for name, result in self.results.items() if name in kept}
            self.whole = True
        return changes

    def _join(self, before: Result, result: Result, *, lost: bool) -> None:
        """Keep the earlier beginning of a status that goes on without a gap; lost changes may be one."""
        if lost or before.since is None or result.since is None:
            return
        row = CADENCES.get(result.check)
        every_s = row.every_s * self.interval_s / ROUND_S if row is not None else self.interval_s
        gap = timedelta(seconds=max(SILENT_AFTER_INTERVALS * every_s, SILENT_AFTER_S))
        if before.since < result.since <= before.at + gap:
            result.since = before.since

    def write(self, changes: list[Change], *, results: bool) -> NodeWrite:
        """Give what is to be stored of it now."""
        return NodeWrite(
            name=self.name,
            boot=self.boot,
            seq=self.seq,
            last_seen=self.last_seen.timestamp(),
            interval_s=self.interval_s,
            facts=_encoder.encode(self.facts),
            whole=self.whole,
            results=_encoder.encode(list(self.results.values())) if results else None,
            changes=changes,
        )

    def is_silent(self, now: datetime) -> bool:
        """Whether nothing was heard for three of its intervals."""
        return (now - self.last_seen).total_seconds() > SILENT_AFTER_INTERVALS * self.interval_s


class Fleet:
    """All nodes. `version` grows with everything that a report may show; `heard` are those that spoke since `news`."""

    def __init__(self, cluster: str) -> None:
        self.cluster = cluster
        self.members: dict[str, Member] = {}
        self.version = 0
        self.heard: set[str] = set()

    @classmethod
    def load(cls, cluster: str, store: Store, now: datetime) -> "Fleet":
        """Read what the store knows. Raises `StoreError`."""
        fleet = cls(cluster)
        kept = dict(store.read("SELECT name, results FROM state"))
        for name, boot, seq, last_seen, interval_s, facts, whole in store.read("SELECT * FROM node"):
            member = Member(name, boot, seq, seq, datetime.fromtimestamp(last_seen, UTC), interval_s or ROUND_S)
            member.whole = bool(whole)
            try:
                member.facts = _facts.decode(facts)
                member.results = {result.key: result for result in _results.decode(kept.get(name, "[]"))}
            except msgspec.MsgspecError as error:  # of an older form; the node will tell it anew
                log.warning("%s: what is kept of %s cannot be read: %s", store.path, name, error)
            fleet.members[name] = member
            fleet.heard.add(name)
        away = now - max((member.last_seen for member in fleet.members.values()), default=now)
        for member in fleet.members.values():
            member.last_seen += away
        return fleet

    def member(self, name: str) -> Member:
        """Give a node that speaks, a new one where it was never heard."""
        self.heard.add(name)
        member = self.members.get(name)
        if member is None:
            member = self.members[name] = Member(name)
        return member

    def outdate(self, node: str, name: str, *, is_outdated: bool) -> None:
        """Take note that a node's result is outdated, or is not any more."""
        member = self.members.get(node)
        if member is not None and (name in member.outdated) is not is_outdated:
            member.outdated = member.outdated | {name} if is_outdated else member.outdated - {name}
            self.heard.add(node)
            self.version += 1

    def forget(self, before: datetime) -> list[str]:
        """Drop the nodes that were not heard since, and give their names."""
        gone = [name for name, member in self.members.items() if member.last_seen < before and not member.linked]
        for name in gone:
            del self.members[name]
        self.heard.update(gone)
        self.version += bool(gone)
        return gone

    def shift(self, jump: timedelta, now: datetime) -> None:
        """Let this process's clock have jumped: how long ago each node was heard, and its answers' ages, stay.

        What came after the jump has the new time already; it is told by not being beyond `now`, whichever the way.
        """
        for member in self.members.values():
            member.last_seen = _shifted(member.last_seen, jump, now)
            for key, result in member.results.items():
                at = _shifted(result.at, jump, now)
                since = result.since + (at - result.at) if result.since is not None else None
                member.results[key] = msgspec.structs.replace(result, at=at, since=since)
        self.heard.update(self.members)
        self.version += 1

    def silent(self, now: datetime) -> frozenset[str]:
        """Give the nodes that are silent now."""
        return frozenset(name for name, member in self.members.items() if member.is_silent(now))

    def snapshot(self, now: datetime) -> Snapshot:
        """Give the whole fleet as it is now; what is in it is not changed afterwards."""
        nodes = [_node(member) for _, member in sorted(self.members.items())]
        return Snapshot(cluster=self.cluster, at=now, nodes=nodes)

    def news(self) -> tuple[list[Node], list[str]]:
        """Give the nodes that were heard since this was asked last, as they are now, and the names of those gone."""
        heard, self.heard = sorted(self.heard), set()
        gone = [name for name in heard if name not in self.members]
        return [_node(self.members[name]) for name in heard if name in self.members], gone


def _node(member: Member) -> Node:
    return Node(
        name=member.name,
        last_seen=member.last_seen,
        interval_s=member.interval_s,
        facts=member.facts,
        results=[_as_told(result, member.outdated) for result in member.results.values()],
    )


def _as_told(result: Result, outdated: frozenset[str]) -> Result:
    """Give a result as it counts now: one that is outdated says nothing."""
    if not outdated or result.key not in outdated:
        return result
    words = f"said {result.status} before others began to fail, and has not looked again yet"
    return msgspec.structs.replace(result, status="unknown", cause=None, detail=words)


def _shifted(moment: datetime, jump: timedelta, now: datetime) -> datetime:
    """Give a time of before a jump by the clock of now; one of after it as it is."""
    if jump < timedelta():
        return moment + jump if moment > now else moment
    return moment + jump if moment + jump <= now else moment


def _put_right(result: Result, ahead: timedelta | None) -> None:
    """Make its times aware, and take off how far the node's clock is ahead."""
    at, since = result.at, result.since
    if at.tzinfo is None:
        result.at = at = at.replace(tzinfo=UTC)
    if since is not None and since.tzinfo is None:
        result.since = since = since.replace(tzinfo=UTC)
    if ahead is not None:
        result.at = at - ahead
        result.since = since - ahead if since is not None else None


def _change(position: int, result: Result) -> Change:
    return Change(
        position, result.at.timestamp(), result.check, result.target, result.status, result.cause, result.detail
    )
