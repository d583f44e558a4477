"""Mirrors, layers and platforms as a runtime meets them, over real sockets."""

from pathlib import Path

from agent.checks import rate_limit
from tests.integration.asking import APP, LARGE, ask, layer, mirrors, serving, write
from tests.servers import images
from tests.servers.images import image
from tests.servers.registry import Registry, Reply, serve


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
