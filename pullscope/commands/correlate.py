"""`pullscope correlate`: one snapshot a line in, one report a line out."""

import os
import sys
from collections.abc import Iterator

import click

CHUNK_BYTES = 1 << 20  # a snapshot of a big fleet has a hundred of these


@click.command("correlate", short_help="Make a report of each snapshot on standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print each report as one line of JSON.")
def command(as_json: bool) -> None:
    """Make a report of each snapshot on standard input, one snapshot a line.

    Exit status: 0; 2 where a line was no snapshot: it is named, and the others are answered.
    """
    import gc

    from aggregator.correlate import report_of
    from aggregator.correlate.reading import ReadError, read
    from aggregator.web.text import render
    from pullscope.streams import complain, encode

    gc.freeze()
    gc.disable()  # a fleet is a million objects that all stay until its report is made: looking at them is in vain
    mistakes = 0
    for number, line in enumerate(_lines(sys.stdin.fileno()), 1):
        if not line or line.isspace():
            continue
        try:
            report = report_of(read(line))
        except ReadError as error:
            mistakes += 1
            complain(f"standard input, line {number}: {error}")
            continue
        sys.stdout.write((encode(report) if as_json else render(report).rstrip("\n")) + "\n")
        sys.stdout.flush()
        del line, report
        gc.collect()
    sys.exit(2 if mistakes else 0)


def _lines(descriptor: int) -> Iterator[bytearray]:
    """Give each line as soon as it has come, in a buffer of its own: it is long, and shall not be held twice."""
    line = bytearray()
    while chunk := os.read(descriptor, CHUNK_BYTES):
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            line += part
            yield line
            line = bytearray()
        line += rest
    if line:
        yield line
