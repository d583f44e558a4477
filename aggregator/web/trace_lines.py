"""Traces of several nodes side by side: a line for each as it comes, and what they say together."""

import textwrap
from collections.abc import Iterable, Sequence

from agent.contract.report import Trace, TraceSummary

WIDTH = 100
NODES_SHOWN = 5  # of one cause in the summary: more are counted
_WORDS = {"ok": "can", "warn": "can", "failed": "cannot", "unknown": "unknown"}
_ORDER = ("failed", "unknown", "warn", "ok")


def line(trace: Trace) -> str:
    """Give what one node says: its name, whether it can, in which time, and why not."""
    head = f"{trace.node:<20} {_WORDS.get(trace.verdict, 'unknown'):<8} {trace.took_s:5.1f} s"
    if trace.verdict == "ok":
        return head
    words = ": ".join(part for part in (trace.cause, _printable(trace.detail)) if part)
    if trace.verdict == "warn":
        words = f"with a remark: {words}"
    return textwrap.fill(f"{head}  {words}", WIDTH, subsequent_indent=" " * 8)


def fixes(traces: Iterable[Trace]) -> list[str]:
    """Give one line for each cause: how it is fixed, and where that is written."""
    found = {
        trace.cause: f"fix {trace.cause}: {trace.remedy.summary} ({trace.remedy.see})"
        for trace in traces
        if trace.cause is not None and trace.remedy is not None
    }
    return [textwrap.fill(_printable(text), WIDTH, subsequent_indent=" " * 8) for text in found.values()]


def together(image: str, traces: Sequence[Trace]) -> TraceSummary:
    """Say what all nodes say: `4 of 5 can, node-3 cannot: tls_untrusted`."""
    by_name = sorted(traces, key=lambda trace: trace.node)
    can = [trace.node for trace in by_name if trace.verdict in ("ok", "warn")]
    cannot = {trace.node: trace.cause or "unknown" for trace in by_name if trace.verdict == "failed"}
    unknown = [trace.node for trace in by_name if trace.verdict not in ("ok", "warn", "failed")]
    groups = [
        f"{_some([node for node, one in cannot.items() if one == cause])} cannot: {cause}"
        for cause in dict.fromkeys(cannot.values())
    ]
    if unknown:
        groups.append(f"{_some(unknown)} cannot be told")
    first = f"{len(can)} of {len(traces)} can"
    return TraceSummary(
        image=image,
        verdict=min((trace.verdict for trace in traces), key=_ORDER.index, default="unknown"),
        summary=f"{first}, {'; '.join(groups)}" if groups else first,
        asked=len(traces),
        can=can,
        cannot=cannot,
        unknown=unknown,
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NODES_SHOWN} more" if len(names) > NODES_SHOWN else ""
    return ", ".join(names[:NODES_SHOWN]) + more


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
