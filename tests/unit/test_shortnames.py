from pathlib import Path

import pytest

from agent.contract.reference import InvalidReferenceError
from agent.host.fault import Fault
from agent.host.root import Root
from agent.host.runtime import Runtime
from agent.host.shortnames import resolve

PODMAN = Runtime("podman")
CONF = "/etc/containers/registries.conf"


def node(folder: Path, **files: str) -> Root:
    for name, text in files.items():
        path = folder / {"conf": CONF, "drop": f"{CONF}.d/1.conf"}[name].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Root(folder)


def names(root: Root, runtime: Runtime | None, text: str) -> list[str]:
    return [str(reference) for reference in resolve(root, runtime, text)]


@pytest.mark.parametrize("runtime", [None, Runtime("containerd"), Runtime("docker")])
def test_a_short_name_is_docker_hubs_to_all_but_containers(runtime: Runtime | None, tmp_path: Path) -> None:
    assert names(Root(tmp_path), runtime, "nginx") == ["docker.io/library/nginx:latest"]


def test_a_whole_name_needs_no_file(tmp_path: Path) -> None:
    assert names(Root(tmp_path), PODMAN, "quay.io/a/b:1") == ["quay.io/a/b:1"]


def test_podman_searches_the_registries_in_their_order(tmp_path: Path) -> None:
    root = node(tmp_path, conf='unqualified-search-registries = ["quay.io", "docker.io"]\n')
    assert names(root, PODMAN, "app:1") == ["quay.io/app:1", "docker.io/library/app:1"]


def test_an_alias_wins_and_keeps_tag_and_digest(tmp_path: Path) -> None:
    root = node(tmp_path, conf='[aliases]\n"tools/app" = "quay.io/team/app"\n')
    digest = f"sha256:{'a' * 64}"
    assert names(root, PODMAN, "tools/app") == ["quay.io/team/app:latest"]
    assert names(root, PODMAN, "tools/app:2") == ["quay.io/team/app:2"]
    assert names(root, PODMAN, f"tools/app@{digest}") == [f"quay.io/team/app@{digest}"]


def test_a_drop_in_may_take_an_alias_away(tmp_path: Path) -> None:
    root = node(
        tmp_path,
        conf='unqualified-search-registries = ["quay.io"]\n[aliases]\napp = "a.example/app"\n',
        drop='[aliases]\napp = ""\n',
    )
    assert names(root, PODMAN, "app") == ["quay.io/app:latest"]


def test_a_name_that_means_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        resolve(Root(tmp_path), PODMAN, "nginx")
    assert raised.value.cause == "short_name_ambiguous"


def test_several_registries_are_ambiguous_only_where_that_is_enforced(tmp_path: Path) -> None:
    text = 'short-name-mode = "enforcing"\nunqualified-search-registries = ["a.example", "b.example"]\n'
    with pytest.raises(Fault) as raised:
        resolve(node(tmp_path, conf=text), PODMAN, "nginx")
    assert raised.value.cause == "short_name_ambiguous"
    alone = node(tmp_path, conf=text.replace(', "b.example"', ""))
    assert names(alone, PODMAN, "nginx") == ["a.example/nginx:latest"]


def test_what_can_be_no_image_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(InvalidReferenceError):
        resolve(Root(tmp_path), PODMAN, "Nginx:latest")
