"""Real pulls through a real containerd by a real crictl, from a real registry."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.check import Settings
from agent.checks.pull import Observation, judge
from agent.contract.classify import classify
from agent.contract.reference import parse
from agent.runtimes import crictl, journal, leftover
from agent.runtimes.order import Order, Pull
from tests import need
from tests.servers.containerd import Containerd, containerd
from tests.servers.docker_registry import DockerRegistry, Image, slow_way

PATIENCE_S = 30.0


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(need.program("crictl")).parent
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def order(registry: DockerRegistry, name: str, image: Image) -> Order:
    return Order(parse(f"{registry.host}/{name}"), image.digest, image.config_digest, image.total_bytes)


async def pull_and_compare(daemon: Containerd, asked: Order, folder: Path) -> Pull:
    """Pull, and see that the daemon holds afterwards what it held before."""
    before = daemon.names(), daemon.blobs()
    pulled = await crictl.pull(asked, "containerd", daemon.socket, PATIENCE_S, folder)
    assert (daemon.names(), daemon.blobs()) == before
    return pulled


def until(condition: Callable[[], object], what: str, within_s: float = 15) -> None:
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at, f"waited in vain for {what}"
        time.sleep(0.05)


async def test_a_pull_is_timed_and_leaves_nothing(daemon: Containerd, registry: DockerRegistry, tmp_path: Path) -> None:
    image = registry.push("fresh/one", ("1",), "fresh", (20_000, 30_000))
    pulled = await pull_and_compare(daemon, order(registry, "fresh/one:1", image), tmp_path)
    assert pulled.succeeded, pulled
    assert (pulled.was_present, pulled.from_cache, pulled.kept) == (False, False, "")
    assert pulled.transferred_bytes == image.total_bytes
    assert 0 < pulled.took_s < PATIENCE_S
    assert list(journal.entries(tmp_path)) == []
    assert judge(Observation((pulled,)), Settings.default("pull")).status == "ok"


async def test_an_image_by_digest_leaves_nothing(daemon: Containerd, registry: DockerRegistry, tmp_path: Path) -> None:
    image = registry.push("fresh/digest", ("1",), "digest")
    pulled = await pull_and_compare(daemon, order(registry, f"fresh/digest:1@{image.digest}", image), tmp_path)
    assert pulled.succeeded, pulled


async def test_an_image_that_was_there_stays_and_is_told_from_the_cache(
    daemon: Containerd, registry: DockerRegistry, tmp_path: Path
) -> None:
    image = registry.push("kept/one", ("1",), "kept")
    assert daemon.crictl("pull", f"{registry.host}/kept/one:1").returncode == 0
    pulled = await pull_and_compare(daemon, order(registry, "kept/one:1", image), tmp_path)
    assert (pulled.succeeded, pulled.was_present, pulled.from_cache, pulled.transferred_bytes) == (True, True, True, 0)


async def test_an_image_under_another_name_keeps_that_name_alone(
    daemon: Containerd, registry: DockerRegistry, tmp_path: Path
) -> None:
    image = registry.push("kept/two", ("old",), "two")
    assert registry.push("other/two", ("new",), "two") == image
    assert daemon.crictl("pull", f"{registry.host}/kept/two:old").returncode == 0
    pulled = await pull_and_compare(daemon, order(registry, "other/two:new", image), tmp_path)
    assert (pulled.succeeded, pulled.from_cache) == (True, True)


async def test_a_tag_that_moved_upstream_does_not_move_here(
    daemon: Containerd, registry: DockerRegistry, tmp_path: Path
) -> None:
    old = registry.push("moved/one", ("latest",), "old")
    assert daemon.crictl("pull", f"{registry.host}/moved/one:latest").returncode == 0
    new = registry.push("moved/one", ("latest",), "new")
    pulled = await pull_and_compare(daemon, order(registry, "moved/one:latest", new), tmp_path)
    assert (pulled.succeeded, pulled.asked) == (True, f"{registry.host}/moved/one@{new.digest}")
    listed = json.loads(daemon.crictl("inspecti", f"{registry.host}/moved/one:latest").stdout)
    assert listed["status"]["id"] == old.config_digest


async def test_what_fails_says_why(daemon: Containerd, registry: DockerRegistry, tmp_path: Path) -> None:
    image = registry.push("gone/one", ("1",), "gone")
    pulled = await crictl.pull(order(registry, "gone/one:2", image), "containerd", daemon.socket, PATIENCE_S, tmp_path)
    assert not pulled.succeeded
    assert classify(pulled.error or "").cause == "image_not_found"


async def test_patience_ends_a_pull_and_nothing_stays(
    daemon: Containerd, registry: DockerRegistry, tmp_path: Path
) -> None:
    image = registry.push("slow/one", ("1",), "slow", (20_000, 2_000_000))
    before = daemon.names(), daemon.blobs()
    async with slow_way(registry, 200_000) as slow:
        daemon.serve_plain(slow.host)
        pulled = await crictl.pull(order(slow, "slow/one:1", image), "containerd", daemon.socket, 1.0, tmp_path)
    assert (pulled.succeeded, pulled.ended, pulled.kept) == (False, False, "")
    assert judge(Observation((pulled,)), Settings.default("pull")).cause == "cancelled"
    assert daemon.names() == before[0]
    until(lambda: daemon.blobs() <= before[1], "containerd to collect what was half fetched")
    assert list(journal.entries(tmp_path)) == []


async def test_a_cancelled_pull_leaves_nothing(daemon: Containerd, registry: DockerRegistry, tmp_path: Path) -> None:
    image = registry.push("slow/two", ("1",), "slow-two", (20_000, 2_000_000))
    before = daemon.names(), daemon.blobs()
    async with slow_way(registry, 200_000) as slow:
        daemon.serve_plain(slow.host)
        asked = order(slow, "slow/two:1", image)
        task = asyncio.create_task(crictl.pull(asked, "containerd", daemon.socket, PATIENCE_S, tmp_path))
        await asyncio.to_thread(until, lambda: daemon.blobs() - before[1], "the pull to be under way")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert daemon.names() == before[0]
    until(lambda: daemon.blobs() <= before[1], "containerd to collect what was half fetched")
    assert list(journal.entries(tmp_path)) == []


_PULLER = """
import asyncio, sys
from pathlib import Path
from agent.contract.reference import parse
from agent.runtimes import crictl, journal
from agent.runtimes.order import Order, Pull

