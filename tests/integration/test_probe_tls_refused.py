"""Certificates that are refused: every fault has its own cause, and the one that Go names first is named."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from agent.host.endpoint import TrustSource
from agent.host.root import Root
from agent.host.trust import load
from agent.probes.refusal import Case, refusal
from tests.integration.handshakes import HOST, LONG_AGO, refused, shake, trust
from tests.servers.tls import (
    Identity,
    answer_hello,
    intermediate,
    relay,
    root,
    self_signed,
    serve,
    serve_raw,
    server_context,
)


@pytest.fixture(scope="module")
def ca() -> Identity:
    return root()


@pytest.mark.parametrize(
    ("names", "host", "says"),
    [
        (["other.test"], HOST, "is for other.test, not for registry.test"),
        (["*.registry.test"], HOST, "not for registry.test"),
        (["*.test"], "a.registry.test", "not for a.registry.test"),
        (["*"], "registry", "not for registry"),
        (["registry*.test"], "registry1.test", "not for registry1.test"),
        (["127.0.0.2"], "127.0.0.1", "is for 127.0.0.2, not for 127.0.0.1"),
        ([], "nobody", "names no host: it has CN=nobody"),
    ],
)
async def test_a_wrong_name_is_called_that(
    ca: Identity, tmp_path: Path, names: list[str], host: str, says: str
) -> None:
    async with serve(ca.issue(*names), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, ca), host)
    assert fault.cause == "tls_name_mismatch"
    assert says in fault.detail
    assert fault.evidence["names"] == names


TO_COME = {"valid_from": timedelta(days=2), "valid_for": timedelta(days=30)}


@pytest.mark.parametrize(
    ("dates", "why", "says"), [(LONG_AGO, "expired", "expired 20"), (TO_COME, "not_yet_valid", "not valid before")]
)
async def test_a_certificate_out_of_its_dates_is_expired(
    ca: Identity, tmp_path: Path, dates: dict[str, timedelta], why: str, says: str
) -> None:
    async with serve(ca.issue(HOST, **dates), tmp_path) as port:  # type: ignore[arg-type]  # dates only
        fault = await refused(port, trust(tmp_path, ca))
    assert (fault.cause, fault.evidence["why"]) == ("tls_expired", why)
    assert says in fault.detail
    assert "clock says" in fault.detail


async def test_an_expired_intermediate_is_expired_and_named(ca: Identity, tmp_path: Path) -> None:
    async with serve(intermediate(ca, **LONG_AGO).issue(HOST), tmp_path) as port:  # type: ignore[arg-type]  # dates only
        fault = await refused(port, trust(tmp_path, ca))
    assert fault.cause == "tls_expired"
    assert "authority's certificate CN=Test Intermediate CA" in fault.detail


async def test_an_expired_root_in_the_store_is_expired(tmp_path: Path) -> None:
    old = root(valid_from=timedelta(days=-90), valid_for=timedelta(days=30))
    async with serve(old.issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, old))
    assert fault.cause == "tls_expired"
    assert "CN=Test Root CA" in fault.detail


@pytest.mark.parametrize(
    ("names", "dates", "cause"),
    [
        (["other.test"], LONG_AGO, "tls_expired"),
        (["other.test"], {}, "tls_name_mismatch"),
        ([HOST], LONG_AGO, "tls_expired"),
    ],
)
async def test_of_several_faults_the_one_that_go_names_first_is_named(
    ca: Identity, tmp_path: Path, names: list[str], dates: dict[str, timedelta], cause: str
) -> None:
    async with serve(ca.issue(*names, **dates), tmp_path) as port:  # type: ignore[arg-type]  # dates only
        assert (await refused(port, trust(tmp_path, root("Another CA")))).cause == cause


async def test_a_ca_that_the_node_lacks_is_named_where_the_server_sends_it(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path, sent=[ca]) as port:
        fault = await refused(port, trust(tmp_path, root("Another CA")))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "untrusted_root")
    assert fault.detail == "issuer CN=Test Root CA is not in the node's trust store"
    assert [entry["subject"] for entry in fault.evidence["chain"]] == [f"CN={HOST}", "CN=Test Root CA"]
    assert fault.evidence["trust"] == "1 certificates"


async def test_an_issuer_nobody_shows_is_either_unknown_or_left_out(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, root("Another CA")))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "unknown_issuer")
    assert "issuer CN=Test Root CA is not in the node's trust store" in fault.detail
    assert "missing intermediate" in fault.detail


@pytest.mark.parametrize("hint", ["aia", "organisation"])
async def test_a_missing_intermediate_is_told_from_a_missing_root(tmp_path: Path, hint: str) -> None:
    top = self_signed(common_name="Public Root", organisation="Public Trust", authority=True)
    middle = top.issue(
        common_name="R3", authority=True, organisation="Public Trust" if hint == "organisation" else None
    )
    leaf = middle.issue(HOST, aia="http://r3.test/r3.crt" if hint == "aia" else None)
    async with serve(leaf, tmp_path, sent=[]) as port:
        fault = await refused(port, trust(tmp_path, top))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "missing_intermediate")
    assert "the server does not send CN=R3" in fault.detail


async def test_a_self_signed_certificate_is_called_that_and_accepted_where_trusted(tmp_path: Path) -> None:
    alone = self_signed(HOST, common_name="homemade")
    async with serve(alone, tmp_path) as port:
        fault = await refused(port, trust(tmp_path, root()))
        assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "self_signed")
        (await shake(port, trust(tmp_path / "other", alone))).abort()


async def test_a_ca_made_again_under_its_old_name_is_seen(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, root()))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "other_key")
    assert "same name, other key" in fault.detail


async def test_an_empty_trust_store_trusts_nobody_and_says_so(ca: Identity, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    async with serve(ca.issue(HOST), tmp_path) as port:
        fault = await refused(port, load(Root(tmp_path / "node"), TrustSource()))
    assert fault.cause == "tls_untrusted"
    assert "trust store is empty" in fault.detail
    assert "no CA certificate is found" in fault.evidence["trust_remarks"][0]


async def test_a_certificate_for_clients_only_is_refused(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue(HOST, usages=[ExtendedKeyUsageOID.CLIENT_AUTH]), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "wrong_purpose")


async def test_what_may_not_sign_signs_nothing(ca: Identity, tmp_path: Path) -> None:
    async with serve(ca.issue("not-a-ca.test").issue(HOST), tmp_path) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert (fault.cause, fault.evidence["why"]) == ("tls_untrusted", "no_authority")


async def test_where_the_chain_cannot_be_read_the_first_verdict_stands(ca: Identity, tmp_path: Path) -> None:
    async with (
        serve(ca.issue(HOST, **LONG_AGO), tmp_path) as port,  # type: ignore[arg-type]  # dates only
        serve_raw(relay(port, True, False)) as relayed,
    ):
        fault = await refused(relayed, trust(tmp_path, ca))
    assert fault.cause == "tls_expired"
    assert "certificate has expired" in fault.detail


async def test_the_chain_that_is_explained_is_the_one_for_this_name(ca: Identity, tmp_path: Path) -> None:
    named = server_context(root("Another CA").issue(HOST), tmp_path)
    context = server_context(ca.issue("default.test"), tmp_path)

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name == HOST:
            connection.context = named

    context.sni_callback = choose
    async with serve_raw(answer_hello, context=context) as port:
        fault = await refused(port, trust(tmp_path, ca))
    assert fault.cause == "tls_untrusted"
    assert fault.evidence["names"] == [HOST]


def test_a_chain_without_end_is_not_followed_without_end() -> None:
    twins = [root("Twin") for _ in range(6)]
    crossed = [
        x509.CertificateBuilder(
            signed.certificate.issuer,
            signed.certificate.subject,
            signed.certificate.public_key(),
            x509.random_serial_number(),
            signed.certificate.not_valid_before_utc,
            signed.certificate.not_valid_after_utc,
            list(signed.certificate.extensions),
        ).sign(signer.key, hashes.SHA256())
        for signed in twins
        for signer in twins
        if signed is not signer
    ]
    sent = (twins[0].issue(HOST).certificate, *crossed)
    case = Case(sent, HOST, (), datetime.now(UTC))
    fault = refusal(case)
    assert fault is not None
    assert fault.evidence["why"] == "too_long"
    assert case.links < 1000
