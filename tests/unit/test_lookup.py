"""The walk of a lookup: which names, which resolver's answer ends it, and what silence costs."""

from dataclasses import replace
from typing import Any

import pytest

from agent.host.lookup import Kind, Reply, candidates, is_domain_name, walk, walks
from agent.host.resolv_conf import Server
from agent.host.resolver import ResolverConfig

ONE, TWO, THREE = Server("10.0.0.1"), Server("10.0.0.2"), Server("10.0.0.3")
CONFIG = ResolverConfig((ONE, TWO), search=("a.example", "b.example"))

GOOD: dict[str, Any] = {"rcode": "NOERROR", "addresses": ("10.9.0.1",)}
NODATA: dict[str, Any] = {"rcode": "NOERROR"}
NXDOMAIN: dict[str, Any] = {"rcode": "NXDOMAIN"}
SERVFAIL: dict[str, Any] = {"rcode": "SERVFAIL"}
SILENT: dict[str, Any] = {"fault": "timeout"}
REFUSED: dict[str, Any] = {"fault": "refused connection"}
LAME: dict[str, Any] = {"rcode": "NOERROR", "lame": True}


def both(server: Server, facts: dict[str, Any], name: str = "quay.io") -> list[Reply]:
    return [reply(server, "A", facts, name), reply(server, "AAAA", facts, name)]


def reply(server: Server, kind: Kind, facts: dict[str, Any], name: str = "quay.io") -> Reply:
    return Reply(server, name, kind, **facts)


@pytest.mark.parametrize(
    ("name", "ndots", "expected"),
    [
        ("quay.io", 1, ("quay.io", "quay.io.a.example", "quay.io.b.example")),
        ("quay.io.", 1, ("quay.io",)),
        ("quay", 1, ("quay.a.example", "quay.b.example", "quay")),
        ("quay.io", 2, ("quay.io.a.example", "quay.io.b.example", "quay.io")),
        ("quay", 0, ("quay", "quay.a.example", "quay.b.example")),
        ("hidden.onion", 1, ("hidden.onion.a.example", "hidden.onion.b.example")),
        ("a..b", 1, ()),
        ("x" * 64, 1, ()),
        (f"{'x' * 63}.{'y' * 63}.{'z' * 63}.{'w' * 60}", 1, (f"{'x' * 63}.{'y' * 63}.{'z' * 63}.{'w' * 60}",)),
    ],
)
def test_the_search_path_is_walked_as_ndots_and_the_last_dot_say(
    name: str, ndots: int, expected: tuple[str, ...]
) -> None:
    assert candidates(name, replace(CONFIG, ndots=ndots)) == expected


@pytest.mark.parametrize("domain", ["", ".", "a..b", "x" * 64, "b\xe4d", "back\\slash", "a b"])
def test_a_search_domain_that_no_message_can_hold_is_passed_over(domain: str) -> None:
    assert candidates("quay.io", replace(CONFIG, search=(domain,))) == ("quay.io",)


@pytest.mark.parametrize("name", ["quay.io", "a_b.example", "x", "1a", "a.1", "xn--bcher-kva.example", "quay.io."])
def test_what_go_takes_for_a_name(name: str) -> None:
    assert is_domain_name(name)


@pytest.mark.parametrize("name", ["", ".", "1", "10.0.1", "-a.io", "a-.io", "a b", "b\xe4.io", ".io", "a..", "x" * 254])
def test_what_go_takes_for_no_name(name: str) -> None:
    assert not is_domain_name(name)


@pytest.mark.parametrize(
    ("first", "second", "state", "by"),
    [
        (GOOD, NXDOMAIN, "addresses", ONE),
        (NXDOMAIN, GOOD, "no such name", ONE),
        (NODATA, GOOD, "no address", ONE),
        (SERVFAIL, GOOD, "addresses", TWO),
        ({"rcode": "REFUSED"}, GOOD, "addresses", TWO),
        ({"rcode": "FORMERR"}, GOOD, "addresses", TWO),
        (LAME, GOOD, "addresses", TWO),
        (REFUSED, NXDOMAIN, "no such name", TWO),
        (SILENT, GOOD, "addresses", TWO),
        ({"fault": "malformed"}, GOOD, "addresses", TWO),
    ],
)
def test_the_first_resolver_that_says_something_of_the_name_ends_the_walk(
    first: dict[str, Any], second: dict[str, Any], state: str, by: Server
) -> None:
    found = walk(["quay.io"], both(ONE, first) + both(TWO, second), CONFIG)
    assert found.state == state
    assert [end.server for end in found.ends if end] == [by, by]


