"""Pull through the node's podman into a store of the pull's own, beside the node's, and remove that store.

The node's policy, mirrors, trust and credentials are in force, and the filesystem is the node's store's. The store
itself is not touched: podman cannot take back the layers of a pull that was cut off, nor move a tag back.

Cannot see: damage of the node's own store; layers that the node has already, which a pull of its own would not fetch.

Source: podman(1) `--root`, `--runroot`, `--tmpdir`; containers/storage, its overlay driver's mount on itself.
"""

import asyncio
import contextlib
import ctypes
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.host.root import Root
from agent.host.runtime import Runtime
from agent.host.storage import read_toml
from agent.probes import exec  # noqa: A004 - the instrument's name is the house's
from agent.runtimes import journal
from agent.runtimes.order import Order, Pull, last_words

QUICK_S = 10.0  # questions to the store: local work
PREFIX = "pullscope-pull-"
RUN = Path("/run")  # podman wants the path of its run folder no longer than 50 characters
_MNT_DETACH = 2
_libc = ctypes.CDLL(None, use_errno=True)


async def pull(order: Order, runtime: Runtime, patience_s: float, folder: Path) -> Pull:
    """Pull an image, time it, and leave nothing; the caller holds the lock, is root, and `runtime.program` is set.

    Raises:
        OSError: where podman cannot be started, or no journal or folder be made.
    """
    assert runtime.program is not None
    was_present = await _is_present(runtime, order.asked)
    name = f"{PREFIX}{time.time_ns():x}"
    store, blobs, run = _beside(runtime.stores) / name, _folder_for_blobs(runtime.environ) / name, RUN / name
    written = journal.write(folder, journal.Entry(runtime="podman", folders=[str(store), str(blobs), str(run)]))
    try:
        _make(store, blobs, run)
        command = (
            *(runtime.program, "--root", str(store), "--runroot", f"{run}/run", "--tmpdir", f"{run}/lib"),
            *("pull", "--quiet", order.asked),
        )
        started = time.perf_counter()
        ended = await exec.run(command, patience_s, {**os.environ, "TMPDIR": str(blobs)})
        took_s = time.perf_counter() - started
    finally:
        kept = await asyncio.to_thread(_remove, (store, blobs, run))
        if not kept:
            written.unlink()
    return Pull(
        runtime="podman",
        asked=order.asked,
        took_s=took_s,
        was_present=was_present,
        transferred_bytes=order.total_bytes if ended.succeeded else 0,
        error=None if ended.succeeded or ended.status is None else last_words(ended.stderr),
        ended=ended.status is not None,
        kept=kept,
    )


def undo(entry: journal.Entry) -> str:
    """Remove the folders of a pull that was killed; give why one is left, or nothing."""
    return _remove(tuple(Path(folder) for folder in entry.folders))


async def _is_present(runtime: Runtime, name: str) -> bool:
    """Ask the node's store; one that is not there yet is not asked, because that would make it."""
    assert runtime.program is not None
    if not any(map(_is_folder, runtime.stores)):
        return False
    return (await exec.run((runtime.program, "image", "exists", name), QUICK_S)).succeeded


def _is_folder(path: str) -> bool:
    return Path(path).is_dir()


def _make(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(mode=0o700)


def _beside(stores: Sequence[str]) -> Path:
    """Give a folder on the filesystem of the node's store: itself, or the nearest one above that is there."""
    place = Path(stores[0])
    while not place.is_dir():
        place = place.parent
    return place


def _folder_for_blobs(environ: Mapping[str, str]) -> Path:
    """Give where podman keeps blobs until they are unpacked."""
    engine = read_toml(Root(), "/etc/containers/containers.conf").get("engine")
    told = engine.get("image_copy_tmp_dir") if isinstance(engine, dict) else None
    named = environ.get("TMPDIR") or (told if isinstance(told, str) and told.startswith("/") else "/var/tmp")
    return Path(named) if Path(named).is_dir() else Path(tempfile.gettempdir())


def _remove(folders: Sequence[Path]) -> str:
    for folder in folders:
        for mount in _mounts_below(folder):
            _libc.umount2(os.fsencode(mount), _MNT_DETACH)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder, ignore_errors=True)
    left = [str(folder) for folder in folders if folder.exists()]
    return f"could not be removed yet: {', '.join(left)}" if left else ""


def _mounts_below(folder: Path) -> list[str]:
    """Give what is mounted in a folder, the innermost first."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    mounts = [line.split()[1].encode().decode("unicode_escape") for line in lines]
    return sorted((mount for mount in mounts if mount.startswith(f"{folder}/")), reverse=True)
