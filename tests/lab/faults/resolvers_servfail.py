"""Both resolvers answer SERVFAIL to node-3 alone: its questions are led to a server with a broken zone."""

from tests.lab import network
from tests.lab.fault import Expected
from tests.lab.lab import Lab
from tests.lab.services import BROKEN_KNOT, DNSMASQ, KNOT

TITLE = "node-3's resolvers answer SERVFAIL"
FINDINGS = (Expected("dns_failed", "node", ("node-3",), ("all", None)),)
OF_PATH = True


def begin(lab: Lab) -> None:
    """Lead node-3's questions to the broken server."""
    _rules("-A")


def end(lab: Lab) -> None:
    """Let them through again."""
    _rules("-D")


def _rules(action: str) -> None:
    for server in (KNOT, DNSMASQ):
        for protocol in ("udp", "tcp"):
            who = ("-s", network.address_of(3), "-d", server, "-p", protocol, "--dport", "53")
            network.iptables("-t", "nat", action, "PREROUTING", *who, "-j", "DNAT", "--to-destination", BROKEN_KNOT)
