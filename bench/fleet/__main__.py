"""`python -m bench.fleet`: score the correlator over drawn fleets, or write fleets out as snapshots.

python -m bench.fleet --fleets 2000 --jobs 2 --misses 40
python -m bench.fleet --seed 17 --fleets 1 --snapshots | pullscope correlate
python -m bench.fleet --seed 17 --fleets 1 --truth
python -m bench.fleet --nodes 5000 > snapshot.json
"""

import argparse
import json
import sys
from collections.abc import Collection

import msgspec

from bench.fleet import stream
from bench.fleet.case import Case, cases
from bench.fleet.knobs import HARD, STORM
from bench.fleet.run import as_json, as_text, score

NAMED_NODES = 9  # by name in the words of a truth; more are counted


def main() -> int:
    """Do what is asked; 0."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fleet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fleets", type=int, default=2000, help="how many (default 2000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first; the next ones count up (default 0)")
    parser.add_argument("--jobs", type=int, default=1, choices=(1, 2), help="processes (default 1)")
    parser.add_argument("--misses", type=int, default=0, help="classes of misses to show, with seeds")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--storm", action="store_true", help="more faults, noise and overlaps than clusters have")
    parser.add_argument("--nodes", type=int, help="write one fleet of so many nodes with sixty results each")
    parser.add_argument("--snapshots", action="store_true", help="write the fleets, a line each, and score nothing")
    parser.add_argument("--truth", action="store_true", help="write what is true of them, and score nothing")
    given = parser.parse_args()
    knobs = STORM if given.storm else HARD
    seeds = range(given.seed, given.seed + given.fleets)
    if given.nodes:
        print(msgspec.json.encode(stream.snapshot(given.nodes, given.seed)).decode())
        return 0
    if given.snapshots or given.truth:
        for one in cases(seeds, knobs):
            sys.stdout.write((_truth(one) if given.truth else msgspec.json.encode(one.snapshot).decode()) + "\n")
        return 0
    scores = score(seeds, knobs, jobs=given.jobs)
    print(json.dumps(as_json(scores)) if given.json else as_text(scores, given.misses))
    return 0


def _truth(one: Case) -> str:
    lines = [f"seed {one.seed}: {one.world.style}, {len(one.world.machines)} nodes"]
    for fault in one.faults:
        on = _few(fault.on)
        lines.append(f"  fault {fault.kind}: {fault.cause} at {'/'.join(sorted(fault.checks))} of "
                     f"{', '.join(sorted(fault.targets or ['everything']))} on {on}, {fault.fact}, "
                     f"{fault.age_s:.0f} s ago, rate {fault.rate:.2f}")  # fmt: skip
    for true in one.expected:
        group = f" {true.group.fact}={true.group.value}" if true.group else ""
        subject = f"{true.subject.kind} {true.subject.value or ''}".strip()
        doubt = f" maybe [{_few(true.maybe)}]" if true.maybe else ""
        doubt += "" if true.sure else ", need not be said"
        nodes = _few(true.nodes)
        lines.append(
            f"  true: {true.cause} {subject} {'/'.join(true.scopes)}{group} [{nodes}]{doubt} differs {true.fact}"
        )
    return "\n".join(lines)


def _few(nodes: Collection[str]) -> str:
    return " ".join(sorted(nodes)) if len(nodes) <= NAMED_NODES else f"{len(nodes)} nodes"


if __name__ == "__main__":
    sys.exit(main())
