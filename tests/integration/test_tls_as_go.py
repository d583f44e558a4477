"""Our verdict on a certificate against that of a real Go client, skopeo, on the same server with the same trust."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from agent.host.endpoint import TrustSource
from agent.host.root import Root
from agent.host.trust import CONTAINERS_IMAGE_OLD, load
from agent.probes import tcp, tls
from agent.probes.fault import Fault
from tests import need
from tests.servers.tls import BUNDLE, Identity, intermediate, root, self_signed, serve, trust_root

SAID = {  # by skopeo, and what we call it
    "certificate has expired or is not yet valid": "tls_expired",
    "certificate is valid for": "tls_name_mismatch",
    "certificate is not valid for any names": "tls_name_mismatch",
    "doesn't contain any IP SANs": "tls_name_mismatch",
    "relies on legacy Common Name field": "tls_name_mismatch",
    "certificate signed by unknown authority": "tls_untrusted",
    "incompatible key usage": "tls_untrusted",
    "not authorized to sign": "tls_untrusted",
    "too many intermediates": "tls_untrusted",
    "manifest": "ok",  # our server serves none: TLS has passed
}
OLD = {"valid_from": timedelta(days=-90), "valid_for": timedelta(days=30)}
TO_COME = {"valid_from": timedelta(days=2), "valid_for": timedelta(days=30)}
SIGNS_ONLY = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
CA, OTHER = root(), root("Other CA")
MIDDLE, OLD_MIDDLE = intermediate(CA), intermediate(CA, "Old Middle", **OLD)
TWIN = root()  # the name of CA, another key
SHALLOW = self_signed(common_name="Shallow CA", authority=True, path_length=0)
OWN = self_signed("localhost", common_name="own")
OWN_CA = self_signed("localhost", common_name="own", authority=True, key_usage=SIGNS_ONLY)

# name: the server's identity, what it sends besides (none: its intermediates), what the node trusts
CASES: dict[str, tuple[Identity, list[Identity] | None, list[Identity]]] = {
    "good": (MIDDLE.issue("localhost"), None, [CA]),
    "partial chain": (MIDDLE.issue("localhost"), [], [MIDDLE]),
    "the certificate itself is trusted": (OWN, [], [OWN]),
    "an authority as server": (OWN_CA, [], [OWN_CA]),
    "any purpose": (CA.issue("localhost", usages=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), [], [CA]),
    "for clients only": (CA.issue("localhost", usages=[ExtendedKeyUsageOID.CLIENT_AUTH]), [], [CA]),
    "unsorted and foreign certificates sent": (MIDDLE.issue("localhost"), [OTHER, CA, MIDDLE], [CA]),
    "unknown root": (CA.issue("localhost"), [CA], [OTHER]),
    "unknown root of a known name": (CA.issue("localhost"), [CA], [TWIN]),
    "twins trusted": (CA.issue("localhost"), [], [TWIN, CA]),
    "missing intermediate": (MIDDLE.issue("localhost"), [], [CA]),
    "self-signed": (OWN, [], [OTHER]),
    "nothing trusted": (CA.issue("localhost"), None, []),
    "expired": (CA.issue("localhost", **OLD), None, [CA]),  # type: ignore[arg-type]  # dates only
    "not yet valid": (CA.issue("localhost", **TO_COME), None, [CA]),  # type: ignore[arg-type]  # dates only
    "expired and unknown": (CA.issue("localhost", **OLD), None, [OTHER]),  # type: ignore[arg-type]  # dates only
    "expired and misnamed": (CA.issue("other.test", **OLD), None, [CA]),  # type: ignore[arg-type]  # dates only
    "misnamed and unknown": (CA.issue("other.test"), None, [OTHER]),
    "misnamed": (CA.issue("other.test"), None, [CA]),
    "nameless": (CA.issue(common_name="localhost"), None, [CA]),
    "an address only": (CA.issue("127.0.0.1"), None, [CA]),
    "expired intermediate": (OLD_MIDDLE.issue("localhost"), None, [CA]),
    "expired intermediate, unknown root": (OLD_MIDDLE.issue("localhost"), None, [OTHER]),
    "expired intermediate, its namesake trusted": (OLD_MIDDLE.issue("localhost"), None, [root("Old Middle")]),
    "a level more than its root allows": (
        intermediate(SHALLOW.issue(common_name="M", authority=True)).issue("localhost"),
        None,
        [SHALLOW],
    ),
    "signed by no authority": (CA.issue("not-a-ca.test").issue("localhost"), None, [CA]),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_certificate_is_judged_as_go_judges_it(name: str, tmp_path: Path) -> None:
    skopeo = need.program("skopeo")
    identity, sent, trusted = CASES[name]
    node = trust_root(tmp_path / "node", *trusted)
    async with serve(identity, tmp_path, sent=sent) as port:
        theirs = await skopeo_says(skopeo, port, node / BUNDLE)
        trust = load(Root(node), TrustSource(), manner=CONTAINERS_IMAGE_OLD)
        try:
            (await tls.handshake(await tcp.dial("127.0.0.1", port, 5), "localhost", trust, 5)).abort()
            ours = "ok"
        except Fault as fault:
            ours = fault.cause
    assert ours == next((cause for words, cause in SAID.items() if words in theirs), theirs)


async def skopeo_says(skopeo: str, port: int, bundle: Path) -> str:
    environ = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(bundle), "SSL_CERT_DIR": "/none", "HOME": "/none"}
    process = await asyncio.create_subprocess_exec(
        skopeo, "inspect", f"docker://localhost:{port}/a/b:1",
        env=environ, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    return said.decode()
