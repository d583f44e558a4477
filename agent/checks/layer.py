"""Does the image's content come: its configuration and its smallest layer, from wherever the registry sends for it?

Follows the redirects to the blob host, a target of its own. Up to 4 MiB are read whole and verified by their digest;
of a larger layer the first bytes.

Cannot see: damage in the layers that were not read, or behind the first bytes of a large one; that a layer unpacks.

Source: the distribution specification, "pulling blobs"; runbook 009, Fix 4.
"""

from dataclasses import dataclass

from agent.check import Check, Look, Settings
from agent.contract import oci
from agent.contract.result import Verdict, ok, warn
from agent.distribution import content
from agent.distribution.walk import goes_on
from agent.probes.fault import Fault


@dataclass(frozen=True, slots=True)
class Part:
    """One blob that was read."""

    what: str
    digest: str
    size_bytes: int
    read_bytes: int
    whole: bool
    host: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What was read, and what is odd about the way."""

    parts: tuple[Part, ...]
    layers: int
    remarks: tuple[str, ...] = ()


async def observe(image: str, look: Look) -> Observation:
    """Read the configuration and the smallest layer of what the platform check chose."""
    chosen = (await look.need("platform", image)).chosen
    source = (await look.need("manifest", image)).source
    config = await content.blob(look, source, chosen.config)
    _compare(look, source, chosen, config)
    found = [("configuration", chosen.config, config)]
    _check_types(look, source, chosen)
    layers = [layer for layer in chosen.layers if not layer.foreign]
    if layers:
        smallest = min(layers, key=lambda layer: layer.size_bytes)
        found.append(("layer", smallest, await content.blob(look, source, smallest)))
    parts = tuple(
        Part(what, wanted.digest, wanted.size_bytes, len(blob.content), blob.whole, blob.host)
        for what, wanted, blob in found
    )
    remarks = dict.fromkeys(remark for _, _, blob in found for remark in blob.remarks)
    return Observation(parts, len(chosen.layers), tuple(remarks))


def _compare(look: Look, source: content.Source, chosen: oci.Manifest, config: content.Blob) -> None:
    """Compare the manifest with its configuration: containerd unpacks only where they count alike."""
    if not config.whole:
        size = chosen.config.size_bytes
        raise Fault("unsupported_media_type", f"{source.reference} has a configuration of {size} bytes")
    try:
        layers = oci.parse_config(config.content).layers
    except oci.FormError as error:
        detail = f"{source.reference} has a configuration that no runtime reads: {error}"
        raise Fault("unsupported_media_type", detail, digest=chosen.config.digest) from error
    if layers != len(chosen.layers) and goes_on(look.node):
        detail = f"{source.reference} has {len(chosen.layers)} layers, and its configuration speaks of {layers}"
        raise Fault("digest_mismatch", detail, digest=chosen.config.digest)


def _check_types(look: Look, source: content.Source, chosen: oci.Manifest) -> None:
    """Refuse layers of a type that containerd cannot unpack."""
    runtime = look.node.runtime
    for layer in chosen.layers if runtime is not None and runtime.name == "containerd" else ():
        if not oci.is_layer(layer.media_type):
            kind = layer.media_type or "no type at all"
            raise Fault(
                "unsupported_media_type", f"{source.reference} has a layer of {kind[:120]}", media_type=kind[:120]
            )


def judge(observation: Observation, settings: Settings) -> Verdict:
    """Warn where the way went over plain HTTP."""
    del settings
    hosts = list(dict.fromkeys(part.host for part in observation.parts))
    evidence = {
        "hosts": hosts,
        "layers": observation.layers,
        "read": [
            {"what": part.what, "digest": part.digest, "size_bytes": part.size_bytes, "read_bytes": part.read_bytes}
            | ({} if part.whole else {"whole": False})
            for part in observation.parts
        ],
    }
    if observation.remarks:
        return warn("tls_protocol", observation.remarks[0], **evidence, remarks=list(observation.remarks))
    whole = all(part.whole for part in observation.parts)
    read = "read and verified" if whole else "configuration verified, the layer's first bytes read"
    return ok(f"{read}, from {', '.join(hosts)}", **evidence)


CHECK = Check("layer", observe, judge)
