"""Traces on demand over five nodes: side by side and in time, and no packet to where nobody may be sent."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.lab import images, network, pace
from tests.lab.lab import Lab
from tests.lab.node import ZONES
from tests.lab.process import environment, run, until
from tests.lab.services import AGGREGATOR_PORT, NAMES
from tests.lab.sites import IMAGES

WITHIN_S = 10.0  # what the project promises for all answers
APART_S = 1.0  # at least: a node that waits for packets is a patience behind those that do not
HOUR_S = 3600  # an interval: only what is asked for goes over the wire meanwhile
METADATA = "169.254.169.254"
IMAGE = images.OF_REGISTRY[0]
REDIRECTED = images.OF_IMAGES[0]
EVERY = "node-1,node-2,node-3,node-4,node-5"


@pytest.fixture(scope="module")
def still(lab: Lab) -> Iterator[Lab]:
    """Give the lab with agents that have looked once, and a metadata address that every node could reach."""
    with contextlib.ExitStack() as stack:
        stack.callback(pace.of_the_lab, lab)
        for node in lab.nodes:
            agent = json.loads(node.path(pace.PATH).read_text())
            node.path(f"{pace.PATH}.lab").write_text(json.dumps(agent))
            for key in ("checks", "pull"):
                agent.pop(key)
            node.path(pace.PATH).write_text(json.dumps(agent | {"interval_s": HOUR_S}))
        pace.anew(lab)
        until(lambda: all_have_looked(lab), "every node to have looked at every image", pace.LOOK_S)
        run("ip", "-netns", network.OUTSIDE, "address", "add", f"{METADATA}/32", "dev", "psl0")
        stack.callback(run, "ip", "-netns", network.OUTSIDE, "address", "delete", f"{METADATA}/32", "dev", "psl0")
        network.iptables("-I", "INPUT", "-d", METADATA)  # counts, and lets through
        stack.callback(network.iptables, "-D", "INPUT", "-d", METADATA)
        for node in lab.nodes:
            route = ("ip", "-netns", network.namespace_of(node.number), "route")
            run(*route, "add", f"{METADATA}/32", "dev", "eth0")
            stack.callback(run, *route, "delete", f"{METADATA}/32")
        yield lab


def test_five_nodes_answer_side_by_side_two_of_them_broken_each_in_its_way(still: Lab, times: list[str]) -> None:
    still.node("node-3").trust(still.services.authority.stranger)
    still.services.drop(4, "registry.lab")
    try:
        began = time.monotonic()
        told, at = ask("--nodes", EVERY, IMAGE)
        took_s = time.monotonic() - began
    finally:
        still.services.let_through(4, "registry.lab")
        still.node("node-3").trust(still.services.authority.bundle)
    assert told.pop()["summary"] == "3 of 5 can, node-3 cannot: tls_untrusted; node-4 cannot: connect_timeout"
    assert {one["node"]: one["cause"] for one in told} == {
        **dict.fromkeys(("node-1", "node-2", "node-5")),
        "node-3": "tls_untrusted",
        "node-4": "connect_timeout",
    }
    assert told[-1]["node"] == "node-4" and at[-2] - at[-3] > APART_S  # the others did not wait for it
    assert took_s < WITHIN_S
    times.append(f"{'five traces on demand':28} {took_s:6.1f} s, the first after {at[0] - began:.1f} s")


def test_a_sample_can_when_nothing_is_broken(still: Lab) -> None:
    told, _ = ask("--sample", "3", IMAGE)
    assert told[-1]["summary"] == "3 of 3 can"
    assert len({zone_of(node) for node in told[-1]["can"]}) == 3


@pytest.mark.parametrize("to", [METADATA, "metadata.lab"])
def test_a_redirect_to_the_metadata_address_makes_no_connection(still: Lab, to: str) -> None:
    names(still, **{"metadata.lab": METADATA})
    still.services.site(replace(IMAGES, locations=IMAGES.locations.replace("https://blobs.lab", f"https://{to}")))
    try:
        refused(still, REDIRECTED)
    finally:
        still.services.site(IMAGES)
        names(still)


def test_a_registrys_name_that_resolves_to_it_makes_no_connection(still: Lab) -> None:
    names(still, **{"images.lab": METADATA})
    try:
        refused(still, REDIRECTED)
    finally:
        names(still)


@pytest.mark.parametrize("registry", [METADATA, "nobody.lab"])
def test_a_registry_that_nobody_uses_makes_no_connection_and_asks_no_node(still: Lab, registry: str) -> None:
    names(still, **{"nobody.lab": METADATA})
    try:
        before = packets()
        done = command("--nodes", EVERY, f"{registry}/team/app:1")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{registry} is refused: no node of this fleet is configured for it or uses it" in done.stderr
        assert packets() == before
        sees_connections(still, f"{registry}/team/app:1")
    finally:
        names(still)


def refused(lab: Lab, image: str) -> None:
    """See that every node refuses, that no packet came, and that one would have been seen."""
    before = packets()
    told, _ = ask("--nodes", EVERY, image)
    assert told.pop()["summary"].startswith("0 of 5 can, ")
    assert {one["verdict"] for one in told} == {"unknown"}
    assert all("a cloud's metadata address" in one["detail"] for one in told), told
    assert packets() == before
    sees_connections(lab, image)


def sees_connections(lab: Lab, image: str) -> None:
    """See that the wire shows what a person on the node lets it do."""
    before = packets()
    lab.node("node-5").trace("containerd", image)
    assert packets() > before


def packets() -> int:
    """Count what has come for the metadata address."""
    table = run(*network.inside(network.OUTSIDE), "iptables", "-w", "-nvxL", "INPUT")
    [line] = [line for line in table.splitlines() if line.split()[-1:] == [METADATA]]
    return int(line.split()[0])


def words(*arguments: str) -> tuple[str, ...]:
    """Give the command that a person types beside the aggregator."""
    where = ("--aggregator", f"http://127.0.0.1:{AGGREGATOR_PORT}")
    return (*network.inside(network.OUTSIDE), sys.executable, "-m", "pullscope", "trace", *where, *arguments)


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    return subprocess.run(words(*arguments), env=environment(), capture_output=True, text=True, timeout=60, check=False)


def ask(*arguments: str) -> tuple[list[dict[str, Any]], list[float]]:
    """Give each line of the command, and when it came."""
    lines, at = [], []
    env = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(words("--json", *arguments), env=env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for text in child.stdout:
            lines.append(json.loads(text))
            at.append(time.monotonic())
    return lines, at


def names(lab: Lab, **more: str) -> None:
    """Let the DNS servers know these names, too, and wait until they do."""
    lab.services.names(NAMES | more)
    wanted = NAMES | {"metadata.lab": "", "nobody.lab": ""} | more

    def known(name: str, address: str) -> bool:
        found = lab.node("node-5").run("getent", "hosts", name).stdout.split()
        return found[:1] == ([address] if address else [])

    until(lambda: all(known(*pair) for pair in wanted.items()), "the DNS servers to know other names")


def all_have_looked(lab: Lab) -> bool:
    """Tell whether every node has told of every image: nothing is asked for any more by itself."""
    nodes = json.loads(lab.services.ask("/snapshot"))["nodes"]
    wanted = {(node.name, image) for node in lab.nodes for image in images.ALL}
    told = {(node["name"], one["target"]) for node in nodes for one in node["results"] if one["check"] == "layer"}
    return wanted <= told


def zone_of(node: str) -> str:
    """Give a node's zone."""
    return ZONES[int(node.removeprefix("node-"))]
