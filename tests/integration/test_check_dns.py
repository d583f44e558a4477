"""The check `dns` with a node's own files and real resolvers: what Go would do, and how soon it is known."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from agent.check import Look, Settings
from agent.checks.dns import Observation, judge, observe
from agent.contract.result import Verdict
from agent.host import resolver
from agent.host.root import Root
from tests.servers.dns import DnsServer, Zone, dns_server, free_address
from tests.servers.dns_liar import answer_to, is_kind, liar

ZONE: Zone = {
    "quay.example": ["A 10.9.0.1", "A 10.9.0.2"],
    "both.example": ["A 10.9.0.1", "AAAA fd00::1"],
    "six.example": ["AAAA fd00::1"],
    "text.example": ["TXT x"],
    "big.example": [f"A 10.1.{number // 250}.{number % 250}" for number in range(400)],
    "short.corp.example": ["A 10.9.0.3"],
    "sick.example": "SERVFAIL",
}
LAB = "options timeout:1 attempts:1"
AT_ONCE_S = 0.8  # nothing was waited for: less than the timeout of a second


@dataclass
class Told:
    observation: Observation
    verdict: Verdict
    took_s: float


async def check(root: Path, host: str, *lines: str, patience_s: float = 2.0, **files: str) -> Told:
    """Look `host` up on a node whose resolv.conf has these lines."""
    etc = root / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "resolv.conf").write_text("\n".join([*lines, ""]))
    for name, words in files.items():
        (etc / name.replace("_", ".")).write_text(words)
    tree = Root(root)
    settings = Settings(every_s=60, patience_s=patience_s)
    node = SimpleNamespace(root=tree, resolver=resolver.read(tree))
    started = time.perf_counter()
    seen = await observe(host, cast(Look, SimpleNamespace(node=node, settings=settings, via=None)))
    return Told(seen, judge(seen, settings), time.perf_counter() - started)


@pytest.fixture
async def good() -> AsyncIterator[DnsServer]:
    async with dns_server(ZONE) as server:
        yield server


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    async with liar(lambda query: []) as server:
        yield server.address


async def test_a_name_that_resolves_is_ok_with_its_addresses_and_evidence(tmp_path: Path, good: DnsServer) -> None:
    told = await check(tmp_path, "quay.example", f"nameserver {good.address}", LAB)
    assert (told.verdict.status, set(told.observation.addresses)) == ("ok", {"10.9.0.1", "10.9.0.2"})
    facts = told.verdict.evidence["resolvers"][good.address]
    assert (facts["rcode"], sorted(facts["addresses"])) == ("NOERROR", ["10.9.0.1", "10.9.0.2"])


async def test_a_name_with_ipv6_alone_is_ok(tmp_path: Path, good: DnsServer) -> None:
    told = await check(tmp_path, "six.example", f"nameserver {good.address}", LAB)
    assert (told.verdict.status, told.observation.addresses) == ("ok", ("fd00::1",))


async def test_an_answer_that_needs_tcp_is_ok(tmp_path: Path, good: DnsServer) -> None:
    told = await check(tmp_path, "big.example", f"nameserver {good.address}", LAB)
    assert (told.verdict.status, len(told.observation.addresses)) == ("ok", 400)
    assert told.verdict.evidence["resolvers"][good.address]["via_tcp"] is True


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("gone.example", "answers NXDOMAIN"),
        ("text.example", "has no address for it (NODATA)"),
        ("sick.example", "answers SERVFAIL"),
    ],
)
async def test_a_name_without_address_fails_at_once(tmp_path: Path, good: DnsServer, host: str, words: str) -> None:
    told = await check(tmp_path, host, f"nameserver {good.address}", LAB)
    assert (told.verdict.status, told.verdict.cause) == ("failed", "dns_failed")
    assert told.verdict.detail == f"{good.address} {words}"
    assert told.took_s < AT_ONCE_S


async def test_servfail_of_every_resolver_is_told_at_once_whatever_patience_there_is(tmp_path: Path) -> None:
    async with dns_server({}, others="SERVFAIL") as one, dns_server({}, others="REFUSED") as other:
        lines = [f"nameserver {one.address}", f"nameserver {other.address}"]
        told = await check(tmp_path, "quay.example", *lines, patience_s=10.0)
    assert told.verdict.detail == f"{one.address} answers SERVFAIL, {other.address} answers REFUSED"
    assert told.took_s < AT_ONCE_S


async def test_a_dead_first_resolver_is_a_warning_with_its_price(tmp_path: Path, good: DnsServer, silent: str) -> None:
    told = await check(tmp_path, "quay.example", f"nameserver {silent}", f"nameserver {good.address}", LAB)
    assert (told.verdict.status, told.verdict.cause) == ("warn", "dns_failed")
    assert told.verdict.detail == (
        f"every pull waits 1 s for a resolver that is silent; {silent} gives no answer in 1 s; {good.address} answers"
    )
    assert (told.observation.addresses != (), told.took_s < 1.6) == (True, True)


async def test_the_patience_bounds_the_timeout_of_resolv_conf(tmp_path: Path, good: DnsServer, silent: str) -> None:
    lines = [f"nameserver {silent}", f"nameserver {good.address}", "options timeout:30 attempts:5"]
    told = await check(tmp_path, "quay.example", *lines, patience_s=0.3)
    assert (told.verdict.evidence["waits_s"], told.took_s < 1.0) == (30.0, True)


async def test_a_resolver_that_is_not_there_costs_nothing_and_is_a_warning(tmp_path: Path, good: DnsServer) -> None:
    gone = free_address()
    told = await check(tmp_path, "quay.example", f"nameserver {gone}", f"nameserver {good.address}", LAB)
    assert told.verdict.detail == f"{gone} refuses the connection; {good.address} answers"
    assert (told.verdict.status, "waits_s" in told.verdict.evidence) == ("warn", False)


async def test_an_error_is_not_asked_for_without_end(tmp_path: Path) -> None:
    async with liar(lambda query: [answer_to(query, flags=0x8182)]) as server:
        await check(tmp_path, "quay.example", f"nameserver {server.address}", "options timeout:1 attempts:99999999")
        assert len(server.queries) == 10


async def test_silence_for_aaaa_alone_is_a_warning_with_its_price(tmp_path: Path) -> None:
    def a_only(query: bytes) -> list[bytes]:
        record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\x09\0\x01"
        return [answer_to(query, answers=record, count=1)] if is_kind(query, 1) else []

    async with liar(a_only) as server:
        told = await check(tmp_path, "quay.example", f"nameserver {server.address}", LAB)
    assert (told.verdict.status, told.observation.addresses) == ("warn", ("10.9.0.1",))
    assert told.verdict.detail.startswith("every pull waits 1 s")


async def test_nxdomain_of_the_first_resolver_ends_it_though_the_second_knows(tmp_path: Path, good: DnsServer) -> None:
    async with dns_server({}) as ignorant:
        lines = [f"nameserver {ignorant.address}", f"nameserver {good.address}", LAB]
        told = await check(tmp_path, "quay.example", *lines)
        assert told.verdict.status == "failed"
        assert f"{good.address} knows the name, but is not asked after that" in told.verdict.detail
        turned = [lines[1], lines[0], LAB]
        told = await check(tmp_path, "quay.example", *turned)
    assert (told.verdict.status, told.verdict.detail) == (
        "warn",
        f"{ignorant.address} answers NXDOMAIN; {good.address} answers",
    )


async def test_all_silent_fails_when_the_patience_ends(tmp_path: Path, silent: str) -> None:
    told = await check(tmp_path, "quay.example", f"nameserver {silent}", LAB, "search a.example b.example")
    assert (told.verdict.status, told.verdict.detail) == ("failed", f"{silent} gives no answer in 1 s")
    assert told.took_s < 1.6  # the search path is not walked through resolvers that do not speak


async def test_a_slow_resolver_is_waited_for_as_long_as_go_waits(tmp_path: Path) -> None:
    record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\x09\0\x01"
    async with liar(lambda query: [answer_to(query, answers=record, count=1)], delay_s=0.7) as server:
        told = await check(tmp_path, "quay.example", f"nameserver {server.address}", "options timeout:1 attempts:2")
        assert told.observation.addresses == ("10.9.0.1",)
        server.delay_s = 1.3  # after the timeout Go does not listen any more, and neither do we
        told = await check(tmp_path, "quay.example", f"nameserver {server.address}", "options timeout:1 attempts:2")
    assert (told.verdict.status, told.observation.addresses) == ("failed", ())


@pytest.mark.parametrize("options", ["timeout:1 attempts:2", "timeout:5 attempts:2"])
async def test_a_lost_datagram_does_not_fail_the_name(tmp_path: Path, options: str) -> None:
    record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\x09\0\x01"
    seen: set[bool] = set()

    def lose_the_first(query: bytes) -> list[bytes]:
        kind = is_kind(query, 1)
        if kind in seen:
            return [answer_to(query, answers=record if kind else b"", count=int(kind))]
        seen.add(kind)
        return []

    async with liar(lose_the_first) as server:
        told = await check(tmp_path, "quay.example", f"nameserver {server.address}", f"options {options}")
    assert told.observation.addresses == ("10.9.0.1",)


async def test_the_search_path_is_walked_where_the_name_is_short(tmp_path: Path, good: DnsServer) -> None:
    told = await check(tmp_path, "short", f"nameserver {good.address}", "search other.example corp.example", LAB)
    assert (told.verdict.status, told.observation.addresses) == ("ok", ("10.9.0.3",))
    assert told.verdict.evidence["name"] == "short.corp.example"
    assert told.verdict.evidence["searched"]["short.other.example"] == {good.address: "NXDOMAIN"}


async def test_names_that_the_walk_does_not_come_to_are_not_asked(tmp_path: Path) -> None:
    record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\x09\0\x01"
    async with liar(lambda query: [answer_to(query, answers=record, count=1)]) as server:
        await check(tmp_path, "quay.example", f"nameserver {server.address}", "search corp.example", LAB)
        assert len(server.queries) == 2


async def test_one_request_at_a_time_where_resolv_conf_wants_it(tmp_path: Path, silent: str) -> None:
    told = await check(tmp_path, "quay.example", f"nameserver {silent}", "options single-request", LAB)
    assert (told.verdict.evidence["waits_s"], told.took_s > 1.8) == (2.0, True)


async def test_a_resolver_that_stands_twice_is_asked_once(tmp_path: Path) -> None:
    async with liar(lambda query: [answer_to(query)]) as server:
        await check(tmp_path, "quay.example", *[f"nameserver {server.address}"] * 3, LAB)
        assert len(server.queries) == 2


async def test_hosts_comes_where_nsswitch_puts_it(tmp_path: Path, good: DnsServer) -> None:
    lines = [f"nameserver {good.address}", LAB]
    told = await check(tmp_path, "quay.example", *lines, hosts="10.7.0.1 quay.example\n10.7.0.2 gone.example\n")
    assert (told.observation.addresses, told.observation.replies) == (("10.7.0.1",), ())
    told = await check(tmp_path, "quay.example", *lines, nsswitch_conf="hosts: dns files\n")
    assert set(told.observation.addresses) == {"10.9.0.1", "10.9.0.2"}
    told = await check(tmp_path, "gone.example", *lines)
    assert (told.verdict.status, told.verdict.detail) == ("ok", "/etc/hosts: 10.7.0.2")


async def test_both_families_come_in_the_order_that_is_dialled(tmp_path: Path) -> None:
    async with dns_server({"both.example": ["A 127.0.0.1", "AAAA ::1"], "far.example": ["A 127.0.0.1"]}) as server:
        told = await check(tmp_path, "both.example", f"nameserver {server.address}", LAB)
        assert told.observation.addresses == ("::1", "127.0.0.1")


async def test_behind_the_stub_is_asked_as_evidence(tmp_path: Path, silent: str) -> None:
    behind = tmp_path / "run/systemd/resolve"
    behind.mkdir(parents=True)
    (behind / "resolv.conf").write_text(f"nameserver {silent}\n")
    async with dns_server({}, others="SERVFAIL", address="127.0.0.54"):
        told = await check(tmp_path, "quay.example", "nameserver 127.0.0.54", LAB)
    assert told.verdict.detail == (
        f"127.0.0.54 (systemd-resolved) answers SERVFAIL, behind it {silent} gives no answer in 1 s"
    )


async def test_many_names_at_once_do_not_wait_for_each_other(tmp_path: Path, silent: str) -> None:
    hosts = [f"host{number}.example" for number in range(20)]
    started = time.perf_counter()
    await asyncio.gather(*(check(tmp_path, host, f"nameserver {silent}", LAB) for host in hosts))
    assert time.perf_counter() - started < 3.0


@pytest.mark.parametrize("records", [{}, {"quay.example": ["A 10.9.0.9"]}])
async def test_what_changes_at_the_server_is_seen_at_the_next_look(
    tmp_path: Path, good: DnsServer, records: dict[str, list[str]]
) -> None:
    await check(tmp_path, "quay.example", f"nameserver {good.address}", LAB)
    await good.change(records)
    told = await check(tmp_path, "quay.example", f"nameserver {good.address}", LAB)
    assert told.observation.addresses == (("10.9.0.9",) if records else ())


async def test_three_resolvers_are_asked_at_the_same_time(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(liar(lambda query: [])) for _ in range(3)]
        told = await check(tmp_path, "quay.example", *(f"nameserver {server.address}" for server in servers), LAB)
    assert told.took_s < 1.6
    assert len(told.verdict.evidence["resolvers"]) == 3
