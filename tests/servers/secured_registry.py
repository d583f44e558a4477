"""Debian's docker-registry as large registries are: over TLS, with a token service, and blobs on another host."""

import asyncio
import contextlib
import json
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests import need
from tests.lab.tokens import ISSUER, SERVICE, Signer, claims
from tests.servers.docker_registry import _free_port, _listens
from tests.servers.tls import Identity, server_context

REGISTRY, TOKENS, BLOBS = "127.0.0.1", "127.0.0.2", "127.0.0.3"
_START_S = 10


@dataclass
class Secured:
    """The three hosts; `closed` are repositories that no token opens, `users` who asked for tokens."""

    host: str = ""
    tokens: str = ""
    blobs: str = ""
    closed: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    token_status: int = 200


@contextlib.asynccontextmanager
async def secured(home: Path, storage: Path, authority: Identity) -> AsyncIterator[Secured]:
    """Serve the images of `storage`, with certificates of `authority`."""
    home.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything is served
    found = Secured()
    async with contextlib.AsyncExitStack() as stack:
        for name, address in (("tokens", TOKENS), ("blobs", BLOBS)):
            identity = authority.issue(address, common_name=address)
            app = _token_service(found, _signer(home, identity)) if name == "tokens" else _blob_host(storage)
            port = await stack.enter_async_context(_web(app, address, server_context(identity, home)))
            setattr(found, name, f"{address}:{port}")
        found.host = await stack.enter_async_context(_registry(found, home, storage, authority))
        yield found


def _signer(home: Path, identity: Identity) -> Signer:
    path = home / "tokens.pem"
    path.write_bytes(identity.pem + identity.key_pem)
    return Signer(path)


def _token_service(state: Secured, signer: Signer) -> web.Application:
    async def token(request: web.Request) -> web.Response:
        state.users.append(request.headers.get("Authorization", ""))
        if state.token_status != 200:
            return web.Response(status=state.token_status)
        scopes = " ".join(request.query.getall("scope", [])).split()
        signed = signer.sign(claims(scopes, state.closed, int(time.time())))
        return web.json_response({"token": signed, "expires_in": 300})

    app = web.Application()
    app.router.add_get("/token", token)
    return app


def _blob_host(storage: Path) -> web.Application:
    app = web.Application()
    app.router.add_static("/", storage)
    return app


@contextlib.asynccontextmanager
async def _web(app: web.Application, address: str, context: ssl.SSLContext) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, address, 0, ssl_context=context)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _registry(found: Secured, home: Path, storage: Path, authority: Identity) -> AsyncIterator[str]:
    certificate, key = authority.issue(REGISTRY, common_name=REGISTRY).write(home)
    root = home / "ca.pem"
    root.write_bytes(authority.pem)
    port = _free_port()
    realm = {"realm": f"https://{found.tokens}/token", "service": SERVICE, "issuer": ISSUER}
    config = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(storage)}},
        "http": {"addr": f"{REGISTRY}:{port}", "tls": {"certificate": str(certificate), "key": str(key)}},
        "auth": {"token": {**realm, "rootcertbundle": str(root)}},
        "middleware": {"storage": [{"name": "redirect", "options": {"baseurl": f"https://{found.blobs}/"}}]},
    }
    path = home / "registry.json"  # YAML reads it, too
    path.write_text(json.dumps(config))
    with home.joinpath("log").open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 - the server outlives every await here
            [need.program("docker-registry"), "serve", str(path)], stdout=log, stderr=log
        )
    try:
        ends_at = time.monotonic() + _START_S
        while not _listens(port):
            assert process.poll() is None, home.joinpath("log").read_text()
            assert time.monotonic() < ends_at, "docker-registry does not start"
            await asyncio.sleep(0.02)
        yield f"{REGISTRY}:{port}"
    finally:
        process.terminate()
        process.wait(10)
