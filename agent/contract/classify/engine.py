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
from agent.contract.classify.plain import lowered, plain
from agent.contract.classify.rule import FACT, HINT
from agent.contract.redact import redact
from agent.contract.report import Classification

MATCHED_CHARACTERS = 200
DETAIL_CHARACTERS = 600  # an event's message is at most 1 kB; a report carries many

# Kubelet tries each credential and then none, podman each search registry: the last answers are the least telling.
_LEAST_TELLING = ("unknown", "cancelled", "auth_failed", "policy_blocked", "image_not_found")


def classify(text: str) -> Classification:
    """Say what the text of a failed pull means.

    Returns:
        Cause `unknown` where no rule knows the words; nothing in it holds a secret that `redact` knows.
    """
    line = plain(text)
    low = lowered(line)
    found = hits(low)
    told = _telling(found, split(low)) if found else []
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


def _telling(found: list[Hit], attempts: list[tuple[int, int]]) -> list[Hit]:
    """Give the telling hit of each attempt, the most telling attempt first."""
    order = {span: number for number, span in enumerate(attempts)}
    spans = sorted(attempts)
    inside: dict[int, list[Hit]] = {}
    for hit in found:
        span = spans[max(0, bisect_right(spans, (hit.start, len(spans) and spans[-1][1])) - 1)]
        if span[0] <= hit.start < span[1]:
            inside.setdefault(order[span], []).append(hit)
    told = [_innermost(inside[number]) for number in sorted(inside)]
    return sorted(told, key=lambda hit: (hit.rule.weight == HINT, _rank(hit.rule.cause)))


def _rank(cause: str) -> int:
    return -_LEAST_TELLING.index(cause) if cause in _LEAST_TELLING else -len(_LEAST_TELLING)


def _innermost(found: list[Hit]) -> Hit:
    free = _free(found) if len(found) > 1 else found
    return max(free, key=lambda hit: (hit.rule.weight, hit.end, -hit.number))


def _free(found: list[Hit]) -> list[Hit]:
    """Give the hits whose words lie in no wider hit's words of the same or more weight."""
    free: list[Hit] = []
    reached = [-1] * (FACT + 1)  # by weight: how far hits of at least this weight reach, of those that began before
    for hit in sorted(found, key=lambda hit: (hit.start, -hit.end)):
        weight = hit.rule.weight
        if hit.end > reached[weight] or (hit.end == reached[weight] and free and free[-1][:2] == hit[:2]):
            free.append(hit)
        for lighter in range(weight + 1):
            reached[lighter] = max(reached[lighter], hit.end)
    return free


def _detail(line: str, hit: Hit) -> str:
    """Give the message; of a long one the part that ends with the telling words and a little after."""
    line_redacted = redact(line)
    if len(line_redacted) <= DETAIL_CHARACTERS:
        return line_redacted
    words = redact(line[hit.start : hit.end])
    at = line_redacted.rfind(words) if words else -1
    end = min(len(line_redacted), (at if at >= 0 else 0) + max(len(words), 1) + 100)
    return "…" + line_redacted[max(0, end - DETAIL_CHARACTERS + 1) : end]
