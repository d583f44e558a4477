"""Does the registry's host prove itself, over TLS, to this node's runtime?

Shakes hands on the connection that the tcp check opened, with the host's name, judged by the certificates that the
node's runtime trusts at this place. Its connection is kept for whoever asks further.

Cannot see: revocation, at which no runtime looks; the end of certificates that are not verified, as configured.

Source: RFC 8446; runbook 009, Fix 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.check import Check, Look, Refused, Settings
from agent.checks import dns
from agent.contract.result import Verdict, ok, warn
from agent.distribution.detour import way_through
from agent.host.endpoint import Origin, TrustSource
from agent.host.proxy import Proxy
from agent.probes import tcp, tls
from agent.probes.fault import Fault
from agent.probes.stream import Stream

ENDS_SOON = timedelta(days=14)  # warned of: a renewal every 60 or 90 days has failed by then, and there is time to act


@dataclass(frozen=True, slots=True)
class Observation:
    """What was agreed on, and the open stream; `plain` where the port speaks HTTP, and may, by the configuration."""

    target: str
    at: datetime
    stream: Stream | None = None
    peer: tls.Peer | None = None
    plain: bool = False
    trust: dict[str, Any] = field(default_factory=dict)

    def evidence(self) -> dict[str, Any]:
        """Give protocol, chain, issuer and dates."""
        if self.peer is None:
            return {"plain": True}
        said: dict[str, Any] = {"protocol": self.peer.protocol, "cipher": self.peer.cipher} | self.trust
        if self.peer.chain:
            leaf = self.peer.chain[0]
            said |= {
                "subject": leaf.subject,
                "issuer": leaf.issuer,
                "names": list(leaf.names[:10]),  # some name hundreds
                "not_before": _time(leaf.not_before),
                "not_after": _time(leaf.not_after),
                "chain": [certificate.subject for certificate in self.peer.chain],
            }
        return said


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


async def observe(target: str, look: Look) -> Observation:
    """Shake hands, and note what the server showed."""
    host, _ = tcp.place(target)
    trust = look.node.trust(look.via.trust if look.via else TrustSource())
    stream = await _reach(target, look)
    if not stream.is_open:  # the server has closed it meanwhile, or somebody used it
        stream = await tcp.redial(stream, look.settings.patience_s)
    try:
        stream = await tls.handshake(stream, host, trust, look.settings.patience_s)
    except Fault as fault:
        if look.via and look.via.fallback_plain and fault.evidence.get("speaks") == "http":
            return Observation(target, datetime.now(UTC), plain=True)
        raise
    return Observation(target, datetime.now(UTC), stream, tls.peer(stream), trust=trust.evidence())


async def _reach(target: str, look: Look) -> Stream:
    """Give a connection to the target: what the tcp check opened, or the way through the runtime's proxy."""
    host, port = tcp.place(target)
    gone_through = look.node.proxy(Origin("https", host, port))
    if gone_through is None:
        stream: Stream = (await look.need("tcp", target, via=look.via)).stream
        return stream
    if look.guard is not None:
        # The proxy resolves the name. What the node knows of it is asked for the guard's sake alone.
        known = (await dns.observe(host, look)).addresses
        refusal = look.guard.refusal(host, port, known)
        if refusal is not None:
            raise Refused(refusal)
    return await way_through(gone_through, await _addresses(gone_through, look), target, look)


async def _addresses(proxy: Proxy, look: Look) -> Sequence[str]:
    """Look the proxy's name up as the dns check would; it is no target of its own: it belongs to no registry."""
    observation = await dns.observe(proxy.host, look)
    if observation.addresses:
        return observation.addresses
    verdict = dns.judge(observation, look.settings)
    raise Fault("proxy_failed", f"the name of proxy {proxy} does not resolve: {verdict.detail}", **verdict.evidence)


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Warn where a certificate of the chain ends soon."""
    evidence = observation.evidence()
    if observation.peer is None:
        return ok("plain HTTP, as configured (insecure)", **evidence)
    if not observation.peer.chain:
        return ok(f"{observation.peer.protocol}, the certificate is not verified, as configured", **evidence)
    first = min(observation.peer.chain, key=lambda certificate: certificate.not_after)
    left = first.not_after - observation.at
    if left < ENDS_SOON:
        whose = "the certificate" if first is observation.peer.chain[0] else "the authority's certificate"
        ends = f"{whose} {first.subject} ends in {left / timedelta(days=1):.1f} days"
        return warn("tls_expired", f"{ends}, on {first.not_after:%Y-%m-%d}", **evidence)
    return ok(f"{observation.peer.protocol}, issued by {observation.peer.chain[0].issuer}", **evidence)


CHECK = Check("tls", observe, judge)
