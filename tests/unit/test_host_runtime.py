"""Which runtimes a tree of files has, and with what they are started."""

from pathlib import Path

import pytest

from agent.host import kubelet, unit, version
from agent.host.platform import platform
from agent.host.root import Root
from agent.host.runtime import detect, primary
from agent.host.storage import graph_root


def write(folder: Path, name: str, text: str = "") -> Root:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Root(folder)


def test_an_empty_tree_has_no_runtime(tmp_path: Path) -> None:
    assert detect(Root(tmp_path)) == ()
    assert primary(Root(tmp_path), ()) is None


@pytest.mark.parametrize(
    ("config", "name", "socket", "store"),
    [
        ("etc/containerd/config.toml", "containerd", "/run/containerd/containerd.sock", "/var/lib/containerd"),
        (
            "var/lib/rancher/k3s/agent/etc/containerd/config.toml",
            "containerd",
            "/run/k3s/containerd/containerd.sock",
            "/var/lib/rancher/k3s/agent/containerd",
        ),
        ("etc/crio/crio.conf", "cri-o", "/run/crio/crio.sock", "/var/lib/containers/storage"),
        ("etc/docker/daemon.json", "docker", "/run/docker.sock", "/var/lib/docker"),
        ("etc/containers/registries.conf", "podman", None, "/var/lib/containers/storage"),
    ],
)
def test_a_configuration_makes_a_runtime(
    tmp_path: Path, config: str, name: str, socket: str | None, store: str
) -> None:
    (found,) = detect(write(tmp_path, config))
    assert (found.name, found.socket, found.stores, found.found, found.configured) == (
        name,
        socket,
        (store,),
        True,
        True,
    )
    assert not found.living


def test_a_socket_file_that_nobody_serves_is_a_runtime_that_does_not_live(tmp_path: Path) -> None:
    (found,) = detect(write(tmp_path, "run/containerd/containerd.sock"))
    assert (found.name, found.found, found.living) == ("containerd", True, False)


def test_registries_conf_beside_cri_o_makes_no_podman(tmp_path: Path) -> None:
    write(tmp_path, "etc/containers/registries.conf")
    assert [found.name for found in detect(write(tmp_path, "etc/crio/crio.conf"))] == ["cri-o"]


def test_certs_d_alone_makes_no_runtime(tmp_path: Path) -> None:
    assert detect(write(tmp_path, "etc/containerd/certs.d/a.example/hosts.toml")) == ()


def test_who_is_asked_for_is_given_even_where_nothing_of_it_is_there(tmp_path: Path) -> None:
    (found,) = detect(Root(tmp_path), "containerd")
    assert (found.name, found.found) == ("containerd", False)
    (other,) = detect(Root(tmp_path), "no-such")
    assert (other.name, other.found, other.target) == ("no-such", False, "no-such")


def test_crio_and_crictl_are_understood_as_names(tmp_path: Path) -> None:
    root = write(tmp_path, "etc/crio/crio.conf")
    assert detect(root, "crio")[0].name == detect(root, "crictl")[0].name == "cri-o"


def test_kubelet_names_the_one_that_is_judged(tmp_path: Path) -> None:
    write(tmp_path, "etc/containerd/config.toml")
    write(tmp_path, "etc/crio/crio.conf")
    root = write(
        tmp_path,
        "var/lib/kubelet/config.yaml",
        "kind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n",
    )
    chosen = primary(root, detect(root))
    assert chosen is not None
    assert (chosen.name, chosen.named) == ("cri-o", True)


def test_a_socket_that_only_kubelet_names_is_a_runtime(tmp_path: Path) -> None:
    root = write(tmp_path, "etc/default/kubelet", 'X="--container-runtime-endpoint=unix:///srv/own/containerd.sock"\n')
    chosen = primary(root, detect(root))
    assert chosen is not None
    assert (chosen.name, chosen.socket, chosen.found) == ("containerd", "/srv/own/containerd.sock", True)


def test_without_a_name_containerd_is_preferred(tmp_path: Path) -> None:
    for config in ("etc/docker/daemon.json", "etc/crio/crio.conf", "etc/containerd/config.toml"):
        root = write(tmp_path, config)
    found = detect(root)
    assert [one.name for one in found] == ["containerd", "cri-o", "docker"]
    assert primary(root, found) is found[0]


def test_a_containerd_that_only_serves_docker_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "etc/docker/daemon.json", "{}")
    root = write(tmp_path, "etc/containerd/config.toml", 'disabled_plugins = ["cri"]\n')
    assert [one.name for one in detect(root)] == ["docker"]


def test_stores_are_where_the_configuration_says(tmp_path: Path) -> None:
    write(tmp_path, "etc/docker/daemon.json", '{"data-root": "/srv/docker"}')
    write(tmp_path, "etc/containers/storage.conf", '[storage]\ngraphroot = "/srv/images"\n')
    write(tmp_path, "etc/crio/crio.conf")
    root = write(tmp_path, "etc/containerd/config.toml", 'root = "/srv/containerd"\n')
    assert [one.stores for one in detect(root)] == [("/srv/containerd",), ("/srv/images",), ("/srv/docker",)]


def test_a_broken_configuration_still_makes_a_runtime(tmp_path: Path) -> None:
    (found,) = detect(write(tmp_path, "etc/containerd/config.toml", "root = = 1"))
    assert found.stores == ("/var/lib/containerd",)


