"""A real containerd, living, hanging and dead: as the node's runtime, and as the `runtime` check sees it."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.check import Settings
from agent.contract.result import Result
from agent.host.node import Node
from agent.host.root import Root
from agent.host.runtime import detect, primary
from agent.round import Question, Round
from tests import need
from tests.servers.containerd import Containerd, containerd

SETTINGS = {"runtime": Settings(every_s=60, patience_s=0.5)}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containerd]:
    environ = {"SSL_CERT_FILE": "/srv/ca.pem", "HTTPS_PROXY": "http://user:secret@proxy.example:3128"}
    with containerd(tmp_path_factory.mktemp("containerd"), environ) as running:
        yield running


async def ask(root: Root, only: str | None = None) -> list[Result]:
    node = Node(root, only)
    return await Round(node, SETTINGS).ask([Question("runtime", runtime.target) for runtime in node.runtimes])


async def ask_daemon(daemon: Containerd, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("CONTAINER_RUNTIME_ENDPOINT", f"unix://{daemon.socket}")
    (result,) = [one for one in await ask(Root()) if one.target == str(daemon.socket)]
    return result


def test_a_daemon_is_known_by_the_peer_of_its_socket(daemon: Containerd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTAINER_RUNTIME_ENDPOINT", f"unix://{daemon.socket}")
    found = primary(Root(), detect(Root()))
    assert found is not None
    assert (found.name, found.socket, found.pid) == ("containerd", str(daemon.socket), daemon.pid)
    assert (found.living, found.named, found.config) == (True, True, str(daemon.config))
    assert found.stores == (str(daemon.root),)
    assert found.version is not None
    assert found.version.startswith("1.") or found.version.startswith("2.")
    assert found.environ["SSL_CERT_FILE"] == "/srv/ca.pem"
    assert "secret" not in repr(found)


async def test_a_living_runtime_tells_its_version(daemon: Containerd, monkeypatch: pytest.MonkeyPatch) -> None:
    result = await ask_daemon(daemon, monkeypatch)
    assert (result.status, result.evidence["runtime"]) == ("ok", "containerd")
    assert result.evidence["version"][0].isdigit()
    assert result.took_s < 0.5


async def test_a_socket_under_another_root_is_asked_however_long_its_path(daemon: Containerd, tmp_path: Path) -> None:
    root = tmp_path.joinpath("d" * 120)
    root.joinpath("run/containerd").mkdir(parents=True)
    os.link(daemon.socket, root / "run/containerd/containerd.sock")
    (found,) = detect(Root(root))
    assert (found.living, found.pid) == (True, daemon.pid)
    (result,) = await ask(Root(root))
    assert (result.status, result.target) == ("ok", "/run/containerd/containerd.sock")


async def test_a_runtime_that_hangs_fails_in_time(daemon: Containerd, monkeypatch: pytest.MonkeyPatch) -> None:
    os.kill(daemon.pid, signal.SIGSTOP)
    await asyncio.to_thread(wait_until_stopped, daemon.pid)
    try:
        result = await ask_daemon(daemon, monkeypatch)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert (result.status, result.cause) == ("failed", "runtime_unavailable")
    assert "no answer within 0.5 s" in result.detail


def wait_until_stopped(pid: int) -> None:
    ends_at = time.monotonic() + 5
    while any(path.read_text().rpartition(") ")[2][0] != "T" for path in Path(f"/proc/{pid}/task").glob("*/stat")):
        assert time.monotonic() < ends_at, "containerd does not stop"
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_runtime_that_is_stopped_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    with containerd(tmp_path) as stopped:
        stopped.stop(how)
        result = await ask_daemon(stopped, monkeypatch)
    assert (result.status, result.cause) == ("failed", "runtime_unavailable")


async def test_a_containerd_without_its_cri_plugin_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = Containerd(tmp_path)
    daemon.config.write_text(daemon.config.read_text().replace('["io.', '["io.containerd.grpc.v1.cri", "io.'))
    with containerd(tmp_path, prepared=daemon):
        result = await ask_daemon(daemon, monkeypatch)
    assert (result.status, result.cause) == ("failed", "runtime_unavailable")
    assert "does not serve CRI" in result.detail
    assert result.evidence["version"] is not None


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"", "its socket"), (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no HTTP/2"), (b"\0\0\0\4\0\0\0\0\0", "CRI")],
)
async def test_what_listens_and_is_no_runtime_fails(tmp_path: Path, answer: bytes, words: str) -> None:
    path = tmp_path / "run/containerd/containerd.sock"
    path.parent.mkdir(parents=True)
    with serving(path, answer):
        (result,) = await ask(Root(tmp_path))
    assert (result.status, result.cause) == ("failed", "runtime_unavailable")
    assert words in result.detail


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b'HTTP/1.0 200 OK\r\n\r\n{"Version":"28.5.2","ApiVersion":"1.51"}', "ok"),
        (b"HTTP/1.0 500 No\r\n\r\n", "failed"),
    ],
)
async def test_docker_is_asked_by_http(tmp_path: Path, answer: bytes, status: str) -> None:
    path = tmp_path / "run/docker.sock"
    path.parent.mkdir(parents=True)
    with serving(path, answer):
        (result,) = await ask(Root(tmp_path))
    assert result.status == status
    assert result.evidence["version"] == ("28.5.2" if status == "ok" else None)


async def test_podman_on_this_machine_answers_by_its_program() -> None:
    need.program("podman")
    (result,) = await ask(Root(), "podman")
    assert (result.status, result.target) == ("ok", "podman")


async def test_podman_on_another_root_is_unknown(tmp_path: Path) -> None:
    tmp_path.joinpath("etc/containers").mkdir(parents=True)
    tmp_path.joinpath("etc/containers/registries.conf").touch()
    (result,) = await ask(Root(tmp_path))
    assert (result.status, result.cause) == ("unknown", None)


async def test_a_runtime_that_is_asked_for_and_not_there_is_unknown(tmp_path: Path) -> None:
    (result,) = await ask(Root(tmp_path), "containerd")
    assert (result.status, result.cause) == ("unknown", None)


class serving:  # noqa: N801 - reads as a statement
    """A listener on a Unix socket that gives every caller the same answer and hangs up."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._answer = answer
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                if self._answer:
                    connection.settimeout(0.2)
                    try:
                        connection.recv(65_536)
                        connection.sendall(self._answer)
                        connection.recv(65_536)
                    except OSError:
                        continue
