"""The whole way through a real registry with TLS, tokens and a blob host; beside what skopeo does on the same way."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.contract.report import Trace
from agent.distribution import tokens
from agent.host.node import Node
from agent.host.root import Root
from agent.trace import trace
from tests import need
from tests.servers import tls
from tests.servers.docker_registry import docker_registry
from tests.servers.secured_registry import Secured, secured


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Secured]:
    for key in list(tokens.KEPT._kept):
        tokens.KEPT.forget(key)
    with docker_registry(tmp_path / "plain") as plain:
        plain.push("team/app", ("1",), "app", (20_000, 300_000))
        plain.push("team/large", ("1",), "large", (5_000_000,))
    authority = tls.root()
    tls.trust_root(tmp_path / "node", authority)
    async with secured(tmp_path / "secured", tmp_path / "plain" / "images", authority) as found:
        yield found


async def walk(folder: Path, name: str) -> Trace:
    return await trace(name, Node(Root(folder / "node"), name="test"))


async def skopeo_can(folder: Path, name: str) -> bool:
    environ = {"SSL_CERT_FILE": str(folder / "node" / tls.BUNDLE), "REGISTRY_AUTH_FILE": str(folder / "none")}
    process = await asyncio.create_subprocess_exec(
        need.program("skopeo"), "copy", "--insecure-policy", f"docker://{name}", f"dir:{folder / 'copy'}",
        env=os.environ | environ,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return await asyncio.wait_for(process.wait(), 30) == 0


async def test_an_image_comes_over_tls_with_a_token_from_the_blob_host(registry: Secured, tmp_path: Path) -> None:
    name = f"{registry.host}/team/app:1"
    found = await walk(tmp_path, name)
    assert found.verdict == "ok", found.detail
    by_key = {result.key: result for result in found.results}
    assert by_key[f"layer {name}"].evidence["hosts"] == ["127.0.0.3"]
    for host in (registry.host, registry.tokens, registry.blobs):
        assert by_key[f"tls {host}"].status == "ok"
    assert set(registry.users) == {""}
    assert await skopeo_can(tmp_path, name)


async def test_a_large_layer_is_begun(registry: Secured, tmp_path: Path) -> None:
    name = f"{registry.host}/team/large:1"
    found = await walk(tmp_path, name)
    assert found.verdict == "ok", found.detail
    layer = next(result for result in found.results if result.check == "layer")
    assert [part["read_bytes"] for part in layer.evidence["read"]][1] == 65536


@pytest.mark.parametrize(
    ("broken", "name", "cause"),
    [
        ({}, "team/app:2", "image_not_found"),
        ({}, "team/none:1", "image_not_found"),
        ({"closed": ["team/app"]}, "team/app:1", "auth_failed"),
        ({"token_status": 503}, "team/app:1", "registry_unavailable"),
        ({"token_status": 401}, "team/app:1", "auth_failed"),
    ],
)
async def test_what_is_broken_is_named_and_skopeo_cannot_either(
    broken: dict[str, object], name: str, cause: str, registry: Secured, tmp_path: Path
) -> None:
    for field, value in broken.items():
        setattr(registry, field, value)
    image = f"{registry.host}/{name}"
    found = await walk(tmp_path, image)
    assert (found.verdict, found.cause) == ("failed", cause), found.detail
    assert not await skopeo_can(tmp_path, image)


async def test_the_list_of_tags_is_read_with_a_token(registry: Secured, tmp_path: Path) -> None:
    found = await walk(tmp_path, f"{registry.host}/team/app:v1")
    assert found.suggestion is not None
    assert (found.suggestion.image, found.suggestion.confirmed) == (f"{registry.host}/team/app:1", True)


async def test_a_ca_that_the_node_has_not_is_named_once(registry: Secured, tmp_path: Path) -> None:
    tls.trust_root(tmp_path / "node", tls.root("Another CA"))
    found = await walk(tmp_path, f"{registry.host}/team/app:1")
    assert (found.verdict, found.cause) == ("failed", "tls_untrusted")
    assert [result.check for result in found.results if result.status == "failed"] == ["tls"]


async def test_no_token_is_ever_shown(registry: Secured, tmp_path: Path) -> None:
    found = await walk(tmp_path, f"{registry.host}/team/app:1")
    for kept in tokens.KEPT._kept.values():
        assert kept.text not in str(found)
