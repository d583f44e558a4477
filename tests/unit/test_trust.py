"""Which certificates a runtime trusts: read from where Go reads them, under the root, again only when changed."""

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from agent.host import bundle
from agent.host.endpoint import TrustSource
from agent.host.root import HostFileError, Root
from agent.host.trust import CONTAINERD_1, CONTAINERS_IMAGE, CONTAINERS_IMAGE_OLD, GO, Manner, load, manner_of
from tests.servers.tls import Identity, root

ONE, TWO, THREE = root("One"), root("Two"), root("Three")


def put(node: Path, path: str, *content: Identity | bytes) -> Path:
    file = node / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(part.pem if isinstance(part, Identity) else part for part in content))
    return file


def trusted(node: Path, source: TrustSource | None = None, env: dict[str, str] | None = None) -> set[str]:
    context = load(Root(node), source or TrustSource(), env).context
    return {str(ca["subject"][0][0][1]) for ca in context.get_ca_certs()}


@pytest.mark.parametrize("path", bundle.FILES)
def test_the_bundle_of_each_distribution_is_found(tmp_path: Path, path: str) -> None:
    put(tmp_path, path, ONE, TWO)
    assert trusted(tmp_path) == {"One", "Two"}


def test_the_first_bundle_wins_and_all_directories_are_read(tmp_path: Path) -> None:
    put(tmp_path, "/etc/ssl/ca-bundle.pem", ONE)
    put(tmp_path, "/etc/ssl/cert.pem", TWO)
    put(tmp_path, "/etc/pki/tls/certs/corporate.crt", THREE)
    assert trusted(tmp_path) == {"One", "Three"}


def test_the_runtimes_environment_takes_the_place_of_both(tmp_path: Path) -> None:
    put(tmp_path, "/etc/ssl/certs/ca-certificates.crt", ONE)
    put(tmp_path, "/opt/ca.pem", TWO)
    put(tmp_path, "/opt/more/three.pem", THREE)
    assert trusted(tmp_path, env={"SSL_CERT_FILE": "/opt/ca.pem"}) == {"One", "Two"}
    assert trusted(tmp_path, env={"SSL_CERT_FILE": "/opt/ca.pem", "SSL_CERT_DIR": "/none:/opt/more"}) == {
        "Two",
        "Three",
    }


def test_an_environment_that_names_nothing_trusts_nothing_and_says_so(tmp_path: Path) -> None:
    put(tmp_path, "/opt/ca.pem", TWO)
    trust = load(Root(tmp_path), TrustSource(), {"SSL_CERT_FILE": "/none"})
    assert trust.count == 0
    assert trust.remarks == ("no CA certificate is found at SSL_CERT_FILE=/none",)


def test_absolute_links_lead_inside_the_root(tmp_path: Path) -> None:
    put(tmp_path, "/etc/pki/ca-trust/bundle.pem", ONE)
    link = tmp_path / "etc/pki/tls/certs/ca-bundle.crt"
    link.parent.mkdir(parents=True)
    link.symlink_to("/etc/pki/ca-trust/bundle.pem")
    assert trusted(tmp_path) == {"One"}


def test_links_within_a_directory_are_passed_over_as_go_does(tmp_path: Path) -> None:
    put(tmp_path, "/etc/ssl/certs/one.pem", ONE)
    (tmp_path / "etc/ssl/certs/0123abcd.0").symlink_to("one.pem")
    assert bundle.read(Root(tmp_path), TrustSource(), {}).files == ["/etc/ssl/certs/one.pem"]


