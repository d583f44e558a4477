"""Which certificates does a server send, whoever trusts them?

A second handshake that believes everything, made only where the first one failed and somebody wants to know why:
pyOpenSSL and cryptography cost 11 MB, and are loaded by importing this module.

Cannot see: certificates that a server sends only to clients it knows.

Source: RFC 8446 section 4.4.2; pyOpenSSL's Connection on memory BIOs.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from cryptography import x509
from OpenSSL import SSL

from agent.probes.stream import Stream
from agent.probes.tcp import is_literal

READ_BYTES = 16384  # one TLS record


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server sent: its certificates, its own first, and whether it asked for one of the client's."""

    certificates: tuple[x509.Certificate, ...]
    asked_for_client: bool


async def read(stream: Stream, server_name: str, patience_s: float) -> Sent:
    """Shake hands on a fresh stream without a verdict, and give what was sent until it ended, however it ended.

    The stream is closed. Certificates that cannot be parsed end the list.
    """
    seen: set[str] = set()
    connection = SSL.Connection(_context(seen), None)
    if not is_literal(server_name):
        connection.set_tlsext_host_name(server_name.encode("idna"))
    connection.set_connect_state()
    try:
        with contextlib.suppress(OSError, SSL.Error):  # what came before is what was asked for
            async with asyncio.timeout(patience_s):
                await _shake_hands(connection, stream)
    finally:
        stream.abort()
    return Sent(_certificates(connection), any("certificate request" in state for state in seen))


def _context(seen: set[str]) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_info_callback(lambda connection, *_: seen.add(connection.get_state_string().decode().lower()))
    return context


async def _shake_hands(connection: SSL.Connection, stream: Stream) -> None:
    while True:
        try:
            connection.do_handshake()
            return
        except SSL.WantReadError:
            with contextlib.suppress(SSL.WantReadError):
                while True:
                    stream.writer.write(connection.bio_read(READ_BYTES))
        data = await stream.reader.read(READ_BYTES)
        if not data:
            return
        connection.bio_write(data)


def _certificates(connection: SSL.Connection) -> tuple[x509.Certificate, ...]:
    certificates = []
    with contextlib.suppress(ValueError, SSL.Error):
        for certificate in connection.get_peer_cert_chain(as_cryptography=True) or ():
            _ = certificate.extensions, certificate.subject, certificate.issuer  # parsed here, not where it is used
            certificates.append(certificate)
    return tuple(certificates)
