"""Which numbers does a node tell that the checklist asks for: how long pulls take, how many are left?

Cannot see: what was pulled from the runtime's own cache, where the runtime does not say so.
"""

import math
from collections.abc import Callable

import msgspec

from agent.contract.result import Result
from aggregator.correlate.wording import clean

PULLS_LEFT = 50  # runbook: "Rate limit shows >50 remaining pulls"


class Measure(msgspec.Struct, gc=False):
    """What one result tells. `took_s`: of a pull that was one; `left`: pulls that are left, by who is counted.

    `low`: too few are left for whoever has most.
    """

    check: str
    target: str
    status: str
    took_s: float | None = None
    left: tuple[tuple[str, float], ...] = ()
    low: bool = False


def of_pull(result: Result) -> Measure:
    """Read how long the pull itself took; the check's own time includes waiting and tidying up."""
    slowest_s = result.evidence.get("slowest_s")
    took_s = float(slowest_s) if isinstance(slowest_s, int | float) else result.took_s
    real = result.status != "failed" and not _cached(result) and math.isfinite(took_s) and took_s >= 0.0
    return Measure(result.check, "", result.status, took_s if real else None)


def of_limit(result: Result) -> Measure:
    """Read the pulls that are left, per source, out of the evidence of `rate_limit`: by identity, or of one only."""
    if not result.evidence and result.status == "ok":
        return Measure(result.check, result.target, "ok")
    identities = result.evidence.get("identities")
    told = identities.items() if isinstance(identities, dict) else (("", result.evidence),)
    found = [one for who, limit in told if (one := _left(who, limit)) is not None]
    if not found and result.status == "failed" and result.cause == "rate_limited":
        found = [("this fleet", 0.0)]
    low = bool(found) and (result.status != "ok" or max([left for _, left in found]) <= PULLS_LEFT)
    return Measure(result.check, result.target, result.status, None, tuple(found), low)


def _left(who: object, limit: object) -> tuple[str, float] | None:
    left = limit.get("remaining") if isinstance(limit, dict) else None
    if not isinstance(left, int | float) or not math.isfinite(left):
        return None
    assert isinstance(limit, dict)
    source = limit.get("source")
    return (_source(who, source) if who or source else "this fleet"), left


OF: dict[str, Callable[[Result], Measure]] = {"pull": of_pull, "rate_limit": of_limit}


def _source(who: object, source: object) -> str:
    """Name who is counted: the address or account that the registry names, and as whom it was asked."""
    return clean(f"{source} ({who})" if source and who else str(source or who))


def _cached(result: Result) -> bool:
    pulled = result.evidence.get("pulls")
    told = [one for one in pulled.values() if isinstance(one, dict)] if isinstance(pulled, dict) else []
    return bool(told) and all(one.get("from_cache") or one.get("refused") for one in told)
