"""What each check does by default: how often, how patiently, and what it costs the registry.

Silence, noise, budget and load all derive from this table, on both sides of the link.
"""

from dataclasses import dataclass
from typing import Literal

TargetKind = Literal["host", "host:port", "registry", "image", "path", "node"]

ROUND_S = 60.0  # the default interval of an agent: the shortest `every_s` below
SILENT_AFTER_INTERVALS = 3  # nothing heard for this many of the node's intervals is `agent_silent`
SILENT_AFTER_S = 180.0  # the same where the node's interval is not known
CONFIRM_AFTER_S = 1.0  # a first failure is checked again once, after this long
RETRY_RATIO = 12  # not ok: asked this many times as often, at most once an interval; hourly becomes every five minutes
TRACE_WITHIN_S = 30.0  # a whole trace, whatever hangs


@dataclass(frozen=True, slots=True)
class Cadence:
    """One row: `every_s` between runs, `patience_s` for the target's answer, and the cost to a registry.

    `costs` says it in words, `requests` is the most of one run: a handshake counts as one, and so does a redirect.
    """

    check: str
    target: TargetKind
    every_s: float
    patience_s: float
    costs: str
    requests: int = 0


TABLE = (
    Cadence("disk", "path", 60, 5, "nothing"),
    Cadence("clock", "node", 60, 5, "nothing"),
    Cadence("runtime", "path", 60, 5, "nothing"),
    Cadence("config", "path", 60, 5, "nothing"),
    Cadence("credentials", "registry", 60, 5, "nothing"),
    Cadence("dns", "host", 60, 5, "nothing"),
    Cadence("tcp", "host:port", 60, 5, "nothing"),
    Cadence("registry", "registry", 60, 10, "one small GET; a token only when the last one has expired", 1),
    Cadence("tls", "host:port", 300, 10, "a handshake", 1),
    Cadence("manifest", "image", 300, 10, "a HEAD, not counted as a pull anywhere", 1),
    Cadence("platform", "image", 3600, 10, "GETs by digest, cached; counts as a pull at Docker Hub", 2),
    Cadence("layer", "image", 3600, 10, "GETs by digest, cached", 3),
    Cadence("rate_limit", "registry", 900, 10, "a HEAD per identity", 2),
    Cadence("pull", "image", 21600, 120, "a pull", 6),
)

CADENCES = {row.check: row for row in TABLE}
