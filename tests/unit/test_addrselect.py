"""The order in which addresses are dialled: RFC 6724, with the examples that Go's own tests use."""

import pytest

from agent.host.addrselect import in_order


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        # a route counts before everything else
        ({"2001:db8:1::1": None, "198.51.100.121": "169.254.13.78"}, ["198.51.100.121", "2001:db8:1::1"]),
        ({"10.0.0.1": None, "10.0.0.2": None}, ["10.0.0.1", "10.0.0.2"]),
        ({"10.0.0.1": None, "2001:db8::1": "2001:db8::2"}, ["2001:db8::1", "10.0.0.1"]),
        # RFC 6724 section 10.2, as far as Go follows it
        ({"198.51.100.121": "198.51.100.117", "2001:db8:1::1": "2001:db8:1::2"}, ["2001:db8:1::1", "198.51.100.121"]),
        ({"10.1.2.3": "10.1.2.4", "2001:db8:1::1": "2001:db8:1::2"}, ["2001:db8:1::1", "10.1.2.3"]),
        ({"2001:db8:1::1": "fe80::1", "10.1.2.3": "10.1.2.4"}, ["10.1.2.3", "2001:db8:1::1"]),
        ({"2001:db8:1::1": "2001:db8:1::2", "fe80::1": "fe80::2"}, ["fe80::1", "2001:db8:1::1"]),
        ({"2001:db8:3::1": "2001:db8:1::2", "2001:db8:1::1": "2001:db8:1::2"}, ["2001:db8:1::1", "2001:db8:3::1"]),
        ({"2002:c633:6401::1": "2002:c633:6401::2", "2001:db8:1::1": "2001:db8:1::2"},
         ["2001:db8:1::1", "2002:c633:6401::1"]),
        ({"fd00::6": "fd00::9", "10.9.0.3": "10.9.0.4"}, ["10.9.0.3", "fd00::6"]),
        # IPv4 addresses keep their order, however near they are
        ({"184.72.238.214": "127.0.0.1", "54.83.193.112": "127.0.0.1"}, ["184.72.238.214", "54.83.193.112"]),
        ({"127.0.0.1": "127.0.0.1", "::1": "::1"}, ["::1", "127.0.0.1"]),
    ],
)  # fmt: skip
def test_addresses_are_ordered_as_go_dials_them(sources: dict[str, str | None], expected: list[str]) -> None:
    assert list(in_order(list(sources), sources)) == expected


def test_the_order_does_not_hang_on_the_order_of_the_answer() -> None:
    sources = {"2001:db8:1::1": "2001:db8:1::2", "198.51.100.121": "198.51.100.117"}
    assert in_order(list(sources), sources) == in_order(list(reversed(sources)), sources)
