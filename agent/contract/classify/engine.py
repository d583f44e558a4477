"""Read one message: which of its words tell the cause.

A chain of wrapped errors reads `outer: inner: innermost`. Of all rules that match, the weightiest counts; of equals the
innermost, which ends last; of those that end together the one with more words (`proxyconnect tcp: … connection refused`
is the proxy's). Of several attempts, the one that tells more than "denied" comes first.
"""

from bisect import bisect_right

from agent.contract.causes import BY_ID
from agent.contract.classify.attempts import split
from agent.contract.classify.hits import WORDS, Hit, hits
from agent.contract.classify.names import host_of, image_of
from agent.contract.classify.plain import plain
from agent.contract.classify.rule import HINT, Rule
from agent.contract.classify.rules import RULES
from agent.contract.letters import lowered, words
from agent.contract.redact import WORDS as SECRET_WORDS
from agent.contract.redact import blanked, shown
from agent.contract.report import Classification
from agent.contract.suggest import suggest

MATCHED_CHARACTERS = 200
DETAIL_CHARACTERS = 600  # an event's message is at most 1 kB; a report carries many

AFTER_CHARACTERS = 100  # behind the telling words there is often the hint where to read more

# All other words of a line are read by nobody.
_WORDS = WORDS | SECRET_WORDS

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
    attempts = split(low)
    asked = _WORDS.intersection(spoken)
    found = hits(low, asked, every=len(attempts) > 1)
    # From here on the line has no secrets, and every word at its place.
    line = blanked(line, low, spoken, asked)
    image = image_of(line)
    if not found:
        return Classification(cause="unknown", causes=["unknown"], image=image, detail=_detail(line, 0, 0))
    told = _telling(found, attempts)
    best, start, end = told[0]
    return Classification(
        cause=best.cause,
        causes=[best.cause] if len(told) == 1 else list(dict.fromkeys(rule.cause for rule, _, _ in told)),
        image=image,
        host=host_of(line, start, end, best.cause, image),
        transient=BY_ID[best.cause].transient if best.transient is None else best.transient,
        suggestion=suggest(best.cause, image, line),
        matched=shown(line[start:end])[:MATCHED_CHARACTERS],
        detail=_detail(line, start, end),
    )


def _telling(found: set[Hit], attempts: list[tuple[int, int]]) -> list[tuple[Rule, int, int]]:
    """Give the rule and the words that tell most of each attempt, the most telling attempt first."""
    if len(attempts) == 1:
        _, end, start, number = max(found)
        return [(RULES[-number], -start, end)]
    told = [max(hits) for hits in _by_attempt(found, attempts)]
    spoken = [(RULES[-number], -start, end) for _, end, start, number in told]
    spoken.sort(key=lambda words: (words[0].weight == HINT, _rank(words[0].cause)))
    return spoken


def _by_attempt(found: set[Hit], attempts: list[tuple[int, int]]) -> list[list[Hit]]:
    """Give the hits of each attempt that has any, in the attempts' order."""
    order = sorted(range(len(attempts)), key=attempts.__getitem__)
    starts = [attempts[number][0] for number in order]
    inside: dict[int, list[Hit]] = {}
    for hit in found:
        inside.setdefault(order[max(0, bisect_right(starts, -hit[2]) - 1)], []).append(hit)
    return [inside[number] for number in sorted(inside)]


def _rank(cause: str) -> int:
    return -_LEAST_TELLING.index(cause) if cause in _LEAST_TELLING else -len(_LEAST_TELLING)


def _detail(line: str, start: int, end: int) -> str:
    """Give the message; of a long one the part that ends with the telling words and a little after."""
    if len(line) <= DETAIL_CHARACTERS:
        return shown(line)
    last = min(len(line), max(end + AFTER_CHARACTERS, DETAIL_CHARACTERS))
    first = max(0, min(start, last - DETAIL_CHARACTERS))
    return ("…" if first else "") + shown(line[first:last])[-DETAIL_CHARACTERS:]
