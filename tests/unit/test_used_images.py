"""Which images and registries a node uses, out of what its runtimes and files list."""

from pathlib import Path

from agent.host.registries import registries
from agent.host.root import Root
from agent.host.runtime import detect
from agent.runtimes.images import AT_MOST, counted, most_used

DIGEST = "sha256:" + "a" * 64


def write(folder: Path, name: str, text: str = "") -> Root:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Root(folder)


def test_an_image_without_a_registrys_digest_was_imported_and_is_left_out() -> None:
    images = [("sha256:1", ["q.io/a:1"], [f"q.io/a@{DIGEST}"]), ("sha256:2", ["q.io/imported:1"], [])]
    assert counted(images, []) == {"q.io/a:1": 0}


def test_an_image_that_has_only_a_digest_goes_by_it() -> None:
    assert counted([("sha256:1", [], [f"q.io/a@{DIGEST}"])], []) == {f"q.io/a@{DIGEST}": 0}


def test_containers_are_counted_by_whatever_name_they_use() -> None:
    images = [("sha256:1", ["q.io/a:1"], [f"q.io/a@{DIGEST}"]), ("2", ["q.io/b:1"], [f"q.io/b@{DIGEST}"])]
    users = [{"sha256:1"}, {"q.io/a:1"}, {f"q.io/b@{DIGEST}"}, {"unrelated"}]
    assert counted(images, users) == {"q.io/a:1": 2, "q.io/b:1": 1}


def test_the_most_used_come_first_and_the_local_and_nameless_never() -> None:
    counts = {"localhost/own:1": 9, "q.io/b:1": 1, "q.io/a:1": 3, "<none>:<none>": 8, "q.io/c:1": 1}
    assert most_used(counts) == ["q.io/a:1", "q.io/b:1", "q.io/c:1"]


def test_there_is_a_bound() -> None:
    assert len(most_used({f"q.io/a:{number}": 0 for number in range(100)})) == AT_MOST


def test_registries_are_named_by_containerds_folders_and_older_mirrors(tmp_path: Path) -> None:
    write(tmp_path, "etc/containerd/certs.d/q.example/hosts.toml")
    write(tmp_path, "etc/containerd/certs.d/r.example_5000_/hosts.toml")
    write(tmp_path, "etc/containerd/certs.d/_default/hosts.toml")
    text = '[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\nendpoint = ["https://m.example"]\n'
    root = write(tmp_path, "etc/containerd/config.toml", text)
    assert registries(root, detect(root)) == ["docker.io", "q.example", "r.example:5000"]


def test_registries_are_named_by_registries_conf_and_its_drop_ins(tmp_path: Path) -> None:
    write(tmp_path, "etc/containers/registries.conf.d/1.conf", '[[registry]]\nlocation = "c.example:5000/sub"\n')
    root = write(
        tmp_path,
        "etc/containers/registries.conf",
        'unqualified-search-registries = ["a.example", "registry-1.docker.io"]\n'
        '[[registry]]\nprefix = "*.wild.example"\nlocation = "x.example"\n'
        '[[registry]]\nprefix = "b.example/team"\nlocation = "x.example"\n'
        '[[registry]]\nlocation = "bad.example"\nblocked = true\n',
    )
    assert registries(root, detect(root)) == ["a.example", "docker.io", "b.example", "c.example:5000"]


def test_a_node_without_configuration_names_none(tmp_path: Path) -> None:
    assert registries(Root(tmp_path), ()) == []
