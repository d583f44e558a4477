"""What a store with so much room can take."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.check import Settings
from agent.checks.disk import FLOOR_BYTES, FLOOR_INODES, Observation, fits, judge, read
from agent.host.root import Root

GIB = 1024**3
ROOMY = Observation("/s", "/s", 50 * GIB, 50 * GIB, 100 * GIB, 1_000_000, 2_000_000, read_only=False)
SETTINGS = Settings.default("disk")


@pytest.mark.parametrize(
    ("changes", "status", "cause"),
    [
        ({}, "ok", None),
        ({"free_bytes": 0, "unreserved_bytes": 0}, "failed", "disk_full"),
        ({"free_bytes": FLOOR_BYTES - 1, "unreserved_bytes": 0}, "failed", "disk_full"),
        ({"free_bytes": FLOOR_BYTES, "unreserved_bytes": 0}, "warn", "disk_full"),
        ({"unreserved_bytes": 15 * GIB}, "ok", None),
        ({"unreserved_bytes": 15 * GIB - 1}, "warn", "disk_full"),
        ({"free_inodes": FLOOR_INODES - 1}, "failed", "disk_full"),
        ({"free_inodes": 99_999}, "warn", "disk_full"),
        ({"free_inodes": 0, "inodes": 0}, "ok", None),  # btrfs has no fixed number
        ({"read_only": True}, "failed", "storage_error"),
        ({"forbidden": True}, "unknown", None),
    ],
)
def test_a_store_is_judged_by_what_it_can_take(changes: dict[str, Any], status: str, cause: str | None) -> None:
    verdict = judge(replace(ROOMY, **changes), SETTINGS)
    assert (verdict.status, verdict.cause) == (status, cause)


@pytest.mark.parametrize(
    ("free", "runtime", "unpacked", "answer"),
    [
        (201, "containerd", None, True),
        (200, "containerd", None, False),
        (101, "podman", None, True),
        (100, "podman", None, False),
        (401, "containerd", 300, True),
        (400, "containerd", 300, False),
        (301, "cri-o", 300, True),
        (300, "podman", 300, False),
    ],
)
def test_an_image_of_100_bytes_fits(free: int, runtime: str, unpacked: int | None, answer: bool) -> None:
    assert fits(replace(ROOMY, free_bytes=free), 100, runtime, unpacked) is answer


def test_nothing_fits_where_no_inode_is_free_or_nothing_may_be_written() -> None:
    assert not fits(replace(ROOMY, free_inodes=0), 1, "podman")
    assert not fits(replace(ROOMY, read_only=True), 1, "podman")
    assert fits(replace(ROOMY, free_inodes=0, inodes=0), 1, "podman")


def test_what_may_not_be_looked_at_is_hoped_for() -> None:
    assert fits(Observation("/s", "/", 0, 0, 0, 0, 0, read_only=False, forbidden=True), 1, "podman")


def test_a_store_that_is_not_there_is_judged_by_the_folder_above(tmp_path: Path) -> None:
    (tmp_path / "var/lib").mkdir(parents=True)
    seen = read(Root(tmp_path), "/var/lib/containerd/deeper")
    assert (seen.store, seen.looked_at) == ("/var/lib/containerd/deeper", "/var/lib")
    assert seen.size_bytes > 0
    assert not seen.read_only
