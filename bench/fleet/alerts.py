"""The yardstick: the rule that alerting does today. Per target, an alert where the share of failing nodes is too high.

Each target is looked at by itself, as an alert over one metric does: no first causes, no node set apart, no difference.
The cause is the commonest label among the failing, and the scope is what a person would read off the share.

Source: the usual form `avg by (target) (probe_success) < 0.9` of alerts over probe metrics.
"""

from collections import Counter, defaultdict

from agent.contract.report import Scope, Snapshot, Subject
from agent.contract.result import Result
from bench.fleet.score import Said
from bench.fleet.subjects import OF_HOST, OF_IMAGE, host_of

THRESHOLD = 0.1  # more failing nodes than this share: the commonest default
WHOLE = 0.9


def alerts(snapshot: Snapshot, threshold: float = THRESHOLD) -> list[Said]:
    """Give an alert for each check and target that enough nodes fail at."""
    told: Counter[tuple[str, str]] = Counter()
    failing: dict[tuple[str, str], dict[str, Result]] = defaultdict(dict)
    for node in snapshot.nodes:
        for result in node.results:
            key = (result.check, _target(node.name, result))
            told[key] += result.could_tell
            if result.status == "failed":
                failing[key][node.name] = result
    return [_alert(*key, own, told[key]) for key, own in failing.items() if len(own) > threshold * told[key]]


def _target(node: str, result: Result) -> str:
    return "" if result.target == node else result.target


def _alert(check: str, target: str, failing: dict[str, Result], told: int) -> Said:
    cause = Counter(result.cause or "unknown" for result in failing.values()).most_common(1)[0][0]
    scope: Scope = "node" if len(failing) == 1 else "cluster" if len(failing) >= WHOLE * told else "nodes"
    return Said(cause, _subject(check, target), scope, frozenset(failing))


def _subject(check: str, target: str) -> Subject:
    if check in OF_HOST:
        return Subject(kind="host", value=host_of(target))
    if check in OF_IMAGE:
        return Subject(kind="image", value=target)
    return Subject(kind="registry", value=target) if check in ("registry", "rate_limit") else Subject(kind="all")
