"""In which order are the addresses of one name dialled?

Cannot see: /etc/gai.conf, which Go does not read; deprecated and home addresses (rules 3, 4 and 7);
glibc's older table, which puts unique local addresses (fc00::/7) before IPv4.

Source: RFC 6724 section 6, as Go's net/addrselect.go follows it.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import cmp_to_key, lru_cache

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 6724 section 2.1: prefix, precedence, label; the longest prefix that matches counts, so it stands first
_POLICY = tuple(
    (ipaddress.IPv6Network(prefix), precedence, label)
    for prefix, precedence, label in (
        ("::1/128", 50, 0),
        ("::ffff:0:0/96", 35, 4),
        ("::/96", 1, 3),
        ("2001::/32", 5, 5),
        ("2002::/16", 30, 2),
        ("3ffe::/16", 1, 12),
        ("fec0::/10", 1, 11),
        ("fc00::/7", 3, 13),
        ("::/0", 40, 1),
    )
)
_IPV4 = (35, 4)  # as the row of ::ffff:0:0/96 has it
_LINK_LOCAL, _SITE_LOCAL, _GLOBAL = 0x2, 0x5, 0xE
_PREFIX_BITS = 64  # rule 9 looks at no more of an IPv6 address


def in_order(addresses: Sequence[str], sources: Mapping[str, str | None]) -> tuple[str, ...]:
    """Sort addresses by RFC 6724.

    Args:
        addresses: IP literals, as they were answered.
        sources: the node's own address that each would be reached from; none where there is no route.
    """

    def compare(one: str, other: str) -> int:
        return _compare(one, sources.get(one), other, sources.get(other))

    return tuple(sorted(addresses, key=cmp_to_key(compare)))


def _compare(one: str, one_from: str | None, other: str, other_from: str | None) -> int:
    if one_from is None or other_from is None:
        return (one_from is None) - (other_from is None)
    mine, theirs = _merits(one, one_from), _merits(other, other_from)
    if ":" not in one or ":" not in other:  # rule 9 is for IPv6 only
        mine, theirs = mine[:-1], theirs[:-1]
    return (mine < theirs) - (mine > theirs)


@lru_cache(maxsize=256)  # a node's registries have no more addresses, and they stay from round to round
def _merits(address: str, source: str) -> tuple[int, ...]:
    """Give what rules 2, 5, 6, 8 and 9 look at; more is better."""
    to, by = ipaddress.ip_address(address), ipaddress.ip_address(source)
    (precedence, label), (_, own_label) = _policy(to), _policy(by)
    return (_scope(to) == _scope(by), label == own_label, precedence, -_scope(to), _common_bits(to, by))


def _policy(address: _Address) -> tuple[int, int]:
    if address.version == 4:
        return _IPV4
    return next((precedence, label) for prefix, precedence, label in _POLICY if address in prefix)


def _scope(address: _Address) -> int:
    if address.is_loopback or address.is_link_local:
        return _LINK_LOCAL
    if address.version == 6 and address.is_multicast:
        return int(address) >> 112 & 0xF
    if address.version == 6 and address.is_site_local:
        return _SITE_LOCAL
    return _GLOBAL


def _common_bits(one: _Address, other: _Address) -> int:
    if one.version != other.version:
        return 0
    return min(_PREFIX_BITS, one.max_prefixlen - (int(one) ^ int(other)).bit_length())
