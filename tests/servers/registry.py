"""A registry on loopback that does what a test tells it: right by default, and wrong in any way of HTTP's.

Rules are asked first, in their order; the first that has a reply gives it. Replies may be raw bytes, may stop half-way,
drip or hang.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from tests.servers.images import Content, Image
from tests.servers.tls import serve_raw

TLS_RECORD = b"\x16"  # the first byte of a handshake
DRIP_S = 0.05  # between two bytes of a body that drips


@dataclass(frozen=True)
class Request:
    """What a client asked; names in `headers` are lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What it gets. `raw` is written as it is, instead of a formed answer; `then` is what the server does after it.

    `reason` stands in for the standard's words behind the status.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes | None = None
    endless: bytes = b""
    then: str = "keep"  # or close, reset, hang, drip
    reason: str | None = None


Rule = Callable[[Request], Reply | None]


@dataclass
class Registry:
    """Contents by digest and tags, the rules, and every request that came."""

    blobs: dict[str, Content] = field(default_factory=dict)
    manifests: dict[str, Content] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    host: str = ""

    def add(self, name: str, image: Image) -> None:
        """Serve an image under a tag of any repository."""
        self.manifests[name] = self.manifests[image.manifest.digest] = image.manifest
        self.blobs |= {blob.digest: blob for blob in image.blobs}

    def put(self, name: str, manifest: Content) -> None:
        """Serve a manifest or an index under a tag, and by its digest."""
        self.manifests[name] = self.manifests[manifest.digest] = manifest

    def on(self, part: str, reply: Reply, *, method: str = "") -> None:
        """Give a reply to every request whose path holds `part`."""
        self.rules.append(lambda asked: reply if part in asked.path and asked.method.startswith(method) else None)

    def asked(self, part: str) -> list[Request]:
        """Give the requests whose path holds `part`."""
        return [request for request in self.requests if part in request.path]

    def reply(self, request: Request) -> Reply:
        """Give the first rule's reply, or the right one."""
        for rule in self.rules:
            given = rule(request)
            if given is not None:
                return given
        return self._right(request)

    def _right(self, request: Request) -> Reply:
        if request.path in ("/v2/", "/v2"):
            return Reply(headers={"Docker-Distribution-Api-Version": "registry/2.0"}, body=b"{}")
        kind, _, name = request.path.rpartition("/")
        found = (self.manifests if kind.endswith("/manifests") else self.blobs).get(name)
        if found is None:
            return Reply(404, {"Content-Type": "application/json"}, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
        return whole(found, request)


def whole(content: Content, request: Request) -> Reply:
    """Serve content as a registry does, ranges included."""
    headers = {"Content-Type": content.media_type, "Docker-Content-Digest": content.digest}
    asked = request.headers.get("range", "").removeprefix("bytes=").partition("-")
    if asked[1] and len(content.body) > int(asked[2]):
        part = content.body[int(asked[0]) : int(asked[2]) + 1]
        headers["Content-Range"] = f"bytes {asked[0]}-{asked[2]}/{len(content.body)}"
        return Reply(206, headers, part)
    return Reply(200, headers, content.body)


@contextlib.asynccontextmanager
async def serve(
    registry: Registry, *, context: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Registry]:
    """Serve on a port, without one on a free port of loopback; `registry.host` is then its name."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                request = await _read(reader)
                if request.method == "TLS":
                    await _write(writer, request, Reply(400, then="close"))
                    return
                registry.requests.append(request)
                if not await _write(writer, request, registry.reply(request)):
                    return

    async with serve_raw(handle, context=context, host=host, port=port) as bound:
        registry.host = f"{host}:{bound}"
        yield registry


async def _read(reader: asyncio.StreamReader) -> Request:
    start = await reader.readexactly(1)
    if start == TLS_RECORD:  # plain HTTP servers answer a TLS handshake at once, in their own words
        return Request("TLS", "/", {}, {})
    head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, parse_qs(parts.query), headers, body)


async def _write(writer: asyncio.StreamWriter, request: Request, reply: Reply) -> bool:
    """Write a reply; give whether the connection goes on."""
    if reply.raw is not None:
        writer.write(reply.raw)
    else:
        headers = {"Content-Length": str(len(reply.body))} | reply.headers
        reason = HTTPStatus(reply.status).phrase if reply.reason is None else reply.reason
        lines = [f"HTTP/1.1 {reply.status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        if request.method != "HEAD" and reply.then != "drip":
            writer.write(reply.body)
    while reply.endless:
        writer.write(reply.endless)
        await writer.drain()
    await writer.drain()
    if reply.then == "drip":
        for place in range(len(reply.body)):
            writer.write(reply.body[place : place + 1])
            await writer.drain()
            await asyncio.sleep(DRIP_S)
    if reply.then == "hang":
        await asyncio.sleep(3600)  # until the test ends the server
    if reply.then == "reset":
        writer.transport.abort()
    return reply.then == "keep"
