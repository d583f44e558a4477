"""Each fault gives exactly its findings in time, trace says what the runtimes do, and its end is seen in time."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from tests.lab import images
from tests.lab.fault import EVERY_NODE, Fault, said
from tests.lab.faults import FAULTS, name_of
from tests.lab.lab import WORKERS, Lab
from tests.lab.process import LabError

WITHIN_S = 10.0  # what the project promises for agents at an interval of 3 s and a patience of 2 s
HEALTHY_S = 30.0  # how long the lab may take to be healthy before a fault begins: no promise, only patience
AGAIN_S = 5.0  # one good answer between bad ones is gone with the next round
LOOK_EVERY_S = 0.1
SUBSET = 6  # of all triples of node, runtime and image: enough to meet hit and unhit ones, few enough for every commit

Triple = tuple[str, str, str]


@dataclass
class Broken:
    """A fault while it lasts."""

    lab: Lab
    fault: Fault
    began: float
    found_s: float | None = None
    lasts: bool = True

    def mend(self) -> float:
        """End it, once, and give the moment."""
        now = time.monotonic()
        if self.lasts:
            self.lasts = False
            self.fault.end(self.lab)
        return now


@pytest.fixture(scope="module", params=FAULTS, ids=name_of)
def broken(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Broken]:
    """Begin each fault on a healthy lab; end it in any case."""
    wait_for(lab, healthy, time.monotonic() + HEALTHY_S)
    broken = Broken(lab, request.param, time.monotonic())
    broken.fault.begin(lab)
    yield broken
    broken.mend()


def test_the_report_says_exactly_what_is_broken(broken: Broken) -> None:
    expected = frozenset(broken.fault.FINDINGS)
    wait_for(broken.lab, lambda report: said(report) == expected, broken.began + WITHIN_S)
    broken.found_s = time.monotonic() - broken.began


def test_trace_says_can_be_pulled_exactly_when_the_runtime_can(broken: Broken) -> None:
    triples = Random(name_of(broken.fault)).sample(every_triple(broken.lab), SUBSET)
    assert disagreements(broken.lab, triples) == []


@pytest.mark.long
def test_trace_agrees_with_every_runtime_about_every_image(broken: Broken) -> None:
    assert disagreements(broken.lab, every_triple(broken.lab)) == []


def test_trace_agrees_with_skopeo_about_the_path(broken: Broken) -> None:
    if broken.fault.OF_PATH:
        pairs = [(node.name, image) for node in broken.lab.nodes for image in images.ALL]
        sample = Random(name_of(broken.fault)).sample(pairs, SUBSET // 2)
        assert disagreements(broken.lab, [(node, "skopeo", image) for node, image in sample]) == []


def test_the_report_still_says_so_and_is_healthy_soon_after_the_end(broken: Broken, times: list[str]) -> None:
    # A round that went well by chance (connection tracking may lead one question the old way) is over in a moment.
    expected = frozenset(broken.fault.FINDINGS)
    wait_for(broken.lab, lambda report: said(report) == expected, time.monotonic() + AGAIN_S)
    ended = broken.mend()
    wait_for(broken.lab, healthy, ended + WITHIN_S)
    found = f"{broken.found_s:6.1f} s" if broken.found_s is not None else "   late "
    times.append(f"{name_of(broken.fault):28} {found} {time.monotonic() - ended:6.1f} s")


def every_triple(lab: Lab) -> list[Triple]:
    """Give every node with each of its runtimes and each image."""
    return [(node.name, runtime, image) for node in lab.nodes for runtime in node.runtimes for image in images.ALL]


def disagreements(lab: Lab, triples: list[Triple]) -> list[str]:
    """Ask the real thing and then trace, and give every case in which their answers differ."""
    # One runtime of a node at a time: two pulls of one image would take the image away from each other.
    places = sorted({triple[:2] for triple in triples})
    with ThreadPoolExecutor(WORKERS) as pool:
        found = pool.map(lambda place: [differ(lab, triple) for triple in triples if triple[:2] == place], places)
        return [case for cases in found for case in cases if case]


def differ(lab: Lab, triple: Triple) -> str | None:
    """Tell how trace's answer differs from what really happens, if it does."""
    name, runtime, image = triple
    node = lab.node(name)
    real = node.inspect(image) if runtime == "skopeo" else node.pull(runtime, image)
    as_runtime = "containerd" if runtime == "skopeo" else runtime
    done = node.trace(as_runtime, image)
    trace = json.loads(done.stdout) if done.stdout else {"verdict": "none", "detail": done.stderr}
    if (trace["verdict"] in ("ok", "warn")) == real.worked:
        return None
    words = f"{runtime} {'can' if real.worked else 'cannot'}: {real.words[-300:]}"
    return f"{name} {image}: trace says {trace['verdict']} {trace.get('cause')} {trace['detail']}; {words}"


def healthy(report: dict[str, Any]) -> bool:
    """Tell whether nothing is found and every node is heard."""
    return report["verdict"] == "healthy" and not report["findings"] and report["nodes"]["reporting"] == len(EVERY_NODE)


def wait_for(lab: Lab, condition: Callable[[dict[str, Any]], bool], end: float) -> None:
    """Wait for the report to be so; fail with what it says instead."""
    report: dict[str, Any] = {}
    while True:
        try:
            report = lab.report()
        except LabError as error:  # the aggregator has not begun to listen, or is gone: both show at the end
            report = {"error": str(error), "findings": [], "verdict": "none", "nodes": {"reporting": 0}}
        if condition(report):
            return
        if time.monotonic() > end:
            pytest.fail(f"not in time; the report says {show(report)}")
        time.sleep(LOOK_EVERY_S)


def show(report: dict[str, Any]) -> str:
    """Give the report's findings to read."""
    lines = [f"{report['verdict']}, nodes {report['nodes']}", *map(str, said(report))]
    lines += [str(finding["evidence"]) for finding in report["findings"]]
    return "\n  ".join([report.get("error", ""), *lines])
