"""Registries that one runtime can pull from and another cannot: the answer is that of the runtime that is asked for.

Each line was seen with a real containerd 1.6 and a real containers/image 5.22.
"""

import json
from pathlib import Path

import pytest

from agent.check import Settings
from agent.contract.table import CADENCES
from agent.host.node import Node
from agent.host.root import Root
from agent.trace import trace
from tests.integration.test_nasty_registries import (
    APP,
    PAGE,
    PATIENCE_S,
    Break,
    described_as,
    layer_of,
    on,
    ping,
    raw,
    tagged,
    tagged_image,
    token_service,
)
from tests.servers import images
from tests.servers.images import Content, document, image
from tests.servers.registry import Registry, Reply, Request, serve

LARGE = image("amd64", (6_000_000,))
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
SIZE = {"Content-Length": str(len(APP.manifest.body)), "Docker-Content-Digest": APP.manifest.digest}


def demanded_late(registry: Registry) -> None:
    """Ask for a token at the manifest, and for none at `/v2/`."""
    ping(Reply(200, {}, b"{}"))(registry)
    token_service(Reply(200, {}, b'{"token":"late"}'), "late")(registry)


def large(reply: Reply, *, ranges_only: bool) -> Break:
    def break_it(registry: Registry) -> None:
        registry.add("1", LARGE)

        def rule(request: Request) -> Reply | None:
            wanted = request.path.endswith(LARGE.layers[0].digest)
            return reply if wanted and ("range" in request.headers or not ranges_only) else None

        registry.rules.append(rule)

    return break_it


def nested(deep: int) -> Break:
    def break_it(registry: Registry) -> None:
        registry.add("leaf", APP)
        inner = APP.manifest
        for number in range(deep):
            platform = {"os": "linux", "architecture": "amd64"}
            inner = document(images.INDEX, manifests=[inner.descriptor(platform=platform)])
            registry.put(f"level-{number}", inner)
        registry.put("1", inner)

    return break_it


def otherwise(text: bytes, other: bytes, kind: str = images.MANIFEST) -> Break:
    return tagged(Content(kind, APP.manifest.body.replace(text, other)))


BROKEN = "registry_unavailable"
FORM = "unsupported_media_type"
GARBAGE = Reply(200, {}, b"G" * len(LARGE.layers[0].body))

# name, what is broken, containerd's cause, podman's; none: it can be pulled
# ruff: noqa: E501
CASES: list[tuple[str, Break, str | None, str | None]] = [
    ("a page at /v2/ alone", ping(PAGE), None, None),
    ("204 at /v2/", ping(Reply(204)), None, BROKEN),
    ("201 from the token service", token_service(Reply(201, {}, b'{"token":"one"}'), "one"), None, BROKEN),
    ("a token is demanded late", demanded_late, None, "auth_failed"),
    ("HEAD is reset", on("/manifests/1", raw(b"", "reset"), "HEAD"), "connection_reset", None),
    ("HEAD tells another type", on("/manifests/1", Reply(200, {"Content-Type": "application/json"} | SIZE), "HEAD"), FORM, None),
    ("the type is in capitals", described_as("/manifests/", **{"Content-Type": images.MANIFEST.upper(), "Content-Length": SIZE["Content-Length"]}), FORM, None),
    ("a Docker manifest that calls itself OCI's", otherwise(b"", b"", DOCKER), None, FORM),
    ("a schema version that is a text", otherwise(b'"schemaVersion": 2', b'"schemaVersion": "2"'), FORM, FORM),
    ("an index in an index", nested(2), None, FORM),
    ("five indexes in each other", nested(5), None, FORM),
    ("a layer of an unknown type", tagged(layer_of(mediaType="application/x-unknown")), FORM, None),
    ("ranges are refused", large(Reply(416), ranges_only=True), None, None),
    ("another range is sent", large(Reply(206, {"Content-Range": "bytes 5-9/200"}, b"xxxxx"), ranges_only=True), None, None),
    ("a large layer of garbage", large(GARBAGE, ranges_only=False), "digest_mismatch", "digest_mismatch"),
    ("a large layer that is right", tagged_image(LARGE), None, None),
]  # fmt: skip


@pytest.mark.parametrize("runtime", ["containerd", "podman"])
@pytest.mark.parametrize(("broken", "containerd", "podman"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
async def test_the_answer_is_that_of_the_runtime(
    broken: Break, containerd: str | None, podman: str | None, runtime: str, tmp_path: Path
) -> None:
    registry = Registry()
    registry.add("1", APP)
    broken(registry)
    settings = {name: Settings(every_s=1, patience_s=PATIENCE_S) for name in CADENCES}
    async with serve(registry):
        conf = tmp_path / "etc/containers/registries.conf"
        conf.parent.mkdir(parents=True)
        conf.write_text(f"[[registry]]\nlocation = {json.dumps(registry.host)}\ninsecure = true\n")
        node = Node(Root(tmp_path), runtime, "test")
        found = await trace(f"{registry.host}/team/app:1", node, settings)
    wanted = containerd if runtime == "containerd" else podman
    assert (found.verdict == "failed", found.cause if found.verdict == "failed" else None) == (bool(wanted), wanted), (
        found.detail
    )
