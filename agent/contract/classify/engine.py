"""Read one message: which of its words tell the cause.

A chain of wrapped errors reads `outer: inner: innermost`. Of all rules that match, one whose words lie inside another's
wider words is dropped (`connection refused` inside `proxyconnect tcp: …` is the proxy's); then the weightiest counts,
and of equals the innermost, which is the last. Of several attempts, the one that tells more than "denied" comes first.
"""

from bisect import bisect_right

from agent.contract.causes import BY_ID
from agent.contract.classify.attempts import split
from agent.contract.classify.hits import Hit, hits
from agent.contract.classify.names import host_of, image_of
from agent.contract.classify.plain import plain
from agent.contract.classify.rule import FACT, HINT
from agent.contract.letters import lowered, words
from agent.contract.redact import blanked, shown
from agent.contract.report import Classification

MATCHED_CHARACTERS = 200
DETAIL_CHARACTERS = 600  # an event's message is at most 1 kB; a report carries many

AFTER_CHARACTERS = 100  # behind the telling words there is often the hint where to read more

# Kubelet tries each credential and then none, podman each search registry: the last answers are the least telling.
_LEAST_TELLING = ("unknown", "cancelled", "auth_failed", "policy_blocked", "image_not_found")


def classify(text: str) -> Classification:
    """Say what the text of a failed pull means.

    Returns:
        Cause `unknown` where no rule knows the words; nothing in it holds a secret that `redact` knows.
    """
    line = plain(text)
    low = lowered(line)
    spoken = words(low)
    found = hits(low, spoken)
    # From here on the line has no secrets, and every word at its place.
    line = blanked(line, low, spoken)
    image = image_of(line)
    if not found:
        return Classification(cause="unknown", causes=["unknown"], image=image, detail=_detail(line, 0, 0))
    told = _telling(found, split(low))
    best = told[0]
    cause = best.rule.cause
    transient = best.rule.transient
    return Classification(
        cause=cause,
        causes=list(dict.fromkeys(hit.rule.cause for hit in told)),
        image=image,
        host=host_of(line, best.start, best.end, cause, image),
        transient=BY_ID[cause].transient if transient is None else transient,
        matched=shown(line[best.start : best.end])[:MATCHED_CHARACTERS],
        detail=_detail(line, best.start, best.end),
    )


def _telling(found: list[Hit], attempts: list[tuple[int, int]]) -> list[Hit]:
    """Give the telling hit of each attempt, the most telling attempt first."""
    if len(attempts) == 1:
        return [_innermost(found)]
    order = sorted(range(len(attempts)), key=attempts.__getitem__)
    starts = [attempts[number][0] for number in order]
    inside: dict[int, list[Hit]] = {}
    for hit in found:
        inside.setdefault(order[max(0, bisect_right(starts, hit.start) - 1)], []).append(hit)
    told = [_innermost(inside[number]) for number in sorted(inside)]
    return sorted(told, key=lambda hit: (hit.rule.weight == HINT, _rank(hit.rule.cause)))


def _rank(cause: str) -> int:
    return -_LEAST_TELLING.index(cause) if cause in _LEAST_TELLING else -len(_LEAST_TELLING)


def _innermost(found: list[Hit]) -> Hit:
    """Give the weightiest hit, of equals the last, that lies in no wider hit of the same or more weight."""
    if len(found) == 1:
        return found[0]
    reached = [-1] * (FACT + 2)  # by weight: how far the hits of at least this weight reach so far
    best, rank, before = found[0], (0, 0, 0), (-1, -1)
    for hit in sorted(found, key=_outer_first):
        start, end, number, rule = hit
        weight = rule.weight
        if end > reached[weight] or (start, end) == before:
            before = start, end
            if (weight, end, -number) > rank:
                best, rank = hit, (weight, end, -number)
            for lighter in range(weight + 1):
                reached[lighter] = max(reached[lighter], end)
    return best


def _outer_first(hit: Hit) -> tuple[int, int, int]:
    return hit.start, -hit.end, -hit.rule.weight


def _detail(line: str, start: int, end: int) -> str:
    """Give the message; of a long one the part that ends with the telling words and a little after."""
    if len(line) <= DETAIL_CHARACTERS:
        return shown(line)
    last = min(len(line), max(end + AFTER_CHARACTERS, DETAIL_CHARACTERS))
    first = max(0, min(start, last - DETAIL_CHARACTERS))
    return ("…" if first else "") + shown(line[first:last])[-DETAIL_CHARACTERS:]
