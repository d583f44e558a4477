"""Redirects, tokens, credentials and mirrors, against servers that note what they were asked."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from agent.check import Settings
from agent.checks import rate_limit
from agent.contract.result import Result
from agent.contract.table import CADENCES
from agent.distribution import tokens
from agent.host.node import Node
from agent.host.root import Root
from agent.round import Question, Round
from tests.servers import images
from tests.servers.images import image
from tests.servers.registry import Registry, Reply, Request, serve

PATIENCE_S = 1.0
APP = image()
LARGE = image(sizes=(5_000_000,))
CONFIG = "/etc/containerd/config.toml"
CERTS = "/etc/containerd/certs.d"


@pytest.fixture(autouse=True)
def no_tokens_from_other_tests() -> None:
    for key in list(tokens.KEPT._kept):
        tokens.KEPT.forget(key)


def serving(one: images.Image = APP) -> Registry:
    registry = Registry()
    registry.add("1", one)
    return registry


def write(folder: Path, path: str, content: str | dict[str, Any]) -> None:
    real = folder / path.lstrip("/")
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_text(content if isinstance(content, str) else json.dumps(content))


def mirrors(folder: Path, registry: str, *hosts: str) -> None:
    """Let containerd ask these for a registry's images, the last as the registry itself."""
    write(folder, CONFIG, f'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "{CERTS}"\n')
    named = "".join(f'[host."http://{host}"]\n' for host in hosts[:-1])
    write(folder, f"{CERTS}/{registry}/hosts.toml", f'server = "http://{hosts[-1]}"\n{named}')


async def ask(folder: Path, *questions: tuple[str, str], runtime: str | None = None) -> dict[str, Result]:
    settings = {name: Settings(every_s=1, patience_s=PATIENCE_S) for name in CADENCES}
    round_ = Round(Node(Root(folder), runtime, "test"), settings, deadline_s=20)
    return {result.key: result for result in await round_.ask([Question(*question) for question in questions])}


async def layer(folder: Path, name: str, runtime: str | None = None) -> tuple[Result, dict[str, Result]]:
    results = await ask(folder, ("layer", name), runtime=runtime)
    return results[f"layer {name}"], results


def demand(registry: Registry, *, closed_to: tuple[str, ...] = (), basic: bool = False) -> None:
    """Demand a token of `/token`, which gives each user one of its own; or basic credentials."""

    def rule(request: Request) -> Reply | None:
        shown = request.headers.get("authorization", "")
        if request.path == "/token":
            user = base64.b64decode(shown.removeprefix("Basic ")).decode().partition(":")[0] or "nobody"
            if user in closed_to:
                return Reply(401)
            return Reply(200, {}, json.dumps({"token": f"token-of-{user}", "expires_in": 300}).encode())
        if shown.startswith("Basic " if basic else "Bearer token-of-"):
            return None
        kind = 'Basic realm="x"' if basic else f'Bearer realm="http://{registry.host}/token",service="s"'
        return Reply(401, {"WWW-Authenticate": kind})

    registry.rules.append(rule)


def credentials(folder: Path, host: str, *users: str) -> None:
    auths = {
        f"{host}/team"[: None if place else len(host)]: {"auth": base64.b64encode(f"{user}:hidden".encode()).decode()}
        for place, user in enumerate(users)
    }
    write(folder, "/var/lib/kubelet/config.json", {"auths": auths})


async def test_the_blob_host_is_a_target_of_its_own(tmp_path: Path) -> None:
    async with serve(serving(), host="127.0.0.2") as blobs, serve(serving()) as registry:
        registry.rules.append(
            lambda asked: (
                Reply(307, {"Location": f"http://{blobs.host}{asked.path}?sig=hidden"})
                if "/blobs/" in asked.path
                else None
            )
        )
        found, results = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"
    assert found.evidence["hosts"] == ["127.0.0.2"]
    assert results[f"tcp {blobs.host}"].status == "ok"