def test_no_resolver_of_use_is_a_walk_without_end() -> None:
    found = walk(["quay.io"], both(ONE, SERVFAIL) + both(TWO, REFUSED), CONFIG)
    assert (found.state, found.ends, found.waits_s, found.addresses) == ("no use", (None, None), 0.0, ())


def test_addresses_of_one_family_are_enough() -> None:
    replies = [reply(ONE, "A", GOOD), reply(ONE, "AAAA", SERVFAIL), reply(TWO, "A", GOOD), reply(TWO, "AAAA", NODATA)]
    assert walk(["quay.io"], replies, CONFIG).addresses == ("10.9.0.1",)


def test_the_next_name_of_the_search_path_is_taken_where_the_first_has_no_address() -> None:
    names = ["quay", "quay.a.example", "quay.b.example"]
    replies = [
        *both(ONE, NXDOMAIN, "quay"),
        *both(ONE, NODATA, "quay.a.example"),
        *both(ONE, GOOD, "quay.b.example"),
    ]
    found = walk(names, replies, replace(CONFIG, servers=(ONE,)))
    assert (found.name, found.addresses) == ("quay.b.example", ("10.9.0.1",))


def test_where_all_names_fail_the_name_as_it_was_asked_for_is_told() -> None:
    replies = both(ONE, NXDOMAIN, "quay.a.example") + both(ONE, SERVFAIL, "quay")
    found = walk(["quay.a.example", "quay"], replies, replace(CONFIG, servers=(ONE,)))
    assert (found.name, found.state) == ("quay", "no use")


@pytest.mark.parametrize(
    ("first", "second", "changes", "waits_s"),
    [
        (SILENT, GOOD, {}, 5.0),
        (SILENT, GOOD, {"timeout_s": 1.0}, 1.0),
        (SILENT, GOOD, {"single_request": True}, 10.0),
        (SILENT, SILENT, {}, 20.0),
        (SILENT, SERVFAIL, {}, 10.0),
        (GOOD, SILENT, {}, 0.0),
        (REFUSED, GOOD, {}, 0.0),
    ],
)
def test_silence_costs_every_lookup_the_timeout_of_resolv_conf(
    first: dict[str, Any], second: dict[str, Any], changes: dict[str, Any], waits_s: float
) -> None:
    found = walk(["quay.io"], both(ONE, first) + both(TWO, second), replace(CONFIG, **changes))
    assert found.waits_s == waits_s


def test_silence_for_aaaa_alone_costs_all_attempts_of_all_resolvers() -> None:
    replies = [reply(server, "A", GOOD) for server in (ONE, TWO)]
    replies += [reply(server, "AAAA", SILENT) for server in (ONE, TWO)]
    assert walk(["quay.io"], replies, CONFIG).waits_s == 20.0


def test_silence_is_paid_for_every_name_of_the_search_path() -> None:
    names = ["quay.a.example", "quay"]
    replies = [*both(ONE, SILENT, names[0]), *both(TWO, NXDOMAIN, names[0])]
    replies += [*both(ONE, SILENT, names[1]), *both(TWO, GOOD, names[1])]
    assert walk(names, replies, CONFIG).waits_s == 10.0


def test_with_rotate_a_lookup_may_start_with_any_resolver() -> None:
    replies = both(ONE, GOOD) + both(TWO, NXDOMAIN) + both(THREE, SERVFAIL)
    config = replace(CONFIG, servers=(ONE, TWO, THREE), rotate=True)
    assert [found.state for found in walks(["quay.io"], replies, config)] == ["addresses", "no such name", "addresses"]
    assert len(walks(["quay.io"], replies, replace(config, rotate=False))) == 1
    assert walks([], [], config) == ()


def test_where_no_aaaa_is_wanted_none_is_waited_for() -> None:
    found = walk(["quay.io"], [reply(ONE, "A", GOOD)], replace(CONFIG, no_aaaa=True))
    assert (len(found.ends), found.addresses) == (1, ("10.9.0.1",))
