"""Is there an image for this node's operating system, architecture and variant?

Reads the manifest by its digest and verifies it; out of an index takes what the node's runtime would take. An image for
one platform alone says in its configuration which: whether another one is refused depends on the runtime.

Cannot see: an image whose programs are for another platform than it says; a configuration that the blob host does not
give, which is the layer check's to say.

Source: the OCI image specification; containerd's images.Manifest and unpacker; runbook 009, Fix 5.
"""

from dataclasses import dataclass
from typing import Any

from agent.check import Blocked, Check, Look, Settings
from agent.contract import oci
from agent.contract.platforms import Kind
from agent.contract.result import Verdict, failed, ok, warn
from agent.distribution import content
from agent.distribution.walk import goes_on
from agent.probes.fault import Fault

NESTED_AT_MOST = 8  # indexes in indexes that are gone through: containerd has no bound, and nobody builds deeper


@dataclass(frozen=True, slots=True)
class Observation:
    """What the node would take. `offered` is what there is; `kind` what the chosen one says that it is for."""

    node: Kind
    digest: str
    offered: tuple[Kind, ...] = ()
    chosen: oci.Manifest | None = None
    kind: Kind | None = None
    fits: bool = True
    refuses: bool = True

    @property
    def total_bytes(self) -> int:
        """What a pull onto an empty node transfers."""
        return self.chosen.total_bytes if self.chosen else 0


async def observe(image: str, look: Look) -> Observation:
    """Read the manifest, and the one for this node out of an index."""
    found = await look.need("manifest", image)
    node = look.node.platform
    containers = not goes_on(look.node)
    wanted, body = found.descriptor, found.content
    if containers and body is None:  # containers/image believes no header, and reads what stands under the tag
        body, kind = await content.tagged(look, found.source, found.digest)
        wanted = oci.Descriptor(kind, found.source.reference.digest or oci.digest_of(body), len(body))
    offered: list[Kind] = []
    refuses = _refuses(look)
    for depth in range(NESTED_AT_MOST):
        document = await _read(look, found.source, wanted, body)
        if isinstance(document, oci.Manifest):
            return await _single(look, found.source, document, wanted, node, offered, refuses)
        offered += [child.platform for child in document.manifests if child.platform]
        if containers and depth:
            raise Fault("unsupported_media_type", f"{image} is an index of indexes, which the runtime does not take")
        child = oci.choose(document, node, containers=containers)
        if child is None:
            return Observation(node, wanted.digest, tuple(offered), fits=False)
        wanted, body = child, None
        refuses = not containers  # containerd compares what it takes out of an index, whatever its version
    raise Fault("unsupported_media_type", f"{image} is an index of indexes without an end")


async def _read(
    look: Look, source: content.Source, wanted: oci.Descriptor, body: bytes | None
) -> oci.Index | oci.Manifest:
    if body is None:
        body = await content.manifest(look, source, wanted)
    where = source.endpoint.origin.target
    if len(body) != wanted.size_bytes and goes_on(look.node):  # containers/image does not compare
        words = f"{where}: {wanted.digest[:19]}… has {len(body)} bytes and is said to have {wanted.size_bytes}"
        raise Fault("digest_mismatch", words, digest=wanted.digest)
    try:
        return oci.parse(body, wanted.media_type, containers=not goes_on(look.node))
    except oci.FormError as error:
        detail = f"{where} serves {source.reference} in a form that no runtime reads: {error}"
        raise Fault("unsupported_media_type", detail, digest=wanted.digest) from error


async def _single(
    look: Look,
    source: content.Source,
    manifest: oci.Manifest,
    wanted: oci.Descriptor,
    node: Kind,
    offered: list[Kind],
    refuses: bool,
) -> Observation:
    """Find out what one manifest is for: the index has said it, or its configuration does."""
    if manifest.config.media_type not in oci.CONFIG_TYPES:
        kind = manifest.config.media_type or "of no type"
        detail = f"{source.reference} is no container image: its configuration is {kind}"
        raise Fault("unsupported_media_type", detail, media_type=kind)
    if wanted.platform is not None:
        return Observation(node, wanted.digest, tuple(offered), manifest, wanted.platform)
    config = await _config(look, source, manifest.config)
    if config is None:
        return Observation(node, wanted.digest, tuple(offered), manifest)
    fits = oci.runs(config.platform, node, containers=not goes_on(look.node))
    return Observation(node, wanted.digest, (*offered, config.platform), manifest, config.platform, fits, refuses)


def _refuses(look: Look) -> bool:
    """Tell whether the runtime refuses another platform's image that stands alone.

    containers/image and Docker take it, and so do containerd 1.6 and 2: only 1.7 compares. Where nobody knows which
    runtime pulls it, it counts as refused: it would not run.
    """
    runtime = look.node.runtime
    if runtime is None or runtime.name != "containerd":
        return runtime is None
    return runtime.version is None or runtime.version.startswith("1.7.")


async def _config(look: Look, source: content.Source, wanted: oci.Descriptor) -> oci.Config | None:
    """Read the configuration; none where it cannot be had: the layer check asks again, and says why."""
    try:
        found = await content.blob(look, source, wanted)
    except (Blocked, Fault):
        return None
    try:
        return oci.parse_config(found.content)
    except oci.FormError as error:
        detail = f"{source.reference} has a configuration that no runtime reads: {error}"
        raise Fault("unsupported_media_type", detail, digest=wanted.digest) from error


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Fail where nothing is there that this node runs and its runtime takes."""
    del settings
    offered = list(dict.fromkeys(str(kind) for kind in observation.offered))
    evidence: dict[str, Any] = {"node": str(observation.node), "digest": observation.digest, "offered": offered[:20]}
    if not observation.fits:
        words = f"the image is for {', '.join(offered[:8]) or 'no platform at all'}, this node is {observation.node}"
        if observation.refuses or observation.chosen is None:
            return failed("wrong_architecture", words, **evidence)
        return warn("wrong_architecture", f"{words}: it can be pulled, and will not run", **evidence)
    evidence["total_bytes"] = observation.total_bytes
    if observation.kind is None:
        return ok("one manifest; its configuration, which says for what, is not to be had", **evidence)
    return ok(f"for {observation.kind}, {observation.total_bytes} bytes to pull", **evidence)


CHECK = Check("platform", observe, judge)
