"""Handshakes with real TLS servers on loopback: every fault has its own cause, and says what is wrong."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from agent.host.endpoint import TrustSource
from agent.host.root import Root
from agent.host.trust import CONTAINERD_1, CONTAINERS_IMAGE_OLD, GO, Manner, Trust, load
from agent.probes import tcp, tls
from agent.probes.fault import Fault
from agent.probes.refusal import Case, refusal
from agent.probes.stream import Stream
from tests import need
from tests.servers.tls import (
    Handler,
    Identity,
    intermediate,
    openssl_server,
    relay,
    root,
    self_signed,
    serve,
    serve_raw,
    server_context,
    trust_root,
)

HOST = "registry.test"


@pytest.fixture(scope="module")
def ca() -> Identity:
    return root()


def trust(folder: Path, *trusted: Identity, manner: Manner = GO, source: TrustSource | None = None) -> Trust:
    return load(Root(trust_root(folder / "node", *trusted)), source or TrustSource(), manner=manner)


async def shake(
    port: int, trust: Trust, host: str = HOST, patience_s: float = 10, address: str = "127.0.0.1"
) -> Stream:
    return await tls.handshake(await tcp.dial(address, port, 5), host, trust, patience_s)


async def refused(port: int, trust: Trust, host: str = HOST, patience_s: float = 10) -> Fault:
    with pytest.raises(Fault) as caught:
        (await shake(port, trust, host, patience_s)).abort()
    return caught.value


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


@pytest.mark.parametrize(
    ("names", "host", "says"),
    [
        (["other.test"], HOST, "is for other.test, not for registry.test"),
        (["*.registry.test"], HOST, "not for registry.test"),
        (["*.test"], "a.registry.test", "not for a.registry.test"),
        (["*"], "registry", "not for registry"),
        (["registry*.test"], "registry1.test", "not for registry1.test"),
        (["127.0.0.2"], "127.0.0.1", "is for 127.0.0.2, not for 127.0.0.1"),
        ([], "nobody", "names no host: it has CN=nobody"),
    ],
)
async def test_a_wrong_name_is_called_that(
    ca: Identity, tmp_path: Path, names: list[str], host: str, says: str
) -> None:
    async with serve(ca.issue(*names), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, ca), host)
    assert fault.cause == "tls_name_mismatch"
    assert says in fault.detail
    assert fault.evidence["names"] == names


LONG_AGO = {"valid_from": timedelta(days=-90), "valid_for": timedelta(days=30)}
TO_COME = {"valid_from": timedelta(days=2), "valid_for": timedelta(days=30)}


@pytest.mark.parametrize(
    ("dates", "why", "says"), [(LONG_AGO, "expired", "expired 20"), (TO_COME, "not_yet_valid", "not valid before")]
)
async def test_a_certificate_out_of_its_dates_is_expired(
    ca: Identity, tmp_path: Path, dates: dict[str, timedelta], why: str, says: str
) -> None:
    async with serve(ca.issue(HOST, **dates), tmp_path) as port:  # type: ignore[arg-type]  # dates only
        fault = await refused(port, trust(tmp_path, ca))
    assert (fault.cause, fault.evidence["why"]) == ("tls_expired", why)
    assert says in fault.detail
    assert "clock says" in fault.detail


async def test_an_expired_intermediate_is_expired_and_named(ca: Identity, tmp_path: Path) -> None:
    async with serve(intermediate(ca, **LONG_AGO).issue(HOST), tmp_path) as port:  # type: ignore[arg-type]  # dates only
        fault = await refused(port, trust(tmp_path, ca))
    assert fault.cause == "tls_expired"
    assert "authority's certificate CN=Test Intermediate CA" in fault.detail


async def test_an_expired_root_in_the_store_is_expired(tmp_path: Path) -> None:
    old = root(valid_from=timedelta(days=-90), valid_for=timedelta(days=30))
    async with serve(old.issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, old))
    assert fault.cause == "tls_expired"
    assert "CN=Test Root CA" in fault.detail


@pytest.mark.parametrize(
    ("names", "dates", "cause"),
    [
        (["other.test"], LONG_AGO, "tls_expired"),
        (["other.test"], {}, "tls_name_mismatch"),
        ([HOST], LONG_AGO, "tls_expired"),
    ],
)
async def test_of_several_faults_the_one_that_go_names_first_is_named(
    ca: Identity, tmp_path: Path, names: list[str], dates: dict[str, timedelta], cause: str
) -> None:
    async with serve(ca.issue(*names, **dates), tmp_path) as port:  # type: ignore[arg-type]  # dates only
        assert (await refused(port, trust(tmp_path, root("Another CA")))).cause == cause


async def test_a_ca_that_the_node_lacks_is_named_where_the_server_sends_it(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path, sent=[ca]) as port:
        fault = await refused(port, trust(tmp_path, root("Another CA")))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "untrusted_root")
    assert fault.detail == "issuer CN=Test Root CA is not in the node's trust store"
    assert [entry["subject"] for entry in fault.evidence["chain"]] == [f"CN={HOST}", "CN=Test Root CA"]
    assert fault.evidence["trust"] == "1 certificates"


async def test_an_issuer_nobody_shows_is_either_unknown_or_left_out(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, root("Another CA")))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "unknown_issuer")
    assert "issuer CN=Test Root CA is not in the node's trust store" in fault.detail
    assert "missing intermediate" in fault.detail


@pytest.mark.parametrize("hint", ["aia", "organisation"])
async def test_a_missing_intermediate_is_told_from_a_missing_root(tmp_path: Path, hint: str) -> None:
    top = self_signed(common_name="Public Root", organisation="Public Trust", authority=True)
    middle = top.issue(
        common_name="R3", authority=True, organisation="Public Trust" if hint == "organisation" else None
    )
    leaf = middle.issue(HOST, aia="http://r3.test/r3.crt" if hint == "aia" else None)
    async with serve(leaf, tmp_path, sent=[]) as port:
        fault = await refused(port, trust(tmp_path, top))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "missing_intermediate")
    assert "the server does not send CN=R3" in fault.detail


async def test_a_self_signed_certificate_is_called_that_and_accepted_where_trusted(tmp_path: Path) -> None:
    alone = self_signed(HOST, common_name="homemade")
    async with serve(alone, tmp_path) as port:
        fault = await refused(port, trust(tmp_path, root()))
        assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "self_signed")
        (await shake(port, trust(tmp_path / "other", alone))).abort()


async def test_a_chain_may_end_at_any_trusted_certificate(ca: Identity, tmp_path: Path) -> None:
    middle = intermediate(ca)
    async with serve(middle.issue(HOST), tmp_path, sent=[]) as port:
        (await shake(port, trust(tmp_path, middle))).abort()


async def test_a_ca_made_again_under_its_old_name_is_seen(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, root()))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "other_key")
    assert "same name, other key" in fault.detail


async def test_an_empty_trust_store_trusts_nobody_and_says_so(ca: Identity, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    async with serve(ca.issue(HOST), tmp_path) as port:
        fault = await refused(port, load(Root(tmp_path / "node"), TrustSource()))
    assert fault.cause == "tls_untrusted"
    assert "trust store is empty" in fault.detail
    assert "no CA certificate is found" in fault.evidence["trust_remarks"][0]


async def test_a_certificate_for_clients_only_is_refused(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST, usages=[ExtendedKeyUsageOID.CLIENT_AUTH]), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "wrong_purpose")


async def test_what_may_not_sign_signs_nothing(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue("not-a-ca.test").issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "no_authority")


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


def told(answer: bytes, *, after_hello: bool = True) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if after_hello:
            await reader.read(1)
        writer.write(answer)
        await writer.drain()
        await reader.read()

    return handle


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\nlogin"]
)
async def test_plain_http_behind_the_port_is_called_that(ca: Identity, tmp_path: Path, answer: bytes) -> None:
    async with serve_raw(told(answer)) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert (fault.cause, fault.evidence["speaks"]) == ("tls_protocol", "http")
    assert "speaks plain HTTP" in fault.detail


async def test_what_is_no_tls_is_shown(ca: Identity, tmp_path: Path) -> None:
    async with serve_raw(told(b"220 mail.test ESMTP ready\r\n")) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert fault.cause == "tls_protocol"
    assert "220 mail.test ESMTP" in fault.detail


async def test_a_server_that_speaks_first_is_no_tls_server_even_where_it_then_hangs(
    ca: Identity, tmp_path: Path
) -> None:
    async with serve_raw(told(b"SSH-2.0-OpenSSH_9.2\r\n", after_hello=False)) as port:
        stream = await tcp.dial("127.0.0.1", port, 5)
        await until(lambda: bool(stream.reader._buffer))  # type: ignore[attr-defined]  # no public way but to take it
        with pytest.raises(Fault, match="SSH-2") as caught:
            await tls.handshake(stream, HOST, trust(tmp_path, ca), 5)
    assert caught.value.cause == "tls_protocol"


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"\x16\x03\x03\x40\x00\x02" + b"\x00" * 100:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("handler", [hang, drip])
async def test_a_handshake_that_does_not_end_is_a_timeout_within_the_patience(
    ca: Identity, tmp_path: Path, handler: Handler
) -> None:
    started = time.monotonic()
    async with serve_raw(handler) as port:
        fault = await refused(port, trust(tmp_path, ca), patience_s=0.5)
    assert fault.cause == "tls_timeout"
    assert time.monotonic() - started < 3


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()  # with the ClientHello unread the kernel sends a reset


async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    writer.close()


@pytest.mark.parametrize("handler", [reset, close])
async def test_a_connection_that_is_cut_in_the_handshake_is_a_reset(
    ca: Identity, tmp_path: Path, handler: Handler
) -> None:
    async with serve_raw(handler) as port:
        assert (await refused(port, trust(tmp_path, ca))).cause == "connection_reset"


@pytest.mark.parametrize(
    "options", [("-tls1",), ("-tls1_1",), ("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")]
)
async def test_what_is_too_old_for_the_runtime_is_a_matter_of_protocol(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    ca = root()
    if "-cipher" not in options:
        options = (*options, "-cipher", "ALL:@SECLEVEL=0")
    async with openssl_server(need.program("openssl"), ca.issue(HOST, rsa_bits=2048), tmp_path, *options) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert fault.cause == "tls_protocol"
    assert "speaks no TLS:" not in fault.detail


async def test_an_old_runtime_speaks_tls_1_0_and_still_refuses_sha_1(ca: Identity, tmp_path: Path) -> None:
    options = ("-tls1", "-cipher", "ALL:@SECLEVEL=0")
    old = trust(tmp_path, ca, manner=CONTAINERS_IMAGE_OLD)
    openssl = need.program("openssl")
    async with openssl_server(openssl, ca.issue(HOST, rsa_bits=2048), tmp_path, *options) as port:
        stream = await shake(port, old)
        assert tls.peer(stream).protocol == "TLSv1"
        stream.abort()
    weak = await sha1(openssl, ca, tmp_path)
    for manner, why in ((CONTAINERS_IMAGE_OLD, "SHA-1"), (GO, "SHA1")):
        async with weak() as port:
            fault = await refused(port, trust(tmp_path, ca, manner=manner))
        assert fault.cause == "tls_untrusted"
        assert why in fault.detail


async def sha1(openssl: str, ca: Identity, folder: Path) -> Callable[[], contextlib.AbstractAsyncContextManager[int]]:
    """Let the openssl program sign with SHA-1, which the library refuses to do, and serve that."""
    certificate, key = ca.write(folder)
    weak, weak_key, names = folder / "weak.crt", folder / "weak.key", folder / "names"
    names.write_text(f"subjectAltName=DNS:{HOST}\n")
    request = folder / "weak.csr"
    await run(
        openssl,
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        f"/CN={HOST}",
        "-keyout",
        weak_key,
        "-out",
        request,
    )
    await run(openssl, "x509", "-req", "-sha1", "-in", request, "-CA", certificate, "-CAkey", key, "-days", "9",
              "-set_serial", "7", "-extfile", names, "-out", weak)  # fmt: skip

    @contextlib.asynccontextmanager
    async def serve_weak() -> AsyncIterator[int]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(weak, weak_key)
        async with serve_raw(hang, context=context) as port:
            yield port

    return serve_weak


async def run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


@pytest.mark.parametrize(("manner", "accepted"), [(GO, False), (CONTAINERD_1, True)])
async def test_suites_without_forward_secrecy_are_for_older_runtimes(
    tmp_path: Path, manner: Manner, accepted: bool
) -> None:
    ca = root()
    identity = ca.issue(HOST, rsa_bits=2048)
    async with openssl_server(
        need.program("openssl"), identity, tmp_path, "-tls1_2", "-cipher", "AES128-GCM-SHA256"
    ) as port:
        if accepted:
            (await shake(port, trust(tmp_path, ca, manner=manner))).abort()
        else:
            fault = await refused(port, trust(tmp_path, ca, manner=manner))
            assert fault.cause == "tls_protocol"
            assert "no common cipher" in fault.detail


def demanding(ca: Identity, folder: Path, version: str) -> contextlib.AbstractAsyncContextManager[int]:
    """Serve with OpenSSL, which says why it refuses a client; asyncio's server just cuts the connection."""
    (folder / "clients.crt").write_bytes(ca.pem)
    demand = ("-Verify", "2", "-verify_return_error", "-CAfile", str(folder / "clients.crt"))
    return openssl_server(need.program("openssl"), ca.issue(HOST), folder, version, *demand)


