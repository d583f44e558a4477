"""Does the registry answer this node, and give it a token?

Asks `/v2/` at each place in the runtime's order until one answers, without credentials: 200 and 401 are both "reached".
A token service that it names is then asked for a token, as whom the node would ask; its host is a target of its own.

Cannot see: whether a token is good for an image, which is the manifest check's question; the places behind the first
one that answers, which no pull asks while it does.

Source: the distribution specification, "determining support"; runbook 009, Fix 3 and Fix 4.
"""

from dataclasses import dataclass
from typing import Any

from agent.check import Blocked, Check, Look, Settings
from agent.contract.result import Verdict, ok, warn
from agent.distribution.authorize import authorize, service_of
from agent.distribution.challenge import Challenge, choose
from agent.distribution.follow import Answer
from agent.distribution.refusal import API_HEADER, is_html, portal, refused
from agent.distribution.session import Session
from agent.distribution.walk import Miss, goes_on, identities, miss
from agent.host.credentials import Credential
from agent.host.endpoint import Endpoint
from agent.probes.fault import Fault

ANSWER_BYTES = 65536  # of `/v2/`: a registry says two characters; of a page this shows what it is
TOLERATED = range(400, 500)  # a token service may refuse a request that names no repository, and still be well
NOT_TOLERATED = frozenset({404, 429})


@dataclass(frozen=True, slots=True)
class Reached:
    """One place that answered. `identity` is as whom it was asked in the end: a file, or none."""

    endpoint: Endpoint
    status: int
    scheme: str = ""
    token_service: str = ""
    identity: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """The places that answered, and those before them that did not."""

    registry: str
    access: tuple[Reached, ...]
    missed: tuple[Miss, ...] = ()

    @property
    def dead(self) -> frozenset[Endpoint]:
        """The places that other checks need not ask in this round."""
        return frozenset(one.endpoint for one in self.missed)


async def observe(registry: str, look: Look) -> Observation:
    """Ask the places in the runtime's order until one answers that any pull could use."""
    reached: list[Reached] = []
    missed: list[Miss] = []
    last: Blocked | Fault = Fault("config_invalid", f"the runtime's configuration leaves no place for {registry}")
    for endpoint in look.node.endpoints(registry):
        try:
            reached.append(await _reach(look, endpoint))
        except (Blocked, Fault) as error:
            missed.append(miss(endpoint, error))
            last = error
            continue
        if "resolve" in endpoint.may:
            break
    if not reached:
        raise last
    return Observation(registry, tuple(reached), tuple(missed))


async def _reach(look: Look, endpoint: Endpoint) -> Reached:
    session = Session(look, endpoint)
    answer = await session.ask("GET", "/", root=True, max_bytes=ANSWER_BYTES, bare=True)
    status = answer.response.status
    by_status = not goes_on(look.node)  # containers/image takes 200 and 401, whatever stands below
    if status == 200 or (200 < status < 300 and not by_status):
        odd = [portal(answer).detail] if _is_foreign(answer) else []
        if odd and not by_status:
            raise portal(answer)
        return Reached(endpoint, status, remarks=(*session.remarks, *odd))
    if status == 401:
        demand = choose(answer.response.all("www-authenticate"))
        if demand is None:
            return Reached(endpoint, status, remarks=tuple(session.remarks))
        return await _show(look, session, demand)
    if is_html(answer.response) and status != 429 and status < 500:
        raise portal(answer)
    fault = refused(answer, f"a look at {answer.origin.target}/v2/", None)
    cause = "registry_unavailable" if fault.cause == "image_not_found" else fault.cause
    detail = f"{answer.origin.target} has no /v2/ (HTTP {status})" if cause != fault.cause else fault.detail
    # containerd never asks `/v2/`: it pulls where only the images are served.
    if status in (400, 403, 404, 405) and look.node.runtime and look.node.runtime.name == "containerd":
        return Reached(endpoint, status, remarks=(*session.remarks, detail))
    raise Fault(cause, detail, **fault.evidence)


async def _show(look: Look, session: Session, demand: Challenge) -> Reached:
    """Answer what was demanded, as each identity that the node has, until one is accepted."""
    endpoint = session.endpoint
    service = service_of(demand).host if demand.scheme == "bearer" else ""
    refusal: Fault | None = None
    for identity in identities(look.node, endpoint, ""):
        try:
            await _as(look, endpoint, demand, identity)
        except Fault as fault:
            if fault.cause != "auth_failed":
                raise
            refusal = refusal or fault
            continue
        source = identity.source if identity else ""
        return Reached(endpoint, 401, demand.scheme, service, source, tuple(session.remarks))
    assert refusal is not None  # there is always one identity: the node without credentials
    raise refusal


async def _as(look: Look, endpoint: Endpoint, demand: Challenge, identity: Credential | None) -> None:
    session = Session(look, endpoint, identity)
    if demand.scheme == "basic":
        if identity is None:
            return
        answer = await session.ask("GET", "/", root=True, max_bytes=ANSWER_BYTES)
        if answer.response.status in (401, 403):
            raise refused(answer, "access", identity)
        return
    try:
        await authorize(look, endpoint, demand, "", identity, session.patience())
    except Fault as fault:
        status = fault.evidence.get("token_status")
        refused_us = identity is not None and status in (401, 403)
        if refused_us or status not in TOLERATED or status in NOT_TOLERATED:
            raise


def _is_foreign(answer: Answer) -> bool:
    """Tell a page that says 200 from a registry that says little: an empty body is an answer too."""
    response = answer.response
    if response.header(API_HEADER) or not response.body.strip():
        return False
    return is_html(response)


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Warn of dead mirrors, of plain HTTP and of places that answer oddly; a place that answers is enough."""
    del settings
    used = observation.access[-1]
    evidence = _evidence(observation)
    where = used.endpoint.origin.target
    if observation.missed:
        names = ", ".join(one.endpoint.origin.target for one in observation.missed)
        detail = f"mirror {names} is passed over, pulls go to {where}: {observation.missed[0].detail}"
        return warn(observation.missed[0].cause, detail, **evidence)
    remarks = [remark for reached in observation.access for remark in reached.remarks]
    if remarks:
        cause = "tls_protocol" if "plain HTTP" in remarks[0] else "registry_unavailable"
        return warn(cause, remarks[0], **evidence, remarks=remarks)
    return ok(f"{where} answers {used.status}{_token_words(used)}", **evidence)


def _token_words(used: Reached) -> str:
    if not used.token_service:
        return ""
    return f", its token service {used.token_service} is reached" + (f" as of {used.identity}" if used.identity else "")


def _evidence(observation: Observation) -> dict[str, Any]:
    used = observation.access[-1]
    found = used.endpoint.evidence() | {"status": used.status}
    optional = {"demands": used.scheme, "token_service": used.token_service, "credentials": used.identity}
    found |= {key: value for key, value in optional.items() if value}
    if observation.missed:
        found["missed"] = [
            {"endpoint": str(one.endpoint.origin), "cause": one.cause, "detail": one.detail}
            for one in observation.missed
        ]
    return found


CHECK = Check("registry", observe, judge)