async def test_a_dead_blob_host_keeps_its_own_cause(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.on("/blobs/", Reply(307, {"Location": "http://127.0.0.2:1/x"}))
        found, results = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert (found.status, found.blocked_by) == ("skipped", "tcp 127.0.0.2:1")
    assert results["tcp 127.0.0.2:1"].cause == "connect_refused"


async def test_credentials_never_go_to_another_host(tmp_path: Path) -> None:
    async with serve(serving(), host="127.0.0.2") as blobs, serve(serving()) as registry:
        demand(registry)
        registry.rules.insert(
            0,
            lambda asked: (
                Reply(302, {"Location": f"http://{blobs.host}{asked.path}"}) if "/blobs/" in asked.path else None
            ),
        )
        credentials(tmp_path, registry.host, "me")
        found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"
    assert registry.asked("/blobs/")[0].headers["authorization"] == "Bearer token-of-me"
    assert not [asked for asked in blobs.requests if "authorization" in asked.headers]


async def test_a_host_that_demands_a_token_behind_a_redirect_gets_an_anonymous_one(tmp_path: Path) -> None:
    async with serve(serving(), host="127.0.0.2") as other, serve(serving()) as registry:
        demand(other)
        registry.rules.append(
            lambda asked: (
                Reply(307, {"Location": f"http://{other.host}{asked.path}"}) if "/team/" in asked.path else None
            )
        )
        credentials(tmp_path, registry.host, "me")
        found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"
    assert {asked.headers.get("authorization") for asked in other.asked("/team/")} == {None, "Bearer token-of-nobody"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_relative_redirects_are_followed(status: int, tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.rules.append(
            lambda asked: (
                Reply(status, {"Location": asked.path.replace("/team/", "/moved/")}) if "/team/" in asked.path else None
            )
        )
        found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"


@pytest.mark.parametrize(("redirects", "status"), [(9, "ok"), (10, "failed")])
async def test_nine_redirects_are_followed_and_no_more(redirects: int, status: str, tmp_path: Path) -> None:
    def rule(asked: Request) -> Reply | None:
        done = int(asked.query.get("n", ["0"])[0])
        return (
            Reply(302, {"Location": f"{asked.path}?n={done + 1}"})
            if "/manifests/" in asked.path and done < redirects
            else None
        )

    async with serve(serving()) as registry:
        registry.rules.append(rule)
        found = await ask(tmp_path, ("manifest", f"{registry.host}/team/app:1"))
    assert found[f"manifest {registry.host}/team/app:1"].status == status


async def test_a_token_is_asked_for_only_when_the_last_one_has_expired(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        demand(registry)
        for _ in range(3):
            found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
            assert found.status == "ok"
    scopes = [request.query.get("scope", [""])[0] for request in registry.asked("/token")]
    assert sorted(scopes) == ["", "repository:team/app:pull"]


async def test_a_token_that_is_refused_is_replaced(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        demand(registry)
        await layer(tmp_path, f"{registry.host}/team/app:1")
        stale = iter([Reply(401, {"WWW-Authenticate": f'Bearer realm="http://{registry.host}/token",service="s"'})])
        registry.rules.insert(0, lambda asked: next(stale, None) if "/manifests/" in asked.path else None)
        found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"
    assert len(registry.asked("/token")) == 3


async def test_each_credential_is_tried_until_one_is_accepted(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        demand(registry, closed_to=("old",))
        credentials(tmp_path, registry.host, "me", "old")
        found = await ask(tmp_path, ("manifest", f"{registry.host}/team/app:1"))
    result = found[f"manifest {registry.host}/team/app:1"]
    assert (result.status, result.evidence["credentials"]) == ("ok", "/var/lib/kubelet/config.json")


async def test_credentials_that_the_token_service_refuses_are_auth_failed(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        demand(registry, closed_to=("me",))
        credentials(tmp_path, registry.host, "me")
        found = await ask(tmp_path, ("registry", registry.host))
    result = found[f"registry {registry.host}"]
    assert (result.status, result.cause) == ("failed", "auth_failed")
    assert "/var/lib/kubelet/config.json" in result.detail
    assert "hidden" not in str(result)


async def test_a_token_service_that_refuses_an_anonymous_look_is_no_failure_of_the_registry(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        demand(registry, closed_to=("nobody",))
        found = await ask(tmp_path, ("manifest", f"{registry.host}/team/app:1"))
    assert found[f"registry {registry.host}"].status == "ok"
    assert found[f"manifest {registry.host}/team/app:1"].cause == "auth_failed"


async def test_basic_credentials_are_shown_where_they_are_demanded(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        demand(registry, basic=True)
        credentials(tmp_path, registry.host, "me")
        found, results = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"
    assert results[f"registry {registry.host}"].evidence["credentials"] == "/var/lib/kubelet/config.json"


async def test_a_dead_mirror_with_a_living_upstream_is_a_warning(tmp_path: Path) -> None:
    async with serve(serving()) as upstream:
        mirrors(tmp_path, "reg.example", "127.0.0.1:1", upstream.host)
        found, results = await layer(tmp_path, "reg.example/team/app:1", "containerd")
    assert found.status == "ok"
    assert results["tcp 127.0.0.1:1"].status == "warn"
    assert results["registry reg.example"].status == "warn"
    assert "127.0.0.1:1" in results["registry reg.example"].detail


async def test_a_mirror_without_the_image_is_passed_over(tmp_path: Path) -> None:
    async with serve(Registry()) as mirror, serve(serving()) as upstream:
        mirrors(tmp_path, "reg.example", mirror.host, upstream.host)
        found, results = await layer(tmp_path, "reg.example/team/app:1", "containerd")
    assert found.status == "ok"
    assert results["manifest reg.example/team/app:1"].status == "ok"
    assert mirror.asked("/manifests/1")[0].query == {"ns": ["reg.example"]}


async def test_an_upstream_behind_a_mirror_that_has_the_image_is_not_asked(tmp_path: Path) -> None:
    async with serve(serving()) as mirror, serve(serving()) as upstream:
        mirrors(tmp_path, "reg.example", mirror.host, upstream.host)
        found, _ = await layer(tmp_path, "reg.example/team/app:1", "containerd")
    assert found.status == "ok"
    assert upstream.requests == []


async def test_an_image_that_is_nowhere_is_not_found(tmp_path: Path) -> None:
    async with serve(Registry()) as mirror, serve(Registry()) as upstream:
        mirrors(tmp_path, "reg.example", mirror.host, upstream.host)
        results = await ask(tmp_path, ("manifest", "reg.example/team/app:1"), runtime="containerd")
    result = results["manifest reg.example/team/app:1"]
    assert (result.status, result.cause) == ("failed", "image_not_found")
    assert mirror.host in str(result.evidence["mirrors"])


async def test_containerd_takes_a_blob_from_the_next_place_and_podman_does_not(tmp_path: Path) -> None:
    async with serve(serving()) as mirror, serve(serving()) as upstream:
        mirror.on("/blobs/", Reply(500))
        mirrors(tmp_path, "reg.example", mirror.host, upstream.host)
        found, _ = await layer(tmp_path, "reg.example/team/app:1", "containerd")
        assert found.status == "ok"
        conf = f'[[registry]]\nlocation = "{upstream.host}"\ninsecure = true\n'
        conf += f'[[registry.mirror]]\nlocation = "{mirror.host}"\ninsecure = true\n'
        write(tmp_path, "/etc/containers/registries.conf", conf)
        found, _ = await layer(tmp_path, f"{upstream.host}/team/app:1", "podman")
    assert (found.status, found.cause) == ("failed", "blob_unavailable")


async def test_a_blob_host_that_mirror_and_upstream_share_fails_when_it_is_dead(tmp_path: Path) -> None:
    async with serve(serving()) as mirror, serve(serving()) as upstream:
        for server in (mirror, upstream):
            server.on("/blobs/", Reply(307, {"Location": "http://127.0.0.2:1/x"}))
        mirrors(tmp_path, "reg.example", mirror.host, upstream.host)
        found, results = await layer(tmp_path, "reg.example/team/app:1", "containerd")
    assert found.blocked_by == "tcp 127.0.0.2:1"
    assert results["tcp 127.0.0.2:1"].status == "failed"


async def test_containerd_pulls_where_only_v2_is_broken(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.rules.append(lambda asked: Reply(500) if asked.path == "/v2/" else None)
        mirrors(tmp_path, registry.host, registry.host)
        name = f"{registry.host}/team/app:1"
        assert (await layer(tmp_path, name, "containerd"))[0].status == "ok"
        found, _ = await layer(tmp_path / "no-runtime", name)
    assert (found.status, found.blocked_by) == ("skipped", f"registry {registry.host}")


async def test_of_a_large_layer_only_the_first_bytes_are_read(tmp_path: Path) -> None:
    async with serve(serving(LARGE)) as registry:
        found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"
    assert found.evidence["read"][1] == {
        "what": "layer",
        "digest": LARGE.layers[0].digest,
        "size_bytes": len(LARGE.layers[0].body),
        "read_bytes": 65536,
        "whole": False,
    }
    assert registry.asked(LARGE.layers[0].digest)[0].headers["range"] == "bytes=0-65535"


async def test_a_large_layer_that_is_shorter_than_said_is_a_mismatch(tmp_path: Path) -> None:
    async with serve(serving(LARGE)) as registry:
        registry.on(LARGE.layers[0].digest, Reply(200, {}, b"x" * 1000))
        found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.cause == "digest_mismatch"


async def test_a_digest_is_asked_for_and_verified(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        name = f"{registry.host}/team/app@{APP.manifest.digest}"
        assert (await layer(tmp_path, name))[0].status == "ok"
        other = image("amd64", (10,)).manifest
        registry.on(f"/manifests/{APP.manifest.digest}", Reply(200, {"Content-Type": other.media_type}, other.body))
        results = await ask(tmp_path, ("platform", name))
    assert results[f"platform {name}"].cause == "digest_mismatch"


async def test_another_architecture_is_refused_by_some_runtimes_only(tmp_path: Path) -> None:
    async with serve(serving(image("s390x"))) as registry:
        name = f"{registry.host}/team/app:1"
        conf = f'[[registry]]\nlocation = "{registry.host}"\ninsecure = true\n'
        write(tmp_path, "/etc/containers/registries.conf", conf)
        refused = (await ask(tmp_path, ("platform", name), runtime="containerd"))[f"platform {name}"]
        taken = (await ask(tmp_path, ("platform", name), runtime="podman"))[f"platform {name}"]
    assert (refused.status, refused.cause) == ("failed", "wrong_architecture")
    assert (taken.status, taken.cause) == ("warn", "wrong_architecture")


async def test_limits_that_come_by_anyway_are_judged_without_a_request(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        said = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "20;w=21600"}
        body = APP.manifest.body
        described = {"Content-Type": images.MANIFEST, "Docker-Content-Digest": APP.manifest.digest}
        registry.on("/manifests/1", Reply(200, described | said, body))
        await ask(tmp_path, ("manifest", f"{registry.host}/team/app:1"))
        before = len(registry.asked("/manifests/"))
        results = await ask(tmp_path, ("rate_limit", registry.host))
    result = results[f"rate_limit {registry.host}"]
    assert (result.status, result.cause) == ("warn", "rate_limited")
    assert result.evidence["identities"][rate_limit.ANONYMOUS]["remaining"] == 20
    assert len(registry.asked("/manifests/")) == before


async def test_the_registrys_own_time_is_noted_for_the_clock(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        registry.rules.append(
            lambda asked: Reply(200, {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}, b"{}") if asked.path == "/v2/" else None
        )
        results = await ask(tmp_path, ("registry", registry.host), ("clock", "test"))
    assert results["clock test"].cause == "clock_skew"


async def test_podman_cannot_do_without_the_blob_host_of_the_mirror_it_chose(tmp_path: Path) -> None:
    async with serve(serving()) as mirror, serve(serving()) as upstream:
        mirror.on("/blobs/", Reply(307, {"Location": "http://127.0.0.2:1/x"}))
        conf = f'[[registry]]\nlocation = "{upstream.host}"\ninsecure = true\n'
        conf += f'[[registry.mirror]]\nlocation = "{mirror.host}"\ninsecure = true\n'
        write(tmp_path, "/etc/containers/registries.conf", conf)
        _, results = await layer(tmp_path, f"{upstream.host}/team/app:1", "podman")
    assert results["tcp 127.0.0.2:1"].status == "failed"
