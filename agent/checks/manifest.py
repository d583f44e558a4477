"""Does the image exist, and may this node read it?

Asks for the manifest by HEAD at each place in the runtime's order, as each identity that the node has. A place that
cannot answer HEAD, or answers it without a digest, is asked by GET, as the runtime would.

Cannot see: credentials that a pod brings by itself; what the manifest holds, which is the platform check's question.

Source: the distribution specification; containerd's resolver; runbook 009, Fix 2 and Fix 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.check import Blocked, Check, Look, Settings
from agent.contract import oci
from agent.contract.reference import Reference, parse
from agent.contract.result import Verdict, ok, warn
from agent.distribution import limits
from agent.distribution.content import Source, verified
from agent.distribution.follow import Answer
from agent.distribution.refusal import is_html, portal, refused, said
from agent.distribution.session import Session
from agent.distribution.walk import Miss, Walked, goes_on, identities, is_same, walk
from agent.host.credentials import Credential
from agent.host.endpoint import Endpoint
from agent.probes.fault import Fault


@dataclass(frozen=True, slots=True)
class Observation:
    """What the place that has the image says of its manifest. `content` is there where it had to be read."""

    source: Source
    digest: str
    media_type: str
    size_bytes: int
    content: bytes | None = None
    missed: tuple[Miss, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def descriptor(self) -> oci.Descriptor:
        """What to fetch, and how to verify it."""
        return oci.Descriptor(self.media_type, self.digest, self.size_bytes)


async def observe(image: str, look: Look) -> Observation:
    """Ask the places in the runtime's order until one has the image."""
    reference = parse(image)
    walked, others = await _find(reference, look)
    found = walked.value
    source = Source(reference, walked.endpoint, found.credential, others)
    return Observation(
        source,
        found.digest,
        found.answer.response.media_type,
        found.size_bytes,
        found.content,
        walked.misses,
        found.remarks,
    )


async def _find(reference: Reference, look: Look) -> "tuple[Walked[_Found], tuple[Endpoint, ...]]":
    """Give the first place that has it, and those that come after."""
    wanted = "pull" if reference.digest else "resolve"
    named = look.node.endpoints(reference.registry, reference.path)
    places: Sequence[Endpoint] = [one for one in named if wanted in one.may]
    refusal: Blocked | None = None
    try:
        places = await _living(places, reference, look)
    except Blocked as blocked:
        # containerd never asks `/v2/`: where that alone fails, the image may still be had.
        if not (look.node.runtime and look.node.runtime.name == "containerd" and blocked.by.startswith("registry ")):
            raise
        refusal = blocked
    try:
        walked = await walk(places, lambda endpoint: _at(look, endpoint, reference))
    except (Blocked, Fault) as error:
        raise refusal or error from None
    place = next(at for at, endpoint in enumerate(places) if is_same(endpoint, walked.endpoint))
    return walked, tuple(places[place + 1 :])


async def _living(places: Sequence[Endpoint], reference: Reference, look: Look) -> Sequence[Endpoint]:
    """Leave out the places that were seen dead in this round.

    A configuration may send part of a registry elsewhere: then the registry's own health is no matter.
    """
    whole = look.node.endpoints(reference.registry)
    if not places or not any(is_same(places[-1], one) for one in whole):
        return places
    seen = await look.need("registry", reference.registry)
    return [one for one in places if not any(is_same(one, dead) for dead in seen.dead)] or places


@dataclass(frozen=True, slots=True)
class _Found:
    answer: Answer
    digest: str
    size_bytes: int
    content: bytes | None
    credential: Credential | None
    remarks: tuple[str, ...]


async def _at(look: Look, endpoint: Endpoint, reference: Reference) -> _Found:
    """Ask one place as each identity in turn; the first refusal counts where none is accepted."""
    first: Fault | None = None
    for credential in identities(look.node, endpoint, reference.path):
        try:
            return await _as(look, endpoint, reference, credential)
        except Fault as fault:
            first = first or fault
    assert first is not None  # there is always one identity: the node without credentials
    raise first


