"""Manifests of registries that count pulls: asked for with a lease, and kept, so that each digest costs one pull.

A pull is up to two requests for manifests: an index, and what it leads to. One lease is good for both. What a digest
names never changes, so what was verified once need not be asked for again while this process runs.

Cannot see: a registry that has lost a manifest which this node has read, and still answers HEAD for it.

Source: Docker Hub's usage and limits page.
"""

import contextlib
from collections.abc import AsyncIterator

from agent.check import PULLS, Leave, Look
from agent.contract.reference import Reference
from agent.host.credentials import Credential
from agent.host.endpoint import HUB, HUB_HOST, Endpoint
from agent.host.node import Node
from agent.host.root import HostFileError
from agent.host.runtime import Runtime

KEPT_BYTES = 2 * 1024 * 1024  # of all: an index has about ten thousand, and a node checks twenty images
ANONYMOUS = "anonymous"

_kept: dict[str, tuple[bytes, str]] = {}


@contextlib.asynccontextmanager
async def pull(
    look: Look, reference: Reference, endpoint: Endpoint, credential: Credential | None
) -> AsyncIterator[None]:
    """Have leave to ask for a manifest of an image; asked for once in a round.

    Raises:
        CannotLook: where this node may not pull now.
    """
    leave, key = _leave(look, reference.registry), f"pull {reference}"
    if leave is None or not _is_counted(endpoint) or look.recall(key):
        yield
        return
    give_back = await leave.lease(reference.registry, credential.source if credential else ANONYMOUS, 1)
    look.found(key, True)
    try:
        yield
    finally:
        give_back(1)


@contextlib.asynccontextmanager
async def real_pull(look: Look, reference: Reference, runtime: Runtime) -> AsyncIterator[None]:
    """Have leave for a real pull through a runtime. Raises as `pull`."""
    leave = _leave(look, reference.registry)
    if leave is None:
        yield
        return
    give_back = await leave.lease(reference.registry, as_whom(look.node, reference, runtime, pulls=True), 1)
    try:
        yield
    finally:
        give_back(1)


def as_whom(node: Node, reference: Reference, runtime: Runtime | None, *, pulls: bool = False) -> str:
    """Give as whom manifests are read, or with `pulls` a runtime pulls: crictl shows none of the node's credentials."""
    if pulls and runtime is not None and runtime.name != "podman":
        return ANONYMOUS
    try:
        known = node.credentials(reference.registry, reference.path)
    except HostFileError:
        return ANONYMOUS
    return known[0].source if known else ANONYMOUS


def kept(look: Look, reference: Reference, digest: str) -> tuple[bytes, str] | None:
    """Give a manifest that was read before, and its type, where reading it again would count."""
    return _kept.get(digest) if _leave(look, reference.registry) is not None else None


def keep(look: Look, reference: Reference, digest: str, body: bytes, media_type: str) -> None:
    """Keep a manifest that was read and verified."""
    if _leave(look, reference.registry) is None or len(body) > KEPT_BYTES:
        return
    _kept.pop(digest, None)
    while _kept and sum(len(one) for one, _ in _kept.values()) + len(body) > KEPT_BYTES:
        del _kept[next(iter(_kept))]
    _kept[digest] = (body, media_type)


def _leave(look: Look, registry: str) -> Leave | None:
    leave: Leave | None = look.recall(PULLS)
    return leave if leave is not None and leave.counts(registry) else None


def _is_counted(endpoint: Endpoint) -> bool:
    """Tell the registry itself from a mirror of it, which counts nothing for it."""
    return endpoint.origin.host == HUB_HOST if endpoint.registry == HUB else not endpoint.mirror
