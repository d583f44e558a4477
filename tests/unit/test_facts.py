"""What a tree of files says of its node."""

from pathlib import Path

from agent.host.facts import facts
from agent.host.root import Root
from agent.host.runtime import Runtime, detect, primary


def write(folder: Path, name: str, text: str) -> Root:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Root(folder)


def of(root: Root, **configured: str) -> dict[str, str]:
    return facts(root, primary(root, detect(root)), configured)


def test_an_empty_tree_has_only_what_the_kernel_knows(tmp_path: Path) -> None:
    assert {"os", "runtime", "proxy", "registry_config"} & of(Root(tmp_path)).keys() == set()
    assert {"arch", "kernel"} <= of(Root(tmp_path)).keys()


def test_what_is_configured_is_told_and_wins(tmp_path: Path) -> None:
    found = of(Root(tmp_path), zone="a", arch="mine")
    assert (found["zone"], found["arch"]) == ("a", "mine")


def test_os_and_resolver_are_read(tmp_path: Path) -> None:
    write(tmp_path, "etc/os-release", 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n')
    found = of(write(tmp_path, "etc/resolv.conf", "nameserver 10.0.0.2\nnameserver 10.0.0.3\n"))
    assert (found["os"], found["resolver"]) == ("debian 12", "10.0.0.2,10.0.0.3")


def test_a_runtime_is_told_with_its_version(tmp_path: Path) -> None:
    runtime = Runtime("containerd", version="1.6.20", found=True)
    assert facts(Root(tmp_path), runtime, {})["runtime"] == "containerd 1.6.20"
    assert "runtime" not in facts(Root(tmp_path), Runtime("containerd"), {})


def test_a_proxy_is_told_without_its_password(tmp_path: Path) -> None:
    runtime = Runtime("containerd", environ={"https_proxy": "http://user:secret@proxy.example:3128"})
    assert facts(Root(tmp_path), runtime, {})["proxy"] == "http://***@proxy.example:3128"


def test_the_registry_configuration_is_compared_by_content(tmp_path: Path) -> None:
    config = '[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
    write(tmp_path, "etc/containerd/config.toml", config)
    first = of(write(tmp_path, "etc/containerd/certs.d/q.example/hosts.toml", 'server = "https://a"'))
    again = of(write(tmp_path, "etc/containerd/config.toml", f"oom_score = 1\n{config}"))
    key = of(write(tmp_path, "etc/containerd/certs.d/q.example/client.key", "private"))
    other = of(write(tmp_path, "etc/containerd/certs.d/q.example/hosts.toml", 'server = "https://b"'))
    assert first["registry_config"] == again["registry_config"] == key["registry_config"]
    assert first["registry_config"] != other["registry_config"]


def test_podmans_registry_configuration_is_its_own(tmp_path: Path) -> None:
    first = of(write(tmp_path, "etc/containers/registries.conf", "# one"))
    other = of(write(tmp_path, "etc/containers/registries.conf.d/1.conf", "# two"))
    assert first["registry_config"] != other["registry_config"]
