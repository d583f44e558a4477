"""Does the container runtime answer, and which version is it?

Asks the daemon behind the socket for its version, as kubelet does (CRI), or by HTTP where it is Docker or podman.
podman without an API socket is a program, not a daemon: it is there when it tells its version.

Cannot see: a runtime that answers and cannot pull, which is what `pull` is for; podman on another root than this
machine's without its API socket.

Source: CRI, RuntimeService/Version; Docker Engine API `/version`; podman's `/libpod/_ping`.
"""

import re
from dataclasses import dataclass

from agent.check import Check, Look, Settings
from agent.contract.result import Verdict, failed, ok, unknown
from agent.host import grpc, version
from agent.host.runtime import Runtime
from agent.probes import cri, exec  # noqa: A004 - the instrument's name is the house's
from agent.probes.fault import Fault

_VERSION, _NAME, _RUNTIME_VERSION = 1, 2, 3  # fields of VersionResponse; containerd's own has its version in 1


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen. `found` and `forbidden` tell why nothing could be seen; `serves` is false without CRI."""

    runtime: str
    version: str | None = None
    serves: bool = True
    found: bool = True
    forbidden: bool = False
    silent: str | None = None  # why it does not answer


async def observe(target: str, look: Look) -> Observation:
    """Ask the runtime whose target this is for its version."""
    runtime = next((one for one in look.node.runtimes if one.target == target), Runtime(target))
    if not runtime.found:
        return Observation(runtime.name, found=False)
    patience_s = look.settings.patience_s
    try:
        if runtime.socket is None:
            return await _ask_program(runtime, look, patience_s)
        path = look.node.root.real(runtime.socket)
        if runtime.name == "podman":
            await cri.get(path, "/libpod/_ping", patience_s)
            return Observation("podman", runtime.version)
        if runtime.name == "docker":
            body = (await cri.get(path, "/version", patience_s)).decode(errors="replace")
            told = re.search(r'"Version"\s*:\s*"([^"]+)"', body)
            if runtime.cri is not None:  # cri-dockerd, which kubelet asks, must answer too
                await cri.call(look.node.root.real(runtime.cri), version.CRI_VERSION, b"", patience_s)
            return Observation("docker", told[1] if told else None)
        return await _ask_cri(runtime, look, patience_s)
    except PermissionError:
        return Observation(runtime.name, forbidden=True)
    except Fault as fault:
        return Observation(runtime.name, silent=fault.detail)


async def _ask_cri(runtime: Runtime, look: Look, patience_s: float) -> Observation:
    path = look.node.root.real(runtime.target)
    answer = await cri.call(path, version.CRI_VERSION, b"", patience_s)
    if answer is not None:
        said = grpc.strings(answer)
        return Observation(said.get(_NAME) or runtime.name, said.get(_RUNTIME_VERSION))
    own = await cri.call(path, cri.CONTAINERD_VERSION, b"", patience_s)
    return Observation(runtime.name, grpc.strings(own).get(_VERSION) if own is not None else None, serves=False)


async def _ask_program(runtime: Runtime, look: Look, patience_s: float) -> Observation:
    if runtime.program is None or not look.node.root.is_this_machine:
        return Observation(runtime.name, found=False)
    ended = await exec.run([runtime.program, "--version"], patience_s)
    if ended.succeeded:
        return Observation(runtime.name, version.short(ended.stdout))
    why = "does not end in time" if ended.status is None else ended.stderr.strip() or f"ends with {ended.status}"
    return Observation(runtime.name, silent=f"`{runtime.program} --version`: {why}")


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Fail a runtime that is there and does not answer."""
    del settings
    evidence = {"runtime": observation.runtime, "version": observation.version}
    if observation.forbidden:
        return unknown(f"this process may not ask {observation.runtime}: its socket is closed to it", **evidence)
    if not observation.found:
        return unknown(f"nothing on this node that can be asked is {observation.runtime}", **evidence)
    if observation.silent is not None:
        return failed("runtime_unavailable", f"{observation.runtime}: {observation.silent}", **evidence)
    if not observation.serves:
        return failed("runtime_unavailable", f"{observation.runtime} answers, but does not serve CRI", **evidence)
    return ok(f"{observation.runtime} {observation.version or ''}".strip(), **evidence)


CHECK = Check("runtime", observe, judge)