async def asked(port: int, trust: Trust) -> Fault:
    """Give what the server has against the client, in the handshake or at the first read after it."""
    try:
        stream = await shake(port, trust)
    except Fault as fault:
        return fault
    with pytest.raises(ssl.SSLError) as caught:
        await stream.reader.read()
    stream.abort()
    return tls.fault_of(caught.value, HOST)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_a_client_certificate_that_the_node_has_not_is_a_matter_of_authentication(
    ca: Identity, tmp_path: Path, version: str
) -> None:
    async with demanding(ca, tmp_path, version) as port:
        fault = await asked(port, trust(tmp_path, ca))
    assert fault.cause == "auth_failed"
    assert "client certificate" in fault.detail


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


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_a_client_certificate_that_the_server_refuses_is_a_matter_of_authentication(
    ca: Identity, tmp_path: Path, version: str
) -> None:
    node = trust_root(tmp_path / "node", ca)
    certificate, key = root("Unknown CA").issue("node-1").write(node)
    source = TrustSource(client=(f"/{certificate.name}", f"/{key.name}"))
    async with demanding(ca, tmp_path, version) as port:
        fault = await asked(port, load(Root(node), source))
    assert fault.cause == "auth_failed"


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - the stream has nothing to wait on without taking what is there
            await asyncio.sleep(0.01)


