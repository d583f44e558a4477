"""Where each runtime asks: every file is written into a tree of a node, and read from there."""

from pathlib import Path

import pytest

from agent.host.endpoint import Endpoint, TrustSource
from agent.host.endpoints import endpoints
from agent.host.fault import Fault
from agent.host.root import HostFileError, Root
from agent.host.runtime import Runtime

CONTAINERD_1 = Runtime("containerd", version="1.6.20")
CONTAINERD_2 = Runtime("containerd", version="2.2.0")
PODMAN = Runtime("podman")
DOCKER = Runtime("docker")
CERTS = "/etc/containerd/certs.d"
NAMES_FOLDER = f'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "{CERTS}"\n'


def node(folder: Path, files: dict[str, str]) -> Root:
    for path, text in files.items():
        real = folder / path.lstrip("/")
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(text)
    return Root(folder)


def places(found: list[Endpoint]) -> list[str]:
    return [f"{one.origin}{one.prefix}" + (" mirror" if one.mirror else "") for one in found]


def test_without_a_runtime_it_is_the_registry_itself(tmp_path: Path) -> None:
    assert places(endpoints(Root(tmp_path), None, "quay.io")) == ["https://quay.io/v2"]
    assert places(endpoints(Root(tmp_path), None, "docker.io")) == ["https://registry-1.docker.io/v2"]
    assert endpoints(Root(tmp_path), None, "localhost:5000")[0].fallback_plain


def test_a_registry_that_can_be_no_host_is_said(tmp_path: Path) -> None:
    with pytest.raises(HostFileError):
        endpoints(Root(tmp_path), None, "quay.io:99999")


def test_containerd_asks_the_hosts_in_the_files_order_then_the_server(tmp_path: Path) -> None:
    text = """server = "https://up.example"
[host."https://b.example"]
  capabilities = ["pull", "resolve"]
[host."http://a.example:5000"]
  capabilities = ["pull"]
[host."https://c.example/proxy/v2"]
  override_path = true
[host."https://d.example/sub"]
[host."https://pushes.example"]
  capabilities = ["push"]
"""
    root = node(tmp_path, {"/etc/containerd/config.toml": NAMES_FOLDER, f"{CERTS}/docker.io/hosts.toml": text})
    found = endpoints(root, CONTAINERD_1, "docker.io")
    assert places(found) == [
        "https://b.example/v2 mirror",
        "http://a.example:5000/v2 mirror",
        "https://c.example/proxy/v2 mirror",
        "https://d.example/sub/v2 mirror",
        "https://up.example/v2",
    ]
    assert found[1].may == {"pull"}
    assert {one.namespace for one in found} == {"docker.io"}


def test_without_a_server_containerd_asks_the_registry_itself_with_the_files_trust(tmp_path: Path) -> None:
    text = 'ca = ["one.crt", "/etc/two.crt"]\nskip_verify = true\nclient = [["a.cert", "a.key"]]\n'
    root = node(tmp_path, {"/etc/containerd/config.toml": NAMES_FOLDER, f"{CERTS}/docker.io/hosts.toml": text})
    [found] = endpoints(root, CONTAINERD_1, "docker.io")
    folder = f"{CERTS}/docker.io"
    assert places([found]) == ["https://registry-1.docker.io/v2"]
    assert found.trust == TrustSource(
        extra=(f"{folder}/one.crt", "/etc/two.crt"), verify=False, client=(f"{folder}/a.cert", f"{folder}/a.key")
    )
    assert found.namespace == ""


@pytest.mark.parametrize("folder", ["reg.example_5000_", "reg.example:5000", "_default"])
def test_the_folder_may_be_written_in_three_ways(folder: str, tmp_path: Path) -> None:
    text = '[host."https://m.example"]\n'
    root = node(tmp_path, {"/etc/containerd/config.toml": NAMES_FOLDER, f"{CERTS}/{folder}/hosts.toml": text})
    found = endpoints(root, CONTAINERD_1, "reg.example:5000")
    assert places(found) == ["https://m.example/v2 mirror", "https://reg.example:5000/v2"]


def test_a_place_that_stands_twice_is_asked_once(tmp_path: Path) -> None:
    text = 'server = "https://reg.example"\n[host."https://reg.example"]\n'
    root = node(tmp_path, {"/etc/containerd/config.toml": NAMES_FOLDER, f"{CERTS}/reg.example/hosts.toml": text})
    assert places(endpoints(root, CONTAINERD_1, "reg.example")) == ["https://reg.example/v2"]


def test_certificates_without_a_hosts_file_count(tmp_path: Path) -> None:
    root = node(tmp_path, {"/etc/containerd/config.toml": NAMES_FOLDER, f"{CERTS}/reg.example/ca.crt": "x"})
    [found] = endpoints(root, CONTAINERD_1, "reg.example")
    assert found.trust.extra == (f"{CERTS}/reg.example/ca.crt",)


