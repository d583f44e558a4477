"""Manifests and blobs by their digest, verified: from the place that had the image, then from the others.

containerd asks the next place for what one does not give; containers/image stays with the place it chose.

Source: containerd, core/remotes/docker/fetcher.go; containers/image, docker/docker_image_src.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.check import Look
from agent.contract.oci import ACCEPT, MANIFEST_BYTES, Descriptor, digest_of, matches
from agent.contract.reference import Reference
from agent.distribution import counted
from agent.distribution.follow import Answer
from agent.distribution.refusal import is_html, portal, refused
from agent.distribution.session import Session
from agent.distribution.walk import goes_on, is_same, walk
from agent.host.credentials import Credential
from agent.host.endpoint import Endpoint
from agent.probes.fault import Fault

WHOLE_BYTES = 4 * 1024 * 1024  # of a blob: up to here it is read whole and verified
FIRST_BYTES = 65536  # of a larger one: enough to see that the blob host serves it
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\x00")  # gzip, zstd, bzip2, xz
_TAR, _TAR_AT = b"ustar", 257  # where a tar archive's first header says so
OWN_CAUSES = frozenset({"rate_limited", "digest_mismatch", "connection_reset", "proxy_failed"})


@dataclass(frozen=True, slots=True)
class Source:
    """Where an image was found, as whom, and which places come after that one."""

    reference: Reference
    endpoint: Endpoint
    credential: Credential | None = None
    others: tuple[Endpoint, ...] = ()

    def places(self, look: Look) -> Sequence[Endpoint]:
        """Give the places to ask, in order."""
        return (self.endpoint, *self.others) if goes_on(look.node) else (self.endpoint,)


@dataclass(frozen=True, slots=True)
class Blob:
    """What was read of a blob: whole and verified, or its beginning. `host` served it in the end."""

    content: bytes
    whole: bool
    host: str
    remarks: tuple[str, ...] = ()


async def manifest(look: Look, source: Source, wanted: Descriptor) -> bytes:
    """Read a manifest by its digest.

    Raises:
        Fault: as the registry refuses it; `digest_mismatch` where it is not what its digest says.
        Blocked: where a host on the way is not reached.
    """
    path = f"/manifests/{wanted.digest}"
    kept = counted.kept(look, source.reference, wanted.digest)
    if kept is not None:
        return kept[0]

    async def ask(endpoint: Endpoint) -> bytes:
        what = f"manifest {wanted.digest[:19]}… of {source.reference.repository}"
        async with counted.pull(look, source.reference, endpoint, source.credential):
            answer = await _get(look, source, endpoint, path, f"{wanted.media_type}, */*", MANIFEST_BYTES)
        if not 200 <= answer.response.status < 300:
            raise refused(answer, what, source.credential)
        return verified(answer, wanted, what)

    body = (await walk(source.places(look), ask)).value
    counted.keep(look, source.reference, wanted.digest, body, wanted.media_type)
    return body


async def tagged(look: Look, source: Source, digest: str) -> tuple[bytes, str]:
    """Read what stands under the reference itself, and of which type it is said to be, as containers/image does.

    Args:
        digest: what the registry said that it is.

    Raises as `manifest`.
    """
    what = f"image {source.reference}"
    path = f"/manifests/{source.reference.selector}"
    kept = counted.kept(look, source.reference, digest)
    if kept is not None:
        return kept
    async with counted.pull(look, source.reference, source.endpoint, source.credential):
        answer = await _get(look, source, source.endpoint, path, ACCEPT, MANIFEST_BYTES)
    if not 200 <= answer.response.status < 300:
        raise refused(answer, what, source.credential)
    body = answer.response.body
    wanted = Descriptor(answer.response.media_type, source.reference.digest or digest_of(body), len(body))
    body = verified(answer, wanted, what)
    counted.keep(look, source.reference, wanted.digest, body, wanted.media_type)
    return body, wanted.media_type


def verified(answer: Answer, wanted: Descriptor, what: str) -> bytes:
    """Give the body, if it is what its digest says.

    Raises:
        Fault: `registry_unavailable` for what can be no manifest, `digest_mismatch` for another one.
    """
    host, content = answer.origin.target, answer.response.body
    if answer.response.truncated:
        raise Fault("registry_unavailable", f"{host} sends more than {MANIFEST_BYTES} bytes as {what}")
    if matches(content, wanted.digest):
        return content
    if is_html(answer.response):
        raise portal(answer)
    raise Fault(
        "digest_mismatch",
        f"{host} sends something else as {what}: {len(content)} bytes of another digest",
        host=answer.origin.host,
        digest=wanted.digest,
    )


async def blob(look: Look, source: Source, wanted: Descriptor) -> Blob:
    """Read a blob whole and verify it, or its first bytes where it is large.

    Raises:
        Fault: `blob_unavailable` for every refusal, but `rate_limited` for 429; `digest_mismatch`; `connection_reset`.
        Blocked: where a host on the way is not reached.
    """
    key = f"blob {wanted.digest}"
    kept = look.recall(key)
    if isinstance(kept, Blob):
        return kept

    async def ask(endpoint: Endpoint) -> Blob:
        try:
            return await _blob(look, source, endpoint, wanted)
        except Fault as fault:
            if fault.cause in OWN_CAUSES:
                raise
            raise Fault("blob_unavailable", fault.detail, **fault.evidence) from fault

    found = (await walk(source.places(look), ask)).value
    look.found(key, found)
    return found


async def _blob(look: Look, source: Source, endpoint: Endpoint, wanted: Descriptor) -> Blob:
    what = f"blob {wanted.digest[:19]}… of {source.reference.repository}"
    part = FIRST_BYTES if wanted.size_bytes > WHOLE_BYTES else None
    path = f"/blobs/{wanted.digest}"
    answer = await _get(look, source, endpoint, path, "*/*", part or WHOLE_BYTES, first_bytes=part)
    if part is not None and _knows_no_ranges(answer, wanted):  # no runtime asks for one
        answer = await _get(look, source, endpoint, path, "*/*", part)
    response, host = answer.response, answer.origin.target
    if not 200 <= response.status < 300:
        raise refused(answer, what, source.credential)
    wrong = _other(f"{host} sends something else as {what}", answer, wanted)
    if part is not None:
        if is_html(response):
            raise portal(answer)
        total = _total_bytes(answer)
        ended = response.status != 206 and not response.truncated  # all of it came, and it is too short
        if not response.body or ended or total not in (None, wanted.size_bytes):
            raise wrong
        if "tar" in wanted.media_type and not _begins_layer(response.body):
            raise wrong
        return Blob(response.body, False, answer.origin.host, answer.remarks)
    if response.truncated or not matches(response.body, wanted.digest):
        if is_html(response):
            raise portal(answer)
        raise wrong
    if len(response.body) != wanted.size_bytes and goes_on(look.node):  # containers/image does not compare
        raise wrong
    return Blob(response.body, True, answer.origin.host, answer.remarks)


def _knows_no_ranges(answer: Answer, wanted: Descriptor) -> bool:
    """Tell a server that refuses a range, or sends another one than was asked for."""
    status, told = answer.response.status, answer.response.header("content-range")
    other = not told.startswith("bytes 0-") or _total_bytes(answer) not in (None, wanted.size_bytes)
    return status == 416 or (status == 206 and other)


def _begins_layer(content: bytes) -> bool:
    """Tell whether a layer can begin like this: compressed in a way that runtimes undo, or as a tar archive."""
    return content.startswith(_COMPRESSED) or content[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR


def _other(words: str, answer: Answer, wanted: Descriptor) -> Fault:
    """Say that the bytes are not those that the manifest names."""
    return Fault(
        "digest_mismatch",
        f"{words}: not the {wanted.size_bytes} bytes that its digest says",
        host=answer.origin.host,
        digest=wanted.digest,
    )


def _total_bytes(answer: Answer) -> int | None:
    """Give how long the server says that the whole blob is; none where it does not say."""
    response = answer.response
    if response.status == 206:
        total = response.header("content-range").rpartition("/")[2].strip()
    else:
        total = response.header("content-length") if not response.header("content-encoding") else ""
    return int(total) if total.isascii() and total.isdecimal() and len(total) < 20 else None


async def _get(
    look: Look,
    source: Source,
    endpoint: Endpoint,
    path: str,
    accept: str,
    max_bytes: int,
    *,
    first_bytes: int | None = None,
) -> Answer:
    # Credentials were accepted at the place that had the image; another mirror gets none of them.
    credential = source.credential if is_same(endpoint, source.endpoint) else None
    session = Session(look, endpoint, credential)
    repository = endpoint.path_of(source.reference.path)
    answer = await session.ask(
        "GET",
        f"/{repository}{path}",
        scope=f"repository:{repository}:pull",
        accept=accept,
        max_bytes=max_bytes,
        first_bytes=first_bytes,
    )
    return replace(answer, remarks=tuple(session.remarks))
