"""Why would Go refuse this chain? Asked only where a handshake has failed: the verdict is the standard library's.

Goes Go's order: the server certificate's dates, its names, then the way up to a trusted certificate, and what the
certificates are for. So a certificate that is expired and unknown is called expired, as the runtime calls it.

Cannot see: name constraints and policies; revocation, at which no runtime looks.

Source: Go crypto/x509 verify.go (Verify, isValid, buildChains, checkChainForKeyUsage).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

from agent.probes.certificate import (
    covers,
    described,
    extension,
    names,
    organisations,
    says_where_its_issuer_is,
    short,
    time_text,
)
from agent.probes.fault import Fault

WEAK = frozenset({"md5", "sha1"})  # signatures that Go does not accept
LINKS_AT_MOST = 100  # tried in one chain, as Go: a server could send certificates that fit together in endless ways
SAID_AT_MOST = 10  # names and certificates in the evidence: some have hundreds

_FOR_SERVERS = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


@dataclass(slots=True)
class Case:
    """What is judged: the chain as sent, for which name, by which trusted certificates, when."""

    sent: tuple[x509.Certificate, ...]
    server_name: str
    trusted: tuple[x509.Certificate, ...]
    now: datetime
    links: int = 0

    def fault(self, cause: str, why: str, detail: str) -> Fault:
        """Give a fault with the chain as its evidence."""
        return Fault(
            cause,
            detail,
            why=why,
            issuer=self.sent[0].issuer.rfc4514_string(),
            chain=[described(certificate) for certificate in self.sent[:SAID_AT_MOST]],
            names=names(self.sent[0])[:SAID_AT_MOST],
        )


def refusal(case: Case) -> Fault | None:
    """Give what Go would say first; none where it would find nothing wrong."""
    leaf = case.sent[0]
    return _dates(case, leaf) or _names(case, leaf) or _way_up(case, [leaf])


def _dates(case: Case, certificate: x509.Certificate) -> Fault | None:
    kind = "certificate of" if certificate == case.sent[0] else "authority's certificate"
    who = f"the {kind} {short(certificate.subject)}"
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    clock = f"the node's clock says {time_text(case.now)}"
    if case.now < start:
        return case.fault("tls_expired", "not_yet_valid", f"{who} is not valid before {time_text(start)}; {clock}")
    if case.now > end:
        return case.fault("tls_expired", "expired", f"{who} expired {time_text(end)}; {clock}")
    return None


def _names(case: Case, leaf: x509.Certificate) -> Fault | None:
    if covers(leaf, case.server_name):
        return None
    known = names(leaf)
    if known:
        more = f" and {len(known) - SAID_AT_MOST} more" if len(known) > SAID_AT_MOST else ""
        valid = f"is for {', '.join(known[:SAID_AT_MOST])}{more}, not for {case.server_name}"
    else:
        valid = f"names no host: it has {short(leaf.subject)}, and no subject alternative name"
    return case.fault("tls_name_mismatch", "wrong_name", f"the certificate {valid}")


def _way_up(case: Case, path: list[x509.Certificate]) -> Fault | None:
    """Try every issuer, trusted ones first; none where one way ends at a trusted certificate."""
    child = path[-1]
    if child in case.trusted:
        return _purpose(case, path)
    refused: Fault | None = None
    for issuer in (*case.trusted, *case.sent[1:]):
        if issuer.subject != child.issuer or issuer in path:
            continue
        case.links += 1
        if case.links > LINKS_AT_MOST:
            return case.fault("tls_untrusted", "too_long", "the chain of certificates does not end")
        problem = _link(case, child, issuer, len(path) - 1) or _way_up(case, [*path, issuer])
        if problem is None:
            return None
        # A trusted issuer of the same name that did not sign is no news where a sent one leads further.
        if refused is None or refused.evidence["why"] == "other_key":
            refused = problem
    return refused or _no_issuer(case, path)


def _link(case: Case, child: x509.Certificate, issuer: x509.Certificate, below: int) -> Fault | None:
    """Judge one issuer: was it allowed to sign, does its key sign here, and is it within its dates?"""
    who = short(issuer.subject)
    constraints = extension(issuer, x509.BasicConstraints)
    usage = extension(issuer, x509.KeyUsage)
    is_old = issuer.version is x509.Version.v1 and constraints is None
    if not is_old and (constraints is None or not constraints.ca or (usage and not usage.key_cert_sign)):
        return case.fault("tls_untrusted", "no_authority", f"{who} is no certificate that may sign others")
    digest = child.signature_hash_algorithm
    if digest is not None and digest.name in WEAK:
        weak = f"{short(child.subject)} is signed with {digest.name.upper()}, which is not accepted"
        return case.fault("tls_untrusted", "weak_signature", weak)
    try:
        child.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        whose = "that the node trusts" if issuer in case.trusted else "that the server sends"
        detail = f"{short(child.subject)} is signed by another {who} than the one {whose}: same name, other key"
        return case.fault("tls_untrusted", "other_key", detail)
    fault = _dates(case, issuer)
    if fault is None and constraints and constraints.path_length is not None and below > constraints.path_length:
        return case.fault("tls_untrusted", "too_long", f"{who} allows no further authority below it")
    return fault


def _purpose(case: Case, path: Sequence[x509.Certificate]) -> Fault | None:
    for certificate in path:
        usages = extension(certificate, x509.ExtendedKeyUsage)
        if usages is not None and not _FOR_SERVERS.intersection(usages):
            detail = f"{short(certificate.subject)} is not meant for servers (extended key usage)"
            return case.fault("tls_untrusted", "wrong_purpose", detail)
    return None


def _no_issuer(case: Case, path: Sequence[x509.Certificate]) -> Fault:
    """Tell a CA that the node lacks from an intermediate that the server leaves out, where that can be told."""
    top = path[-1]
    issuer = short(top.issuer)
    if top.subject == top.issuer:
        if len(path) == 1:
            detail = f"the certificate {short(top.subject)} is self-signed, and not in the node's trust store"
            return case.fault("tls_untrusted", "self_signed", detail)
        return case.fault("tls_untrusted", "untrusted_root", f"issuer {issuer} is not in the node's trust store")
    is_known = any(organisations(top.issuer) & organisations(root.subject) for root in case.trusted)
    if is_known or says_where_its_issuer_is(top):
        detail = f"missing intermediate: the server does not send {issuer}, which issued {short(top.subject)}"
        return case.fault("tls_untrusted", "missing_intermediate", detail)
    detail = f"issuer {issuer} is not in the node's trust store, and the server does not send it"
    return case.fault(
        "tls_untrusted", "unknown_issuer", f"{detail}: a CA that the node lacks, or a missing intermediate"
    )