def test_two_spellings_of_one_socket_are_one_runtime(tmp_path: Path) -> None:
    write(tmp_path, "run/crio/crio.sock")
    (tmp_path / "var").mkdir()
    (tmp_path / "var/run").symlink_to("../run")
    root = write(tmp_path, "etc/crictl.yaml", "runtime-endpoint: unix:///var/run/crio/crio.sock\n")
    (found,) = detect(root)
    assert (found.name, found.named) == ("cri-o", True)


def test_crictls_file_alone_makes_no_runtime(tmp_path: Path) -> None:
    assert detect(write(tmp_path, "etc/crictl.yaml", "runtime-endpoint: unix:///run/crio/crio.sock\n")) == ()


def test_an_environment_is_never_shown(tmp_path: Path) -> None:
    write(tmp_path, "usr/lib/systemd/system/containerd.service", "[Service]\nEnvironment=HTTPS_PROXY=http://u:pw@p\n")
    (found,) = detect(write(tmp_path, "etc/containerd/config.toml"))
    assert found.environ == {"HTTPS_PROXY": "http://u:pw@p"}
    assert "pw" not in repr(found)


def test_containers_conf_adds_to_podmans_environment(tmp_path: Path) -> None:
    write(tmp_path, "etc/containers/registries.conf")
    root = write(tmp_path, "etc/containers/containers.conf", '[engine]\nenv = ["https_proxy=http://p:1", "rubbish"]\n')
    assert detect(root)[0].environ == {"https_proxy": "http://p:1"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("unix:///run/x.sock", "/run/x.sock"),
        ("unix:/run/x.sock", "/run/x.sock"),
        ("/run/x.sock", "/run/x.sock"),
        ("npipe:////./pipe/x", None),
        ("tcp://127.0.0.1:1", None),
    ],
)
def test_an_endpoint_is_a_unix_socket_or_nothing(text: str, path: str | None) -> None:
    assert kubelet.socket_path(text) == path


def test_a_flag_of_kubelet_wins_over_its_file(tmp_path: Path) -> None:
    write(tmp_path, "var/lib/kubelet/config.yaml", "containerRuntimeEndpoint: unix:///run/a.sock\n")
    root = write(
        tmp_path,
        "var/lib/kubelet/kubeadm-flags.env",
        'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/b.sock --pod-infra-container-image=x"\n',
    )
    assert kubelet.endpoint(root) == "/run/b.sock"


def test_kubelets_configuration_may_be_json(tmp_path: Path) -> None:
    text = '{"kind":"KubeletConfiguration","containerRuntimeEndpoint":"unix:///run/a.sock","x":1}'
    assert kubelet.endpoint(write(tmp_path, "etc/kubernetes/kubelet.conf", text)) == "/run/a.sock"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.6.20~ds1", "1.6.20"),
        ("v2.4.2", "2.4.2"),
        ("podman version 4.3.1\n", "4.3.1"),
        ("1.7.24-k3s1", "1.7.24-k3s1"),
        ("no version", None),
    ],
)
def test_a_version_is_cut_out_of_words(text: str, number: str | None) -> None:
    assert version.short(text) == number


def test_a_rootless_path_is_not_taken_from_another_root(tmp_path: Path) -> None:
    text = '[storage]\nrootless_storage_path = "/home/x"\n'
    assert graph_root(write(tmp_path, "etc/containers/storage.conf", text)) == "/var/lib/containers/storage"


def test_a_units_environment_is_merged_from_its_drop_ins(tmp_path: Path) -> None:
    write(tmp_path, "etc/systemd/system.conf", "[Manager]\nDefaultEnvironment=A=0 Z=9\n")
    write(
        tmp_path, "lib/systemd/system/x.service", '[Service]\nEnvironment="A=1 1" B=2\n; no\nEnvironmentFile=-/etc/x\n'
    )
    write(tmp_path, "etc/x", "# no\nC='3'\nbroken\n")
    write(tmp_path, "usr/lib/systemd/system/x.service.d/20.conf", "[Service]\nEnvironment=B=hidden\n")
    root = write(tmp_path, "etc/systemd/system/x.service.d/20.conf", "[Service]\nEnvironment=D=4 \\\n  E=5\n")
    assert unit.environment(root, ("absent.service", "x.service")) == {
        "A": "1 1",
        "B": "2",
        "C": "3",
        "D": "4",
        "E": "5",
        "Z": "9",
    }


def test_an_empty_environment_line_takes_back_all_before(tmp_path: Path) -> None:
    text = "[Service]\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\n"
    assert unit.environment(write(tmp_path, "etc/systemd/system/x.service", text), ("x.service",)) == {"B": "2"}


def test_no_unit_is_no_environment(tmp_path: Path) -> None:
    assert unit.environment(Root(tmp_path), ("x.service",)) == {}


@pytest.mark.parametrize(
    ("machine", "named"),
    [
        ("x86_64", "linux/amd64"),
        ("aarch64", "linux/arm64/v8"),
        ("armv7l", "linux/arm/v7"),
        ("i686", "linux/386"),
        ("s390x", "linux/s390x"),
        ("new", "linux/new"),
    ],
)
def test_a_machine_is_named_as_go_does(tmp_path: Path, machine: str, named: str) -> None:
    assert str(platform(Root(tmp_path), machine)) == named
