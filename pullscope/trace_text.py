"""A trace for a person: one line a stage as it happens, then the answer and what to do."""

import textwrap

from agent.contract import causes
from agent.contract.report import Trace
from agent.contract.result import Result

WIDTH = 80
_MARKS = {"ok": "ok", "warn": "warn", "failed": "FAILED", "skipped": "skipped", "unknown": "unknown"}
_WORDS = {
    "ok": "can be pulled",
    "warn": "can be pulled, with a remark",
    "failed": "cannot be pulled",
    "unknown": "cannot be told",
}


def stage(result: Result) -> str:
    """Give the line of one stage: mark, check, target, time, and the detail where there is one."""
    line = f"{_MARKS[result.status]:<8}{result.check:<10} {result.target}  {result.took_s * 1000:.0f} ms"
    if result.status == "skipped":
        return f"{_MARKS['skipped']:<8}{result.check:<10} {result.target}  after {result.blocked_by}"
    if result.detail:
        line += "\n" + textwrap.fill(result.detail, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return line


def answer(trace: Trace) -> str:
    """Give the verdict in words, its cause, its evidence, and the commands that fix it."""
    lines = [f"{trace.image} {_WORDS[trace.verdict]} on {trace.node} ({trace.took_s:.1f} s)"]
    if trace.cause is not None:
        cause = causes.BY_ID.get(trace.cause, causes.BY_ID["unknown"])
        lines.append(f"  {trace.cause}: {cause.title}")
    if trace.detail and trace.verdict != "ok":
        lines.append(textwrap.fill(trace.detail, WIDTH, initial_indent="  ", subsequent_indent="  "))
    if trace.suggestion is not None:
        # A name stands on a line of its own, whole, so that it can be copied.
        lines += ["", f"Likely meant: {trace.suggestion.image}"]
        lines.append(textwrap.fill(trace.suggestion.reason, WIDTH, initial_indent="  ", subsequent_indent="  "))
    if trace.remedy is not None:
        lines += ["", textwrap.fill(f"Fix: {trace.remedy.summary}", WIDTH)]
        lines += [f"  {step}" for step in trace.remedy.steps]
        lines.append(f"  ({trace.remedy.see})")
    return "\n".join(lines)
