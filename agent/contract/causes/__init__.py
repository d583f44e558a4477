"""The one catalogue of causes: what each means, how bad it is, and how it is fixed.

Code, remedies, docs, metrics and tests are drawn from it. Ids are stable. Steps may name `{host}`, `{port}`,
`{registry}`, `{image}`, `{repository}` and `{node}`; `remedy_for` fills in what a finding knows.
"""

from typing import Literal

from agent.contract.causes import network, node, registry
from agent.contract.causes.cause import Cause, Remedy

__all__ = ["BY_ID", "CATALOGUE", "Cause", "Remedy", "remedy_for", "severity_of"]

CATALOGUE = (*registry.CAUSES, *network.CAUSES, *node.CAUSES)

BY_ID = {cause.id: cause for cause in CATALOGUE}


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key.upper()


def remedy_for(cause_id: str, **known: str | None) -> Remedy:
    """Give the remedy of a cause with what is known filled in, and the rest as upper-case placeholders.

    Args:
        known: any of `host`, `port` (443 where it is not known), `registry`, `image`, `repository`, `node`.
    """
    cause = BY_ID.get(cause_id, BY_ID["unknown"])
    gaps = _Gaps({"port": "443"} | {key: value for key, value in known.items() if value})
    return Remedy(cause.summary, [step.format_map(gaps) for step in cause.steps], cause.see)


def severity_of(cause_id: str) -> Literal["failure", "warning"]:
    """Give a cause's severity; a cause of a newer writer that this one does not know is a failure."""
    cause = BY_ID.get(cause_id)
    return cause.severity if cause else "failure"
