"""The probe `dns` against real DNS servers, and against those that no software gives."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.probes.dns import ask
from agent.probes.route import source_of
from tests import need
from tests.servers.dns import DnsServer, Zone, dns_server, free_address
from tests.servers.dns_liar import a_record, answer_to, liar

ZONE: Zone = {
    "quay.example": ["A 10.0.0.5", "A 10.0.0.6", "AAAA fd00::5"],
    "alias.example": ["CNAME other.example."],
    "other.example": ["CNAME quay.example."],
    "dangling.example": ["CNAME nowhere.example."],
    "text.example": ['TXT "no address"'],
    "sick.example": "SERVFAIL",
    "big.example": [f"A 10.1.{number // 250}.{number % 250}" for number in range(500)],
    "toocrowded.example": ["A 10.2.0.1", *(f"AAAA fd00::{number:x}" for number in range(100))],
}
PATIENCE_S = 5.0  # longer than a loaded machine needs; nothing below waits for it
SHORT_S = 0.2  # where the end of the patience is what is looked at


@pytest.fixture
async def server() -> AsyncIterator[DnsServer]:
    async with dns_server(ZONE) as running:
        yield running


async def test_addresses_of_both_kinds_come_back(server: DnsServer) -> None:
    reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)
    assert (reply.rcode, reply.fault, set(reply.addresses)) == ("NOERROR", None, {"10.0.0.5", "10.0.0.6"})
    assert (reply.server.address, reply.authoritative, reply.truncated, reply.via_tcp) == (
        server.address,
        True,
        False,
        False,
    )
    assert 0 < reply.took_s < PATIENCE_S
    reply = await ask(server.address, server.port, "Quay.Example.", "AAAA", PATIENCE_S)
    assert reply.addresses == ("fd00::5",)


async def test_a_chain_of_names_is_followed_to_its_end(server: DnsServer) -> None:
    reply = await ask(server.address, server.port, "alias.example", "A", PATIENCE_S)
    assert (reply.chain, len(reply.addresses)) == (("other.example", "quay.example"), 2)


@pytest.mark.parametrize(
    ("name", "rcode", "state"),
    [
        ("nowhere.example", "NXDOMAIN", "no such name"),
        ("dangling.example", "NXDOMAIN", "no such name"),
        ("text.example", "NOERROR", "no address"),
        ("sick.example", "SERVFAIL", "no use"),
    ],
)
async def test_what_is_no_address_is_told_by_its_code(server: DnsServer, name: str, rcode: str, state: str) -> None:
    reply = await ask(server.address, server.port, name, "A", PATIENCE_S)
    assert (reply.rcode, reply.state, reply.addresses) == (rcode, state, ())


async def test_a_server_that_does_not_serve_us_refuses() -> None:
    async with dns_server({"mine.example": ["A 10.0.0.5"]}, others="REFUSED") as server:
        assert (await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)).rcode == "REFUSED"
        assert (await ask(server.address, server.port, "mine.example", "A", PATIENCE_S)).rcode == "NOERROR"


async def test_a_zone_that_changes_is_seen(server: DnsServer) -> None:
    await server.change({"quay.example": ["A 10.0.0.7"]})
    assert (await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)).addresses == ("10.0.0.7",)
    await server.change({}, others="SERVFAIL")
    assert (await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)).rcode == "SERVFAIL"


async def test_what_is_too_large_for_a_datagram_comes_by_tcp(server: DnsServer) -> None:
    reply = await ask(server.address, server.port, "big.example", "A", PATIENCE_S)
    assert (len(reply.addresses), reply.truncated, reply.via_tcp) == (500, True, True)


async def test_without_edns_a_datagram_carries_less(server: DnsServer) -> None:
    by_edns = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)
    assert not by_edns.via_tcp
    reply = await ask(server.address, server.port, "toocrowded.example", "AAAA", PATIENCE_S, edns=False)
    assert (reply.via_tcp, len(reply.addresses)) == (True, 100)


async def test_tcp_alone_where_that_is_wanted(server: DnsServer) -> None:
    reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S, tcp=True)
    assert (reply.via_tcp, reply.truncated, len(reply.addresses)) == (True, False, 2)


@pytest.mark.parametrize("tcp", [False, True])
async def test_where_nothing_listens_that_is_known_at_once(tcp: bool) -> None:
    reply = await ask(free_address(5399), 5399, "quay.example", "A", PATIENCE_S, tcp)
    assert (reply.fault, reply.rcode, reply.state) == ("refused connection", None, "no use")
    assert reply.took_s < PATIENCE_S / 2


async def test_silence_is_told_when_the_patience_ends() -> None:
    async with liar(lambda query: []) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", SHORT_S)
    assert (reply.fault, len(server.queries)) == ("timeout", 1)
    assert reply.took_s == pytest.approx(SHORT_S, abs=0.15)


async def test_a_lost_datagram_is_sent_again_where_that_is_wanted() -> None:
    lost: list[bytes] = []

    def lose_the_first(query: bytes) -> list[bytes]:
        lost.append(query)
        return [answer_to(query, answers=a_record(bytes([10, 0, 0, 5])), count=1)] if len(lost) > 1 else []

    async with liar(lose_the_first) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S, resend_after_s=0.05)
    assert (reply.addresses, len(lost), lost[0]) == (("10.0.0.5",), 2, lost[1])


async def test_a_server_that_truncates_and_has_no_tcp_refuses_the_connection() -> None:
    async with liar(lambda query: [answer_to(query, flags=0x8380)]) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)
    assert (reply.fault, reply.truncated, reply.via_tcp) == ("refused connection", True, True)


async def test_a_server_that_truncates_and_then_hangs_up_by_tcp_is_malformed() -> None:
    async with liar(lambda query: [answer_to(query, flags=0x8380)], tcp=lambda query: []) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)
    assert (reply.fault, reply.truncated, reply.via_tcp) == ("malformed", True, True)


async def test_a_server_that_hangs_by_tcp_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # the kernel accepts, nobody answers
        reply = await ask("127.0.0.1", mute.getsockname()[1], "quay.example", "A", SHORT_S, tcp=True)
    assert (reply.fault, reply.via_tcp) == ("timeout", True)


async def test_forgeries_are_passed_over_until_the_answer_comes() -> None:
    def with_forgeries(query: bytes) -> list[bytes]:
        good = answer_to(query, answers=a_record(bytes([10, 0, 0, 5])), count=1)
        bad = answer_to(query, answers=a_record(bytes([6, 6, 6, 6])), count=1)
        other_id = struct.pack("!H", int.from_bytes(query[:2]) ^ 1) + bad[2:]
        other_name = bad.replace(b"quay", b"quax")
        return [b"", b"\0", query, other_id, other_name, good]

    async with liar(with_forgeries) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)
    assert reply.addresses == ("10.0.0.5",)


async def test_forgeries_alone_are_silence() -> None:
    def forge(query: bytes) -> list[bytes]:
        return [b"\0\0" + answer_to(query)[2:] for _ in range(200)]

    async with liar(forge) as server:
        assert (await ask(server.address, server.port, "quay.example", "A", SHORT_S)).fault == "timeout"


async def test_datagrams_of_others_never_arrive() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        ports: list[int] = []

        class Answering(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                pass

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                ports.append(addr[1])
                forged = answer_to(data, answers=a_record(bytes([6, 6, 6, 6])), count=1)
                stranger.sendto(forged, addr)

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Answering, ("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        reply = await ask("127.0.0.1", port, "quay.example", "A", SHORT_S)
        transport.close()
    assert (reply.fault, len(ports)) == ("timeout", 1)


@pytest.mark.parametrize("rest", [b"\xc0", os.urandom(3), b"\x80" * 30])
async def test_an_answer_that_cannot_be_read_is_malformed(rest: bytes) -> None:
    async with liar(lambda query: [answer_to(query, count=9, rest=rest)]) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)
    assert (reply.fault, reply.state) == ("malformed", "no use")


async def test_a_lame_server_is_told() -> None:
    async with liar(lambda query: [answer_to(query, flags=0x8000)]) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S)
    assert (reply.rcode, reply.lame, reply.state) == ("NOERROR", True, "no use")


async def test_tcp_that_answers_another_question_is_malformed() -> None:
    async with liar(lambda query: [], tcp=lambda query: [b"\0" * 20]) as server:
        reply = await ask(server.address, server.port, "quay.example", "A", PATIENCE_S, tcp=True)
    assert (reply.fault, reply.via_tcp) == ("malformed", True)


@pytest.mark.parametrize("server", ["fe80::1%nosuchzone", "ff02::1%lo"])
async def test_where_no_route_leads_is_unreachable_or_silent(server: str) -> None:
    reply = await ask(server, 53, "quay.example", "A", SHORT_S)
    assert reply.fault in ("unreachable", "timeout", "refused connection")


async def test_ipv6_resolvers_are_asked_too() -> None:
    if not socket.has_ipv6 or source_of("::1") is None:
        need.missing("IPv6 on the loopback device")
    async with dns_server(ZONE, address="::1", port=5398) as server:
        assert (await ask("::1", 5398, "quay.example", "AAAA", PATIENCE_S)).addresses == ("fd00::5",)
        assert server.port == 5398


@pytest.mark.parametrize(("server", "name"), [("dns.example", "quay.example"), ("127.0.0.1", "a..b")])
async def test_what_is_no_address_or_no_name_is_an_error_of_the_caller(server: str, name: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        await ask(server, 53, name, "A", SHORT_S)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_cancellation_leaves_no_socket_behind() -> None:
    async with liar(lambda query: []) as server:
        before = open_files()
        task = asyncio.create_task(ask(server.address, server.port, "quay.example", "A", PATIENCE_S))
        await asyncio.wait_for(server.asked.wait(), PATIENCE_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert open_files() == before


def test_the_route_tells_the_address_that_a_packet_leaves_from() -> None:
    assert source_of("127.0.0.9") == "127.0.0.1"
    assert source_of("no address") is None