def test_only_newer_containerd_reads_the_folder_by_itself(tmp_path: Path) -> None:
    root = node(tmp_path, {f"{CERTS}/quay.io/hosts.toml": '[host."https://m.example"]\n'})
    assert len(endpoints(root, CONTAINERD_1, "quay.io")) == 1
    assert len(endpoints(root, CONTAINERD_2, "quay.io")) == 2
    assert len(endpoints(root, Runtime("containerd"), "quay.io")) == 2


def test_a_file_of_version_3_and_its_imports_are_read(tmp_path: Path) -> None:
    imported = f'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "{CERTS}"\n'
    files = {
        "/etc/containerd/config.toml": 'version = 3\nimports = ["conf.d/*.toml"]\n',
        "/etc/containerd/conf.d/one.toml": imported,
        f"{CERTS}/quay.io/hosts.toml": '[host."https://m.example"]\n',
    }
    assert len(endpoints(node(tmp_path, files), Runtime("containerd", version="2.0.1"), "quay.io")) == 2


def test_the_deprecated_tables_are_obeyed_where_no_folder_is_named(tmp_path: Path) -> None:
    text = """version = 2
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
  endpoint = ["https://m.example", "http://n.example:80/prefix/v2"]
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."*"]
  endpoint = ["https://all.example"]
[plugins."io.containerd.grpc.v1.cri".registry.configs."m.example".tls]
  ca_file = "/etc/ca.pem"
  insecure_skip_verify = true
"""
    root = node(tmp_path, {"/etc/containerd/config.toml": text})
    found = endpoints(root, CONTAINERD_1, "docker.io")
    assert places(found) == [
        "https://m.example/v2 mirror",
        "http://n.example/prefix/v2 mirror",
        "https://registry-1.docker.io/v2",
    ]
    assert found[0].trust == TrustSource(extra=("/etc/ca.pem",), verify=False)
    assert places(endpoints(root, CONTAINERD_1, "quay.io"))[0] == "https://all.example/v2 mirror"


def test_localhost_follows_the_version(tmp_path: Path) -> None:
    root = node(tmp_path, {"/etc/containerd/config.toml": NAMES_FOLDER})
    assert places(endpoints(root, CONTAINERD_1, "localhost:5000")) == ["http://localhost:5000/v2"]
    [newer] = endpoints(root, CONTAINERD_2, "127.0.0.1:5000")
    assert places([newer]) == ["https://127.0.0.1:5000/v2"]
    assert newer.fallback_plain
    assert not newer.trust.verify
    assert places(endpoints(root, CONTAINERD_2, "localhost:80")) == ["http://localhost/v2"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("server = ", "line 1"),
        ('server = "https://x"\n[host', "line 2"),
        ("ca = 5\n", "ca: expected"),
        ('[host."https://m"]\ncapabilities = ["fly"]\n', "unknown capability 'fly'"),
        ('[host."https://"]\n', "no http or https URL"),
        ('skip_verify = "yes"\n', "skip_verify: expected true or false"),
        ("client = 5\n", "client: expected"),
        ('host = "x"\n', "host: expected a table"),
    ],
)
def test_a_broken_hosts_file_is_named_with_its_line(text: str, why: str, tmp_path: Path) -> None:
    path = f"{CERTS}/quay.io/hosts.toml"
    root = node(tmp_path, {"/etc/containerd/config.toml": NAMES_FOLDER, path: text})
    with pytest.raises(HostFileError) as raised:
        endpoints(root, CONTAINERD_1, "quay.io")
    assert raised.value.path == path
    assert why in raised.value.why


REGISTRIES = """
unqualified-search-registries = ["docker.io"]
[[registry]]
prefix = "docker.io/library"
location = "mirror.example/hub"
[[registry]]
location = "quay.io"
[[registry.mirror]]
location = "m.example:5000/quay"
insecure = true
[[registry.mirror]]
location = "n.example"
pull-from-mirror = "digest-only"
[[registry]]
prefix = "*.wild.example"
location = "one.example"
[[registry]]
location = "bad.example"
blocked = true
"""


@pytest.fixture
def podman_root(tmp_path: Path) -> Root:
    return node(tmp_path, {"/etc/containers/registries.conf": REGISTRIES})


def test_podman_goes_by_the_longest_prefix(podman_root: Root) -> None:
    [found] = endpoints(podman_root, PODMAN, "docker.io", "library/nginx")
    assert places([found]) == ["https://mirror.example/v2"]
    assert found.path_of("library/nginx") == "hub/nginx"
    assert places(endpoints(podman_root, PODMAN, "docker.io", "team/app")) == ["https://registry-1.docker.io/v2"]


def test_podmans_mirrors_come_first_with_their_own_path(podman_root: Root) -> None:
    found = endpoints(podman_root, PODMAN, "quay.io", "team/app")
    assert places(found) == ["https://m.example:5000/v2 mirror", "https://n.example/v2 mirror", "https://quay.io/v2"]
    assert found[0].path_of("team/app") == "quay/team/app"
    assert found[0].fallback_plain
    assert not found[0].trust.verify
    assert found[1].may == {"pull"}
    assert found[2].path_of("team/app") == "team/app"


