"""What does a certificate say of itself? Read with `cryptography`, only where a handshake has to be explained.

Source: RFC 5280; Go crypto/x509 verify.go (VerifyHostname).
"""

import ipaddress
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

Extension = TypeVar("Extension", bound=x509.ExtensionType)


def parsed(certificates: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Read certificates from DER; those that cannot be read are left out."""
    read = []
    for certificate in certificates:
        try:
            read.append(x509.load_der_x509_certificate(certificate))
        except ValueError:
            continue
    return tuple(read)


def names(certificate: x509.Certificate) -> list[str]:
    """Give the hosts and addresses that a certificate is for."""
    alternative = extension(certificate, x509.SubjectAlternativeName)
    if alternative is None:
        return []
    dns = alternative.get_values_for_type(x509.DNSName)
    return [*dns, *(str(address) for address in alternative.get_values_for_type(x509.IPAddress))]


def covers(certificate: x509.Certificate, server_name: str) -> bool:
    """Tell whether a certificate is for a host: by SAN alone; `*` stands for one whole first label."""
    alternative = extension(certificate, x509.SubjectAlternativeName)
    if alternative is None:
        return False
    try:
        return ipaddress.ip_address(server_name) in alternative.get_values_for_type(x509.IPAddress)
    except ValueError:
        host = server_name.lower().removesuffix(".")
    rest = host.partition(".")[2]
    known = {name.lower() for name in alternative.get_values_for_type(x509.DNSName)}
    return host in known or (bool(rest) and f"*.{rest}" in known)


def short(name: x509.Name) -> str:
    """Give the part of a name that people know: `CN=R3`."""
    for oid, key in ((NameOID.COMMON_NAME, "CN"), (NameOID.ORGANIZATION_NAME, "O")):
        values = name.get_attributes_for_oid(oid)
        if values:
            return f"{key}={values[0].value!s}"
    return name.rfc4514_string() or "without a name"


def organisations(name: x509.Name) -> set[Any]:
    """Give the organisations in a name."""
    return {attribute.value for attribute in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)}


def says_where_its_issuer_is(certificate: x509.Certificate) -> bool:
    """Tell whether it names an address from which the issuer's certificate can be fetched."""
    access = extension(certificate, x509.AuthorityInformationAccess) or ()
    return any(entry.access_method == AuthorityInformationAccessOID.CA_ISSUERS for entry in access)


def extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    """Give an extension's value, or none where the certificate has it not."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def described(certificate: x509.Certificate) -> dict[str, str]:
    """Say in a result which certificate this is."""
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "not_before": time_text(certificate.not_valid_before_utc),
        "not_after": time_text(certificate.not_valid_after_utc),
    }


def time_text(at: datetime) -> str:
    """Write a time as the results do."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
