"""How many pulls does the registry still allow this node?

At Docker Hub, asks by HEAD for the image that is made for this question, which is not counted as a pull: without
credentials, and as each identity that the node has, side by side. Elsewhere takes what the manifest checks of images in
use were told anyway.

Cannot see: limits that a registry does not announce before they are reached.

Source: Docker Hub's usage and limits page; runbook 009, Step 5.
"""

from dataclasses import dataclass, field
from typing import Any

from agent.check import Check, Look, Settings
from agent.contract import oci
from agent.contract.result import Verdict, failed, ok, warn
from agent.distribution import limits
from agent.distribution.limits import Limit
from agent.distribution.refusal import refused
from agent.distribution.session import Session
from agent.distribution.walk import identities
from agent.host.credentials import Credential
from agent.host.endpoint import HUB, Endpoint
from agent.probes.fault import Fault

LOW = 50  # pulls left, as in the runbook's checklist: below, a node that comes up may not get all that it needs
ASKED = ("ratelimitpreview/test", "latest")  # made by Docker for this question
ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Observation:
    """What is left, by identity; who was refused for want of pulls; who could not be asked, and why."""

    registry: str
    limits: dict[str, Limit] = field(default_factory=dict)
    exhausted: dict[str, str] = field(default_factory=dict)
    failures: dict[str, Fault] = field(default_factory=dict)
    in_use: str = ANONYMOUS


async def observe(registry: str, look: Look) -> Observation:
    """Ask as everybody that the node can be."""
    seen = await look.need("registry", registry)
    endpoint = seen.access[-1].endpoint
    known = [one for one in identities(look.node, endpoint, "") if one is not None]
    in_use = known[0].source if known else ANONYMOUS
    if registry != HUB or endpoint.mirror:
        told = {who or ANONYMOUS: limit for who, limit in limits.noted(registry).items()}
        return Observation(registry, told, in_use=in_use)
    found = Observation(registry, in_use=in_use)
    for credential in (None, *known):
        await _ask(look, endpoint, credential, found)
    if not found.limits and not found.exhausted and found.failures:
        raise next(iter(found.failures.values()))
    return found


async def _ask(look: Look, endpoint: Endpoint, credential: Credential | None, found: Observation) -> None:
    who = credential.source if credential else ANONYMOUS
    repository, tag = ASKED
    session = Session(look, endpoint, credential)
    path, scope = f"/{repository}/manifests/{tag}", f"repository:{repository}:pull"
    try:
        answer = await session.ask("HEAD", path, scope=scope, accept=oci.ACCEPT)
    except Fault as fault:
        if fault.cause == "rate_limited":
            found.exhausted[who] = fault.detail
        else:
            found.failures[who] = fault
        return
    told = limits.read(answer.response)
    if told is not None:
        found.limits[who] = told
    if answer.response.status == 429:
        found.exhausted[who] = refused(answer, "pulls", credential).detail
    elif answer.response.status >= 400:
        found.failures[who] = refused(answer, f"{repository}:{tag}", credential)


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Judge the identity that pulls; the others stand beside it."""
    del settings
    evidence = _evidence(observation)
    who = observation.in_use
    if who not in observation.limits and who not in observation.exhausted:
        who = next(iter(observation.exhausted or observation.limits), who)
    if who in observation.exhausted:
        return failed("rate_limited", observation.exhausted[who], **evidence)
    limit = observation.limits.get(who)
    if limit is None:
        return ok(f"{observation.registry} announces no limit", **evidence)
    words = f"{limit.remaining} pulls left{_of(limit)} for {who}"
    if limit.remaining == 0:
        return failed("rate_limited", words, **evidence)
    if limit.remaining < LOW:
        return warn("rate_limited", words, **evidence)
    return ok(words, **evidence)


def _of(limit: Limit) -> str:
    window = f" in {limit.window_s / 3600:g} h" if limit.window_s else ""
    return (f" of {limit.limit}" if limit.limit is not None else "") + window


def _evidence(observation: Observation) -> dict[str, Any]:
    told = {
        who: {"limit": one.limit, "remaining": one.remaining, "window_s": one.window_s, "source": one.source}
        for who, one in observation.limits.items()
    }
    failures = {who: fault.detail for who, fault in observation.failures.items()}
    return {"identities": told} | ({"not_asked": failures} if failures else {})


CHECK = Check("rate_limit", observe, judge)
