"""As whom does a registry count a node's pulls?

As what the registry names in its answer to the rate_limit check: an address, or an account. Where it names nothing, the
node's egress address; where the node does not know it, the address from which its link comes. A node may have several
identities at one registry: without credentials and with them. It says as which one it is about to pull; where it names
none that its own reports bear out, it is the one with the least left.

Cannot see: which account a file of credentials stands for, where the registry names no source.

Source: the header docker-ratelimit-source of Docker Hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.contract.result import Result

CHECK = "rate_limit"
NAME_AT_MOST = 80  # characters; an address has 45, an account's id 36


@dataclass(frozen=True, slots=True)
class Told:
    """What a registry said is left for one identity."""

    left: int
    limit: int | None
    window_s: float | None


def read(result: Result, own: str, before: Mapping[str, Told] | None = None) -> dict[str, Told]:
    """Give what a node was told by a registry, by identity; nothing where the registry announces no limit.

    Args:
        own: the identity of the node where the registry names none.
        before: what it was told the last time: a refusal names nobody, and is for all of them.
    """
    identities = result.evidence.get("identities")
    found: dict[str, Told] = {}
    for told in identities.values() if isinstance(identities, dict) else ():
        limit = _limit(told)
        if limit is None:
            continue
        name = str(told.get("source") or own)[:NAME_AT_MOST]
        if name not in found or limit.left < found[name].left:
            found[name] = limit
    if not found and result.status == "failed" and result.cause == "rate_limited":
        return {name: Told(0, one.limit, one.window_s) for name, one in (before or {own: Told(0, None, None)}).items()}
    return found


def choose(told: Mapping[str, Told], claimed: str | None) -> str:
    """Give the identity as which a node pulls, of those that it was told of."""
    return claimed if claimed is not None and claimed in told else min(told, key=lambda name: (told[name].left, name))


def _limit(told: Any) -> Told | None:
    if not isinstance(told, dict):
        return None
    left, limit, window_s = _number(told.get("remaining")), _number(told.get("limit")), _number(told.get("window_s"))
    return Told(left, limit, window_s if window_s and window_s > 0 else None) if left is not None else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
