"""Registries that are wrong in every way that HTTP, JSON and the protocol allow: each gets its cause, none a crash."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.check import Settings
from agent.contract.report import Trace
from agent.contract.table import CADENCES
from agent.host.node import Node
from agent.host.root import Root
from agent.trace import trace
from tests.servers import images
from tests.servers.images import Content, document, image, index
from tests.servers.registry import Registry, Reply, Request, serve

PATIENCE_S = 0.6  # of every check in these tests: long for loopback, short for a test
HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"
PAGE = Reply(200, {"Content-Type": "text/html"}, HTML)
APP = image()
OTHER = image("amd64", (3_000,))

Break = Callable[[Registry], None]


def on(part: str, reply: Reply, method: str = "") -> Break:
    return lambda registry: registry.on(part, reply, method=method)


def ping(reply: Reply) -> Break:
    return lambda registry: registry.rules.append(lambda asked: reply if asked.path == "/v2/" else None)


def raw(text: bytes, then: str = "close") -> Reply:
    return Reply(raw=text, then=then)


def challenge(realm: str, **more: str) -> Reply:
    said = ",".join([f'realm="{realm}"', *(f'{name}="{value}"' for name, value in more.items())])
    return Reply(401, {"WWW-Authenticate": f"Bearer {said}"})


def token_service(reply: Reply, accepted: str = "") -> Break:
    """Demand a token, and let the token service (the same server) give `reply`; a right token opens everything."""

    def break_it(registry: Registry) -> None:
        registry.on("/token", reply)

        def demand(request: Request) -> Reply | None:
            if accepted and request.headers.get("authorization") == f"Bearer {accepted}":
                return None
            return challenge(f"http://{registry.host}/token", service="tests")

        registry.rules.append(demand)

    return break_it


def tagged(content: Content) -> Break:
    return lambda registry: registry.put("1", content)


def tagged_image(one: images.Image) -> Break:
    return lambda registry: registry.add("1", one)


def described_as(part: str, **headers: str) -> Break:
    """Serve what is right, with other headers."""

    def break_it(registry: Registry) -> None:
        def rule(request: Request) -> Reply | None:
            if part not in request.path:
                return None
            right = registry.manifests["1"]
            told = {"Content-Type": right.media_type, "Docker-Content-Digest": right.digest} | headers
            return Reply(200, {name: value for name, value in told.items() if value}, right.body)

        registry.rules.append(rule)

    return break_it


def gzipped(part: str) -> Break:
    """Serve what is right compressed, and say so."""

    def break_it(registry: Registry) -> None:
        def rule(request: Request) -> Reply | None:
            found = {**registry.manifests, **registry.blobs}.get(request.path.rpartition("/")[2])
            if part not in request.path or found is None or request.method == "HEAD":
                return None
            return Reply(200, {"Content-Type": found.media_type, "Content-Encoding": "gzip"}, gzip.compress(found.body))

        registry.rules.append(rule)

    return break_it


def loop(registry: Registry) -> None:
    registry.on("/blobs/", Reply(307, {"Location": "/loop/blobs/"}))


def login_page(registry: Registry) -> None:
    registry.on("/login", PAGE)
    ping(Reply(302, {"Location": "/login"}))(registry)


def unmoved(**fields: object) -> Content:
    """Give a manifest in which some fields are nonsense."""
    right = json.loads(APP.manifest.body)
    return document(
        images.MANIFEST, **{key: value for key, value in (right | fields).items() if key != "schemaVersion"}
    )


def layer_of(**fields: object) -> Content:
    return unmoved(layers=[APP.layers[0].descriptor() | fields])


LATER = f"HTTP/1.1 200 OK\r\nContent-Type: {images.MANIFEST}\r\n".encode()
HEADERS_1_MB = b"X-Filler: " + b"a" * 1_000_000 + b"\r\n"
DEEP = b'{"a":' * 200_000 + b"1" + b"}" * 200_000
CHILD = {"os": "linux", "architecture": "amd64"}
SELF = f"sha256:{'0' * 64}"

# name, what is broken, verdict, cause: a table, one line each
# ruff: noqa: E501
CASES: list[tuple[str, Break, str, str | None]] = [
    ("all is well", lambda registry: None, "ok", None),
    ("/v2/ hangs", ping(raw(b"", "hang")), "failed", "registry_unavailable"),
    ("/v2/ closes at once", ping(raw(b"")), "failed", "connection_reset"),
    ("/v2/ resets", ping(raw(b"", "reset")), "failed", "connection_reset"),
    ("/v2/ is cut in its head", ping(raw(b"HTTP/1.1 200 OK\r\nContent-")), "failed", "connection_reset"),
    ("/v2/ is cut in its body", ping(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")), "ok", None),
    ("/v2/ drips", ping(Reply(200, {}, b"x" * 500, then="drip")), "ok", None),
    ("/v2/ drips for ever", ping(raw(b"HTTP/1.1 200 OK\r\nX: ", "hang")), "failed", "registry_unavailable"),
    ("/v2/ speaks something else", ping(raw(b"220 smtp.example ESMTP\r\n")), "failed", "registry_unavailable"),
    ("/v2/ has two lengths", ping(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")), "failed", "registry_unavailable"),
    ("/v2/ has a negative length", ping(raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")), "failed", "registry_unavailable"),
    ("/v2/ sends garbage in chunks", ping(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n")), "ok", None),
    ("/v2/ never says more than 100", ping(Reply(raw=b"", endless=b"HTTP/1.1 100 Continue\r\n\r\n")), "failed", "registry_unavailable"),
    ("/v2/ switches protocols", ping(raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "hang")), "failed", "registry_unavailable"),
    ("/v2/ has headers of 1 MB", ping(raw(b"HTTP/1.1 200 OK\r\n" + HEADERS_1_MB + b"Content-Length: 0\r\n\r\n")), "ok", None),
    ("/v2/ has endless headers", ping(Reply(raw=b"HTTP/1.1 200 OK\r\n", endless=HEADERS_1_MB)), "failed", "registry_unavailable"),
    ("/v2/ is empty", ping(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")), "ok", None),
    ("a captive portal answers everything", on("/", PAGE), "failed", "registry_unavailable"),
    ("a captive portal redirects to its page", login_page, "failed", "registry_unavailable"),
    ("/v2/ is not found, in HTML", ping(Reply(404, {"Content-Type": "text/html"}, HTML)), "failed", "registry_unavailable"),
    ("/v2/ is not found", ping(Reply(404)), "failed", "registry_unavailable"),
    ("/v2/ wants a client certificate", ping(Reply(400, {"Content-Type": "text/html"}, b"<html>400 No required SSL certificate was sent</html>")), "failed", "auth_failed"),
    ("/v2/ fails", ping(Reply(503)), "failed", "registry_unavailable"),
    ("/v2/ forbids", ping(Reply(403)), "failed", "auth_failed"),
    ("/v2/ limits", ping(Reply(429)), "failed", "rate_limited"),
    ("/v2/ redirects to no host", ping(Reply(307, {"Location": "http://"})), "failed", "registry_unavailable"),
    ("/v2/ redirects to a file", ping(Reply(307, {"Location": "file:///etc/passwd"})), "failed", "registry_unavailable"),
    ("/v2/ redirects without a place", ping(Reply(302)), "failed", "registry_unavailable"),
    ("/v2/ redirects to a port that cannot be", ping(Reply(302, {"Location": "http://127.0.0.1:99999/"})), "failed", "registry_unavailable"),
    ("/v2/ redirects to a broken address", ping(Reply(302, {"Location": "http://[::1/"})), "failed", "registry_unavailable"),
    ("/v2/ redirects to itself", ping(Reply(302, {"Location": "/v2/"})), "failed", "registry_unavailable"),
    ("/v2/ redirects to a closed port", ping(Reply(302, {"Location": "http://127.0.0.1:1/"})), "failed", "connect_refused"),
    ("the manifest hangs", on("/manifests/", raw(b"", "hang")), "failed", "registry_unavailable"),
    ("the manifest is cut", on("/manifests/", raw(LATER + b"Content-Length: 400\r\n\r\n{", "close"), "GET"), "failed", "connection_reset"),
    ("the manifest never ends", lambda registry: registry.on("/manifests/", Reply(raw=LATER + b"\r\n", endless=b" " * 65536)), "failed", "registry_unavailable"),
    ("the manifest is said to be huge", on("/manifests/", raw(LATER + f"Docker-Content-Digest: {SELF}\r\nContent-Length: 99999999999\r\n\r\n".encode()), "HEAD"), "failed", "registry_unavailable"),
    ("the manifest is a page", on("/manifests/", PAGE), "failed", "registry_unavailable"),
    ("the manifest is an error that says 200", on("/manifests/", Reply(200, {"Content-Type": "application/json"}, b'{"errors":[{"code":"DENIED","message":"no"}]}')), "failed", "registry_unavailable"),
    ("the manifest is not there", on("/manifests/", Reply(404)), "failed", "image_not_found"),
    ("the manifest is forbidden", on("/manifests/", Reply(403)), "failed", "auth_failed"),
    ("the manifest is limited", on("/manifests/", Reply(429)), "failed", "rate_limited"),
    ("the manifest fails", on("/manifests/", Reply(500)), "failed", "registry_unavailable"),
    ("HEAD is not allowed", on("/manifests/1", Reply(405), "HEAD"), "ok", None),
    ("HEAD says nothing", on("/manifests/1", Reply(200, {"Content-Type": images.MANIFEST}), "HEAD"), "ok", None),
    ("the manifest has no type", described_as("/manifests/", **{"Content-Type": ""}), "failed", "unsupported_media_type"),
    ("the manifest is of a strange type", described_as("/manifests/", **{"Content-Type": "application/octet-stream"}), "failed", "unsupported_media_type"),
    ("the manifest is said to be an index", described_as("/manifests/", **{"Content-Type": images.INDEX}), "failed", "unsupported_media_type"),
    ("the digest in the header is another", described_as("/manifests/", **{"Docker-Content-Digest": SELF}), "failed", "digest_mismatch"),
    ("the digest in the header is none", described_as("/manifests/", **{"Docker-Content-Digest": "md5:abc"}), "failed", "digest_mismatch"),
    ("the manifest behind the digest is another", on("/manifests/sha256:", Reply(200, {"Content-Type": images.MANIFEST}, OTHER.manifest.body)), "failed", "digest_mismatch"),
    ("the manifest is compressed, and says so", gzipped("/manifests/"), "ok", None),
    ("the manifest is compressed in secret", on("/manifests/sha256:", Reply(200, {"Content-Type": images.MANIFEST}, gzip.compress(APP.manifest.body))), "failed", "digest_mismatch"),
    ("the manifest is said to be compressed", on("/manifests/sha256:", Reply(200, {"Content-Type": images.MANIFEST, "Content-Encoding": "gzip"}, APP.manifest.body), "GET"), "failed", "registry_unavailable"),
    ("the manifest is no JSON", tagged(Content(images.MANIFEST, b"{")), "failed", "unsupported_media_type"),
    ("the manifest is a bomb", tagged(Content(images.MANIFEST, DEEP)), "failed", "unsupported_media_type"),
    ("the manifest is a list", tagged(Content(images.MANIFEST, b"[]")), "failed", "unsupported_media_type"),
    ("the manifest is null", tagged(Content(images.MANIFEST, b"null")), "failed", "unsupported_media_type"),
    ("the manifest is empty", tagged(Content(images.MANIFEST, b"{}")), "failed", "unsupported_media_type"),
    ("layers are a text", tagged(unmoved(layers="many")), "failed", "unsupported_media_type"),
    ("layers are numbers", tagged(unmoved(layers=[1, 2])), "failed", "unsupported_media_type"),
    ("a size is negative", tagged(layer_of(size=-5)), "failed", "unsupported_media_type"),
    ("a size is a fraction", tagged(layer_of(size=1.5)), "failed", "unsupported_media_type"),
    ("a size is beyond all numbers", tagged(layer_of(size=10**30)), "failed", "unsupported_media_type"),
    ("a size is huge", tagged(layer_of(size=2**63 - 1)), "failed", "digest_mismatch"),
    ("a size is wrong", tagged(layer_of(size=1)), "failed", "digest_mismatch"),
    ("a digest is a path", tagged(layer_of(digest="../../../etc/passwd")), "failed", "unsupported_media_type"),
    ("a digest is a number", tagged(layer_of(digest=5)), "failed", "unsupported_media_type"),
    ("a config is missing", tagged(unmoved(config=None)), "failed", "unsupported_media_type"),
    ("it is no container image", tagged(unmoved(config=APP.config.descriptor(mediaType="application/vnd.test+json"))), "failed", "unsupported_media_type"),
    ("it is of schema 1", tagged(Content("application/vnd.docker.distribution.manifest.v1+prettyjws", b"{}")), "failed", "unsupported_media_type"),
    ("it is for another architecture", tagged_image(image("s390x")), "failed", "wrong_architecture"),
    ("it is for no architecture", tagged_image(image("")), "failed", "wrong_architecture"),
    ("the index has none for this node", tagged(index(APP, platforms=({"os": "linux", "architecture": "s390x"},))), "failed", "wrong_architecture"),
    ("the index is empty", tagged(document(images.INDEX, manifests=[])), "failed", "wrong_architecture"),
    ("the index is right", tagged(index(OTHER, APP, platforms=({"os": "linux", "architecture": "s390x"}, CHILD))), "ok", None),
    ("the index names a manifest that is not there", tagged(document(images.INDEX, manifests=[{"mediaType": images.MANIFEST, "digest": SELF, "size": 9, "platform": CHILD}])), "failed", "image_not_found"),
    ("the index names itself as far as it can", tagged(document(images.INDEX, manifests=[{"mediaType": images.INDEX, "digest": SELF, "size": 9, "platform": CHILD}])), "failed", "image_not_found"),
    ("the index's platform is a text", tagged(document(images.INDEX, manifests=[APP.manifest.descriptor(platform="linux/amd64")])), "failed", "unsupported_media_type"),
    ("blobs hang", on("/blobs/", raw(b"", "hang")), "failed", "blob_unavailable"),
    ("blobs are not there", on("/blobs/", Reply(404)), "failed", "blob_unavailable"),
    ("blobs are forbidden", on("/blobs/", Reply(403)), "failed", "blob_unavailable"),
    ("blobs fail", on("/blobs/", Reply(502)), "failed", "blob_unavailable"),
    ("blobs are limited", on("/blobs/", Reply(429)), "failed", "rate_limited"),
    ("blobs are pages", on("/blobs/", PAGE), "failed", "blob_unavailable"),
    ("blobs are empty", on("/blobs/", Reply(200)), "failed", "digest_mismatch"),
    ("blobs are cut", on("/blobs/", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nabc")), "failed", "connection_reset"),
    ("blobs are others", on("/blobs/", Reply(200, {}, b"something else")), "failed", "digest_mismatch"),
    ("blobs never end", on("/blobs/", Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x" * 65536)), "failed", "digest_mismatch"),
    ("blobs drip", on("/blobs/", Reply(200, {}, APP.config.body, then="drip")), "failed", "blob_unavailable"),
    ("blobs are compressed, and say so", gzipped("/blobs/"), "ok", None),
    ("blobs redirect for ever", loop, "failed", "blob_unavailable"),
    ("blobs redirect to nowhere", on("/blobs/", Reply(307, {"Location": "ftp://127.0.0.1/"})), "failed", "blob_unavailable"),
    ("blobs redirect to a closed port", on("/blobs/", Reply(307, {"Location": "http://127.0.0.1:1/x?sig=hidden-one"})), "failed", "connect_refused"),
    ("only the layer is not there", on(APP.layers[0].digest, Reply(404)), "failed", "blob_unavailable"),
    ("only the layer is another", on(APP.layers[0].digest, Reply(200, {}, b"x" * len(APP.layers[0].body))), "failed", "digest_mismatch"),
    ("the config is a list", tagged(unmoved(config=Content(images.CONFIG, b"[]").descriptor())), "failed", "blob_unavailable"),
    ("the token service is a page", token_service(PAGE), "failed", "registry_unavailable"),
    ("the token is empty", token_service(Reply(200, {}, b'{"token":""}')), "failed", "registry_unavailable"),
    ("the token is a number", token_service(Reply(200, {}, b'{"token":5}')), "failed", "registry_unavailable"),
    ("the token cannot be sent", token_service(Reply(200, {}, b'{"token":"a\\r\\nX: b"}')), "failed", "registry_unavailable"),
    ("the token is huge", token_service(Reply(200, {}, b'{"token":"' + b"a" * 2_000_000 + b'"}')), "failed", "registry_unavailable"),
    ("the token service fails", token_service(Reply(503)), "failed", "registry_unavailable"),
    ("the token service hangs", token_service(raw(b"", "hang")), "failed", "registry_unavailable"),
    ("the token service limits", token_service(Reply(429)), "failed", "rate_limited"),
    ("the token service is not there", token_service(Reply(404)), "failed", "registry_unavailable"),
    ("the token service refuses", token_service(Reply(401)), "failed", "auth_failed"),
    ("the token never ends", token_service(Reply(200, {}, b'{"token":"good-1"}'), "good-1"), "ok", None),
    ("the token ends at once", token_service(Reply(200, {}, b'{"access_token":"good-2","expires_in":1}'), "good-2"), "ok", None),
    ("the token's end is a text", token_service(Reply(200, {}, b'{"token":"good-3","expires_in":"300"}'), "good-3"), "failed", "registry_unavailable"),
    ("the token is never accepted", token_service(Reply(200, {}, b'{"token":"bad"}'), "none"), "failed", "auth_failed"),
    ("the realm is relative", on("/", challenge("/token")), "failed", "registry_unavailable"),
    ("the realm is garbage", on("/", challenge("::::")), "failed", "registry_unavailable"),
    ("the realm is a file", on("/", challenge("file:///etc/passwd")), "failed", "registry_unavailable"),
    ("the realm is empty", on("/", Reply(401, {"WWW-Authenticate": "Bearer"})), "failed", "registry_unavailable"),
    ("the realm's port is closed", on("/", challenge("http://127.0.0.1:1/token")), "failed", "connect_refused"),
    ("only digest authentication is offered", on("/", Reply(401, {"WWW-Authenticate": 'Digest realm="x"'})), "failed", "auth_failed"),
    ("basic authentication is demanded", on("/", Reply(401, {"WWW-Authenticate": 'Basic realm="x"'})), "failed", "auth_failed"),
    ("401 demands nothing", on("/", Reply(401)), "failed", "auth_failed"),
    ("headers are no text", ping(raw(b"HTTP/1.1 200 OK\r\nX-\xff: \x00\r\n\r\n")), "failed", "registry_unavailable"),
    ("the location is no text", ping(Reply(302, {"Location": "http://\xff\xfe/"})), "failed", "registry_unavailable"),
]  # fmt: skip


async def walk(registry: Registry, folder: Path, image_name: str = "team/app:1") -> Trace:
    settings = {name: Settings(every_s=1, patience_s=PATIENCE_S) for name in CADENCES}
    return await trace(f"{registry.host}/{image_name}", Node(Root(folder), name="test"), settings)


@pytest.mark.parametrize(("broken", "verdict", "cause"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_a_broken_registry_gets_its_cause(broken: Break, verdict: str, cause: str | None, tmp_path: Path) -> None:
    registry = Registry()
    registry.add("1", APP)
    registry.put("other", OTHER.manifest)
    broken(registry)
    async with serve(registry):
        found = await walk(registry, tmp_path)
    assert (found.verdict, found.cause) == (verdict, cause), found.detail
    assert not [result for result in found.results if "instrument" in result.detail]
    assert "\n" not in found.detail
    assert "hidden-one" not in str(found)
