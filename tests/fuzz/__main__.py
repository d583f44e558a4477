"""`python -m tests.fuzz [COUNT [SEED]]`: 1,000,000 inputs unless told otherwise; 1 where a promise was broken."""

import sys
import time

import click

from tests.fuzz.run import run

_DEFAULT_COUNT = 1_000_000
_ROUND_LINES = 50_000  # between two lines of progress
_SHOWN = 20


def main() -> int:
    """Run, and say what was found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT_COUNT
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    complaints: list[str] = []
    lines = secrets = 0
    started = time.monotonic()
    while lines < count:
        outcome = run(seed + lines, min(_ROUND_LINES, count - lines))
        lines, secrets = lines + outcome.lines, secrets + outcome.secrets
        complaints += outcome.complaints
        click.echo(
            f"{lines} lines, {secrets} secrets, {len(complaints)} complaints, {time.monotonic() - started:.0f} s"
        )
    for complaint in complaints[:_SHOWN]:
        click.echo(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
