"""The name that was likely meant, asked of real registries: seen there before it is said, and nothing asked in vain."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import checks
from agent.check import Check, Look, Settings
from agent.contract.reference import parse
from agent.contract.report import Trace
from agent.contract.result import ok
from agent.contract.table import TRACE_WITHIN_S
from agent.distribution import tags
from agent.host.node import Node
from agent.host.root import Root
from agent.round import Question, Round
from agent.trace import trace
from tests.integration.asking import APP, PATIENCE_S, demand, mirrors, serving, write
from tests.servers.docker_registry import DockerRegistry, docker_registry
from tests.servers.registry import Registry, Reply, Request, serve

HEX = "0123456789abcdef" * 4


@pytest.fixture
def first(tmp_path: Path) -> Iterator[DockerRegistry]:
    with docker_registry(tmp_path / "first") as registry:
        yield registry


@pytest.fixture
def other(tmp_path: Path) -> Iterator[DockerRegistry]:
    with docker_registry(tmp_path / "other") as registry:
        yield registry


def in_use(folder: Path, *registries: str) -> None:
    """Let podman be configured for these registries."""
    tables = (f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n' for registry in registries)
    write(folder, "/etc/containers/registries.conf", "".join(tables))


async def walk(folder: Path, image: str, runtime: str | None = None) -> Trace:
    return await trace(image, Node(Root(folder / "node"), runtime, "test"))


async def likely(folder: Path, image: str, runtime: str | None = None) -> str | None:
    """Trace an image that is not there; give the confirmed suggestion."""
    found = await walk(folder, image, runtime)
    assert found.cause == "image_not_found", found.detail
    if found.suggestion is None or not found.suggestion.confirmed:
        return None
    return found.suggestion.image


@pytest.mark.parametrize(
    ("held", "asked", "meant"),
    [
        (("v1.2.3", "1.2.2"), "1.2.3", "v1.2.3"),
        (("1.27-alpine", "1.27"), "1.27-alpin", "1.27-alpine"),
        (("3.1.0", "3.1.4"), "3.1", "3.1.0"),
        (("latest", "1"), "lastest", "latest"),
        (("8.14.0", "8.15.1"), "latest", "8.15.1"),
        (("1.4.1", "1.4.2", "2.0.0"), "1.4.9", "1.4.2"),
        (("unrelated",), "1.4.9", None),
    ],
)  # fmt: skip
async def test_the_neighbour_of_a_tag_is_found_in_the_registrys_list(
    held: tuple[str, ...], asked: str, meant: str | None, first: DockerRegistry, tmp_path: Path
) -> None:
    first.push("team/app", held, "app")
    found = await likely(tmp_path, f"{first.host}/team/app:{asked}")
    assert found == (meant and f"{first.host}/team/app:{meant}")


async def test_a_neighbour_is_found_in_a_list_of_many_pages(first: DockerRegistry, tmp_path: Path) -> None:
    first.push("team/app", tuple(f"0.{minor}.{patch}" for minor in range(30) for patch in range(40)), "app")
    first.push("team/app", ("v7.1.2", "7.1.0-slim"), "app")
    assert await likely(tmp_path, f"{first.host}/team/app:7.1.0-slin") == f"{first.host}/team/app:7.1.0-slim"
    assert await likely(tmp_path, f"{first.host}/team/app:7.1.2") == f"{first.host}/team/app:v7.1.2"


async def test_of_a_list_that_is_too_long_to_read_the_pages_around_the_tag_are_read(tmp_path: Path) -> None:
    held = sorted([*(f"0.{at:05}" for at in range(9000)), "5.1.0-slim", *(f"9.{at:05}" for at in range(9000)), "v5.2"])

    def page(request: Request) -> Reply | None:
        if "/tags/list" not in request.path:
            return None
        last, count = request.query.get("last", [""])[0], int(request.query["n"][0])
        rest = [tag for tag in held if tag > last]
        link = f'</v2/team/app/tags/list?n={count}&last={rest[count - 1]}>; rel="next"' if len(rest) > count else ""
        return Reply(200, {"Link": link} if link else {}, json.dumps({"tags": rest[:count]}).encode())

    async with serve(serving()) as registry:
        registry.rules.append(page)
        assert await likely(tmp_path, f"{registry.host}/team/app:5.1.0-slin") == f"{registry.host}/team/app:5.1.0-slim"
        assert await likely(tmp_path, f"{registry.host}/team/app:5.2") == f"{registry.host}/team/app:v5.2"
        assert len(registry.asked("/tags/list")) <= 2 * tags.PAGES_AT_MOST


async def test_the_reason_says_who_was_asked(first: DockerRegistry, tmp_path: Path) -> None:
    first.push("team/app", ("1.4.1", "1.5.0"), "app")
    found = await walk(tmp_path, f"{first.host}/team/app:1.4.2")
    assert found.suggestion is not None
    assert found.suggestion.reason.startswith(f"{first.host} lists 1.4.1 and no 1.4.2")


async def test_an_image_is_found_at_another_registry_in_use(
    first: DockerRegistry, other: DockerRegistry, tmp_path: Path
) -> None:
    first.push("team/other", ("1",), "app")
    other.push("team/app", ("1",), "app")
    in_use(tmp_path / "node", first.host, other.host)
    assert await likely(tmp_path, f"{first.host}/team/app:1", "podman") == f"{other.host}/team/app:1"
    assert await likely(tmp_path, f"{first.host}/team/app:2", "podman") is None


async def test_the_same_tag_elsewhere_comes_after_another_spelling_and_before_another_version(
    first: DockerRegistry, other: DockerRegistry, tmp_path: Path
) -> None:
    first.push("team/app", ("v1.0", "1.4.1"), "app")
    other.push("team/app", ("1.0", "1.4.2"), "app")
    in_use(tmp_path / "node", first.host, other.host)
    assert await likely(tmp_path, f"{first.host}/team/app:1.0", "podman") == f"{first.host}/team/app:v1.0"
    assert await likely(tmp_path, f"{first.host}/team/app:1.4.2", "podman") == f"{other.host}/team/app:1.4.2"


async def test_a_registry_that_nothing_uses_is_not_asked(
    first: DockerRegistry, other: DockerRegistry, tmp_path: Path
) -> None:
    first.push("team/other", ("1",), "app")
    other.push("team/app", ("1",), "app")
    in_use(tmp_path / "node", first.host)
    assert await likely(tmp_path, f"{first.host}/team/app:1", "podman") is None


async def test_an_official_image_is_found_under_library(first: DockerRegistry, tmp_path: Path) -> None:
    first.push("library/nginx", ("1",), "nginx")
    assert await likely(tmp_path, f"{first.host}/nginx:1") == f"{first.host}/library/nginx:1"


async def test_the_tag_beside_a_digest_that_is_gone_is_found(first: DockerRegistry, tmp_path: Path) -> None:
    pushed = first.push("team/app", ("1",), "app")
    found = await walk(tmp_path, f"{first.host}/team/app:1@sha256:{HEX}")
    assert found.suggestion is not None
    assert found.suggestion.image == f"{first.host}/team/app:1"
    assert pushed.digest[:19] in found.suggestion.reason


async def test_what_the_text_says_is_not_said_when_the_registry_has_it_not(
    first: DockerRegistry, tmp_path: Path
) -> None:
    first.push("team/app", ("edge",), "app")
    assert (await walk(tmp_path, f"{first.host}/team/app:lastest")).suggestion is None


async def test_what_a_whole_list_has_not_is_not_asked_for(tmp_path: Path) -> None:
    async with serve(serving(APP)) as registry:
        listing(registry, "1", "edge")
        assert (await walk(tmp_path, f"{registry.host}/team/app:lastest")).suggestion is None
        assert registry.asked("/manifests/latest") == []


async def test_a_list_that_is_shown_to_nobody_leaves_what_the_text_says(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.on("/tags/list", Reply(403))
        found = await walk(tmp_path, f"{registry.host}/team/app:lastest")
        assert found.suggestion is not None
        assert (found.suggestion.image, found.suggestion.confirmed) == (f"{registry.host}/team/app:latest", False)
        assert len(registry.asked("/tags/list")) == 1
        assert registry.asked("/manifests/latest") == []


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_a_registry_that_refuses_is_not_asked_for_names(status: int, tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.on("/manifests/", Reply(status))
        found = await walk(tmp_path, f"{registry.host}/team/app:lastest")
        assert found.cause in ("auth_failed", "rate_limited")
        assert found.suggestion is None
        assert registry.asked("/tags/list") == []


async def test_an_image_that_is_there_costs_no_list(tmp_path: Path) -> None:
    async with serve(serving(APP)) as registry:
        found = await walk(tmp_path, f"{registry.host}/team/app:1")
        assert (found.verdict, found.suggestion) == ("ok", None)
        assert registry.asked("/tags/list") == []


async def test_the_list_is_asked_for_with_the_nodes_credentials(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        demand(registry)
        listing(registry, "v1.0")
        in_use(tmp_path / "node", registry.host)
        auths = {registry.host: {"auth": base64.b64encode(b"robot:hidden").decode()}}
        write(tmp_path / "node", "/run/containers/0/auth.json", {"auths": auths})
        assert await likely(tmp_path, f"{registry.host}/team/app:1.0", "podman") == f"{registry.host}/team/app:v1.0"
        assert registry.asked("/tags/list")[-1].headers["authorization"] == "Bearer token-of-robot"
        assert "hidden" not in str(await walk(tmp_path, f"{registry.host}/team/app:1.0", "podman"))


async def test_an_endless_list_is_left(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        pages = 0

        def endless(request: Request) -> Reply | None:
            nonlocal pages
            if "/tags/list" not in request.path:
                return None
            pages += 1
            link = f'<https://elsewhere.example/v2/x/tags/list?n=1000&last={pages}>; rel="next"'
            return Reply(200, {"Link": link}, json.dumps({"tags": [f"odd{pages}-{at}" for at in range(1000)]}).encode())

        registry.rules.append(endless)
        assert await likely(tmp_path, f"{registry.host}/team/app:1.0") is None
        assert pages == tags.PAGES_AT_MOST


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'{"tags": null}', b'{"tags": 1}', b'{"tags": [1, null, "v1.0\\n"]}', b"<html>", b"\xff",
     b"[" * 100_000],
)  # fmt: skip
async def test_a_list_that_is_none_suggests_nothing(body: bytes, tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.on("/tags/list", Reply(200, {}, body))
        assert await likely(tmp_path, f"{registry.host}/team/app:1.0") is None


async def test_of_a_list_that_is_too_long_the_beginning_counts(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        listing(registry, "v1.0", *(f"{at:0120}" for at in range(6000)))
        assert await likely(tmp_path, f"{registry.host}/team/app:1.0") == f"{registry.host}/team/app:v1.0"


async def test_a_list_that_never_comes_does_not_hold_up_the_trace(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.add("latest", APP)
        registry.on("/tags/list", Reply(200, {"Content-Length": "9"}, then="hang"))
        found = await walk(tmp_path, f"{registry.host}/team/app:lastest")
        assert found.took_s < TRACE_WITHIN_S / 2
        assert found.suggestion is not None
        assert (found.suggestion.image, found.suggestion.confirmed) == (f"{registry.host}/team/app:latest", True)


def listing(registry: Registry, *names: str) -> None:
    """Show a list to whoever may see images."""
    registry.on("/tags/list", Reply(200, {"Content-Type": "application/json"}, json.dumps({"tags": names}).encode()))


async def test_mirrors_are_asked_for_their_lists_as_the_pull_asks_them(tmp_path: Path) -> None:
    async with serve(serving()) as mirror, serve(serving()) as upstream:
        listing(mirror, "v0.9")
        listing(upstream, "v1.0")
        mirrors(tmp_path, "registry.example", mirror.host, upstream.host)
        found = tags.Tags()

        async def observe(target: str, look: Look) -> None:
            await tags.read(look, parse(target), found)

        check = Check("suggestion", observe, lambda seen, settings: ok(""))
        round_ = Round(
            Node(Root(tmp_path), "containerd", "test"),
            {"suggestion": Settings(every_s=1, patience_s=PATIENCE_S)},
            deadline_s=10,
            find=lambda name: check if name == "suggestion" else checks.check(name),
        )
        await round_.ask([Question("suggestion", "registry.example/team/app:1.0")])
        assert (found.names, found.whole, found.refused) == (["v0.9", "v1.0"], True, False)
        assert [one.query for one in mirror.asked("/team/app/tags/list")] == [
            {"n": ["1000"], "ns": ["registry.example"]}
        ]
