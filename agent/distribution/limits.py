"""What registries say of how many pulls are left, in the headers of any manifest.

Kept for the process, for each registry and identity, because reading it costs nothing where it comes by anyway.

Source: Docker Hub's usage and limits page; the RateLimit header fields draft of the IETF.
"""

import re
import time
from dataclasses import dataclass

from agent.host.credentials import Credential
from agent.probes.http import Response

KEPT_AT_MOST = 256  # registries times identities: a node has a handful
FRESH_S = 900.0  # the check's own pace: what is older says nothing of now

_FIELD = re.compile(r"\s*(-?\d{1,18})\s*(?:;\s*w\s*=\s*(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Limit:
    """Pulls that are left of how many, in a window of so many seconds, counted for which source; none: not said."""

    limit: int | None
    remaining: int
    window_s: int | None = None
    source: str = ""


_kept: dict[tuple[str, str], tuple[float, Limit]] = {}


def read(response: Response) -> Limit | None:
    """Read what an answer says; none where it says nothing of it."""
    remaining = _FIELD.match(response.header("ratelimit-remaining"))
    if remaining is None:
        return None
    limit = _FIELD.match(response.header("ratelimit-limit"))
    window = remaining[2] or (limit[2] if limit else None)
    return Limit(
        int(limit[1]) if limit else None,
        max(int(remaining[1]), 0),
        int(window) if window else None,
        response.header("docker-ratelimit-source")[:80],
    )


def note(registry: str, credential: Credential | None, response: Response) -> None:
    """Remember what an answer says, if it says anything."""
    found = read(response)
    if found is None:
        return
    key = (registry, credential.source if credential else "")
    _kept.pop(key, None)
    while len(_kept) >= KEPT_AT_MOST:
        del _kept[next(iter(_kept))]
    _kept[key] = (time.monotonic(), found)


def noted(registry: str) -> dict[str, Limit]:
    """Give what is known of a registry, by identity: the file of the credentials, or nothing for anonymous."""
    now = time.monotonic()
    return {who: limit for (name, who), (at, limit) in _kept.items() if name == registry and now - at <= FRESH_S}
