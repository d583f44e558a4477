"""Agents that look once a minute, and a fault whose scope the report knows seconds after the first of them saw it."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.lab import pace
from tests.lab.fault import Fault, said
from tests.lab.faults import FAULTS, name_of
from tests.lab.lab import Lab
from tests.lab.test_faults import HEALTHY_S, healthy, show, wait_for

WITHIN_S = 5.0  # what the project promises, from the first failing check on
SEEN_S = 30.0  # how long the first failing check may take: the node looks at once, and may wait for what is silent
SITES = ("registry.lab", "images.lab", "blobs.lab")
# A node, a zone, all; silence and answers; each step of the way; two at once. The others are for `make test-all`.
ALWAYS = (
    "resolvers_servfail",
    "node_dropped",
    "zone_dropped",
    "ca_missing",
    "registry_429",
    "blob_host_down",
    "ca_missing_and_429",
)
OF_NETWORK = [
    pytest.param(fault, id=name_of(fault), marks=() if name_of(fault) in ALWAYS else pytest.mark.long)
    for fault in FAULTS
    if fault.OF_PATH
]


@pytest.fixture(scope="module")
def slow(lab: Lab) -> Iterator[Lab]:
    """Give the lab with agents at an interval of a minute."""
    pace.of_a_minute(lab)
    yield lab
    pace.of_the_lab(lab)


@pytest.mark.parametrize("fault", OF_NETWORK)
def test_the_scope_is_known_seconds_after_the_first_failing_check(slow: Lab, fault: Fault, times: list[str]) -> None:
    wait_for(slow, healthy, time.monotonic() + HEALTHY_S)
    fault.begin(slow)
    try:
        before = requests(slow)
        for first in {finding.nodes[0] for finding in fault.FINDINGS}:
            slow.node(first).stop_agent()
            slow.node(first).start_agent()  # it looks at everything at once, as any node does when its minute is over
        seen = first_failure(slow, time.monotonic() + SEEN_S)
        expected = frozenset(fault.FINDINGS)
        wait_for(slow, lambda report: said(report) == expected, seen + WITHIN_S)
        took_s = time.monotonic() - seen
        times.append(f"{name_of(fault):28} {took_s:6.1f} s at a minute's interval, {requests(slow) - before} requests")
    finally:
        fault.end(slow)
        pace.anew(slow)


def first_failure(lab: Lab, end: float) -> float:
    """Wait until any node has told of a failure, and give the moment."""
    while True:
        snapshot = json.loads(lab.services.ask("/snapshot"))
        if any(result["status"] == "failed" for node in snapshot["nodes"] for result in node["results"]):
            return time.monotonic()
        if time.monotonic() > end:
            pytest.fail(f"no check fails: {show(lab.report())}")
        time.sleep(0.05)


def requests(lab: Lab) -> int:
    """Count the requests that all registries have logged."""
    logs = [lab.services.home / site / "access.log" for site in SITES]
    return sum(len(log.read_bytes().splitlines()) for log in logs if log.exists())
