"""Handshakes that come to nothing: no TLS, too old, silent, cut off, a client certificate that is missed."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agent.host.endpoint import TrustSource
from agent.host.root import Root
from agent.host.trust import CONTAINERD_1, CONTAINERS_IMAGE_OLD, GO, Manner, Trust, load
from agent.probes import tcp, tls
from agent.probes.fault import Fault
from tests import need
from tests.integration.handshakes import HOST, refused, shake, trust, until
from tests.servers.tls import (
    Handler,
    Identity,
    openssl_server,
    root,
    serve_raw,
    trust_root,
)


@pytest.fixture(scope="module")
def ca() -> Identity:
    return root()


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