async def test_a_server_that_closed_before_the_handshake_is_a_reset_and_not_a_hang(
    ca: Identity, tmp_path: Path
) -> None:
    async def goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with serve_raw(goodbye) as port:
        stream = await tcp.dial("127.0.0.1", port, 5)
        await until(stream.reader.at_eof)
        with pytest.raises(Fault) as caught:
            await tls.handshake(stream, HOST, trust(tmp_path, ca), 5)
    assert caught.value.cause == "connection_reset"


async def test_a_server_that_closed_only_its_half_is_a_reset_and_not_a_hang(ca: Identity, tmp_path: Path) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write_eof()
        await reader.read()

    async with serve_raw(half) as port:
        stream = await tcp.dial("127.0.0.1", port, 5)
        await until(stream.reader.at_eof)
        with pytest.raises(Fault) as caught:
            await tls.handshake(stream, HOST, trust(tmp_path, ca), 1)
    assert caught.value.cause == "connection_reset"


async def test_where_the_chain_cannot_be_read_the_first_verdict_stands(ca: Identity, tmp_path: Path) -> None:
    async with (
        serve(ca.issue(HOST, **LONG_AGO), tmp_path) as port,  # type: ignore[arg-type]  # dates only
        serve_raw(relay(port, True, False)) as relayed,
    ):
        fault = await refused(relayed, trust(tmp_path, ca))
    assert fault.cause == "tls_expired"
    assert "certificate has expired" in fault.detail


