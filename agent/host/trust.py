"""Which certificates the node's runtime trusts at a place, and how its TLS judges them: as Go does.

One `ssl.SSLContext` for each distinct set of certificates in the whole process: a bundle costs 30 ms and about 1 MB.
Files are looked at by their stat only until one changes.

Judged as Go: names by SAN only, a chain may end at any trusted certificate, no X.509-strict extras, SHA-1 signatures
and RSA keys under 1024 bits refused, ECDHE with AES or ChaCha20, TLS 1.2 or later.

Cannot see: TLS 1.3 suites, groups and signature algorithms that this machine's openssl.cnf sets; RSA keys over 8192
bits, and malformed fields that Go's parser refuses.

Source: Go crypto/tls cipher_suites.go and defaults.go, crypto/x509 verify.go; containers/image docker_client.go.
"""

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from agent.host.bundle import Bundle, Stamp, read, unchanged
from agent.host.endpoint import TrustSource
from agent.host.root import HostFileError, Root

_ECDHE = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA"
)
_RSA = "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:AES256-SHA"
_LEGACY_SERVER_CONNECT = 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, which has its name from Python 3.12 on only
_SOURCES_AT_MOST = 128  # remembered at once: a node has a few dozen; the rest would be a leak


@dataclass(frozen=True, slots=True)
class Manner:
    """How a runtime's TLS differs from another's.

    `rsa_key_exchange`: suites without forward secrecy are offered. `bad_ca_stops`: a CA file without any certificate
    ends every pull from its registry; else it is passed over.
    """

    oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    rsa_key_exchange: bool = False
    bad_ca_stops: bool = True

    @property
    def ciphers(self) -> str:
        """What is offered up to TLS 1.2, as OpenSSL writes it."""
        # Level 1 refuses SHA-1 signatures and short keys as Go does; TLS 1.0 cannot be spoken above level 0.
        level = 1 if self.oldest >= ssl.TLSVersion.TLSv1_2 else 0
        return f"{_ECDHE}{':' + _RSA if self.rsa_key_exchange else ''}:@SECLEVEL={level}"


GO = Manner()
CONTAINERD_1 = Manner(rsa_key_exchange=True)  # Go's defaults for modules older than Go 1.22
CONTAINERS_IMAGE = Manner(bad_ca_stops=False)
CONTAINERS_IMAGE_OLD = replace(CONTAINERS_IMAGE, oldest=ssl.TLSVersion.MINIMUM_SUPPORTED)  # TLS 1.0: no SSL 3 here
# Versions whose containers/image is 5.26 or later, the first that leaves the oldest version to Go.
_CONTAINERS_IMAGE_NEW = {"podman": (4, 6), "cri-o": (1, 28)}


def manner_of(runtime: str, version: str | None) -> Manner:
    """Give how a runtime's TLS behaves; a version that is not known counts as a new one."""
    numbers = tuple(int(part) for part in (version or "").split(".")[:2] if part.isdigit()) or (1_000,)
    if runtime in _CONTAINERS_IMAGE_NEW:
        return CONTAINERS_IMAGE if numbers >= _CONTAINERS_IMAGE_NEW[runtime] else CONTAINERS_IMAGE_OLD
    if runtime == "containerd":
        return CONTAINERD_1 if numbers < (2, 0) else GO
    return CONTAINERS_IMAGE  # Docker reads its certs.d as containers/image does


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """What a place is judged by. `unverified` shows the same client certificate and believes every server.

    `files` are where the certificates come from, `remarks` what is odd about them, in words.
    """

    source: TrustSource
    context: ssl.SSLContext
    unverified: ssl.SSLContext
    count: int = 0
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    manner: Manner = GO

    def evidence(self) -> dict[str, Any]:
        """Say in a result which trust was used."""
        if not self.source.verify:
            return {"trust": "not verified, as configured"}
        few = [*self.files[:1], *self.source.extra]
        said = {"trust": f"{self.count} certificates", "trust_files": list(dict.fromkeys(few))}
        return said | ({"trust_remarks": list(self.remarks[:5])} if self.remarks else {})


@dataclass(slots=True)
class _Known:
    trust: Trust
    stamps: dict[Path, Stamp | None] = field(default_factory=dict)


_Key = tuple[Path, TrustSource, tuple[str, str], Manner]
_known: dict[_Key, _Known] = {}
_contexts: WeakValueDictionary[bytes, ssl.SSLContext] = WeakValueDictionary()


