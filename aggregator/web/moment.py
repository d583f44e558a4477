"""Which moment does a reader mean? An RFC 3339 time, or how long ago: `15m`, `-2h`, `3d`.

A time without a zone is taken as UTC, as the report writes its own.
"""

import re
from datetime import UTC, datetime, timedelta

from aiohttp import web

from aggregator.web.ask import refusal

AHEAD_S = 1.0  # a reader whose clock is a little ahead, or whose time is rounded, means now
_AGO = re.compile(r"-?([0-9]{1,9}(?:\.[0-9]{1,9})?)([SMHD])")
_UNITS_S = {"S": 1.0, "M": 60.0, "H": 3_600.0, "D": 86_400.0}
_LOST_PLUS = re.compile(r" (?=[0-9]{2}:[0-9]{2}$)")  # of a zone, where `+` was not escaped in the address
_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].+)?")


def moment_of(request: web.Request, name: str, now: datetime) -> datetime | None:
    """Give the moment of a parameter; none where it is not given.

    Raises:
        web.HTTPBadRequest: where it is none, or lies in the future.
    """
    text = request.query.get(name)
    if text is None:
        return None
    moment = _read(text.strip().upper(), now)
    if moment is None:
        raise refusal(f"{name}: expected a time such as 2026-11-22T13:00:00Z, or 15m, 2h, 3d for so long ago, "
                      f"got {text[:40]!r}")  # fmt: skip
    if moment > now + timedelta(seconds=AHEAD_S):
        raise refusal(f"{name}: {text[:40]!r} is in the future; it is {now:%Y-%m-%dT%H:%M:%SZ} here")
    return min(moment, now)


def _read(text: str, now: datetime) -> datetime | None:
    try:
        ago = _AGO.fullmatch(text)
        if ago:
            return now - timedelta(seconds=float(ago[1]) * _UNITS_S[ago[2]])
        if not _SHAPE.fullmatch(text):
            return None
        zoned = text.removesuffix(" UTC")
        if zoned.count(":") > 2 or "T" in zoned:
            zoned = _LOST_PLUS.sub("+", zoned)
        moment = datetime.fromisoformat(zoned)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
