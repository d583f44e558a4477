"""Redirects, tokens and credentials as a runtime meets them, over real sockets."""

from pathlib import Path

import pytest

from tests.integration.asking import ask, credentials, demand, layer, redirect, serving
from tests.servers.registry import Reply, Request, serve


async def test_the_blob_host_is_a_target_of_its_own(tmp_path: Path) -> None:
    async with serve(serving(), host="127.0.0.2") as blobs, serve(serving()) as registry:
        redirect(registry, "/blobs/", blobs.host, "?sig=hidden")
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
        redirect(registry, "/blobs/", blobs.host)
        credentials(tmp_path, registry.host, "me")
        found, _ = await layer(tmp_path, f"{registry.host}/team/app:1")
    assert found.status == "ok"
    assert registry.asked("/blobs/")[0].headers["authorization"] == "Bearer token-of-me"
    assert not [asked for asked in blobs.requests if "authorization" in asked.headers]


async def test_a_host_that_demands_a_token_behind_a_redirect_gets_an_anonymous_one(tmp_path: Path) -> None:
    async with serve(serving(), host="127.0.0.2") as other, serve(serving()) as registry:
        demand(other)
        redirect(registry, "/team/", other.host)
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
