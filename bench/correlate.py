"""What does one report of a fleet cost, in full and after one node's change, and how does it grow?

Compared with: `json.loads` of the same snapshot, the fastest way in which the standard library can look at it at all;
garbage collection is off on both sides, as the command has it (with it on, `json.loads` takes twice as long).

How: a fleet of 5,000 nodes with sixty results each and four faults, written by `bench.fleet.stream`. The least CPU time
of some runs. The command runs as a process of its own, and so does its peer. For growth the same node reports go into
fleets of 5,000 and of 100,000 nodes, each in a process of its own (`bench.growth`).

Cannot see: what the store and the links of an aggregator cost; how long a first report waits for others.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from agent.contract.report import Node, Snapshot
from aggregator.correlate import Matrix, correlate, report_of, take
from bench.figure import Figure
from bench.fleet import stream
from bench.growth import cost
from bench.site import Site

NODES, MANY = 5_000, 100_000
GIVEN = 500  # reports of nodes, given again under other names in the fleets whose growth is measured
TIMES = 4
CHANGES = 60
_LOADS = "import gc, json, sys; gc.disable(); json.loads(sys.stdin.buffer.readline())"


def measure(site: Site) -> list[Figure]:
    """Measure all of it."""
    fleet = stream.snapshot(NODES)
    text = msgspec.json.encode(fleet)
    gc.collect()
    gc.disable()
    try:
        loads_s = _least(lambda: json.loads(text))
        full_s = _least(lambda: correlate(fleet))
        change_s, at_once_s = _changes(fleet)
        growth = _growth(fleet)
    finally:
        gc.enable()
    command_s, peer_s = _command(site.folder, text)
    peer = "json.loads of the snapshot"
    size = f"{NODES} nodes with {stream.RESULTS} results each, {len(text) / 1e6:.0f} MB of JSON"
    return [
        Figure("report of a whole fleet, decoded already", "s", full_s, peer, loads_s, 0.5, 0.5, (size,)),
        Figure("`pullscope correlate`, from text to report", "s", command_s, f"{peer}, as a process", peer_s, 1.0),
        Figure(
            "report after one node's change", "ms", change_s * 1000, "the whole fleet again", full_s * 1000, limit=5.0,
            notes=(f"the slowest of {CHANGES}; where every host fails on all nodes: {at_once_s * 1000:.2f} ms",),
        ),
        *growth,
    ]  # fmt: skip


def _least(work: Callable[[], object], times: int = TIMES) -> float:
    found = []
    for _ in range(times):
        began = time.process_time()
        kept = work()
        found.append(time.process_time() - began)
        del kept
    return min(found)


def _changes(fleet: Snapshot) -> tuple[float, float]:
    """Give the slowest change of one node in a fleet as it is, and in one in which a host fails on every node."""
    slowest = []
    for one in (fleet, msgspec.structs.replace(fleet, nodes=[_without_host(node) for node in fleet.nodes])):
        matrix = Matrix(one.cluster, one.at)
        take(matrix, one.nodes)
        report_of(matrix)
        took = []
        for at, node in stream.updates(one, CHANGES):
            began = time.process_time()
            take(matrix, [node])
            matrix.advance(at)
            report_of(matrix)
            took.append(time.process_time() - began)
        slowest.append(max(took))
    return max(slowest), slowest[1]


def _without_host(node: Node) -> Node:
    """Let a node's way to every host time out."""
    results = [
        msgspec.structs.replace(one, status="failed", cause="connect_timeout", since=one.at)
        if one.check == "tcp"
        else one
        for one in node.results
    ]
    return msgspec.structs.replace(node, results=results)


def _growth(fleet: Snapshot) -> list[Figure]:
    """Give time and memory per node of a large fleet beside those of a small one."""
    texts = [msgspec.json.encode(node) for node in fleet.nodes[:GIVEN]]
    few_s, few_bytes = cost(texts, NODES)
    many_s, many_bytes = cost(texts, MANY)
    note = (f"{MANY} nodes beside {NODES}; the matrix and its report, without the reports that it was made of",)
    return [
        Figure("time per node of a large fleet", "µs", many_s * 1e6, "of a small one", few_s * 1e6, 1.2, notes=note),
        Figure("memory per node of a large fleet", "kB", many_bytes / 1e3, "of a small one", few_bytes / 1e3, 1.2, 30),
    ]  # fmt: skip


def _command(folder: Path, text: bytes) -> tuple[float, float]:
    """Give the CPU seconds of the command and of its peer, each as a process."""
    given = folder / "snapshot.jsonl"
    given.write_bytes(text + b"\n")
    ours = [sys.executable, "-m", "pullscope", "correlate", "--json"]
    sides = (ours, [sys.executable, "-c", _LOADS])
    return tuple(min(_cpu_s(side, given) for _ in range(TIMES)) for side in sides)  # type: ignore[return-value]  # two


def _cpu_s(command: list[str], given: Path) -> float:
    before = os.times()
    with given.open("rb") as text:
        subprocess.run(command, stdin=text, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
