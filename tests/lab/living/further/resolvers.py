"""Resolvers that a node cannot count on."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.lab import network
from tests.lab.lab import Lab
from tests.lab.living.further.kind import NODE, Further, asking, with_file
from tests.lab.living.tool import TOOLS, Ask
from tests.lab.services import KNOT

_RESOLV_CONF = "/etc/resolv.conf"
_NO_RESOLVER = "10.99.0.10"  # a registry's address: its port 53 is closed
_QUICKLY = "options timeout:1 attempts:1\n"  # most tools ask four times and more


def _silent(lab: Lab) -> AbstractContextManager[list[Ask]]:
    @contextmanager
    def begin() -> Iterator[list[Ask]]:
        rules = [
            ("INPUT", "-s", network.address_of(int(NODE[-1])), "-d", KNOT, "-p", p, "--dport", "53", "-j", "DROP")
            for p in ("udp", "tcp")
        ]
        for rule in rules:
            network.iptables("-A", *rule)
        try:
            with with_file(TOOLS, _RESOLV_CONF, f"nameserver {KNOT}\n{_QUICKLY}")(lab) as asks:
                yield asks
        finally:
            for rule in rules:
                network.iptables("-D", *rule)

    return begin()


FURTHER: tuple[Further, ...] = (
    Further(
        "no resolver listens", "dns_failed", with_file(TOOLS, _RESOLV_CONF, f"nameserver {_NO_RESOLVER}\n{_QUICKLY}")
    ),
    Further("no resolver answers", "dns_failed", _silent),
    Further("the resolver refuses the name", "dns_failed", asking(TOOLS, "registry.example/team/app:1")),
)
