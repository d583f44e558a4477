"""Does this host shake hands over TLS, with a certificate that the node's runtime accepts?

The verdict is the standard library's, by the contexts of `agent.host.trust`. Where it refuses, `agent.probes.appeal`
looks a second time and says why.

Cannot see: HTTP/2 alone behind the port; Encrypted Client Hello; what a server shows to other clients.

Source: RFC 8446, RFC 5246; OpenSSL's ssl/ssl_err.c for the reasons.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agent.host.trust import Trust
from agent.probes import tcp
from agent.probes.fault import Fault
from agent.probes.stream import Stream

ENCODING_DER = 2  # _ssl.ENCODING_DER: X509_FILETYPE_ASN1, as the private certificate objects take it
GREETING_BYTES = 64  # of whatever speaks no TLS: enough to know it by

# Alerts about our own certificate: the server demands one, or refuses the one it got.
_OF_CLIENT = frozenset(
    {
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_NO_CERTIFICATE",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    }
)
_TOO_OLD = frozenset({"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "VERSION_TOO_LOW"})
_EXPIRED = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_WRONG_NAME = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
# The DER of the algorithms that Go refuses in a chain: MD5 and SHA-1 with RSA, SHA-1 with ECDSA. Only contexts for
# TLS 1.0 accept them: its security level lets everything pass.
_WEAK = (bytes.fromhex("2a864886f70d010104"), bytes.fromhex("2a864886f70d010105"), bytes.fromhex("2a8648ce3d0401"))


@dataclass(frozen=True, slots=True)
class Certificate:
    """What one certificate of a verified chain says of itself."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Peer:
    """What was agreed on, and the chain that was verified, the server's own first; empty where nothing was."""

    protocol: str
    cipher: str
    chain: tuple[Certificate, ...]


async def handshake(stream: Stream, server_name: str, trust: Trust, patience_s: float) -> Stream:
    """Turn a fresh stream into one over TLS. It is closed where that fails.

    Args:
        server_name: the host that was asked for, an IP literal too; compared with the certificate's SANs.
        trust: whom to believe, and how.
        patience_s: for everything, explaining a failure included.

    Raises:
        Fault: tls_untrusted, tls_expired, tls_name_mismatch, tls_protocol (`speaks` is "http" in the evidence where it
            is plain HTTP), tls_timeout, connection_reset, auth_failed (a client certificate is demanded).
    """
    ends_at = asyncio.get_running_loop().time() + patience_s
    try:
        return await _upgrade(stream, server_name, trust, trust.context, ends_at)
    except ssl.SSLCertVerificationError as error:
        from agent.probes import appeal  # 11 MB, which a node without faults never loads

        fault = fault_of(error, server_name)
        leaf = await appeal.of_certificate(error.verify_code, fault, stream, server_name, trust, ends_at)
    except TimeoutError as error:
        detail = f"{server_name} does not end the TLS handshake within {patience_s:g} s"
        raise Fault("tls_timeout", detail, address=stream.address) from error
    except OSError as error:
        from agent.probes import appeal

        fault = fault_of(error, server_name)
        raise await appeal.of_protocol(fault, stream, server_name, trust, ends_at) from error
    return await _believe(leaf, stream, server_name, trust, ends_at)


async def _upgrade(stream: Stream, server_name: str, trust: Trust, context: ssl.SSLContext, ends_at: float) -> Stream:
    try:
        async with asyncio.timeout_at(ends_at):
            greeting = await _greeting(stream)
            if greeting:
                raise Fault("tls_protocol", f"{server_name} speaks first, and no TLS: {quoted(greeting)}")
            if stream.reader.at_eof():
                raise ConnectionResetError("closed before the handshake")
            await stream.writer.start_tls(context, server_hostname=server_name.removesuffix("."))
        if trust.manner.oldest < ssl.TLSVersion.TLSv1_2 and context.verify_mode:
            _refuse_weak(stream, server_name)
    except BaseException:
        stream.abort()
        raise
    return stream


