"""`pullscope correlate`: one snapshot a line in, one report a line out."""

import sys

import click


@click.command("correlate", short_help="Make a report of each snapshot on standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print each report as one line of JSON.")
def command(as_json: bool) -> None:
    """Make a report of each snapshot on standard input, one snapshot a line."""
    import msgspec

    from agent.contract.report import VERSION, Snapshot
    from aggregator.correlate import correlate
    from aggregator.web.text import render
    from pullscope.streams import encode, refuse

    decoder = msgspec.json.Decoder(Snapshot)
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if not raw.strip():
            continue
        try:
            snapshot = decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            refuse(f"standard input, line {number}: {error}")
        if snapshot.version != VERSION:
            refuse(f"standard input, line {number}: a snapshot of version {snapshot.version}, this reads {VERSION}")
        report = correlate(snapshot)
        sys.stdout.write((encode(report) if as_json else render(report).rstrip("\n")) + "\n")
        sys.stdout.flush()
