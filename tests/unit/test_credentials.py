import base64
import json
from pathlib import Path
from typing import Any

import pytest

from agent.host.credentials import Credential, credentials
from agent.host.root import HostFileError, Root
from agent.host.runtime import Runtime

KUBELET = "/var/lib/kubelet/config.json"
AUTH = "/run/containers/0/auth.json"
CONTAINERD, PODMAN, CRIO = Runtime("containerd"), Runtime("podman"), Runtime("cri-o")


def auth(user: str, secret: str = "hidden") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{secret}".encode()).decode()}


def node(folder: Path, files: dict[str, Any]) -> Root:
    for path, content in files.items():
        real = folder / path.lstrip("/")
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(content if isinstance(content, str) else json.dumps(content))
    return Root(folder)


def users(root: Root, runtime: Runtime | None, registry: str, path: str = "") -> list[str]:
    return [found.username for found in credentials(root, runtime, registry, path)]


def test_nothing_is_anonymous(tmp_path: Path) -> None:
    assert credentials(Root(tmp_path), CONTAINERD, "quay.io", "a/b") == []


def test_podman_takes_the_longest_namespace_alone(tmp_path: Path) -> None:
    auths = {"quay.io": auth("all"), "quay.io/team": auth("team"), "quay.io/team/app": auth("app")}
    root = node(tmp_path, {AUTH: {"auths": auths}})
    assert users(root, PODMAN, "quay.io", "team/app") == ["app"]
    assert users(root, PODMAN, "quay.io", "team/other") == ["team"]
    assert users(root, PODMAN, "quay.io", "x") == ["all"]
    assert users(root, PODMAN, "quay.io") == ["all"]
    assert users(root, PODMAN, "ghcr.io", "x") == []


@pytest.mark.parametrize("key", ["docker.io", "https://index.docker.io/v1/", "registry-1.docker.io", "index.docker.io"])
def test_docker_hub_goes_by_many_names(key: str, tmp_path: Path) -> None:
    root = node(tmp_path, {AUTH: {"auths": {key: auth("me")}}, KUBELET: {"auths": {key: auth("kubelet")}}})
    assert users(root, PODMAN, "docker.io", "library/nginx") == ["me"]
    assert users(root, CONTAINERD, "docker.io", "library/nginx") == ["kubelet"]


def test_kubelet_tries_one_after_the_other_and_knows_wildcards(tmp_path: Path) -> None:
    auths = {"*.example": auth("wild"), "a.example": auth("host"), "a.example/team": auth("team")}
    root = node(tmp_path, {KUBELET: {"auths": auths}})
    assert users(root, CONTAINERD, "a.example", "team/app") == ["team", "wild", "host"]
    assert users(root, CONTAINERD, "b.example", "team/app") == ["wild"]
    assert users(root, CONTAINERD, "a.b.example", "team/app") == []
    assert users(root, CONTAINERD, "a.example:5000", "team/app") == []


def test_containerds_own_file_goes_by_the_host(tmp_path: Path) -> None:
    text = """version = 2
[plugins."io.containerd.grpc.v1.cri".registry.configs."registry-1.docker.io".auth]
  username = "me"
  password = "hidden"
[plugins."io.containerd.grpc.v1.cri".registry.configs."m.example".auth]
  identitytoken = "token"
"""
    root = node(tmp_path, {"/etc/containerd/config.toml": text})
    assert users(root, CONTAINERD, "docker.io") == ["me"]
    [mirror] = credentials(root, CONTAINERD, "m.example", "")
    assert (mirror.username, mirror.secret, mirror.everywhere) == ("", "token", False)


def test_kubelets_credentials_are_shown_everywhere(tmp_path: Path) -> None:
    root = node(tmp_path, {KUBELET: {"auths": {"quay.io": auth("me")}}})
    assert credentials(root, CONTAINERD, "quay.io")[0].everywhere


def test_crio_reads_its_global_auth_file(tmp_path: Path) -> None:
    files = {
        "/etc/crio/crio.conf.d/10.conf": '[crio.image]\nglobal_auth_file = "/etc/pull-secret.json"\n',
        "/etc/pull-secret.json": {"auths": {"quay.io": auth("global")}},
    }
    assert users(node(tmp_path, files), CRIO, "quay.io", "x") == ["global"]


def test_an_empty_entry_beside_a_helper_is_nobody(tmp_path: Path) -> None:
    root = node(tmp_path, {AUTH: {"auths": {"quay.io": {}}, "credsStore": "pass"}})
    assert credentials(root, PODMAN, "quay.io") == []


@pytest.mark.parametrize(
    "content", ["{", "[]", {"auths": []}, {"auths": {"quay.io": 5}}, {"auths": {"quay.io": {"auth": "*"}}}]
)
def test_a_broken_file_is_said_without_its_secrets(content: Any, tmp_path: Path) -> None:
    with pytest.raises(HostFileError) as raised:
        credentials(node(tmp_path, {AUTH: content}), PODMAN, "quay.io")
    assert raised.value.path == AUTH
    assert "*" not in raised.value.why


def test_a_credential_never_shows_its_secret() -> None:
    found = Credential("/f", "quay.io", "me", "hidden-secret")
    assert "hidden-secret" not in repr(found)
    assert "hidden-secret" not in found.fingerprint
    assert found.fingerprint != Credential("/f", "quay.io", "me", "other").fingerprint