async def _as(look: Look, endpoint: Endpoint, reference: Reference, credential: Credential | None) -> _Found:
    session = Session(look, endpoint, credential)
    answer = await _head(session, reference)
    limits.note(reference.registry, credential, answer.response)
    if _is_read_again(look, answer.response.status):
        answer = await _ask(session, "GET", reference)
    if not 200 <= answer.response.status < 300:
        raise refused(answer, f"image {reference}", credential)
    told = answer.response.header("docker-content-digest")
    length = answer.response.header("content-length")
    described = (
        answer.response.media_type in (*oci.MANIFEST_TYPES, *oci.INDEX_TYPES)
        and length.isdecimal()
        and len(length) < 20
    )
    _believe_type(look, answer, reference, bool(told and length.isdecimal()))
    if answer.response.body or not described or not (reference.digest or told):
        return await _read(session, answer, reference, credential)
    digest = reference.digest or told
    believes = goes_on(session.look.node)  # containers/image looks at no header of these
    if believes and not oci.is_digest(digest):
        raise Fault(
            "digest_mismatch", f"{answer.origin.target} gives {reference} a digest that is none", digest=told[:80]
        )
    if believes and int(length) > oci.MANIFEST_BYTES:
        raise _endless(answer)
    return _Found(answer, digest, int(length), None, credential, tuple(session.remarks))


async def _head(session: Session, reference: Reference) -> Answer:
    """Ask by HEAD; by GET at once where HEAD alone fails and the runtime never uses it."""
    try:
        return await _ask(session, "HEAD", reference)
    except Fault:
        if goes_on(session.look.node):
            raise
        return await _ask(session, "GET", reference)


def _believe_type(look: Look, answer: Answer, reference: Reference, described: bool) -> None:
    """Refuse the type that HEAD tells, as containerd does, which asks for no other, and compares letter by letter."""
    runtime = look.node.runtime
    if not described or answer.response.body or runtime is None or runtime.name != "containerd":
        return
    kind = answer.response.header("content-type").partition(";")[0].strip()
    if kind not in (*oci.MANIFEST_TYPES, *oci.INDEX_TYPES):
        words = f"serves {reference} as {kind or 'no type at all'}, which no runtime takes"
        raise Fault("unsupported_media_type", f"{answer.origin.target} {words}", media_type=kind)


def _is_read_again(look: Look, status: int) -> bool:
    """Tell a refusal of HEAD that the runtime does not take for one: containerd only 405, the others never use HEAD."""
    runtime = look.node.runtime
    if runtime is not None and runtime.name == "containerd":
        return status == 405
    return status >= 400 and status != 429


async def _read(session: Session, answer: Answer, reference: Reference, credential: Credential | None) -> _Found:
    """Read the manifest itself, because the answer to HEAD does not describe it."""
    if not answer.response.body:
        answer = await _ask(session, "GET", reference)
    response, host = answer.response, answer.origin.target
    if not 200 <= response.status < 300:
        raise refused(answer, f"image {reference}", credential)
    if is_html(response):
        raise portal(answer)
    if response.truncated:
        raise _endless(answer)
    if response.media_type not in (*oci.MANIFEST_TYPES, *oci.INDEX_TYPES):
        message = said(response)
        if message:
            raise Fault("registry_unavailable", f"{host} answers 200 with an error: {message}", status=response.status)
        kind = response.media_type or "no type at all"
        raise Fault(
            "unsupported_media_type", f"{host} serves {reference} as {kind}, which no runtime takes", media_type=kind
        )
    digest = reference.digest or oci.digest_of(response.body)
    wanted = oci.Descriptor(response.media_type, digest, len(response.body))
    content = verified(answer, wanted, f"image {reference}")
    return _Found(answer, digest, len(content), content, credential, tuple(session.remarks))


def _endless(answer: Answer) -> Fault:
    detail = f"{answer.origin.target} sends more than {oci.MANIFEST_BYTES} bytes as manifest"
    return Fault("registry_unavailable", detail, host=answer.origin.host)


async def _ask(session: Session, method: str, reference: Reference) -> Answer:
    repository = session.endpoint.path_of(reference.path)
    return await session.ask(
        method,
        f"/{repository}/manifests/{reference.selector}",
        scope=f"repository:{repository}:pull",
        accept=oci.ACCEPT,
        max_bytes=oci.MANIFEST_BYTES if method == "GET" else 0,
    )


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Warn of mirrors that are not reached and of plain HTTP; a mirror without the image is nothing to say."""
    del settings
    source = observation.source
    where = source.endpoint.origin.target
    evidence: dict[str, Any] = source.endpoint.evidence() | {
        "digest": observation.digest,
        "media_type": observation.media_type,
        "size_bytes": observation.size_bytes,
    }
    if source.credential:
        evidence["credentials"] = source.credential.source
    evidence |= {"missed": [one.detail for one in observation.missed]} if observation.missed else {}
    dead = [one for one in observation.missed if one.cause != "image_not_found"]
    if dead:
        return warn(dead[0].cause, f"the image comes from {where}, because: {dead[0].detail}", **evidence)
    if observation.remarks:
        return warn("tls_protocol", observation.remarks[0], **evidence, remarks=list(observation.remarks))
    return ok(f"{where} has it: {observation.digest[:19]}…", **evidence)


CHECK = Check("manifest", observe, judge)
