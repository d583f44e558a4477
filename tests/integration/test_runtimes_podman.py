"""Real pulls through a real podman, from a real registry, beside a store of the test's own."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.contract.classify import classify
from agent.contract.reference import parse
from agent.host.root import Root
from agent.host.runtime import Runtime, detect
from agent.runtimes import journal, leftover, podman
from agent.runtimes.order import Order, Pull
from tests import need
from tests.servers.docker_registry import DockerRegistry, Image, slow_way

PATIENCE_S = 30.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A podman with a store, a folder for blobs and a registries.conf of its own."""
    need.root()
    need.program("podman")
    tmp_path.joinpath("in_run").write_text("\n".join(in_run()))
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    monkeypatch.setenv("TMPDIR", str(blobs))
    store = f'[storage]\ndriver = "overlay"\ngraphroot = "{tmp_path}/store"\nrunroot = "{tmp_path}/run"\n'
    tmp_path.joinpath("storage.conf").write_text(store)
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(tmp_path / "storage.conf"))
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(tmp_path / "registries.conf"))
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path / "store/overlay")], stderr=subprocess.DEVNULL, check=False)


def allow_plain(home: Path, *registries: DockerRegistry) -> None:
    text = "".join(f'[[registry]]\nlocation = "{one.host}"\ninsecure = true\n' for one in registries)
    home.joinpath("registries.conf").write_text(text)


def runtime() -> Runtime:
    (found,) = detect(Root(), "podman")
    return found


def order(registry: DockerRegistry, name: str, image: Image) -> Order:
    return Order(parse(f"{registry.host}/{name}"), image.digest, image.config_digest, image.total_bytes)


def everything(home: Path) -> set[str]:
    """Every file below the store and the folder for blobs, every store beside it, and what its pulls left in /run."""
    own = {str(path) for place in ("store", "blobs") for path in (home / place).rglob("*")}
    beside = {str(path) for path in home.glob(f"{podman.PREFIX}*")}
    return own | beside | (in_run() - set(home.joinpath("in_run").read_text().splitlines()))


def in_run() -> set[str]:
    return {str(path) for path in Path("/run").glob(f"{podman.PREFIX}*")}


async def pull(home: Path, registry: DockerRegistry, name: str, image: Image, patience_s: float = PATIENCE_S) -> Pull:
    folder = home / "state"
    async with journal.alone(folder, 0.0):
        return await podman.pull(order(registry, name, image), runtime(), patience_s, folder)


def test_podmans_store_and_program_are_found(home: Path) -> None:
    found = runtime()
    assert found.stores == (f"{home}/store",)
    assert found.program is not None
    assert found.version is not None
    assert (found.found, found.living, found.target) == (True, True, "podman")


async def test_a_pull_is_timed_and_leaves_nothing(home: Path, registry: DockerRegistry) -> None:
    allow_plain(home, registry)
    image = registry.push("fresh/one", ("1",), "fresh", (20_000, 30_000))
    pulled = await pull(home, registry, "fresh/one:1", image)
    assert pulled.succeeded, pulled
    assert (pulled.was_present, pulled.kept, pulled.transferred_bytes) == (False, "", image.total_bytes)
    assert 0 < pulled.took_s < PATIENCE_S
    assert everything(home) == set()
    assert list(journal.entries(home / "state")) == []


async def test_an_image_that_was_there_stays_as_it_was(home: Path, registry: DockerRegistry) -> None:
    allow_plain(home, registry)
    image = registry.push("kept/one", ("1",), "kept")
    name = f"{registry.host}/kept/one:1"
    assert podman_says("pull", "--quiet", name)
    assert podman_says("image", "exists", name)
    before = everything(home)
    pulled = await pull(home, registry, "kept/one:1", image)
    assert (pulled.succeeded, pulled.was_present, pulled.from_cache) == (True, True, False)
    assert everything(home) == before
    assert podman_says("image", "exists", name)


async def test_what_fails_says_why(home: Path, registry: DockerRegistry) -> None:
    allow_plain(home, registry)
    image = registry.push("gone/one", ("1",), "gone")
    pulled = await pull(home, registry, "gone/one:2", image)
    assert not pulled.succeeded
    assert classify(pulled.error or "").cause == "image_not_found"
    assert everything(home) == set()


async def test_patience_ends_a_pull_and_nothing_stays(home: Path, registry: DockerRegistry) -> None:
    image = registry.push("slow/one", ("1",), "slow", (20_000, 2_000_000))
    async with slow_way(registry, 200_000) as slow:
        allow_plain(home, slow)
        pulled = await pull(home, slow, "slow/one:1", image, 1.5)
    assert (pulled.succeeded, pulled.ended, pulled.kept) == (False, False, "")
    assert everything(home) == set()


_PULLER = """
import asyncio, sys
from pathlib import Path
from agent.contract.reference import parse
from agent.host.root import Root
from agent.host.runtime import detect
from agent.runtimes import journal, podman
from agent.runtimes.order import Order

async def main(image, digest, config, folder):
    async with journal.alone(Path(folder), 1.0):
        await podman.pull(Order(parse(image), digest, config, 1), detect(Root(), "podman")[0], 60.0, Path(folder))

asyncio.run(main(*sys.argv[1:]))
"""


def until(condition: Callable[[], object], what: str, within_s: float = 20) -> None:
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at, f"waited in vain for {what}"
        time.sleep(0.05)


def kill_in_the_middle(puller: "subprocess.Popen[bytes]", home: Path) -> None:
    """Kill it, and nothing but it, when the first layer is unpacked and the second one comes in."""
    try:
        until(lambda: list(home.glob(f"{podman.PREFIX}*/overlay-layers/*.tar-split.gz")), "the first layer")
        child = Path(f"/proc/{puller.pid}/task/{puller.pid}/children").read_text().split()[0]
    finally:
        puller.send_signal(signal.SIGKILL)
        puller.wait()
    until(lambda: not Path(f"/proc/{child}/exe").exists(), "podman to die with its parent")


def mounts() -> str:
    return Path("/proc/self/mounts").read_text()


def podman_says(*words: str) -> bool:
    return subprocess.run([need.program("podman"), *words], capture_output=True, check=False).returncode == 0


def start_puller(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", _PULLER, *arguments])


async def test_a_kill_in_the_middle_is_undone_at_the_next_start(home: Path, registry: DockerRegistry) -> None:
    image = registry.push("killed/one", ("1",), "killed", (20_000, 2_000_000))
    state = home / "state"
    async with slow_way(registry, 200_000) as slow:
        allow_plain(home, slow)
        puller = start_puller(f"{slow.host}/killed/one:1", image.digest, image.config_digest, str(state))
        await asyncio.to_thread(kill_in_the_middle, puller, home)
    assert everything(home) != set()
    assert await leftover.clean(state) == 1
    assert everything(home) == set()
    assert str(home) not in mounts()
    assert list(journal.entries(state)) == []
