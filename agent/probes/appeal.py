"""Why did a handshake fail? A second look at the same address, within the patience that is left.

A refused certificate: the chain is read again without a verdict and judged in Go's order. Any other failure: what does
the port answer to a ClientHello, and does it ask for a client certificate?

Cannot see: a server that answers the second connection otherwise than the first.

Source: Go net/http transport.go (a record header of `HTTP/` is plain HTTP), crypto/x509 verify.go.
"""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from agent.host.trust import Trust
from agent.probes import chain, tcp
from agent.probes.certificate import extension, parsed
from agent.probes.fault import Fault
from agent.probes.refusal import Case, refusal
from agent.probes.stream import Stream
from agent.probes.tls import GREETING_BYTES, quoted

ALERT, HANDSHAKE = 0x15, 0x16  # records: what a TLS server can answer a ClientHello with
# Where OpenSSL minds what Go does not: purposes (26: key usage, anyExtendedKeyUsage) and names (62, 64: `*.lan`).
STRICTER_THAN_GO = frozenset({26, 62, 64})
_UNCLEAR = "SSLV3_ALERT_HANDSHAKE_FAILURE"  # the alert that says no more than that the server does not want


async def of_certificate(
    verify_code: int, fault: Fault, refused: Stream, server_name: str, trust: Trust, ends_at: float
) -> bytes:
    """Say what is wrong with a chain that OpenSSL refused; where Go would not mind, give the server's certificate.

    Args:
        fault: what OpenSSL says, which stands where the chain cannot be read.

    Raises:
        Fault: what Go would say.
    """
    sent = await _sent(refused, server_name, ends_at)
    if sent is None or not sent.certificates:
        raise fault
    trusted = parsed(trust.context.get_ca_certs(binary_form=True))
    found = refusal(Case(sent.certificates, server_name, trusted, datetime.now(UTC)))
    limited = any(extension(certificate, x509.NameConstraints) for certificate in sent.certificates)
    if found is None and verify_code in STRICTER_THAN_GO and not limited:
        return sent.certificates[0].public_bytes(Encoding.DER)
    fault = found or fault
    empty = "; the node's trust store is empty" if fault.cause == "tls_untrusted" and not trust.count else ""
    raise Fault(fault.cause, f"{fault.detail}{empty}", **fault.evidence, **trust.evidence())


async def of_protocol(fault: Fault, failed: Stream, server_name: str, trust: Trust, ends_at: float) -> Fault:
    """Give the fault of a failed handshake with what a second look adds: plain HTTP, a client certificate."""
    if fault.cause != "tls_protocol":
        return fault
    if fault.evidence.get("reason") == _UNCLEAR:
        sent = await _sent(failed, server_name, ends_at)
        if sent is None or not sent.asked_for_client:
            return Fault(
                "tls_protocol", f"{server_name} refuses the handshake: no common cipher or version", **fault.evidence
            )
        whose = "refuses the node's client certificate" if trust.source.client else "demands a client certificate"
        return Fault("auth_failed", f"{server_name} {whose}", **fault.evidence)
    answer = await _answer(failed, server_name, trust, ends_at)
    if not answer or answer[0] in (ALERT, HANDSHAKE):
        return fault
    if answer.startswith(b"HTTP/"):
        return Fault(
            "tls_protocol", f"{server_name}:{failed.port} speaks plain HTTP, not TLS", speaks="http", **fault.evidence
        )
    return Fault("tls_protocol", f"{server_name}:{failed.port} speaks no TLS: {quoted(answer)}", **fault.evidence)


async def _sent(like: Stream, server_name: str, ends_at: float) -> chain.Sent | None:
    try:
        stream = await tcp.redial(like, _left_s(ends_at))
    except (Fault, OSError):
        return None
    return await chain.read(stream, server_name, _left_s(ends_at))


async def _answer(like: Stream, server_name: str, trust: Trust, ends_at: float) -> bytes:
    """Give the first bytes that the port answers to a ClientHello."""
    answer = b""
    with contextlib.suppress(Fault, OSError):
        stream = await tcp.redial(like, _left_s(ends_at))
        try:
            async with asyncio.timeout_at(ends_at):
                stream.writer.write(_hello(trust.unverified, server_name))
                while len(answer) < len(b"HTTP/") and (more := await stream.reader.read(GREETING_BYTES)):
                    answer += more
        finally:
            stream.abort()
    return answer


def _hello(context: ssl.SSLContext, server_name: str) -> bytes:
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=server_name).do_handshake()
    return outgoing.read()


def _left_s(ends_at: float) -> float:
    return max(ends_at - asyncio.get_running_loop().time(), 0.0)