def test_a_places_own_ca_is_added_to_the_systems_or_stands_alone(tmp_path: Path) -> None:
    put(tmp_path, "/etc/ssl/cert.pem", ONE)
    put(tmp_path, "/etc/containerd/certs.d/r/ca.crt", TWO)
    extra = ("/etc/containerd/certs.d/r/ca.crt",)
    assert trusted(tmp_path, TrustSource(extra=extra)) == {"One", "Two"}
    assert trusted(tmp_path, TrustSource(system=False, extra=extra)) == {"Two"}


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_a_named_ca_file_that_is_none_is_an_error_with_its_path(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        put(tmp_path, "/ca.crt", content)
    with pytest.raises(HostFileError, match=r"^/ca\.crt: is named as CA file") as caught:
        load(Root(tmp_path), TrustSource(extra=("/ca.crt",)))
    assert not caught.value.forbidden


def test_to_containers_image_a_ca_file_without_certificates_is_nothing(tmp_path: Path) -> None:
    put(tmp_path, "/ca.crt", b"not a certificate")
    trust = load(Root(tmp_path), TrustSource(extra=("/ca.crt",)), manner=CONTAINERS_IMAGE)
    assert "/ca.crt: holds no certificate" in trust.remarks


@pytest.mark.parametrize(
    ("runtime", "version", "manner"),
    [
        ("containerd", "1.6.20", CONTAINERD_1),
        ("containerd", "2.1.4", GO),
        ("containerd", None, GO),
        ("podman", "4.3.1", CONTAINERS_IMAGE_OLD),
        ("podman", "4.10.0", CONTAINERS_IMAGE),
        ("cri-o", "1.27.1", CONTAINERS_IMAGE_OLD),
        ("cri-o", "1.31.0", CONTAINERS_IMAGE),
        ("docker", "20.10.24", CONTAINERS_IMAGE),
    ],
)
def test_each_runtime_and_version_has_its_manner(runtime: str, version: str | None, manner: Manner) -> None:
    assert manner_of(runtime, version) is manner


CUT_OFF = ONE.pem[: len(ONE.pem) // 2] + b"\n"
HEADERS = ONE.pem.replace(b"CERTIFICATE-----\n", b"CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\n", 1)
NO_BASE64 = b"-----BEGIN CERTIFICATE-----\nQUJ%\n-----END CERTIFICATE-----\n"
NO_DER = b"-----BEGIN CERTIFICATE-----\nQUJDRA==\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("broken", [CUT_OFF, HEADERS, NO_BASE64, NO_DER])
def test_a_broken_block_costs_no_other_certificate_and_is_said(tmp_path: Path, broken: bytes) -> None:
    put(tmp_path, "/etc/ssl/cert.pem", THREE, broken, TWO)
    assert trusted(tmp_path) == {"Two", "Three"}
    assert "passed over" in load(Root(tmp_path), TrustSource()).remarks[0]


@pytest.mark.parametrize("kind", [b"TRUSTED CERTIFICATE", b"PRIVATE KEY", b"X509 CERTIFICATE"])
def test_blocks_of_other_kinds_are_no_certificates(tmp_path: Path, kind: bytes) -> None:
    put(tmp_path, "/etc/ssl/cert.pem", ONE.pem.replace(b"CERTIFICATE", kind), TWO)
    assert trusted(tmp_path) == {"Two"}


def test_windows_line_ends_and_words_between_the_blocks_do_not_matter(tmp_path: Path) -> None:
    put(tmp_path, "/etc/ssl/cert.pem", b"# One\r\n", ONE.pem.replace(b"\n", b"\r\n"), b"\n# Two\n", TWO)
    assert trusted(tmp_path) == {"One", "Two"}


def test_one_set_of_certificates_is_one_context_wherever_it_comes_from(tmp_path: Path) -> None:
    put(tmp_path, "/etc/ssl/cert.pem", ONE, TWO)
    put(tmp_path, "/two.crt", TWO)
    put(tmp_path, "/three.crt", THREE)
    node = Root(tmp_path)
    first = load(node, TrustSource())
    assert load(node, TrustSource()) is first
    assert load(node, TrustSource(extra=("/two.crt",))).context is first.context
    assert load(node, TrustSource(extra=("/three.crt",))).context is not first.context
    assert load(node, TrustSource(), manner=CONTAINERD_1).context is not first.context


@pytest.mark.parametrize("added", ["/etc/ssl/cert.pem", "/etc/ssl/certs/new.pem", "/etc/ssl/ca-bundle.pem"])
def test_a_change_on_disk_is_seen_at_the_next_look(tmp_path: Path, added: str) -> None:
    put(tmp_path, "/etc/ssl/cert.pem", ONE)
    assert trusted(tmp_path) == {"One"}
    put(tmp_path, added, TWO)
    assert "Two" in trusted(tmp_path)
    (tmp_path / added.lstrip("/")).unlink()
    assert "Two" not in trusted(tmp_path)


def test_judged_as_go_does_whatever_this_machine_is_configured_to() -> None:
    context = load(Root(Path("/none")), TrustSource()).context
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not context.hostname_checks_common_name
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert {suite["name"] for suite in context.get_ciphers() if suite["protocol"] == "TLSv1.2"} == {
        f"ECDHE-{key}-{rest}"
        for key in ("ECDSA", "RSA")
        for rest in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    }


def test_where_nothing_is_verified_no_file_is_read(tmp_path: Path) -> None:
    trust = load(Root(tmp_path), TrustSource(extra=("/none.crt",), verify=False))
    assert trust.context.verify_mode is ssl.CERT_NONE
    assert trust.evidence() == {"trust": "not verified, as configured"}


def test_a_client_certificate_that_does_not_fit_its_key_is_an_error_with_its_path(tmp_path: Path) -> None:
    put(tmp_path, "/client.cert", ONE)
    put(tmp_path, "/client.key", TWO.key_pem)
    with pytest.raises(HostFileError, match=r"^/client\.cert: is no certificate that fits the key /client\.key"):
        load(Root(tmp_path), TrustSource(client=("/client.cert", "/client.key")))
    with pytest.raises(HostFileError, match=r"^/none: is named for the client certificate"):
        load(Root(tmp_path), TrustSource(client=("/client.cert", "/none")))


def test_a_key_behind_a_password_is_an_error_and_asks_no_terminal(tmp_path: Path) -> None:
    put(tmp_path, "/client.cert", ONE)
    locked = ONE.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    put(tmp_path, "/client.key", locked)
    with pytest.raises(HostFileError, match=r"^/client\.cert: is no certificate that fits"):
        load(Root(tmp_path), TrustSource(client=("/client.cert", "/client.key")))


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """Be somebody who may read only what everybody may."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)  # nobody
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_bundle_that_this_process_may_not_read_says_nothing_of_the_node() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to others
        Path(folder).chmod(0o755)
        put(Path(folder), "/etc/ssl/cert.pem", ONE).chmod(0)
        with without_rights(), pytest.raises(HostFileError, match=r"^/etc/ssl/cert\.pem: may not be read") as caught:
            load(Root(Path(folder)), TrustSource())
    assert caught.value.forbidden


def test_the_evidence_names_where_the_trust_comes_from(tmp_path: Path) -> None:
    put(tmp_path, "/etc/ssl/cert.pem", ONE)
    put(tmp_path, "/ca.crt", TWO)
    evidence = load(Root(tmp_path), TrustSource(extra=("/ca.crt",))).evidence()
    assert evidence == {"trust": "2 certificates", "trust_files": ["/etc/ssl/cert.pem", "/ca.crt"]}
