"""Undo pulls that were killed.

Cannot see: an image that somebody else pulled after the kill and no container uses; it is taken for the leftover.
"""

import asyncio
import logging
from pathlib import Path

from agent.probes.fault import Fault
from agent.runtimes import crictl, journal, podman

log = logging.getLogger(__name__)

PATIENCE_S = 0.0  # where another process pulls right now, its entry is no leftover, and it cleans before it pulls


async def clean(folder: Path, patience_s: float = PATIENCE_S) -> int:
    """Undo what lies in a node's folder (`journal.state_folder`), and give how many pulls were undone.

    What cannot be undone yet (the runtime is down) stays for the next time.
    """
    if not list(journal.entries(folder)):
        return 0
    try:
        async with journal.alone(folder, patience_s):
            return await clean_alone(folder)
    except journal.BusyError:
        return 0
    except OSError as error:
        log.warning("cannot look for leftovers of pulls: %s", error)
        return 0


async def clean_alone(folder: Path) -> int:
    """Undo what lies there; the caller holds the lock."""
    undone = 0
    for path, entry in journal.entries(folder):
        kept = "" if entry is None else await _undo(entry)
        if kept.startswith("could not"):
            log.warning("a pull that was killed is not undone yet: %s", kept)
            continue
        path.unlink(missing_ok=True)
        undone += 1
    return undone


async def _undo(entry: journal.Entry) -> str:
    if entry.runtime == "podman":
        return await asyncio.to_thread(podman.undo, entry)
    try:
        return await crictl.undo(entry)
    except (crictl.CrictlError, Fault, OSError) as error:
        return f"could not be removed yet: {error}"
