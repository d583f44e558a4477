"""Handshakes with real TLS servers on loopback that pass, as they do for the runtime."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from agent.host.endpoint import TrustSource
from agent.host.root import Root
from agent.host.trust import load
from agent.probes import tls
from tests.integration.handshakes import HOST, LONG_AGO, shake, trust
from tests.servers.tls import (
    Identity,
    intermediate,
    root,
    self_signed,
    serve,
    trust_root,
)


@pytest.fixture(scope="module")
def ca() -> Identity:
    return root()


async def test_a_good_chain_is_accepted_and_the_stream_speaks(ca: Identity, tmp_path: Path) -> None:
    async with serve(intermediate(ca).issue(HOST), tmp_path) as port:
        stream = await shake(port, trust(tmp_path, ca))
        stream.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await stream.reader.readline() == b"HTTP/1.1 200 OK\r\n"
        peer = tls.peer(stream)
        stream.abort()
    assert peer.protocol == "TLSv1.3"
    assert [certificate.subject for certificate in peer.chain] == [
        f"CN={HOST}", "CN=Test Intermediate CA", "CN=Test Root CA"
    ]  # fmt: skip
    assert peer.chain[0].names == (HOST,)
    assert timedelta(days=89) < peer.chain[0].not_after - peer.chain[0].not_before < timedelta(days=91)


async def test_a_large_answer_comes_through_whole(ca: Identity, tmp_path: Path) -> None:
    size = 3_000_000

    async def much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"x" * size)
        await writer.drain()
        await reader.read()

    async with serve(ca.issue(HOST), tmp_path, handler=much) as port:
        stream = await shake(port, trust(tmp_path, ca))
        stream.writer.write(b"go\n")
        await asyncio.sleep(0)
        assert len(await stream.reader.readexactly(size)) == size
        stream.abort()


@pytest.mark.parametrize(
    ("names", "host", "by_openssl_too"),
    [
        (["*.registry.test"], "eu.registry.test", True),
        (["REGISTRY.test"], "registry.TEST", True),
        (["registry.test"], "registry.test.", True),
        (["*.lan"], "registry.lan", False),
        (["my_registry.test", "*.my.test"], "under_score.my.test", False),
        (["127.0.0.1"], "127.0.0.1", True),
        (["::1"], "::1", True),
    ],
)
async def test_names_are_compared_as_go_does(
    ca: Identity, tmp_path: Path, names: list[str], host: str, by_openssl_too: bool
) -> None:
    async with serve(ca.issue(*names), tmp_path) as port:
        stream = await shake(port, trust(tmp_path, ca), host)
        assert bool(tls.peer(stream).chain) is by_openssl_too
        stream.abort()


SIGNS_ONLY = x509.KeyUsage(False, False, False, False, False, True, True, False, False)


async def test_key_usage_and_any_purpose_are_no_matter_to_go(ca: Identity, tmp_path: Path) -> None:
    own = self_signed(HOST, common_name="homemade", authority=True, key_usage=SIGNS_ONLY)
    for leaf in (own, ca.issue(HOST, usages=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])):
        async with serve(leaf, tmp_path) as port:
            stream = await shake(port, trust(tmp_path, ca, own))
            stream.writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await stream.reader.readline() == b"HTTP/1.1 200 OK\r\n"
            stream.abort()


async def test_where_the_runtime_does_not_verify_everything_passes(tmp_path: Path) -> None:
    async with serve(self_signed("other.test", common_name="x", **LONG_AGO), tmp_path) as port:  # type: ignore[arg-type]  # dates only
        stream = await shake(port, trust(tmp_path, source=TrustSource(verify=False)))
        assert tls.peer(stream).chain == ()
        stream.abort()


async def test_a_chain_may_end_at_any_trusted_certificate(ca: Identity, tmp_path: Path) -> None:
    middle = intermediate(ca)
    async with serve(middle.issue(HOST), tmp_path, sent=[]) as port:
        (await shake(port, trust(tmp_path, middle))).abort()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_that_the_node_has_is_shown(
    ca: Identity, tmp_path: Path, newest: ssl.TLSVersion
) -> None:
    node = trust_root(tmp_path / "node", ca)
    (node / "certs").mkdir()
    certificate, key = ca.issue("node-1", usages=[ExtendedKeyUsageOID.CLIENT_AUTH]).write(node / "certs")
    source = TrustSource(client=(f"/certs/{certificate.name}", f"/certs/{key.name}"))
    async with serve(ca.issue(HOST), tmp_path, clients=ca, newest=newest) as port:
        stream = await shake(port, load(Root(node), source))
        stream.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await stream.reader.readline() == b"HTTP/1.1 200 OK\r\n"
        stream.abort()
