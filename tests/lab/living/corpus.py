"""The living corpus on a lab: its doors are served, every node has both containerds, and all pulls run side by side."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests import need
from tests.lab import images, network
from tests.lab.fault import Fault
from tests.lab.lab import HOME, Lab
from tests.lab.living import kubelet, labfaults
from tests.lab.living.door import Door
from tests.lab.living.doors import DOORS, PROXY_ADDRESS, image_of, names, own_address_of
from tests.lab.living.kubelet import SECOND
from tests.lab.living.labfaults import LASTING
from tests.lab.living.tool import Ask, Heard, Tool
from tests.lab.living.tools import TOOLS
from tests.lab.node import LabNode
from tests.lab.process import run, until
from tests.lab.services import NAMES

Excuse = TypeVar("Excuse")
SLOW_AT_ONCE = 48  # pulls that wait most of their time
QUICK_AT_ONCE = 8  # pulls that work: more than a few for each core of a small machine gain little
HOSTS_TOML = "/etc/containerd/certs.d/_default/hosts.toml"
# Containerd 2 dials for 30 s, up to five times; containerd 1 does not know this, and dials once.
DIAL_QUICKLY = 'dial_timeout = "10s"\n'
DOORS_NODE = "node-2"  # no fault of the lab touches its containerds or its way to the doors
SPARING_NODE = "node-4"  # its kubelet pulls once in a second
LEFT_BY_RUNC = "**/k8s.io"  # the parent of all that it ran, empty


@dataclass
class Corpus:
    """What is asked of every door and of the faults that last, begun at once; and a pool for the rest."""

    lab: Lab
    pool: ThreadPoolExecutor
    at_doors: dict[str, list[Future[Heard]]]
    lasting: dict[str, list[tuple[str, Future[Heard]]]]

    def hear(self, asks: list[Ask]) -> list[Heard]:
        """Let tools pull side by side and give what came of it."""
        return [future.result() for future in [self.pool.submit(ask.hear) for ask in asks]]

    def wait_for_name(self, host: str, *, known: bool) -> None:
        """Wait until the resolvers have read what a fault changed."""
        words = ("getent", "hosts", host)
        until(lambda: (self.lab.node("node-1").run(*words).returncode == 0) is known, f"{host} to be known: {known}")


@contextmanager
def corpus(lab: Lab, doors: list[Door], faults: list[Fault]) -> Iterator[Corpus]:
    """Prepare a lab, begin those of the faults that last, ask there and at doors, and leave the lab as it was.

    Agents rest meanwhile.
    """
    images.push(kubelet.PAUSE, images.write(kubelet.PAUSE, HOME / "pause", program=need.program("busybox")))
    with ThreadPoolExecutor(SLOW_AT_ONCE) as slow, ThreadPoolExecutor(QUICK_AT_ONCE) as quick:
        list(quick.map(_prepare, lab.nodes))
        _open_doors(lab)
        lasting = [fault for fault in faults if fault in LASTING]
        try:
            at_doors = {
                door.story: [(slow if door.slow else quick).submit(ask.hear) for ask in _asks(lab, door)]
                for door in sorted(doors, key=lambda door: door.slow, reverse=True)
            }
            at_lasting = {fault.TITLE: _begin(lab, fault, slow) for fault in lasting}
            yield Corpus(lab, slow, at_doors, at_lasting)
        finally:
            slow.shutdown(cancel_futures=True)
            quick.shutdown(cancel_futures=True)
            for fault in lasting:
                fault.end(lab)
            _close_doors(lab)
            for node in lab.nodes:
                _leave(node)


def _prepare(node: LabNode) -> None:
    node.stop_agent()
    node.add(SECOND)
    node.path(HOSTS_TOML).parent.mkdir(parents=True)
    node.path(HOSTS_TOML).write_text(DIAL_QUICKLY)
    node.run("crictl", *SECOND.endpoints, "pull", kubelet.PAUSE)
    kubelet.start(node, pulls_per_s=int(node.name == SPARING_NODE))


def _leave(node: LabNode) -> None:
    kubelet.stop(node)
    node.path(HOSTS_TOML).unlink()
    node.path(HOSTS_TOML).parent.rmdir()
    node.remove(SECOND)
    node.start_agent()
    for group in Path("/sys/fs/cgroup").glob(LEFT_BY_RUNC):
        with contextlib.suppress(OSError):  # somebody else runs containers there
            group.rmdir()


def _asks(lab: Lab, door: Door) -> list[Ask]:
    node = lab.node(DOORS_NODE)
    asked = [tool for tool in TOOLS if excuse(door.spared, tool) is None]
    return [Ask(tool, node, image_of(door), patience_s=door.patience_s) for tool in asked]


def excuse(excuses: Mapping[str, Excuse], tool: Tool) -> Excuse | None:
    """Give what is said of a tool or its engine."""
    return excuses.get(tool.name, excuses.get(tool.engine))


def _begin(lab: Lab, fault: Fault, pool: ThreadPoolExecutor) -> list[tuple[str, Future[Heard]]]:
    fault.begin(lab)
    return [(cause, pool.submit(ask.hear)) for cause, asks in labfaults.asks(lab, fault) for ask in asks]


def _addresses(action: str) -> None:
    own = [PROXY_ADDRESS, *map(own_address_of, DOORS)]
    changes = "\n".join(f"address {action} {address}/16 dev psl0" for address in own)
    run("ip", "-netns", network.OUTSIDE, "-batch", "-", text=changes)


def _drop(action: str) -> None:
    for door in DOORS:
        if door.dropped:
            network.iptables(action, "INPUT", "-d", own_address_of(door), "-j", "DROP")


def _open_doors(lab: Lab) -> None:
    _addresses("add")
    _drop("-A")
    authority = lab.services.authority
    ready = HOME / "doors.ready"
    files = (str(authority.folder / "ca.pem"), str(authority.key), str(ready))
    lab.services.start("doors", sys.executable, "-m", "tests.lab.living.serve", *files).wait_until(ready.exists)
    lab.services.further_names = names()
    lab.services.names(NAMES)
    first = next(iter(lab.services.further_names))
    until(lambda: lab.node(DOORS_NODE).run("getent", "hosts", first).returncode == 0, f"{first} to be known")


def _close_doors(lab: Lab) -> None:
    lab.services.further_names = {}
    lab.services.names(NAMES)
    lab.services.processes.pop("doors").stop()
    _drop("-D")
    _addresses("del")
