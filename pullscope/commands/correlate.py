"""`pullscope correlate`: one snapshot a line in, one report a line out."""

import sys

import click


@click.command("correlate", short_help="Make a report of each snapshot on standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print each report as one line of JSON.")
def command(as_json: bool) -> None:
    """Make a report of each snapshot on standard input, one snapshot a line.

    Exit status: 0; 2 where a line was no snapshot: it is named, and the others are answered.
    """
    import msgspec

    from agent.contract.report import VERSION, Snapshot
    from aggregator.correlate import correlate
    from aggregator.web.text import render
    from pullscope.streams import complain, encode

    mistakes = 0
    decoder = msgspec.json.Decoder(Snapshot)
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if not raw.strip():
            continue
        try:
            snapshot = decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            mistakes += 1
            complain(f"standard input, line {number}: {error}")
            continue
        if snapshot.version != VERSION:
            mistakes += 1
            complain(f"standard input, line {number}: a snapshot of version {snapshot.version}, this reads {VERSION}")
            continue
        report = correlate(snapshot)
        sys.stdout.write((encode(report) if as_json else render(report).rstrip("\n")) + "\n")
        sys.stdout.flush()
    sys.exit(2 if mistakes else 0)