def load(root: Root, source: TrustSource, env: Mapping[str, str] | None = None, manner: Manner = GO) -> Trust:
    """Give the trust of a source, read again only where a file has changed.

    Args:
        env: the runtime's environment, for SSL_CERT_FILE and SSL_CERT_DIR.
        manner: what the runtime's TLS offers and accepts.

    Raises:
        HostFileError: a named file is missing or no certificate, or this process may not read one (`forbidden`).
    """
    env = env or {}
    key = (root.path, source, (env.get("SSL_CERT_FILE", ""), env.get("SSL_CERT_DIR", "")), manner)
    known = _known.pop(key, None)
    if known is None or not unchanged(known.stamps):
        known = _load(root, source, env, manner)
        if len(_known) >= _SOURCES_AT_MOST:
            del _known[next(iter(_known))]
    _known[key] = known  # last again: the first is the one that was not asked for the longest time
    return known.trust


def _load(root: Root, source: TrustSource, env: Mapping[str, str], manner: Manner) -> _Known:
    bundle = read(root, source, env, strict=manner.bad_ca_stops) if source.verify else Bundle()
    client = _Client.read(root, source.client, bundle) if source.client else None
    unverified = _shared(None, client, manner)
    context = _shared(bundle, client, manner) if source.verify else unverified
    trust = Trust(
        source=source,
        context=context,
        unverified=unverified,
        count=context.cert_store_stats()["x509"],
        files=tuple(bundle.files),
        remarks=tuple(bundle.remarks),
        manner=manner,
    )
    return _Known(trust, bundle.stamps)


@dataclass(frozen=True, slots=True)
class _Client:
    """A client certificate and its key, as the node names the files and where they lie."""

    names: tuple[str, str]
    files: tuple[Path, Path]
    digest: bytes

    @classmethod
    def read(cls, root: Root, names: tuple[str, str], bundle: Bundle) -> "_Client":
        files = (root.real(names[0]), root.real(names[1]))
        digest = hashlib.sha256()
        for name, file in zip(names, files, strict=True):
            bundle.watch(file)
            try:
                digest.update(root.read_bytes(name))
            except FileNotFoundError:
                raise HostFileError(name, "is named for the client certificate, and does not exist") from None
        return cls(names, files, digest.digest())

    def load_into(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(*self.files, password="")  # never ask a terminal for a key's password
        except (ssl.SSLError, ValueError) as error:
            why = getattr(error, "reason", None) or str(error)
            raise HostFileError(self.names[0], f"is no certificate that fits the key {self.names[1]}: {why}") from error


def _shared(bundle: Bundle | None, client: _Client | None, manner: Manner) -> ssl.SSLContext:
    """Give the context for these certificates, made at most once while anybody holds it."""
    digest = hashlib.sha256(repr((bundle is None, manner)).encode() + (client.digest if client else b"-"))
    for certificate in sorted(bundle.certificates) if bundle else ():
        digest.update(hashlib.sha256(certificate).digest())
    context = _contexts.get(digest.digest())
    if context is None:
        context = _contexts[digest.digest()] = _context(manner, verify=bundle is not None)
        if client:
            client.load_into(context)
        if bundle:
            _fill(context, bundle)
    return context


def _context(manner: Manner, *, verify: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Every setting is made here, so that none of this machine's openssl.cnf or Python's version stands.
    context.options = (
        ssl.OP_ALL
        | ssl.OP_NO_SSLv3
        | ssl.OP_NO_COMPRESSION
        | ssl.OP_NO_TICKET
        | ssl.OP_NO_RENEGOTIATION
        | ssl.OP_IGNORE_UNEXPECTED_EOF
        | _LEGACY_SERVER_CONNECT
    )
    context.minimum_version = manner.oldest
    context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    context.set_ciphers(manner.ciphers)
    context.set_alpn_protocols(["http/1.1"])
    context.hostname_checks_common_name = False
    context.verify_flags = ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _fill(context: ssl.SSLContext, bundle: Bundle) -> None:
    """Load all certificates at once; where one is broken, each by itself, and say how many are."""
    try:
        if bundle.certificates:
            context.load_verify_locations(cadata=b"".join(bundle.certificates))
        return
    except ssl.SSLError:
        broken = 0
    for certificate in bundle.certificates:
        try:
            context.load_verify_locations(cadata=certificate)
        except ssl.SSLError:
            broken += 1
    bundle.remarks.append(f"{broken} broken certificates passed over")