async def _greeting(stream: Stream) -> bytes:
    """Give what the server said before it was asked: it must not be taken for an answer once TLS stands."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0):
            return await stream.reader.read(GREETING_BYTES)
    return b""


async def _believe(leaf: bytes, like: Stream, server_name: str, trust: Trust, ends_at: float) -> Stream:
    """Shake hands without OpenSSL's verdict, with the very certificate that Go would accept, and no other."""
    left_s = max(ends_at - asyncio.get_running_loop().time(), 0.0)
    stream = await tcp.redial(like, left_s)
    try:
        await _upgrade(stream, server_name, trust, trust.unverified, ends_at)
    except OSError as error:
        raise fault_of(error, server_name) from error
    if stream.writer.get_extra_info("ssl_object").getpeercert(binary_form=True) != leaf:
        stream.abort()
        raise Fault("tls_untrusted", f"{server_name} shows another certificate with every connection")
    return stream


def fault_of(error: Exception, server_name: str) -> Fault:
    """Give the fact behind an exception of a handshake, or of reading from and writing to a stream over TLS.

    With TLS 1.3 a server that misses our certificate says so only when the handshake is over, at the first read.
    """
    if isinstance(error, Fault):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_verification(error, server_name)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _of_reason(error.reason or str(error), server_name)
    if isinstance(error, TimeoutError):  # the kernel gave up sending: the way broke under the connection
        return Fault("connect_timeout", f"{server_name} is no longer reached")
    return Fault("connection_reset", f"{server_name} cuts the connection off")


def _of_reason(reason: str, server_name: str) -> Fault:
    words = reason.lower().replace("_", " ")
    if reason in _OF_CLIENT:
        return Fault("auth_failed", f"{server_name} wants another client certificate: {words}", reason=reason)
    if reason in _TOO_OLD:
        detail = f"{server_name} speaks no TLS version that the runtime accepts"
        return Fault("tls_protocol", detail, reason=reason)
    return Fault("tls_protocol", f"{server_name}: the TLS handshake fails: {words}", reason=reason)


def _of_verification(error: ssl.SSLCertVerificationError, server_name: str) -> Fault:
    """Give what OpenSSL says of a certificate, where nobody can look closer."""
    cause = "tls_untrusted"
    if error.verify_code in _EXPIRED:
        cause = "tls_expired"
    elif error.verify_code in _WRONG_NAME:
        cause = "tls_name_mismatch"
    return Fault(cause, f"{server_name}: {error.verify_message}", verify_code=error.verify_code)


def peer(stream: Stream) -> Peer:
    """Give what was agreed on over a stream after its handshake."""
    secured: ssl.SSLObject = stream.writer.get_extra_info("ssl_object")
    cipher = secured.cipher()
    chain = tuple(_certificate(found.get_info()) for found in _verified(secured))
    leaf = secured.getpeercert()
    if not chain and leaf:
        chain = (_certificate(leaf),)
    return Peer(secured.version() or "", cipher[0] if cipher else "", chain)


def _verified(secured: ssl.SSLObject) -> Iterable[Any]:
    """Give the verified chain's certificates. Public from Python 3.13 on, but as bytes only; empty where it is not."""
    if secured.context.verify_mode == ssl.CERT_NONE:
        return ()
    get = getattr(getattr(secured, "_sslobj", None), "get_verified_chain", None)
    return (get() or ()) if get else ()


def _refuse_weak(stream: Stream, server_name: str) -> None:
    verified = list(_verified(stream.writer.get_extra_info("ssl_object")))
    for found in verified[:-1]:  # nobody looks at the signature of the certificate that is trusted itself
        der = found.public_bytes(ENCODING_DER)
        if any(der.count(weak) > 1 for weak in _WEAK):
            raise Fault("tls_untrusted", f"{server_name}: a certificate of the chain is signed with SHA-1 or MD5")


def _certificate(told: Any) -> Certificate:
    return Certificate(
        subject=_name(told.get("subject", ())),
        issuer=_name(told.get("issuer", ())),
        names=tuple(name for kind, name in told.get("subjectAltName", ()) if kind in ("DNS", "IP Address")),
        not_before=datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notBefore"]), UTC),
        not_after=datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC),
    )


def _name(parts: Iterable[Iterable[tuple[str, str]]]) -> str:
    known = {key: value for part in parts for key, value in part}
    for key, short in (("commonName", "CN"), ("organizationName", "O")):
        if key in known:
            return f"{short}={known[key]}"
    return ",".join(f"{key}={value}" for key, value in known.items())


def quoted(answer: bytes) -> str:
    """Write what is no TLS so that it can be shown."""
    return repr(answer[:40].decode("ascii", errors="replace"))
