"""A store on a filesystem of a few MiB: what the check says, and what the runtime does."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.check import Settings
from agent.checks.disk import fits, judge, read
from agent.contract.classify import classify
from agent.contract.reference import parse
from agent.host.root import Root
from agent.runtimes import crictl
from agent.runtimes.order import Order
from tests import need
from tests.servers.containerd import containerd
from tests.servers.docker_registry import docker_registry

SETTINGS = Settings.default("disk")
MIB = 1024 * 1024


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 64 MiB and 2000 inodes."""
    need.root()
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=2000", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path, size: int) -> None:
    with folder.joinpath("filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)


def test_bytes_run_out(small: Path) -> None:
    assert judge(read(Root(), str(small)), SETTINGS).status == "ok"
    fill(small, 44 * MIB)
    assert judge(read(Root(), str(small)), SETTINGS).status == "ok"
    fill(small, 62 * MIB)
    verdict = judge(read(Root(), str(small)), SETTINGS)
    assert (verdict.status, verdict.cause) == ("failed", "disk_full")
    assert "2 MiB of 64 MiB are free" in verdict.detail


def test_inodes_run_out(small: Path) -> None:
    for number in range(1600):
        small.joinpath(str(number)).touch()
    verdict = judge(read(Root(), str(small)), SETTINGS)
    assert (verdict.status, verdict.cause) == ("failed", "disk_full")
    assert "inodes" in verdict.detail


def test_a_store_below_a_root_is_looked_at_there(small: Path) -> None:
    fill(small, 63 * MIB)
    seen = read(Root(small.parent), "/small/var/lib/containerd")
    assert (seen.looked_at, seen.size_bytes) == ("/small", 64 * MIB)


async def test_what_does_not_fit_cannot_be_pulled(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(need.program('crictl')).parent}:{os.environ['PATH']}")
    home = tmp_path / "containerd"
    home.mkdir()
    with docker_registry(tmp_path / "registry") as registry, containerd(home, store=small) as daemon:
        daemon.serve_plain(registry.host)
        image = registry.push("large/one", ("1",), "large", (6 * MIB,))
        order = Order(parse(f"{registry.host}/large/one:1"), image.digest, image.config_digest, image.total_bytes)
        free = read(Root(), str(small)).free_bytes
        assert fits(read(Root(), str(small)), image.total_bytes, "containerd")
        assert (await crictl.pull(order, "containerd", daemon.socket, 30, tmp_path)).succeeded
        fill(small, free - 8 * MIB)  # room for the blob, and not for what is unpacked of it
        assert not fits(read(Root(), str(small)), image.total_bytes, "containerd")
        pulled = await crictl.pull(order, "containerd", daemon.socket, 30, tmp_path)
        assert not pulled.succeeded
        assert classify(pulled.error or "").cause == "disk_full"
        small.joinpath("filler").unlink()
