"""The agent's configuration: what is accepted, and one line for every mistake."""

from pathlib import Path

import pytest

from agent import checks
from agent.config import Checks, Config, load_config
from agent.contract.address import parse_listen
from agent.contract.strict import ConfigError
from agent.contract.table import CADENCES

MISTAKES = (
    ("checks: {dns: {patience_s: 0.01}}", "$.checks.dns.patience_s: expected float ≥ 0.1"),
    ("checks: {dnss: {}}", "$.checks.dnss: unknown key"),
    ("intervall_s: 5", "$.intervall_s: unknown key"),
    ("interval_s: .nan", "$.interval_s: expected float ≥ 1.0"),
    ("interval_s: .inf", "$.interval_s: expected float ≤ 604800.0"),
    ("interval_s: soon", "$.interval_s: expected float, got str"),
    ("images: [1]", "$.images[0]: expected str, got int"),
    ("images: ['Nginx:latest']", "$.images[0]: 'Nginx:latest': the repository 'library/Nginx' must be lower case"),
    ("images: [nginx, 'a/b:c:d']", "$.images[1]: 'a/b:c:d': the tag 'c:d'"),
    ("pull: {image: 'a b'}", "$.pull.image: 'a b': 'library/a b' is no repository name"),
    ("registries: ['https://quay.io']", "$.registries[0]: expected a host or host:port such as quay.io"),
    ("node: 'a b'", "$.node: expected letters"),
    ("root: /nowhere/at/all", "$.root: there is no directory"),
    ("listen: '9090'", "$.listen: expected HOST:PORT"),
    ("listen: '0.0.0.0:9090'", "$.listen: is off loopback: token_file is required"),
    ("aggregator: 'http://10.0.0.1:8080'", "$.aggregator: is off loopback: token_file is required"),
    ("aggregator: '10.0.0.1:8080'", "$.aggregator: expected a URL"),
    ("aggregator: 'http://u:p@127.0.0.1'", "$.aggregator: expected a URL"),
    ("aggregator: 'http://127.0.0.1:99999'", "$.aggregator: expected a URL"),
    ("token_file: /nowhere/token", "/nowhere/token: the token cannot be read"),
    ("- 1", "$: expected mapping, got list"),
    ("1: 2", "$: expected str"),
    ("images: [\n", "line 2: expected"),
    ("a: 1\nnode: b\nnode: c", "line 1: the key 'node' stands twice"),
    ("node: !!python/object:os.system x", "could not determine a constructor"),
    ("\0", "is no YAML"),
    ("[" * 5000, "is nested too deeply"),
)


def written(folder: Path, text: str) -> str:
    path = folder / "agent.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(("text", "wanted"), MISTAKES)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, wanted: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    line = str(caught.value)
    assert wanted in line and "\n" not in line
    assert line.startswith(path) or wanted.startswith("/nowhere")


def test_a_runtime_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "agent.yaml"
    place.write_text("runtime: crio\n")
    assert load_config(str(place)).runtime == "crio"
    place.write_text("runtime: rkt\n")
    with pytest.raises(ConfigError, match=r"\$\.runtime: expected one of containerd"):
        load_config(str(place))


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}"])
def test_an_empty_file_is_valid(tmp_path: Path, text: str) -> None:
    assert load_config(written(tmp_path, text)).interval_s == 60.0


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.yaml: No such file"):
        load_config(str(tmp_path / "gone.yaml"))


def test_an_option_wins_over_the_file_and_is_named_by_itself(tmp_path: Path) -> None:
    path = written(tmp_path, "node: from-file")
    assert load_config(path, node="given", aggregator=None).node == "given"
    with pytest.raises(ConfigError, match=r"^--aggregator: expected a URL"):
        load_config(path, aggregator="nonsense")


def test_images_are_written_out(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, "images: [nginx, quay.io/a/b@sha256:" + "a" * 64 + "]"))
    assert config.images == ["docker.io/library/nginx:latest", "quay.io/a/b@sha256:" + "a" * 64]


def test_the_node_is_called_as_kubernetes_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_NAME", "worker-7")
    assert load_config().node == "worker-7"
    assert load_config(written(tmp_path, "node: own")).node == "own"


def test_a_token_file_opens_the_doors_off_loopback(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    config = load_config(written(tmp_path, f"token_file: {token}"), aggregator="https://aggregator.example:8443")
    assert config.aggregator == "https://aggregator.example:8443"


@pytest.mark.parametrize("content", ["", "two words", "über", "x" * 20_000])
def test_a_token_file_without_a_token_is_refused(tmp_path: Path, content: str) -> None:
    token = tmp_path / "token"
    token.write_text(content)
    with pytest.raises(ConfigError, match="no token") as caught:
        load_config(written(tmp_path, f"token_file: {token}"))
    assert not content or content not in str(caught.value)


def test_every_check_has_its_key_and_no_key_is_of_nothing() -> None:
    assert set(Checks.__struct_fields__) == set(checks.NAMES)


def test_the_interval_stretches_the_table() -> None:
    settings = Config(interval_s=3.0).settings()
    assert settings["dns"].every_s == 3.0
    assert settings["tls"].every_s == 15.0
    assert settings["pull"].every_s == CADENCES["pull"].every_s / 20


def test_what_a_check_is_given_wins_over_interval_and_cap(tmp_path: Path) -> None:
    text = "interval_s: 3\npatience_s: 2\nchecks: {dns: {every_s: 7, patience_s: 4, enabled: false}}"
    settings = load_config(written(tmp_path, text)).settings()
    assert (settings["dns"].every_s, settings["dns"].patience_s, settings["dns"].enabled) == (7.0, 4.0, False)
    assert settings["tcp"].patience_s == 2.0


def test_patience_is_capped_for_every_check_but_pull() -> None:
    settings = Config(patience_s=2.0).settings()
    assert {name: row.patience_s for name, row in settings.items() if row.patience_s != 2.0} == {"pull": 120.0}
    assert Config(patience_s=50.0).settings()["dns"].patience_s == CADENCES["dns"].patience_s


@pytest.mark.parametrize(
    ("text", "host", "loopback"),
    [
        ("127.0.0.1:80", "127.0.0.1", True),
        ("[::1]:80", "::1", True),
        ("localhost:80", "localhost", True),
        (":80", "", False),
        ("[::]:80", "::", False),
        ("0.0.0.0:80", "0.0.0.0", False),
        ("node.example:80", "node.example", False),
    ],
)
def test_only_what_others_cannot_reach_is_loopback(text: str, host: str, loopback: bool) -> None:
    listen = parse_listen(text)
    assert (listen.host, listen.port, listen.is_loopback) == (host, 80, loopback)


@pytest.mark.parametrize("text", ["", "80", "::1:80", "a:b", "a:70000", "a:-1", "a:¹"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected HOST:PORT"):
        parse_listen(text)
