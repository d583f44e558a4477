"""Doors at which TLS fails."""

import asyncio
import ssl
from datetime import timedelta

from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.lab.living.door import Door, Place, alerting, for_containers, http, in_tls, raw
from tests.servers import tls


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        pass


def _untrusted(place: Place) -> ssl.SSLContext:
    return place.context(tls.root("A stranger").issue(place.host))


def _self_signed(place: Place) -> ssl.SSLContext:
    return place.context(tls.self_signed(place.host, common_name=place.host))


def _expired(place: Place) -> ssl.SSLContext:
    return place.context(place.authority.issue(place.host, valid_for=timedelta(days=29)))


def _of_tomorrow(place: Place) -> ssl.SSLContext:
    return place.context(place.authority.issue(place.host, valid_from=timedelta(days=1)))


def _other_name(place: Place) -> ssl.SSLContext:
    return place.context(place.authority.issue("elsewhere.lab"))


def _for_address(place: Place) -> ssl.SSLContext:
    return place.context(place.authority.issue("192.0.2.7"))


def _common_name_only(place: Place) -> ssl.SSLContext:
    return place.context(place.authority.issue(common_name=place.host))


def _for_clients(place: Place) -> ssl.SSLContext:
    return place.context(place.authority.issue(place.host, usages=(ExtendedKeyUsageOID.CLIENT_AUTH,)))


def _old(place: Place) -> ssl.SSLContext:
    context = place.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.SSLv3
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _strange_cipher(place: Place) -> ssl.SSLContext:
    context = place.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-CAMELLIA256-SHA384")
    return context


def _unknown_name(place: Place) -> ssl.SSLContext:
    context = place.context()
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


def _wants_certificate(place: Place) -> ssl.SSLContext:
    context = place.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=place.authority.pem.decode())
    return context


_OLD_LIBRARY = "containers/image of that age speaks TLS 1.1"

DOORS = (
    Door("the handshake is not answered", "tls_timeout", raw(_silence), slow=True),
    Door("plain HTTP behind the port", "tls_protocol", http(plain=True)),
    Door("a certificate of a strange CA", "tls_untrusted", in_tls(_untrusted)),
    Door("a self-signed certificate", "tls_untrusted", in_tls(_self_signed)),
    Door("an expired certificate", "tls_expired", in_tls(_expired)),
    Door("a certificate of tomorrow", "tls_expired", in_tls(_of_tomorrow)),
    Door("a certificate for another name", "tls_name_mismatch", in_tls(_other_name)),
    Door("a certificate for an address", "tls_name_mismatch", in_tls(_for_address)),
    Door("a certificate with a common name only", "tls_name_mismatch", in_tls(_common_name_only)),
    Door("a certificate for clients only", "tls_untrusted", in_tls(_for_clients)),
    Door("TLS 1.1 only", "tls_protocol", alerting(_old), spared=for_containers(_OLD_LIBRARY)),
    Door("no common cipher", "tls_protocol", alerting(_strange_cipher)),
    Door("an alert to the name", "tls_protocol", alerting(_unknown_name)),
    Door("a client certificate is demanded", "auth_failed", alerting(_wants_certificate)),
)
