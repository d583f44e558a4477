"""`python -m bench [NAME …]`: measure, and print each figure as a ratio.

Cannot see: a machine that does other things meanwhile; run it on an idle one.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import classify, correlate, findings, incident, ingest, round_cpu, rss, startup, trace_wall
from bench.figure import Figure, MissingError, table
from bench.site import Site, site

BENCHES: tuple[tuple[str, Callable[[Site], list[Figure]]], ...] = (
    ("rss", rss.measure),
    ("round_cpu", round_cpu.measure),
    ("trace_wall", trace_wall.measure),
    ("startup", startup.measure),
    ("ingest", ingest.measure),
    ("classify", classify.measure),
    ("findings", findings.measure),
    ("correlate", correlate.measure),
    ("incident", incident.measure),
)


def main() -> int:
    """Run the benches that are named, or all; 1 where one could not be measured."""
    names = [name for name, _ in BENCHES]
    wanted = sys.argv[1:] or names
    if wrong := [name for name in wanted if name not in names]:
        print(f"no bench is called {wrong[0]}: {', '.join(names)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    failures: list[str] = []
    try:
        with tempfile.TemporaryDirectory(prefix="pullscope-bench-") as folder, site(Path(folder)) as here:
            for name, measure in BENCHES:
                if name in wanted:
                    print(f"measuring {name} …", file=sys.stderr)
                    try:
                        figures += measure(here)
                    except MissingError as error:
                        failures.append(f"{name}: not measured: {error}")
    except MissingError as error:
        failures.append(f"no site to measure at: {error}")
    print(_text(figures, failures))
    return 1 if failures else 0


def _text(figures: list[Figure], failures: list[str]) -> str:
    lines = [table(figures)] if figures else []
    lines += (
        ["", "A ratio is ours divided by the peer's, both measured in this run; below 1 is less."] if figures else []
    )
    for figure in figures:
        lines += ["", figure.name, *(f"  {note}" for note in figure.notes)]
    return "\n".join([*lines, *(["", *failures] if failures else [])])


if __name__ == "__main__":
    sys.exit(main())
