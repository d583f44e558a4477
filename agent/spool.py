"""What the aggregator has not heard yet: the newest state of every target, and every change of state in between.

Bounded: the newest states by the number of targets, the changes by a number of their own; what does not fit is dropped,
the oldest first, and counted.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from agent.contract.result import Result
from agent.contract.wire import REPORT_BYTES, RESULT_BYTES

CHANGES_AT_MOST = 1000  # about half a megabyte: hours of a flapping node without an aggregator

_encoder = msgspec.json.Encoder()


class _Draft(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A `Body` whose results are encoded already."""

    results: list[msgspec.Raw] = []
    targets: list[str] | None = None
    dropped: int = 0
    facts: dict[str, Any] | None = None
    interval_s: float | None = None


class Spool:
    """Everything that is to be reported."""

    def __init__(self) -> None:
        self.newest: dict[str, Result] = {}
        self.dropped_total = 0
        self._unsent: dict[str, None] = {}  # in the order in which they came
        self._changes: deque[Result] = deque()
        self._dropped = 0
        self._targets: list[str] | None = None
        self._targets_sent = False
        self._facts: dict[str, Any] | None = None
        self._interval_s: float | None = None

    def __len__(self) -> int:
        """Give how many results wait to be sent."""
        return len(self._unsent) + len(self._changes)

    def put(self, result: Result) -> None:
        """Take a result; one that it replaces unsent is kept if it was of another state."""
        before = self.newest.get(result.key)
        if before is not None and result.key in self._unsent:
            del self._unsent[result.key]
            if (before.status, before.cause) != (result.status, result.cause):
                self._keep(before)
        self.newest[result.key] = result
        self._unsent[result.key] = None

    def _keep(self, change: Result) -> None:
        self._changes.append(change)
        if len(self._changes) > CHANGES_AT_MOST:
            self._changes.popleft()
            self._dropped += 1
            self.dropped_total += 1

    def targets(self, names: Iterable[str]) -> list[str]:
        """Take the names of all targets that the node has now, and give those that are gone."""
        wanted = dict.fromkeys(names)
        gone = [name for name in self.newest if name not in wanted]
        for name in gone:
            del self.newest[name]
            self._unsent.pop(name, None)
        if self._targets is None or set(self._targets) != set(wanted):
            self._targets = list(wanted)
            self._targets_sent = False
        return gone

    def tell(self, *, facts: dict[str, Any] | None = None, interval_s: float | None = None) -> None:
        """Take what is new of the node itself."""
        self._facts = facts if facts is not None else self._facts
        self._interval_s = interval_s if interval_s is not None else self._interval_s

    def again(self) -> None:
        """Send everything once more: the aggregator has lost what it had."""
        self._unsent = dict.fromkeys(self.newest)
        self._targets_sent = False

    def take(self) -> bytes | None:
        """Give the body of the next report; none where there is nothing to say."""
        draft = _Draft(results=self._take_results(), dropped=self._dropped)
        if not self._targets_sent and self._targets is not None and not self._unsent:
            draft.targets, self._targets_sent = self._targets, True
        draft.facts, self._facts = self._facts, None
        draft.interval_s, self._interval_s = self._interval_s, None
        self._dropped = 0
        body = _encoder.encode(draft)
        return None if body == b"{}" else body

    def _take_results(self) -> list[msgspec.Raw]:
        taken: list[msgspec.Raw] = []
        room_bytes = REPORT_BYTES
        while room_bytes > 0 and (self._changes or self._unsent):
            if self._changes:
                result = self._changes.popleft()
            else:
                result = self.newest[next(iter(self._unsent))]
                del self._unsent[result.key]
            encoded = encode(result)
            room_bytes -= len(encoded)
            taken.append(msgspec.Raw(encoded))
        return taken


def encode(result: Result) -> bytes:
    """Encode a result; one that is too long, or has evidence that is no data, goes without its evidence."""
    try:
        encoded = _encoder.encode(result)
        if len(encoded) <= RESULT_BYTES:
            return encoded
        why = f"left out: {len(encoded)} bytes"
    except (TypeError, ValueError, OverflowError) as error:  # UnicodeEncodeError is a ValueError
        why = f"left out: {type(error).__name__}"
    detail = result.detail[:1000].encode("utf-8", "replace").decode()
    return _encoder.encode(msgspec.structs.replace(result, detail=detail, evidence={"evidence": why}))
