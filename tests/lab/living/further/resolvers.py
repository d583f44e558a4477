"""Resolvers that a node cannot count on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.lab import network
from tests.lab.daemon import FIRST
from tests.lab.lab import Lab
from tests.lab.living.further.kind import IMAGE, NODE, Further, asking, changed
from tests.lab.living.kubelet import SECOND
from tests.lab.living.tool import Ask
from tests.lab.living.tools import TOOLS
from tests.lab.node import LabNode
from tests.lab.process import until
from tests.lab.services import BROKEN_KNOT

_CLOSED = "10.99.0.10"  # a registry's address: nothing listens on its port 53
_SILENT = BROKEN_KNOT  # nobody else asks it on this node
_QUICKLY = "options timeout:1 attempts:1\n"  # most tools ask four times and more
_REREAD_S = 30  # Go looks at the file anew after five seconds, with the next name that it is asked for


def _only(resolver: str) -> Callable[[Lab], AbstractContextManager[list[Ask]]]:
    """Leave a node with one resolver."""

    @contextmanager
    def begin(lab: Lab) -> Iterator[list[Ask]]:
        node = lab.node(NODE)
        with changed(node, "/etc/resolv.conf", f"nameserver {resolver}\n{_QUICKLY}"):
            _wait_until_read(node, works=False)
            yield [Ask(tool, node, IMAGE) for tool in TOOLS]
        _wait_until_read(node, works=True)

    return begin


def _wait_until_read(node: LabNode, *, works: bool) -> None:
    def read() -> bool:
        pulls = [node.run("crictl", *daemon.endpoints, "pull", IMAGE) for daemon in (FIRST, SECOND)]
        return all((pull.returncode == 0) is works for pull in pulls)

    until(read, f"resolv.conf of {node.name} to be read", _REREAD_S)


@contextmanager
def _silent(lab: Lab) -> Iterator[list[Ask]]:
    who = ("-s", network.address_of(int(NODE[-1])), "-d", _SILENT)
    network.iptables("-A", "INPUT", *who, "-j", "DROP")
    try:
        with _only(_SILENT)(lab) as asks:
            yield asks
    finally:
        network.iptables("-D", "INPUT", *who, "-j", "DROP")


FURTHER: tuple[Further, ...] = (
    Further("no resolver listens", "dns_failed", _only(_CLOSED)),
    Further("no resolver answers", "dns_failed", _silent),
    Further("the resolver refuses the name", "dns_failed", asking(TOOLS, "registry.example/team/app:1")),
)
