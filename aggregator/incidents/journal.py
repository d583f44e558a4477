"""What was said: every report that differs from the one before, as its difference to it.

Now and then one is kept whole, so that none is put together out of more than some hundred. What changes with every
answer (a time of a last look, the slowest pull) is kept at most every ten seconds, and only with a change of something
else at once; and all of it is bounded by the `allowance`: then a report is left out, and the next one tells the sum.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from agent.contract.report import Report
from aggregator.incidents.allowance import Allowance
from aggregator.incidents.delta import SAME, DeltaError, applied, difference, flat, is_minor, unflat

MINOR_S = 10.0  # nobody reads the past closer than this where nothing happened
CHAIN = 100  # differences behind a whole report: a look back unpacks so many at most
CHAIN_SHARE = 4  # or fewer, where they have become this many times larger than a whole one

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Entry:
    """One report that was kept: whole, or as the difference to the entry before."""

    whole: bool
    body: bytes


class Journal:
    """Makes entries of reports.

    `behind`: the newest one differs from what is kept. `left_out`: how many were too much for the allowance.
    """

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._kept: dict[str, Any] | None = None
        self._kept_at = 0.0
        self._chain = 0
        self._chain_bytes = 0
        self._whole_bytes = 0
        self.left_out = 0
        self.behind = False

    def take(self, report: Report, now: float) -> Entry | None:
        """Give the entry of a report, or none where there is nothing to keep.

        Args:
            now: monotonic seconds.
        """
        form = flat(report)
        change = difference(self._kept, form) if self._kept is not None else {}
        self.behind = self._kept is not None and change is not SAME
        if change is SAME or (self.behind and not self._may(change, now)):
            return None
        self.behind = False
        entry = self._entry(form, change)
        self._allowance.spend(len(entry.body))
        self._kept, self._kept_at = form, now
        return entry

    def _may(self, change: Any, now: float) -> bool:
        if now - self._kept_at < MINOR_S and is_minor(change):
            return False
        may = self._allowance.has(now)
        self.left_out += not may
        return may

    def _entry(self, form: dict[str, Any], change: Any) -> Entry:
        if self._kept is not None and self._chain < CHAIN and self._chain_bytes < CHAIN_SHARE * self._whole_bytes:
            entry = Entry(False, _packed(change))
            self._chain += 1
            self._chain_bytes += len(entry.body)
            return entry
        entry = Entry(True, _packed(form))
        self._chain, self._chain_bytes, self._whole_bytes = 0, 0, len(entry.body)
        return entry


def restored(bodies: Sequence[bytes], at: datetime) -> Report:
    """Put a report together: the whole one first, then the differences.

    Raises:
        DeltaError: where they do not belong together, or are damaged.
    """
    try:
        whole, *changes = [msgspec.json.decode(zlib.decompress(body)) for body in bodies]
    except (zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise DeltaError(f"cannot be read: {error}") from error
    for change in changes:
        whole = applied(whole, change)
    return unflat(whole, at.isoformat())


def _packed(form: Any) -> bytes:
    return zlib.compress(_encoder.encode(form), 6)