async def test_the_chain_that_is_explained_is_the_one_for_this_name(ca: Identity, tmp_path: Path) -> None:
    named = server_context(root("Another CA").issue(HOST), tmp_path)
    context = server_context(ca.issue("default.test"), tmp_path)

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name == HOST:
            connection.context = named

    context.sni_callback = choose
    async with serve_raw(hang, context=context) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert fault.cause == "tls_untrusted"
    assert fault.evidence["names"] == [HOST]


def test_a_chain_without_end_is_not_followed_without_end() -> None:
    twins = [root("Twin") for _ in range(6)]
    crossed = [
        x509.CertificateBuilder(
            signed.certificate.issuer,
            signed.certificate.subject,
            signed.certificate.public_key(),
            x509.random_serial_number(),
            signed.certificate.not_valid_before_utc,
            signed.certificate.not_valid_after_utc,
            list(signed.certificate.extensions),
        ).sign(signer.key, hashes.SHA256())
        for signed in twins
        for signer in twins
        if signed is not signer
    ]
    sent = (twins[0].issue(HOST).certificate, *crossed)
    case = Case(sent, HOST, (), datetime.now(UTC))
    fault = refusal(case)
    assert fault is not None
    assert fault.evidence["why"] == "too_long"
    assert case.links < 1000
