"""May this place be asked when a stranger to the node chose it?

A trace on demand goes where an image's name, a redirect, a token realm or a resolver points. None of them may lead it
to the node itself, its link or its cloud's metadata, unless the configuration of the node's own runtime names that
place. What is refused is not connected to; the answer is `unknown`, and says so. One address of this kind refuses its
whole name.

Cannot see: what a proxy makes of a name that the node itself cannot resolve; IPv4 addresses behind a NAT64 prefix of
the network's own, but for those of metadata services; where a runtime goes in a real pull, which is made only after
the whole way was walked here.

Source: RFC 6890 (special addresses); RFC 4291, 3056, 4380, 5214, 6052, 8215 (IPv4 within IPv6); the metadata pages of
AWS, Google Cloud, Azure, Alibaba, Oracle and Scaleway.
"""

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # AWS, Google Cloud, Azure, Oracle, OpenStack and others
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure's wire server
            "192.0.0.192",  # Oracle Cloud Classic
            "fd00:ec2::254",  # AWS
            "fd20:ce::254",  # Google Cloud
            "fd00:42::42",  # Scaleway
        ),
    )
)
_IPV4 = (
    (IPv4Network("127.0.0.0/8"), "a loopback address"),
    (IPv4Network("169.254.0.0/16"), "a link-local address"),
    (IPv4Network("0.0.0.0/8"), "an unspecified address"),
    (IPv4Network("224.0.0.0/4"), "a multicast address"),
    (IPv4Network("255.255.255.255/32"), "the broadcast address"),
)
_IPV6 = (
    (IPv6Network("::1/128"), "a loopback address"),
    (IPv6Network("fe80::/10"), "a link-local address"),
    (IPv6Network("::/128"), "an unspecified address"),
    (IPv6Network("ff00::/8"), "a multicast address"),
    (IPv6Network("fd00:ec2::/32"), "a cloud's metadata address"),  # AWS keeps its local services there
)
# Where the last four bytes are an IPv4 address: compatible, mapped, translated, NAT64.
_ENDS_IN_IPV4 = tuple(map(IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_IN_LOCAL_NAT64 = ((6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12))  # its bytes, by the length of the network's prefix
_ISATAP = (bytes.fromhex("00005efe"), bytes.fromhex("02005efe"))
_NAMES = frozenset({"localhost", "metadata", "metadata.google.internal", "metadata.goog", "instance-data"})


@dataclass(frozen=True, slots=True)
class Guard:
    """Keeps a round from places that it may not ask, but for those that are `named`: hosts with their ports."""

    named: frozenset[tuple[str, int]] = frozenset()

    def refusal(self, host: str, port: int, addresses: Iterable[str]) -> str | None:
        """Give why a host is not asked, which has these addresses; none where it may be."""
        plain = plain_host(host)
        if (plain, port) in self.named:
            return None
        if plain in _NAMES or plain.endswith(".localhost"):
            return f"{plain} is this machine's or its cloud's own name{_NOT_NAMED}"
        for address in (*_written(plain), *addresses):
            kind = kind_of(address)
            if kind is not None:
                place = address if plain_host(address) == plain else f"{plain} is {address}, which"
                return f"{place} is {kind}{_NOT_NAMED}"
        return None


_NOT_NAMED = ", and the configuration of the node's runtime does not name it"


def plain_host(host: str) -> str:
    """Write a host in one way: lower case, no last dot, an address in its shortest form."""
    plain = host.lower().strip("[]").rstrip(".")
    try:
        return str(ip_address(plain))
    except ValueError:
        return plain


def kind_of(text: str) -> str | None:
    """Give what sort of address this is, where nobody may be sent there; none for any other."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return "no address"
    return next((kind for one in (address, *_within(address)) if (kind := _sort(one)) is not None), None)


def _sort(address: Address) -> str | None:
    if address in METADATA:
        return "a cloud's metadata address"
    networks = _IPV4 if isinstance(address, IPv4Address) else _IPV6
    return next((kind for network, kind in networks if address in network), None)


def _within(address: Address) -> Iterator[IPv4Address]:
    """Give the IPv4 addresses that an IPv6 address may stand for."""
    if isinstance(address, IPv4Address) or address in (IPv6Address("::"), IPv6Address("::1")):
        return
    raw = address.packed
    last = IPv4Address(raw[12:])
    if last in METADATA or raw[8:12] in _ISATAP or any(address in network for network in _ENDS_IN_IPV4):
        yield last
    if address.sixtofour is not None:
        yield address.sixtofour
    yield from address.teredo or ()
    if address in _LOCAL_NAT64:
        guesses = (IPv4Address(bytes(raw[place] for place in places)) for places in _IN_LOCAL_NAT64)
        yield from (guess for guess in guesses if guess.packed[0] != 0)  # zeros only say that it is another length


def _written(host: str) -> list[str]:
    """Give the address that a host is, in any form that resolvers take for one: `127.1`, `0x7f000001`."""
    try:
        return [str(ip_address(host.partition("%")[0]))]
    except ValueError:
        pass
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))] if host.isascii() and " " not in host else []
    except OSError:
        return []
