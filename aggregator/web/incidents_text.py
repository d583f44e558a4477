"""The incidents since a time as text: the one that began last first, each with its beginning, its end and its steps."""

from collections.abc import Iterator
from datetime import datetime

from agent.contract.causes import BY_ID
from agent.contract.report import IncidentRecord, Report
from aggregator.web.columns import prose
from aggregator.web.text import LABEL, NAMED_NODES, first_line, named, span, time_of


def render_incidents(report: Report, since: datetime) -> str:
    """Write the incidents of a report as text, ending with a newline."""
    records = report.incidents if isinstance(report.incidents, list) else []
    lines = prose(first_line(report), "", "  ")
    count = f"{len(records)} incident{'' if len(records) == 1 else 's'}" if records else "no incidents"
    lines += prose(f"{count} since {time_of(since)}; it is {time_of(report.at)}", "", "  ")
    for number, record in enumerate(records, 1):
        lines += ["", *_record(number, record, report.at)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _record(number: int, record: IncidentRecord, now: datetime) -> Iterator[str]:
    title = BY_ID[record.cause].title if record.cause in BY_ID else f"{record.cause} (a cause of a newer agent)"
    yield from prose(f"{number}. {record.state.upper()}: {title} [{record.cause}]", "", "   ")
    if record.subject.value:
        yield from _line("what", f"{record.subject.kind} {record.subject.value}")
    group = f"{record.group.fact} {record.group.value}: " if record.group is not None else ""
    more = record.failing - len(record.nodes[:NAMED_NODES])
    rest = f" and {more} more" if more > 0 else ""
    listed = named(record.nodes[:NAMED_NODES], NAMED_NODES)
    yield from _line("where", f"{group}{record.failing} of {record.observed}: {listed}{rest}")
    lasted = span(record.since, record.until or now) or "under a second"
    end = time_of(record.until) if record.until is not None else "now"
    yield from _line("since", f"{time_of(record.since)} until {end} ({lasted})")
    steps = [("opened", record.opened), ("confirmed", record.confirmed), ("cleared", record.until)]
    yield from _line("said", ", ".join(f"{word} {when:%H:%M:%S}" for word, when in steps if when is not None))
    if record.intermittent or record.returns:
        back = f", came back {record.returns} times" if record.returns > 1 else ""
        yield from _line("comes", f"and goes{back}" if record.intermittent else "back: it was over, and is there again")
    yield from _line("id", record.id)


def _line(label: str, text: str) -> list[str]:
    return prose(text, f"   {label}:".ljust(LABEL), " " * LABEL)