def test_a_wild_prefix_matches_below_it(podman_root: Root) -> None:
    assert places(endpoints(podman_root, PODMAN, "a.wild.example", "x")) == ["https://one.example/v2"]
    assert places(endpoints(podman_root, PODMAN, "wild.example", "x")) == ["https://wild.example/v2"]


def test_a_blocked_registry_is_policy(podman_root: Root) -> None:
    with pytest.raises(Fault) as raised:
        endpoints(podman_root, PODMAN, "bad.example", "x")
    assert raised.value.cause == "policy_blocked"


def test_a_prefix_ends_at_a_slash(podman_root: Root) -> None:
    found = endpoints(podman_root, PODMAN, "docker.io", "librarything/x")
    assert places(found) == ["https://registry-1.docker.io/v2"]


def test_a_drop_in_replaces_a_registry_by_its_prefix(tmp_path: Path) -> None:
    files = {
        "/etc/containers/registries.conf": REGISTRIES,
        "/etc/containers/registries.conf.d/10.conf": '[[registry]]\nprefix = "quay.io"\nlocation = "q.example"\n',
        "/etc/containers/registries.conf.d/notes.txt": "not toml at all [",
    }
    assert places(endpoints(node(tmp_path, files), PODMAN, "quay.io", "x")) == ["https://q.example/v2"]


def test_the_old_form_of_registries_conf_is_read(tmp_path: Path) -> None:
    text = '[registries.insecure]\nregistries = ["a.example"]\n[registries.block]\nregistries = ["b.example"]\n'
    root = node(tmp_path, {"/etc/containers/registries.conf": text})
    assert endpoints(root, PODMAN, "a.example", "x")[0].fallback_plain
    with pytest.raises(Fault):
        endpoints(root, PODMAN, "b.example", "x")


def test_podman_reads_the_first_folder_of_certificates(tmp_path: Path) -> None:
    files = {
        "/etc/containers/certs.d/reg.example:5000/ca.crt": "x",
        "/etc/containers/certs.d/reg.example:5000/me.cert": "x",
        "/etc/containers/certs.d/reg.example:5000/me.key": "x",
        "/etc/docker/certs.d/reg.example:5000/other.crt": "x",
    }
    folder = "/etc/containers/certs.d/reg.example:5000"
    [found] = endpoints(node(tmp_path, files), PODMAN, "reg.example:5000", "x")
    assert found.trust == TrustSource(extra=(f"{folder}/ca.crt",), client=(f"{folder}/me.cert", f"{folder}/me.key"))


def test_half_a_pair_of_certificates_breaks_podman(tmp_path: Path) -> None:
    root = node(tmp_path, {"/etc/containers/certs.d/reg.example/me.cert": "x"})
    with pytest.raises(HostFileError, match=r"missing key me\.key"):
        endpoints(root, PODMAN, "reg.example", "x")


@pytest.mark.parametrize(
    "text",
    [
        "[[registry]]\n",
        '[[registry]]\nprefix = "a.example"\n',
        '[[registry]]\nlocation = "https://a.example"\n',
        '[[registry]]\nprefix = "*.a.example/x"\nlocation = "b"\n',
        '[[registry]]\nlocation = "a"\n[[registry.mirror]]\n',
        '[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "never"\n',
        'short-name-mode = "maybe"\n',
        "registry = 5\n",
        '[registries.search]\nregistries = []\n[[registry]]\nlocation = "a"\n',
    ],
)
def test_a_broken_registries_conf_breaks_every_pull(text: str, tmp_path: Path) -> None:
    root = node(tmp_path, {"/etc/containers/registries.conf": text})
    with pytest.raises(HostFileError):
        endpoints(root, PODMAN, "quay.io", "x")


def test_dockers_mirrors_stand_for_docker_hub_only(tmp_path: Path) -> None:
    text = '{"registry-mirrors": ["https://m.example"], "insecure-registries": ["i.example:5000", "10.0.0.0/8"]}'
    root = node(tmp_path, {"/etc/docker/daemon.json": text})
    hub = places(endpoints(root, DOCKER, "docker.io"))
    assert hub == ["https://m.example/v2 mirror", "https://registry-1.docker.io/v2"]
    assert places(endpoints(root, DOCKER, "quay.io")) == ["https://quay.io/v2"]
    for insecure in ("i.example:5000", "10.1.2.3:5000", "127.0.0.1:5000", "localhost"):
        assert endpoints(root, DOCKER, insecure)[0].fallback_plain, insecure
    assert not endpoints(root, DOCKER, "quay.io")[0].fallback_plain


@pytest.mark.parametrize("text", ["{", "[]", '{"registry-mirrors": 5}', '{"registry-mirrors": ["ftp://x"]}'])
def test_a_broken_daemon_json_is_said(text: str, tmp_path: Path) -> None:
    with pytest.raises(HostFileError):
        endpoints(node(tmp_path, {"/etc/docker/daemon.json": text}), DOCKER, "docker.io")
