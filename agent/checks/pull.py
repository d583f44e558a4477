"""Can this node's runtimes really pull this image, and how long do they take?

Pulls it through crictl and through podman, each where it is there, one after the other and never two at once on a node.
Bounded in time by the patience and in bytes by what the manifest says before. An image that was there before stays; one
that was not is removed again, at the next start if this process is killed.

Cannot see: a pull with a pod's own pull secrets, or with credentials that kubelet adds; podman without root or from
within a container.

Source: runbook 009, Diagnosis Step 3 and its checklist: an image pull completes in under 30 seconds.
"""

import os
from dataclasses import dataclass
from typing import Any

from agent.check import Blocked, Check, Look, Settings
from agent.contract.classify import classify
from agent.contract.reference import Reference, parse
from agent.contract.result import Verdict, failed, ok, unknown, warn
from agent.distribution import counted
from agent.host.root import HostFileError
from agent.host.runtime import Runtime
from agent.runtimes import crictl, journal, leftover, podman
from agent.runtimes.order import MAX_PULL_BYTES, Order, Pull

SLOW_S = 30.0  # the runbook's checklist


@dataclass(frozen=True, slots=True)
class Observation:
    """How each runtime's pull went, that of the judged runtime first; `credentials`: the node has some for this."""

    pulls: tuple[Pull, ...]
    credentials: bool = False
    refused: str = ""  # why no pull was tried at all


async def observe(target: str, look: Look) -> Observation:
    """Pull through each runtime in turn."""
    reference = parse(target)
    runtimes = sorted((one for one in look.node.runtimes if one.found), key=lambda one: one != look.node.runtime)
    if not runtimes:
        return Observation((), refused="no container runtime is found on this node")
    blocked = {runtime.name: await _stops(runtime, look) for runtime in runtimes}
    if all(blocked.values()):
        raise Blocked(next(iter(blocked.values())))
    order = await _order(reference, look)
    if order.total_bytes > MAX_PULL_BYTES:
        return Observation((), refused=f"{order.total_bytes} bytes are more than a test pull may take")
    folder = journal.state_folder(look.node.name)
    try:
        async with journal.alone(folder, look.settings.patience_s):
            await leftover.clean_alone(folder)
            pulls = []
            for runtime in runtimes:
                stopped = blocked[runtime.name]
                refused = f"not asked: {stopped} failed" if stopped else _refusal(runtime, look)
                if refused:
                    pulls.append(Pull(runtime.name, refused=refused))
                    continue
                async with counted.real_pull(look, reference, runtime):
                    pulls.append(await _pull(order, runtime, look))
    except journal.BusyError:
        return Observation((), refused="another pull is under way on this node")
    except PermissionError as error:
        return Observation((), refused=f"no pull without a journal of it: {error.filename} may not be written")
    return Observation(tuple(pulls), credentials=_has_credentials(reference, look))


async def _stops(runtime: Runtime, look: Look) -> str:
    """Give the name of the check that stands before a pull through this runtime, or nothing."""
    try:
        await look.need("runtime", runtime.target)
    except Blocked as blocked:
        return blocked.by
    return ""


async def _order(reference: Reference, look: Look) -> Order:
    if look.guard is not None:
        # A runtime goes wherever a registry sends it: it is sent to none that has led this round astray.
        await look.need("layer", str(reference))
    found = await look.need("manifest", str(reference))
    for_us = await look.need("platform", str(reference))
    return Order(reference, found.descriptor.digest, for_us.chosen.config.digest, for_us.total_bytes)


def _refusal(runtime: Runtime, look: Look) -> str:
    """Give why no pull through this runtime can be tried from here, or nothing."""
    if runtime.name == "podman":
        if not look.node.root.is_this_machine or runtime.program is None:
            return "podman can be asked for a pull on its own machine only"
        return "" if os.geteuid() == 0 else "a pull through podman that leaves nothing behind needs root"
    if runtime.cri is None:
        return f"{runtime.name} serves no CRI here"
    return "" if crictl.program() else "crictl is not installed"


async def _pull(order: Order, runtime: Runtime, look: Look) -> Pull:
    folder = journal.state_folder(look.node.name)
    patience_s = look.settings.patience_s
    if runtime.name == "podman":
        return await podman.pull(order, runtime, patience_s, folder)
    assert runtime.cri is not None
    try:
        return await crictl.pull(order, runtime.name, look.node.root.real(runtime.cri), patience_s, folder)
    except crictl.CrictlError as error:
        return Pull(runtime.name, refused=str(error))


def _has_credentials(reference: Reference, look: Look) -> bool:
    try:
        return bool(look.node.credentials(reference.registry, reference.path))
    except HostFileError:
        return False


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Fail where the judged runtime cannot pull; what only another one cannot is a remark."""
    if observation.refused:
        return unknown(observation.refused)
    tried = [pull for pull in observation.pulls if not pull.refused]
    evidence: dict[str, Any] = {"pulls": {pull.runtime: _facts(pull) for pull in observation.pulls}}
    if not tried:
        return unknown("; ".join(f"{pull.runtime}: {pull.refused}" for pull in observation.pulls), **evidence)
    evidence["slowest_s"] = round(max(pull.took_s for pull in tried), 3)
    broken = [(pull, *_cause(pull, settings)) for pull in tried if not pull.succeeded]
    for pull, cause, detail in broken:
        if cause == "auth_failed" and observation.credentials and pull.runtime == "containerd":
            return unknown(f"{detail}; crictl shows none of the node's credentials", **evidence)
        return (failed if pull is tried[0] else warn)(cause, detail, **evidence)
    slow = max(tried, key=lambda pull: pull.took_s)
    words = "; ".join(_words(pull) for pull in tried)
    if slow.took_s > SLOW_S:
        return warn("pull_slow", f"{words}; the runbook allows {SLOW_S:.0f} s", **evidence)
    return ok(words, **evidence)


def _cause(pull: Pull, settings: Settings) -> tuple[str, str]:
    if not pull.ended:
        return "cancelled", f"{pull.runtime}: the pull did not end within {settings.patience_s:g} s"
    told = classify(pull.error or "")
    return told.cause, f"{pull.runtime}: {told.detail or pull.error}"


def _words(pull: Pull) -> str:
    if pull.from_cache:
        return f"{pull.runtime}: served from its own cache in {pull.took_s:.1f} s, only the name was asked for"
    return f"{pull.runtime}: pulled {pull.transferred_bytes} bytes in {pull.took_s:.1f} s"


def _facts(pull: Pull) -> dict[str, Any]:
    if pull.refused:
        return {"refused": pull.refused}
    facts = {
        "asked": pull.asked,
        "took_s": round(pull.took_s, 3),
        "was_present": pull.was_present,
        "from_cache": pull.from_cache,
        "transferred_bytes": pull.transferred_bytes,
    }
    return facts | {key: value for key, value in (("error", pull.error), ("kept", pull.kept)) if value}


CHECK = Check("pull", observe, judge)
