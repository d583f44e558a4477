"""What is different between two reports, as JSON that is small, and the way back.

Mappings are told by key; lists of names, which are sorted and hold each name once, by what came and what went; anything
else whole. Findings go by their id, so that one that changes costs what changed in it.
"""

from itertools import pairwise
from typing import Any

import msgspec

from agent.contract.report import Report

# What may change with every answer, and tells nobody anything new of an incident.
MINOR = frozenset({"last_seen", "confidence", "evidence", "pods", "remedy", "suggestion", "observed"})
SAME: Any = None  # no difference: the difference of two mappings is a mapping


class DeltaError(ValueError):
    """A difference does not belong to what it is applied to."""


def flat(report: Report) -> dict[str, Any]:
    """Give a report as plain values without its time, its findings by their id."""
    form: dict[str, Any] = msgspec.to_builtins(report)
    del form["at"]
    form.pop("incidents", None)
    form["findings"] = {finding["id"]: finding for finding in form["findings"]}
    form["order"] = list(form["findings"])
    return form


def unflat(form: dict[str, Any], at: str) -> Report:
    """Give the report again.

    Raises:
        DeltaError: where it is none.
    """
    try:
        findings = [form["findings"][name] for name in form["order"]]
        return msgspec.convert({**form, "findings": findings, "at": at}, Report)
    except (KeyError, TypeError, msgspec.MsgspecError) as error:
        raise DeltaError(f"no report: {error}") from error


def difference(before: dict[str, Any], after: dict[str, Any]) -> Any:
    """Tell what makes the one mapping into the other; `SAME` where they are equal."""
    put = {key: value for key, value in after.items() if key not in before}
    change = {}
    for key, value in after.items():
        if key not in before or before[key] == value:
            continue
        old = before[key]
        if isinstance(old, dict) and isinstance(value, dict):
            change[key] = difference(old, value)
        elif _are_names(old) and _are_names(value):
            change[key] = {"+": sorted({*value} - {*old}), "-": sorted({*old} - {*value})}
        else:
            put[key] = value
    gone = [key for key in before if key not in after]
    parts = {"put": put, "change": change, "gone": gone}
    return {name: part for name, part in parts.items() if part} or SAME


def applied(before: Any, change: Any) -> Any:
    """Give what a difference makes of what was before; that stays as it is.

    Raises:
        DeltaError: where they do not belong together.
    """
    try:
        if isinstance(before, list):
            return sorted(({*before} - {*change["-"]}) | {*change["+"]})
        after = {key: value for key, value in before.items() if key not in change.get("gone", ())}
        after |= change.get("put", {})
        return after | {key: applied(before[key], part) for key, part in change.get("change", {}).items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise DeltaError(f"no difference to this: {error}") from error


def is_minor(change: Any) -> bool:
    """Whether verdict, counts, findings, their scope, nodes and beginnings are all as they were."""
    if "gone" in change or {*change.get("put", ()), *change.get("change", ())} - {"checklist", "findings"}:
        return False
    findings = change.get("change", {}).get("findings", {})
    if "put" in findings or "gone" in findings:
        return False
    parts = findings.get("change", {}).values()
    return all({*part.get("put", ()), *part.get("change", ()), *part.get("gone", ())} <= MINOR for part in parts)


def _are_names(value: Any) -> bool:
    """Whether this is a sorted list of different names; only such a list can be put together again."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return False
    return all(left < right for left, right in pairwise(value))
