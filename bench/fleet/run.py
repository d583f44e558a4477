"""Runs the scorer over many fleets, one at a time, in one process or two; ours and the yardstick's side by side."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

from aggregator.correlate import correlate
from bench.fleet.alerts import alerts
from bench.fleet.case import case
from bench.fleet.knobs import HARD, Knobs
from bench.fleet.score import BUCKETS, Tally, said

CHUNK = 25  # fleets per task: small enough that two processes end at the same time
GOALS = {"exact": 0.95, "f1": 0.97, "difference": 0.9}


@dataclass(slots=True)
class Scores:
    """Both tallies over the same fleets."""

    ours: Tally = field(default_factory=Tally)
    alerting: Tally = field(default_factory=Tally)


def score(seeds: Sequence[int], knobs: Knobs = HARD, *, jobs: int = 1) -> Scores:
    """Score fleets.

    Args:
        jobs: processes; each holds one fleet at a time.
    """
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    scores = Scores()
    for part in _parts(chunks, knobs, jobs):
        scores.ours.merge(part.ours)
        scores.alerting.merge(part.alerting)
    return scores


def _parts(chunks: Sequence[Sequence[int]], knobs: Knobs, jobs: int) -> Iterator[Scores]:
    if jobs < 2:
        yield from (_chunk(chunk, knobs) for chunk in chunks)
        return
    # Spawned, not forked: a forked child would copy what the parent holds, and warns in a process with threads.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_chunk, chunks, [knobs] * len(chunks))


def _chunk(seeds: Sequence[int], knobs: Knobs) -> Scores:
    scores = Scores()
    for seed in seeds:
        own = case(seed, knobs)
        started = time.process_time()
        report = correlate(own.snapshot)
        scores.ours.took_s += time.process_time() - started
        scores.ours.nodes += len(own.snapshot.nodes)
        scores.ours.add(seed, said(report.findings), own.expected)
        scores.alerting.add(seed, alerts(own.snapshot), own.expected)
    return scores


def figures(tally: Tally) -> dict[str, Any]:
    """Give a tally's figures by name."""
    return {
        "fleets": tally.fleets,
        "findings": tally.said,
        "true": tally.true,
        "exact": round(tally.share(tally.exact, tally.fleets), 4),
        "exact_lenient": round(tally.share(tally.exact_lenient, tally.fleets), 4),
        "precision": round(tally.share(tally.right, tally.said), 4),
        "recall": round(tally.share(tally.right, tally.true), 4),
        "f1": round(tally.f1(), 4),
        "f1_lenient": round(tally.f1(lenient=True), 4),
        "differences": tally.differences,
        "difference": round(tally.share(tally.difference_named, tally.differences), 4),
        "difference_first": round(tally.share(tally.difference_first, tally.differences), 4),
    }


def calibration(tally: Tally) -> list[dict[str, Any]]:
    """Give, per bucket of confidence, how many findings there were and which share was right."""
    edges = [*BUCKETS, 1.0]
    return [
        {
            "from": low,
            "to": high,
            "findings": tally.buckets[low],
            "right": round(tally.share(tally.buckets_right[low], tally.buckets[low]), 3),
        }
        for low, high in pairwise(edges)
        if tally.buckets[low]
    ]


def as_json(scores: Scores) -> dict[str, Any]:
    """Give everything that was counted."""
    misses = [
        {"what": label, "times": times, "seeds": scores.ours.misses[label]}
        for label, times in scores.ours.miss_counts.most_common()
    ]
    return {
        "goals": GOALS,
        "ours": figures(scores.ours),
        "alerting": figures(scores.alerting),
        "calibration": calibration(scores.ours),
        "took_s": round(scores.ours.took_s, 2),
        "nodes": scores.ours.nodes,
        "misses": misses,
    }


def as_text(scores: Scores, misses: int = 0) -> str:
    """Give the table that a person reads; `misses` classes of misses below it."""
    ours, theirs = figures(scores.ours), figures(scores.alerting)
    lines = [f"{'':34}{'ours':>10}{'alerting':>10}{'goal':>8}"]
    for name, label in (
        ("fleets", "fleets"), ("true", "findings there are"), ("findings", "findings said"),
        ("exact", "exact set of findings"), ("exact_lenient", "  where doubt is allowed"), ("precision", "precision"),
        ("recall", "recall"), ("f1", "F1 over findings"), ("f1_lenient", "  where doubt is allowed"),
        ("difference", "right difference among those named"), ("difference_first", "  named first"),
    ):  # fmt: skip
        goal = f"{GOALS[name]:>8}" if name in GOALS else ""
        lines.append(f"{label:34}{ours[name]:>10}{theirs[name]:>10}{goal}".rstrip())
    lines += ["", f"{'confidence':14}{'findings':>10}{'right':>8}"]
    lines += [
        f"{row['from']:.2f} to {row['to']:.2f}  {row['findings']:>10}{row['right']:>8}"
        for row in calibration(scores.ours)
    ]
    for label, times in scores.ours.miss_counts.most_common(misses):
        lines.append(f"{times:5}  {label}  seeds {', '.join(map(str, scores.ours.misses[label]))}")
    return "\n".join(lines)
