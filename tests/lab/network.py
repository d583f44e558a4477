"""Network namespaces of the lab: one for all outside the nodes, one for each node, and a bridge."""

import os
import signal
from pathlib import Path

from tests.lab.process import LabError, run, until

PREFIX = "psl-"
OUTSIDE = PREFIX + "svc"
BRIDGE = "10.99.0.1"
OUTSIDE_ADDRESSES = (BRIDGE, *(f"10.99.0.{last}" for last in (2, 3, 4, 10, 11, 20, 21)))


def address_of(node: int) -> str:
    """Give the address of a node by its number."""
    return f"10.99.1.{node}"


def namespace_of(node: int) -> str:
    """Give the name of a node's network namespace by its number."""
    return f"{PREFIX}node-{node}"


def inside(namespace: str) -> tuple[str, ...]:
    """Give the words that run a command in a network namespace; it keeps the pid."""
    return ("nsenter", f"--net=/run/netns/{namespace}", "--")


def up(nodes: range) -> None:
    """Make the namespaces, the bridge and the addresses."""
    run("ip", "-batch", "-", text="\n".join(["netns add " + OUTSIDE, *(f"netns add {namespace_of(n)}" for n in nodes)]))
    outside = ["link set lo up", "link add psl0 type bridge", "link set psl0 up"]
    outside += [f"address add {address}/16 dev psl0" for address in OUTSIDE_ADDRESSES]
    for node in nodes:
        outside += [
            f"link add v{node} type veth peer name eth0 netns {namespace_of(node)}",
            f"link set v{node} master psl0 up",
        ]
    run("ip", "-netns", OUTSIDE, "-batch", "-", text="\n".join(outside))
    for node in nodes:
        inner = f"link set lo up\naddress add {address_of(node)}/16 dev eth0\nlink set eth0 up"
        run("ip", "-netns", namespace_of(node), "-batch", "-", text=inner)


def iptables(*words: str) -> None:
    """Run iptables where the services are."""
    run(*inside(OUTSIDE), "iptables", "-w", *words)


def remains() -> list[str]:
    """Name the lab's namespaces that exist now."""
    folder = Path("/run/netns")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.startswith(PREFIX)) if folder.is_dir() else []


def clean() -> None:
    """End every process in the lab's namespaces and remove them; works as well for a lab that was killed."""
    found = remains()
    for number in (signal.SIGTERM, signal.SIGKILL):
        for namespace in found:
            for pid in _pids(namespace):
                _send(pid, number)
        try:
            until(lambda: not any(_pids(namespace) for namespace in found), "the lab's processes to end", patience_s=3)
            break
        except LabError:
            if number == signal.SIGKILL:
                raise
    for namespace in found:
        run("ip", "netns", "delete", namespace)


def _pids(namespace: str) -> list[int]:
    return [int(pid) for pid in run("ip", "netns", "pids", namespace).split()]


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it ended by itself
