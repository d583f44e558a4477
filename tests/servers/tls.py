"""Certificate authorities and TLS servers with every fault that a test needs, real, on loopback."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BUNDLE = "etc/ssl/certs/ca-certificates.crt"


def _name(common_name: str, organisation: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass(frozen=True)
class Identity:
    """A certificate with its key; `issuers` lead upwards, the one that signed it first, the root last."""

    certificate: x509.Certificate
    key: Key
    issuers: tuple["Identity", ...] = ()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def intermediates(self) -> tuple["Identity", ...]:
        """What a well-kept server sends with it: all issuers but the root."""
        return self.issuers[:-1]

    def issue(
        self,
        *names: str,
        common_name: str | None = None,
        organisation: str | None = None,
        authority: bool = False,
        valid_from: timedelta = timedelta(days=-30),
        valid_for: timedelta = timedelta(days=90),
        usages: Sequence[ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,),
        key_usage: x509.KeyUsage | None = None,
        aia: str | None = None,
        rsa_bits: int | None = None,
    ) -> "Identity":
        """Issue a certificate for `names`; an `authority` may issue further ones. Dates count from now."""
        return _issue(
            self,
            names,
            _name(common_name or (names[0] if names else "nobody"), organisation),
            authority=authority,
            valid_from=valid_from,
            valid_for=valid_for,
            usages=usages,
            key_usage=key_usage,
            aia=aia,
            rsa_bits=rsa_bits,
        )

    def write(self, folder: Path, *sent: "Identity") -> tuple[Path, Path]:
        """Write certificate (with what is sent besides it) and key as files."""
        name = f"{self.certificate.serial_number:x}"
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.pem + b"".join(issuer.pem for issuer in sent))
        key.write_bytes(self.key_pem)
        return certificate, key


def _issue(
    issuer: Identity | None,
    names: Sequence[str],
    subject: x509.Name,
    *,
    authority: bool,
    valid_from: timedelta,
    valid_for: timedelta,
    usages: Sequence[ObjectIdentifier],
    key_usage: x509.KeyUsage | None,
    aia: str | None,
    rsa_bits: int | None,
    path_length: int | None = None,
) -> Identity:
    key: Key = rsa.generate_private_key(65537, rsa_bits) if rsa_bits else ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC) + valid_from
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + valid_for)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), False)
    if usages and not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if key_usage:
        builder = builder.add_extension(key_usage, critical=True)
    if aia:
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(aia))
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    return Identity(certificate, key, (issuer, *issuer.issuers) if issuer else ())


def self_signed(
    *names: str,
    common_name: str,
    organisation: str | None = None,
    authority: bool = False,
    valid_from: timedelta = timedelta(days=-365),
    valid_for: timedelta = timedelta(days=3650),
    key_usage: x509.KeyUsage | None = None,
    path_length: int | None = None,
) -> Identity:
    """Make a certificate that nobody but itself has signed."""
    return _issue(
        None,
        names,
        _name(common_name, organisation),
        authority=authority,
        valid_from=valid_from,
        valid_for=valid_for,
        usages=(),
        key_usage=key_usage,
        aia=None,
        rsa_bits=None,
        path_length=path_length,
    )


def root(common_name: str = "Test Root CA", **options: timedelta) -> Identity:
    """Make a root authority."""
    return self_signed(common_name=common_name, authority=True, **options)  # type: ignore[arg-type]  # dates only


def intermediate(parent: Identity, common_name: str = "Test Intermediate CA", **options: timedelta) -> Identity:
    """Make an authority between a root and the certificates of servers."""
    return parent.issue(common_name=common_name, authority=True, **options)  # type: ignore[arg-type]  # dates only


def trust_root(folder: Path, *trusted: Identity) -> Path:
    """Make a node's tree whose bundle trusts these, and nothing else."""
    bundle = folder / BUNDLE
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_bytes(b"".join(identity.pem for identity in trusted))
    return folder


async def answer_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every HTTP request on the connection with `hello`."""
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            await writer.drain()


@contextlib.asynccontextmanager
async def serve_raw(
    handler: Handler, *, context: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[int]:
    """Serve each connection by `handler` on loopback, on a free port without `port`, and give the port."""
    open_tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_tasks.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the client went, or the server ends: both are part of the tests
        finally:
            open_tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(handle, host, port, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(open_tasks):
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)
        await server.wait_closed()


def relay(port: int, *turns: bool) -> Handler:
    """Pass connections on to `port`, one after the other as `turns` say; the last of them holds for all that follow."""
    left = list(turns)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not (left.pop(0) if len(left) > 1 else left[0]):
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            far_writer.transport.abort()

    return handle


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.transport.abort()


def server_context(identity: Identity, folder: Path, *sent: Identity) -> ssl.SSLContext:
    """Make the context of a server that shows `identity`, and sends `sent` besides."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*identity.write(folder, *sent))
    return context


@contextlib.asynccontextmanager
async def serve(
    identity: Identity,
    folder: Path,
    *,
    sent: Sequence[Identity] | None = None,
    clients: Identity | None = None,
    newest: ssl.TLSVersion | None = None,
    handler: Handler = answer_hello,
    host: str = "127.0.0.1",
) -> AsyncIterator[int]:
    """Serve TLS and give the port.

    Args:
        sent: certificates sent besides the server's own; without it, its intermediates.
        clients: demands a certificate that this authority has issued.
        newest: the newest TLS version that is spoken.
    """
    context = server_context(identity, folder, *(identity.intermediates if sent is None else sent))
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem.decode())
    if newest:
        context.maximum_version = newest
    async with serve_raw(handler, context=context, host=host) as port:
        yield port


@contextlib.asynccontextmanager
async def openssl_server(program: str, identity: Identity, folder: Path, *options: str) -> AsyncIterator[int]:
    """Run `openssl s_server` with options (old protocols, odd ciphers) and give the port, once it listens."""
    certificate, key = identity.write(folder, *identity.intermediates)
    process = await asyncio.create_subprocess_exec(
        program, "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(10):
            line = b""
            while not line.startswith(b"ACCEPT"):
                line = await process.stdout.readline()
                assert line, f"openssl s_server {options} ended before it listened"
        yield int(line.rsplit(b":", 1)[1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
