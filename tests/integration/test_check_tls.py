"""The tcp and tls checks in a round, against real servers: what one opens, the next goes on with."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import checks
from agent.check import Check, Look
from agent.checks import tcp
from agent.contract.result import Result, ok
from agent.host.endpoint import Endpoint, Origin, TrustSource
from agent.host.node import Node
from agent.host.root import Root
from agent.round import Question, Round
from tests.servers.tls import Identity, answer_hello, relay, root, serve, serve_raw, trust_root

HOST = "registry.test"


class Addresses(tuple[str, ...]):
    """What the dns check would have seen."""

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(self)


def round_of(node: Path, *addresses: str, **instead: Check) -> Round:
    """Make a round whose dns check knows one name; everything else is real."""

    async def resolve(host: str, look: Look) -> Addresses:
        return Addresses(addresses)

    def find(name: str) -> Check:
        return Check("dns", resolve, lambda *_: ok()) if name == "dns" else instead.get(name) or checks.check(name)

    return Round(Node(Root(node)), {}, find=find)


async def asked(round_: Round, check: str, host: str, port: int, **of_endpoint: object) -> dict[str, Result]:
    origin = Origin("https", host, port)
    via = Endpoint(host, origin, **of_endpoint)  # type: ignore[arg-type]  # any of an endpoint's fields
    results = await round_.ask([Question(check, origin.target, (host,), via)])
    return {result.check: result for result in results}


@pytest.fixture(scope="module")
def ca() -> Identity:
    return root()


@pytest.fixture
def node(tmp_path: Path, ca: Identity) -> Path:
    return trust_root(tmp_path / "node", ca)


async def test_the_handshake_goes_on_with_the_connection_that_tcp_opened(
    node: Path, ca: Identity, tmp_path: Path
) -> None:
    connections = []

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await reader.read()

    async with serve(ca.issue(HOST), tmp_path, handler=count) as port:
        results = await asked(round_of(node, "127.0.0.1"), "tls", HOST, port)
    assert results["tls"].status == "ok"
    assert results["tls"].evidence["chain"] == [f"CN={HOST}", "CN=Test Root CA"]
    assert results["tcp"].evidence["used"] == "127.0.0.1"
    assert len(connections) == 1


async def test_a_connection_that_the_server_has_closed_meanwhile_is_made_again(
    node: Path, ca: Identity, tmp_path: Path
) -> None:
    async def observe_late(target: str, look: Look) -> tcp.Observation:
        seen = await tcp.observe(target, look)
        assert seen.stream is not None
        async with asyncio.timeout(5):
            while seen.stream.is_open:  # noqa: ASYNC110 - it has no event for that
                await asyncio.sleep(0.01)
        return seen

    round_ = round_of(node, "127.0.0.1", tcp=Check("tcp", observe_late, tcp.judge))
    async with serve(ca.issue(HOST), tmp_path) as port, serve_raw(relay(port, False, True)) as relayed:
        results = await asked(round_, "tls", HOST, relayed)
    assert results["tls"].status == "ok"


async def test_a_refused_certificate_fails_the_check_with_its_evidence(node: Path, tmp_path: Path) -> None:
    async with serve(root("Corp Proxy CA").issue(HOST), tmp_path) as port:
        results = await asked(round_of(node, "127.0.0.1"), "tls", HOST, port)
    assert (results["tls"].status, results["tls"].cause) == ("failed", "tls_untrusted")
    assert results["tls"].evidence["issuer"] == "CN=Corp Proxy CA"
    assert results["tcp"].status == "ok"


@pytest.mark.parametrize(("allowed", "status"), [(True, "ok"), (False, "failed")])
async def test_plain_http_passes_only_where_the_configuration_lets_it(node: Path, allowed: bool, status: str) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with serve_raw(plain) as port:
        results = await asked(round_of(node), "tls", "127.0.0.1", port, fallback_plain=allowed)
    assert results["tls"].status == status
    assert results["tls"].evidence.get("plain", False) is allowed


async def test_an_address_is_asked_of_no_resolver_and_judged_by_its_san(
    node: Path, ca: Identity, tmp_path: Path
) -> None:
    async with serve(ca.issue("::1"), tmp_path, host="::1") as port:
        results = await asked(round_of(node), "tls", "::1", port)
    assert set(results) == {"tcp", "tls"}
    assert results["tls"].target == f"[::1]:{port}"
    assert results["tls"].status == "ok"


async def test_an_unreadable_ca_file_is_a_mistake_of_the_node(node: Path, ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path) as port:
        trust = TrustSource(extra=("/etc/none.crt",))
        results = await asked(round_of(node, "127.0.0.1"), "tls", HOST, port, trust=trust)
    assert (results["tls"].status, results["tls"].cause) == ("failed", "config_invalid")
    assert results["tls"].evidence["file"] == "/etc/none.crt"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of every address of loopback at which nothing listens."""
    with socket.socket() as reserved:
        reserved.bind(("0.0.0.0", 0))
        yield reserved.getsockname()[1]


async def test_one_dead_address_of_two_is_a_warning_and_tls_goes_on(node: Path, ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path) as port:
        results = await asked(round_of(node, "127.0.0.9", "127.0.0.1"), "tls", HOST, port)
    assert (results["tcp"].status, results["tcp"].cause) == ("warn", "connect_refused")
    assert results["tcp"].evidence["dials"]["127.0.0.9"]["ok"] is False
    assert results["tcp"].evidence["used"] == "127.0.0.1"
    assert results["tls"].status == "ok"


async def test_no_address_at_all_blocks_what_comes_after(node: Path, closed_port: int) -> None:
    results = await asked(round_of(node, "127.0.0.1", "127.0.0.2"), "tls", HOST, closed_port)
    assert (results["tcp"].status, results["tcp"].cause) == ("failed", "connect_refused")
    assert (results["tls"].status, results["tls"].blocked_by) == ("skipped", f"tcp {HOST}:{closed_port}")


async def test_of_a_hundred_addresses_sixteen_are_dialled(node: Path) -> None:
    async with serve_raw(answer_hello, host="0.0.0.0") as port:
        results = await asked(round_of(node, *(f"127.0.1.{last}" for last in range(1, 101))), "tcp", HOST, port)
    assert results["tcp"].status == "ok"
    assert len(results["tcp"].evidence["dials"]) == 16
    assert results["tcp"].evidence["addresses_not_dialled"] == 84


async def test_a_silent_address_is_given_up_soon_once_another_answers(node: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.2", 0))
        port = silent.getsockname()[1]
        silent.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", port))
        async with serve_raw(answer_hello, port=port):
            results = await asked(round_of(node, "127.0.0.1", "127.0.0.2"), "tcp", HOST, port)
        for filler in fillers:
            filler.close()
    assert (results["tcp"].status, results["tcp"].cause) == ("warn", "connect_timeout")
    assert results["tcp"].took_s < 4
    assert "127.0.0.2" in results["tcp"].detail
