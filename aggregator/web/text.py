"""The report as text, for a tired person at three in the morning.

The verdict and the counts stand first, then the worst finding: what, where, since when, how it shows, what differs, and
the commands that fix it. 80 columns, ASCII, nothing that a terminal would obey.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from agent.contract.causes import BY_ID
from agent.contract.report import ChecklistItem, Finding, Freshness, Report
from aggregator.web.age import age_of
from aggregator.web.columns import WIDTH, ascii_only, command, prose

NAMED_NODES = 12  # about two lines; the JSON form names all
NAMED_PODS = 6
IN_FULL = 10  # findings told with their commands; the rest in two lines each
LABEL = 12  # columns that a label takes, so that the eye runs down one edge
SURE = 0.9  # below this the reader is told how sure it is

# Programs that a step of the catalogue may begin with; any other step is a sentence.
PROGRAMS = frozenset(
    "cat chronyc cosign cp crictl curl date df dig dmesg docker getent grep iostat ip jq journalctl kubectl mount nc "
    "nslookup oc openssl ping podman rm skopeo systemctl time timedatectl touch update-ca-certificates update-ca-trust"
    "".split()
)


def render(report: Report) -> str:
    """Write a report as text, ending with a newline."""
    lines = [*_head(report)]
    for number, finding in enumerate(report.findings, 1):
        lines += ["", *_finding(number, finding, report)]
    if report.checklist:
        lines += ["", "Checklist"]
        lines += [line for item in report.checklist for line in _item(item)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def first_line(report: Report) -> str:
    """Give the verdict and the counts in one line."""
    failures = sum(finding.severity == "failure" for finding in report.findings)
    counts = f"{_count(failures, 'failure')}, {_count(len(report.findings) - failures, 'warning')}"
    nodes = f"{report.nodes.reporting} of {_count(report.nodes.expected, 'node')} reporting"
    return f"{report.verdict.upper()}: {counts}; {nodes}"


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago a moment was, in the two largest units."""
    told = span(moment, now)
    return f"{told} ago" if told else "just now"


def span(begin: datetime, end: datetime) -> str:
    """Say how long it is from one moment to another, in the two largest units; nothing where it is no second."""
    seconds = int((_utc(end) - _utc(begin)).total_seconds())
    if seconds <= 0:
        return ""
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts: list[tuple[int, str]] = []
    for unit, length_s in units:
        count, seconds = divmod(seconds, length_s)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count)


def where(finding: Finding, counted: int) -> str:
    """Say on which nodes, with the denominator.

    Args:
        counted: how many nodes count in the whole report.
    """
    share = f"{finding.failing} of {finding.observed}"
    names = named(finding.nodes, NAMED_NODES)
    if finding.scope == "cluster":
        if finding.failing == finding.observed:
            return f"all {finding.failing} nodes" + ("" if finding.observed == counted else " that could tell")
        return f"{share} nodes: {names}"
    if finding.scope == "group" and finding.group is not None:
        return f"{finding.group.fact} {finding.group.value}: {names} ({share} nodes)"
    return f"{share}: {names}"


def what(finding: Finding) -> str:
    """Say the cause in words, and what is hit."""
    title = BY_ID[finding.cause].title if finding.cause in BY_ID else f"{finding.cause} (a cause of a newer agent)"
    return f"{title} [{finding.cause}]"


def _head(report: Report) -> Iterator[str]:
    yield from prose(first_line(report), "", "  ")
    cluster = f"cluster {report.cluster}, " if report.cluster else ""
    yield from prose(f"{cluster}{time_of(report.at)}", "", "  ")
    if report.nodes.silent:
        yield from prose(f"silent: {named(report.nodes.silent, NAMED_NODES)}", "", "  ")
    if report.nodes.excluded:
        names = named(report.nodes.excluded, NAMED_NODES)
        yield from prose(f"not counted (NotReady, cordoned or leaving): {names}", "", "  ")
    if isinstance(report.freshness, Freshness):
        yield from prose(age_of(report.freshness), "", "  ")


def _finding(number: int, finding: Finding, report: Report) -> Iterator[str]:
    mark = "WARNING" if finding.severity == "warning" else "FAILURE"
    yield from prose(f"{number}. {mark}: {what(finding)}", "", "   ")
    if finding.subject.value:
        yield from _line("what", f"{finding.subject.kind} {finding.subject.value}")
    elif finding.cause not in BY_ID or not BY_ID[finding.cause].of_node:
        yield from _line("what", "everything that these nodes ask for")
    yield from _line("where", where(finding, report.nodes.expected))
    if number <= IN_FULL:
        yield from _details(finding, report.at)


def _details(finding: Finding, at: datetime) -> Iterator[str]:
    yield from _line("since", f"{time_of(finding.since)} ({ago(finding.since, at)})" if finding.since else "not known")
    if finding.intermittent:
        yield from _line("comes", "and goes: it does not fail every time")
    if finding.evidence:
        more = f"; and {len(finding.evidence) - 1} more" if len(finding.evidence) > 1 else ""
        yield from _line("seen", _short(finding.evidence[0]) + more)
    for difference in finding.differs:
        healthy = difference.healthy if difference.healthy is not None else "without it"
        yield from _line("differs", f"{difference.fact} {difference.failing}; healthy nodes: {healthy}")
    if finding.pods:
        yield from _line("pods", named(finding.pods, NAMED_PODS))
    if finding.confidence < SURE:
        yield from _line("sure", f"{finding.confidence * 100:.0f} %")
    yield from _fix(finding)


def _fix(finding: Finding) -> Iterator[str]:
    if finding.suggestion is not None:
        yield from _line("likely", f"{finding.suggestion.image} was meant: {finding.suggestion.reason}")
    yield from _line("fix", finding.remedy.summary)
    for step in finding.remedy.steps:
        is_command = step.split(" ", 1)[0] in PROGRAMS
        yield from command(step, "     ") if is_command else prose(step, "     # ", "     # ")
    if finding.remedy.see:
        yield from _line("see", finding.remedy.see)


def _item(item: ChecklistItem) -> list[str]:
    return prose(f"[{item.answer}] {item.ask}" + (f": {item.detail}" if item.detail else ""), "  ", "      ")


def _line(label: str, text: str) -> list[str]:
    return prose(text, f"   {label}:".ljust(LABEL), " " * LABEL)


def _short(text: str) -> str:
    """Cut a line of evidence to three lines of the report."""
    most = 3 * (WIDTH - LABEL) - 20
    return text if len(text) <= most else text[: most - 3] + "..."


def named(nodes: list[str], most: int) -> str:
    """Name some things in their natural order, and say how many more there are."""
    rest = f" and {len(nodes) - most} more" if len(nodes) > most else ""
    return ascii_only(", ".join(sorted(nodes, key=_natural)[:most])) + rest


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort node-9 before node-10."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for letter in f"{name}\0":
        if letter in "0123456789":
            digits += letter
            continue
        if digits:
            parts.append((int(digits[:18]), digits))
            digits = ""
        parts.append((-1, letter))
    return parts


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def time_of(moment: datetime) -> str:
    """Write a time as people read it."""
    return f"{_utc(moment):%Y-%m-%d %H:%M:%S} UTC"


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
