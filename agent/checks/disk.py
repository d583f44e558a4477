"""Has the image store room for an image?

Asks the filesystem that holds the store for its free bytes and inodes. A store that is not there yet is judged by the
nearest folder above it that is. What root may still write counts: runtimes are root.

Cannot see: quotas (project quotas, thin pools that promise more than they have), a store on a mount that is not visible
under the root, and how much an image grows when it is unpacked.

Source: statvfs(3); kubelet's default hard eviction thresholds imagefs.available<15% and imagefs.inodesFree<5%.
"""

import errno
import os
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.check import Check, Look, Settings
from agent.contract.result import Verdict, failed, ok, unknown, warn
from agent.host.root import HostFileError, Root

# Below these not even a small base image goes in: alpine is 3.5 MiB to pull, 8 MiB unpacked and both are kept for a
# while, beside the store's own books. What a certain image needs is `fits`'s question.
FLOOR_BYTES = 16 * 1024 * 1024
FLOOR_INODES = 500  # alpine has 530 files and folders
KUBELET_BYTES_RATIO = 0.15  # under this kubelet removes images and evicts pods, by default
KUBELET_INODES_RATIO = 0.05
# At least so many times the compressed size is written: containerd keeps the blobs beside what it unpacks of them;
# containers/storage (podman, CRI-O) and Docker keep what is unpacked.
COPIES = {"containerd": 2}


@dataclass(frozen=True, slots=True)
class Observation:
    """The filesystem of a store. `inodes` is 0 where it has no fixed number of them (btrfs)."""

    store: str
    looked_at: str
    free_bytes: int
    unreserved_bytes: int
    size_bytes: int
    free_inodes: int
    inodes: int
    read_only: bool
    forbidden: bool = False


async def observe(target: str, look: Look) -> Observation:
    """Ask the filesystem below the store."""
    return read(look.node.root, target)


def read(root: Root, store: str) -> Observation:
    """Ask the filesystem below `store`, a path of the node. Raises `HostFileError`."""
    places = [PurePosixPath(store), *PurePosixPath(store).parents]
    for place in places:
        try:
            found = os.statvfs(root.real(str(place)))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError:
            return Observation(store, str(place), 0, 0, 0, 0, 0, read_only=False, forbidden=True)
        except OSError as error:
            raise HostFileError(str(place), error.strerror or errno.errorcode.get(error.errno or 0, "?")) from error
        return Observation(
            store=store,
            looked_at=str(place),
            free_bytes=found.f_bfree * found.f_frsize,
            unreserved_bytes=found.f_bavail * found.f_frsize,
            size_bytes=found.f_blocks * found.f_frsize,
            free_inodes=found.f_ffree,
            inodes=found.f_files,
            # The DaemonSet mounts the node's tree read-only; the node itself may still write.
            read_only=root.is_this_machine and bool(found.f_flag & os.ST_RDONLY),
        )
    raise HostFileError(store, "no folder above it is there")


def fits(observation: Observation, compressed_bytes: int, runtime_name: str, unpacked_bytes: int | None = None) -> bool:
    """Tell whether an image may go in; false is certain, true is a hope where the unpacked size is not known.

    Args:
        compressed_bytes: what is to be pulled: the layers and the configuration.
        unpacked_bytes: what the layers become; at least their compressed size where nobody says.
    """
    if observation.forbidden:
        return True
    unpacked = max(unpacked_bytes or 0, compressed_bytes)
    needed = unpacked + compressed_bytes * (COPIES.get(runtime_name, 1) - 1)
    has_inodes = observation.inodes == 0 or observation.free_inodes > 0
    return has_inodes and not observation.read_only and observation.free_bytes > needed


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Fail a store that can take no image at all; warn where kubelet would begin to clean."""
    del settings
    if observation.forbidden:
        return unknown(f"{observation.looked_at} may not be looked at by this process")
    free, size = observation.free_bytes, observation.size_bytes
    evidence = {
        "filesystem_of": observation.looked_at,
        "free_bytes": free,
        "size_bytes": size,
        "free_inodes": observation.free_inodes,
        "inodes": observation.inodes,
    }
    if observation.read_only:
        return failed("storage_error", f"{observation.store}: its filesystem is read-only", **evidence)
    if free < FLOOR_BYTES:
        return failed("disk_full", f"{observation.store}: {_mib(free)} of {_mib(size)} are free", **evidence)
    if observation.inodes and observation.free_inodes < FLOOR_INODES:
        detail = f"{observation.store}: {observation.free_inodes} of {observation.inodes} inodes are free"
        return failed("disk_full", detail, **evidence)
    if size and observation.unreserved_bytes < size * KUBELET_BYTES_RATIO:
        detail = f"{observation.store}: {observation.unreserved_bytes / size:.1%} are free; kubelet cleans below 15 %"
        return warn("disk_full", detail, **evidence)
    if observation.inodes and observation.free_inodes < observation.inodes * KUBELET_INODES_RATIO:
        ratio = observation.free_inodes / observation.inodes
        detail = f"{observation.store}: {ratio:.1%} of its inodes are free; kubelet cleans below 5 %"
        return warn("disk_full", detail, **evidence)
    return ok(f"{_mib(free)} of {_mib(size)} are free", **evidence)


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MiB"


CHECK = Check("disk", observe, judge)