async def main(image, digest, config, socket, folder):
    order = Order(parse(image), digest, config, 1)
    async with journal.alone(Path(folder), 1.0):
        await crictl.pull(order, "containerd", Path(socket), 60.0, Path(folder))

asyncio.run(main(*sys.argv[1:]))
"""


def start_puller(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", _PULLER, *arguments])


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_kill_in_the_middle_is_undone_at_the_next_start(
    daemon: Containerd, registry: DockerRegistry, tmp_path: Path
) -> None:
    image = registry.push("killed/one", ("1",), "killed", (20_000, 2_000_000))
    before = daemon.names(), daemon.blobs()
    async with slow_way(registry, 200_000) as slow:
        daemon.serve_plain(slow.host)
        name = f"{slow.host}/killed/one:1"
        arguments = (name, image.digest, image.config_digest, str(daemon.socket), str(tmp_path))
        puller = start_puller(*arguments)
        try:
            await asyncio.to_thread(until, lambda: daemon.blobs() - before[1], "the pull to be under way")
            children = children_of(puller.pid)
            assert children
            assert await leftover.clean(tmp_path) == 0  # its pull is under way: that is no leftover
        finally:
            puller.send_signal(signal.SIGKILL)
            puller.wait()
        gone = [Path(f"/proc/{child}/exe") for child in children]
        await asyncio.to_thread(until, lambda: not any(child.exists() for child in gone), "crictl to die with it")
        assert len(list(journal.entries(tmp_path))) == 1
        assert await leftover.clean(tmp_path) == 1
    assert daemon.names() == before[0]
    until(lambda: daemon.blobs() <= before[1], "containerd to collect what was half fetched")
    assert list(journal.entries(tmp_path)) == []


async def test_a_kill_after_the_pull_is_undone_at_the_next_start(
    daemon: Containerd, registry: DockerRegistry, tmp_path: Path
) -> None:
    image = registry.push("killed/two", ("1",), "killed-two")
    before = daemon.names(), daemon.blobs()
    asked = order(registry, "killed/two:1", image)
    entry = journal.Entry(
        runtime="containerd",
        socket=str(daemon.socket),
        names=list(asked.names),
        config_digest=image.config_digest,
        before=sorted(before[0]),
    )
    journal.write(tmp_path, entry)
    assert daemon.crictl("pull", asked.asked).returncode == 0
    assert daemon.names() != before[0]
    assert await leftover.clean(tmp_path) == 1
    assert (daemon.names(), daemon.blobs()) == before


async def test_what_cannot_be_undone_yet_stays_written_down(tmp_path: Path) -> None:
    entry = journal.Entry(runtime="containerd", socket=str(tmp_path / "dead.sock"), names=["q.io/a:1"])
    journal.write(tmp_path, entry)
    tmp_path.joinpath("pull-0.json").write_text("{cut of")
    assert await leftover.clean(tmp_path) == 1  # the cut one: nothing was begun
    assert [kept for _, kept in journal.entries(tmp_path)] == [entry]


async def test_two_pulls_never_run_at_once(tmp_path: Path) -> None:
    async with journal.alone(tmp_path, 0.0):
        with pytest.raises(journal.BusyError):
            async with journal.alone(tmp_path, 0.05):
                raise AssertionError("two at once")
    async with journal.alone(tmp_path, 0.0):
        pass


def push_pause(registry: DockerRegistry) -> None:
    program = Path(need.program("busybox")).read_bytes()
    registry.push_files("pods/pause", ("1",), {"sleep": program}, ["/sleep", "1000"])


async def test_what_a_container_uses_by_now_stays(registry: DockerRegistry, tmp_path: Path) -> None:
    """Killed after the pull; before the next start a pod of the same image came to this node."""
    push_pause(registry)
    image = registry.push("pods/app", ("1",), "app")
    asked = order(registry, "pods/app:1", image)
    entry = journal.Entry(
        runtime="containerd",
        socket=str(tmp_path / "containerd.sock"),
        names=list(asked.names),
        config_digest=image.config_digest,
    )
    prepared = Containerd(tmp_path, pause=f"{registry.host}/pods/pause:1")
    with containerd(tmp_path, prepared=prepared) as daemon:
        daemon.serve_plain(registry.host)
        assert daemon.crictl("pull", asked.asked).returncode == 0
        try:
            daemon.create_container(asked.asked)
            assert await crictl.undo(entry) == "a container uses it by now"
            assert set(asked.names) <= daemon.names()
        finally:
            daemon.remove_pods()
        assert await crictl.undo(entry) == ""
        assert not set(asked.names) & daemon.names()
