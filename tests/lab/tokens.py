"""The lab's token service: signs what the registry's token authentication asks for.

Run as a program: `python -m tests.lab.tokens POLICY CERTIFICATE ADDRESS`. POLICY is a JSON file that is read at every
request: `{"status": 200, "closed": ["team/app"]}`. A closed repository gets a token without access, as public
registries give it.

Source: distribution's token authentication specification; RFC 7515 (x5c), RFC 7518 (ES256).
"""

import base64
import json
import ssl
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

ISSUER = "auth.lab"
SERVICE = "registry.lab"
# Agents keep a token until it ends, and hear only then that the service is down or a repository closed. The lab's
# tokens end soon, so that its ten seconds are enough.
VALID_S = 10
_HALF_BYTES = 32  # of an ES256 signature: two integers of 256 bits


class Signer:
    """Signs claims with the service's own certificate, which the registry knows."""

    def __init__(self, path: Path) -> None:
        pem = path.read_bytes()
        key = serialization.load_pem_private_key(pem, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        leaf = x509.load_pem_x509_certificates(pem)[0]
        self._chain = [base64.b64encode(leaf.public_bytes(serialization.Encoding.DER)).decode()]

    def sign(self, claims: dict[str, Any]) -> str:
        """Give the JSON Web Token of the claims."""
        header = {"typ": "JWT", "alg": "ES256", "x5c": self._chain}
        body = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
        first, second = utils.decode_dss_signature(self._key.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{body}.{_encode(first.to_bytes(_HALF_BYTES) + second.to_bytes(_HALF_BYTES))}"


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def claims(scopes: list[str], closed: list[str], now: int) -> dict[str, Any]:
    """Grant every pull that is asked for, but none from a closed repository."""
    access = []
    for scope in scopes:
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        if kind == "repository" and name not in closed and "pull" in actions.split(","):
            access.append({"type": kind, "name": name, "actions": ["pull"]})
    return {
        "iss": ISSUER,
        "sub": "",
        "aud": SERVICE,
        "iat": now,
        "nbf": now - 10,
        "exp": now + VALID_S,
        "jti": uuid4().hex,
        "access": access,
    }


def serve(policy: Path, certificate: Path, address: str) -> None:
    """Serve until told to end."""
    signer = Signer(certificate)

    async def token(request: web.Request) -> web.Response:
        now = json.loads(policy.read_text())  # noqa: ASYNC240 - a hundred bytes, of a test's own service
        if now["status"] != 200:
            return web.json_response({"errors": [{"code": "UNAVAILABLE"}]}, status=now["status"])
        scopes = " ".join(request.query.getall("scope", [])).split()
        signed = signer.sign(claims(scopes, now["closed"], int(time.time())))
        return web.json_response({"token": signed, "access_token": signed, "expires_in": VALID_S})

    app = web.Application()
    app.router.add_get("/token", token)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    web.run_app(app, host=address, port=443, ssl_context=context, print=None)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
