"""The living corpus on a lab: its doors are served, every node has both containerds, and all pulls run side by side."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from tests.lab import network
from tests.lab.fault import Fault
from tests.lab.lab import HOME, Lab
from tests.lab.living import labfaults
from tests.lab.living.door import Door
from tests.lab.living.doors import DOORS, PROXY_ADDRESS, image_of, names, own_address_of
from tests.lab.living.labfaults import LASTING
from tests.lab.living.tool import SECOND, TOOLS, Ask, Heard
from tests.lab.process import run, until
from tests.lab.services import NAMES

SLOW_AT_ONCE = 24  # pulls that wait most of their time
QUICK_AT_ONCE = 6  # pulls that work: more than the cores of a small machine gains little
HOSTS_TOML = "/etc/containerd/certs.d/_default/hosts.toml"
# Containerd 2 dials for 30 s, up to five times; containerd 1 does not know this, and dials once.
DIAL_QUICKLY = 'dial_timeout = "10s"\n'
DOORS_NODE = "node-2"  # no fault of the lab touches its containerds or its way to the doors


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
def corpus(lab: Lab) -> Iterator[Corpus]:
    """Prepare a lab, ask every door, and leave the lab as it was; agents rest meanwhile."""
    for node in lab.nodes:
        node.stop_agent()
        node.add(SECOND)
        node.path(HOSTS_TOML).parent.mkdir(parents=True)
        node.path(HOSTS_TOML).write_text(DIAL_QUICKLY)
    with ThreadPoolExecutor(SLOW_AT_ONCE) as slow, ThreadPoolExecutor(QUICK_AT_ONCE) as quick:
        try:
            _open_doors(lab)
            at_doors = {
                door.story: [(slow if _is_slow(door) else quick).submit(ask.hear) for ask in _asks(lab, door)]
                for door in sorted(DOORS, key=_is_slow, reverse=True)
            }
            lasting = {fault.TITLE: _begin(lab, fault, slow) for fault in LASTING}
            yield Corpus(lab, slow, at_doors, lasting)
        finally:
            slow.shutdown(cancel_futures=True)
            quick.shutdown(cancel_futures=True)
            for fault in LASTING:
                fault.end(lab)
            _close_doors(lab)
            for node in lab.nodes:
                node.path(HOSTS_TOML).unlink()
                node.path(HOSTS_TOML).parent.rmdir()
                node.remove(SECOND)
                node.start_agent()


def _asks(lab: Lab, door: Door) -> list[Ask]:
    node = lab.node(DOORS_NODE)
    asked = [tool for tool in TOOLS if tool.name not in door.spared]
    return [Ask(tool, node, image_of(door), patience_s=door.patience_s) for tool in asked]


def _begin(lab: Lab, fault: Fault, pool: ThreadPoolExecutor) -> list[tuple[str, Future[Heard]]]:
    fault.begin(lab)
    return [(cause, pool.submit(ask.hear)) for cause, asks in labfaults.asks(lab, fault) for ask in asks]


def _is_slow(door: Door) -> bool:
    return door.serve is None or door.slow


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
