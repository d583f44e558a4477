"""Read one message: which of its words tell the cause.

A chain of wrapped errors reads `outer: inner: innermost`. Of all rules that match, one whose words lie inside another's
wider words is dropped (`connection refused` inside `proxyconnect tcp: …` is the proxy's); then the weightiest counts,
and of equals the innermost, which is the last. Of several attempts, the one that tells more than "denied" comes first.
"""

from typing import NamedTuple

from agent.contract.causes import BY_ID
from agent.contract.classify.attempts import split
from agent.contract.classify.index import Index
from agent.contract.classify.names import host_of, image_of
from agent.contract.classify.plain import lowered, plain
from agent.contract.classify.rule import HINT, Rule, compiled
from agent.contract.classify.rules import RULES
from agent.contract.redact import redact
from agent.contract.report import Classification

MATCHED_CHARACTERS = 200
HITS_OF_A_RULE = 16  # a log of thousands of equal lines says nothing new after its head and its tail
DETAIL_CHARACTERS = 600  # an event's message is at most 1 kB; a report carries many

# Kubelet tries each credential and then none, podman each search registry: the last answers are the least telling.
_LEAST_TELLING = ("unknown", "cancelled", "auth_failed", "policy_blocked", "image_not_found")

_INDEX = Index(RULES)


class _Hit(NamedTuple):
    start: int
    end: int
    rule: Rule


def classify(text: str) -> Classification:
    """Say what the text of a failed pull means.

    Returns:
        Cause `unknown` where no rule knows the words; nothing in it holds a secret that `redact` knows.
    """
    line = plain(text)
    low = lowered(line)
    hits = _hits(low)
    told = _telling(hits, split(low)) if hits else []
    image = image_of(line)
    if not told:
        return Classification(cause="unknown", causes=["unknown"], image=image, detail=redact(line)[:DETAIL_CHARACTERS])
    best = told[0]
    cause = best.rule.cause
    transient = best.rule.transient
    return Classification(
        cause=cause,
        causes=list(dict.fromkeys(hit.rule.cause for hit in told)),
        image=image,
        host=host_of(line, best.start, best.end, cause, image),
        transient=BY_ID[cause].transient if transient is None else transient,
        matched=redact(line[best.start : best.end])[:MATCHED_CHARACTERS],
        detail=_detail(line, best),
    )


def _hits(low: str) -> list[_Hit]:
    hits = []
    for rule in _INDEX.candidates(low):
        found = [_Hit(match.start(), match.end(), rule) for match in compiled(rule).finditer(low)]
        hits += found if len(found) <= HITS_OF_A_RULE else found[: HITS_OF_A_RULE // 2] + found[-HITS_OF_A_RULE // 2 :]
    return hits


def _telling(hits: list[_Hit], attempts: list[tuple[int, int]]) -> list[_Hit]:
    """Give the telling hit of each attempt, the most telling attempt first."""
    told = []
    for start, end in attempts:
        inside = [hit for hit in hits if start <= hit.start < end]
        if inside:
            told.append(_innermost(inside))
    return sorted(told, key=lambda hit: (hit.rule.weight == HINT, _rank(hit.rule.cause)))


def _rank(cause: str) -> int:
    return -_LEAST_TELLING.index(cause) if cause in _LEAST_TELLING else -len(_LEAST_TELLING)


def _innermost(hits: list[_Hit]) -> _Hit:
    free = [hit for hit in hits if not any(_covers(other, hit) for other in hits)]
    return max(free, key=lambda hit: (hit.rule.weight, hit.end))


def _covers(wide: _Hit, hit: _Hit) -> bool:
    return (
        wide.start <= hit.start
        and hit.end <= wide.end
        and wide.end - wide.start > hit.end - hit.start
        and wide.rule.weight >= hit.rule.weight
    )


def _detail(line: str, hit: _Hit) -> str:
    """Give the message; of a long one the part that ends with the telling words and a little after."""
    line_redacted = redact(line)
    if len(line_redacted) <= DETAIL_CHARACTERS:
        return line_redacted
    words = redact(line[hit.start : hit.end])
    at = line_redacted.rfind(words) if words else -1
    end = min(len(line_redacted), (at if at >= 0 else 0) + max(len(words), 1) + 100)
    return "…" + line_redacted[max(0, end - DETAIL_CHARACTERS + 1) : end]
