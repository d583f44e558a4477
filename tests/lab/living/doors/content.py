"""Doors behind which the registry answers and what it gives is wrong: blobs, digests, platforms, media types."""

import dataclasses
import gzip
import hashlib
import json

from tests.lab.living.door import Door, for_containers, http
from tests.lab.living.doors.answers import HTML, JSON, errors, page
from tests.servers import images
from tests.servers.images import Content, Image
from tests.servers.registry import Registry, Reply

_SIMPLE = "application/vnd.docker.distribution.manifest.v1+prettyjws"
_DENIED_XML = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)
_XML = {"Content-Type": "application/xml"}
_OTHER = "s390x"  # nobody runs these tests there


def _replaced(image: Image, **parts: Content) -> Image:
    config, layer = parts.get("config", image.config), parts.get("layer", image.layers[0])
    return Image(
        images.document(images.MANIFEST, config=config.descriptor(), layers=[layer.descriptor()]), config, (layer,)
    )


def _changed(registry: Registry, image: Image) -> None:
    """Change a byte of the layer."""
    layer = image.layers[0]
    body = layer.body[:-1] + bytes([layer.body[-1] ^ 1])
    registry.blobs[layer.digest] = _Lie(layer.media_type, body, layer.digest)


@dataclasses.dataclass(frozen=True)
class _Lie(Content):
    said: str = ""

    @property
    def digest(self) -> str:
        return self.said


def _changed_config(registry: Registry, image: Image) -> None:
    config = image.config
    registry.blobs[config.digest] = _Lie(config.media_type, config.body.replace(b"linux", b"Linux"), config.digest)


def _changed_manifest(registry: Registry, image: Image) -> None:
    manifest = image.manifest
    registry.manifests[manifest.digest] = _Lie(manifest.media_type, manifest.body + b" ", manifest.digest)


def _half_layer(registry: Registry, image: Image) -> None:
    layer = image.layers[0]
    length = {"Content-Length": str(len(layer.body))}
    registry.on(layer.digest, Reply(200, length, layer.body[: len(layer.body) // 2], then="close"))


def _stalled_layer(registry: Registry, image: Image) -> None:
    layer = image.layers[0]
    length = {"Content-Length": str(len(layer.body))}
    registry.on(layer.digest, Reply(200, length, layer.body[: len(layer.body) // 2], then="hang"))


def _no_gzip(registry: Registry, image: Image) -> None:
    registry.add("1", _replaced(image, layer=Content(images.LAYER, b"no archive at all" * 100)))


def _no_tar(registry: Registry, image: Image) -> None:
    registry.add("1", _replaced(image, layer=Content(images.LAYER, gzip.compress(b"no archive" * 1000))))


def _other_diff(registry: Registry, image: Image) -> None:
    told = json.loads(image.config.body)
    told["rootfs"]["diff_ids"] = [f"sha256:{hashlib.sha256(b'other').hexdigest()}"]
    registry.add("1", _replaced(image, config=Content(images.CONFIG, json.dumps(told).encode())))


def _index_without_us(registry: Registry, image: Image) -> None:
    registry.put("1", images.index(image, platforms=({"architecture": _OTHER, "os": "linux"},)))


def _single_of_others(registry: Registry, image: Image) -> None:
    told = json.loads(image.config.body) | {"architecture": _OTHER}
    registry.add("1", _replaced(image, config=Content(images.CONFIG, json.dumps(told).encode())))


def _schema_1(registry: Registry, image: Image) -> None:
    layers = [{"blobSum": image.layers[0].digest}]
    history = [{"v1Compatibility": json.dumps({"id": "0" * 64, "architecture": "amd64", "os": "linux"})}]
    told = {"schemaVersion": 1, "name": "team/app", "tag": "1", "architecture": "amd64"}
    told |= {"fsLayers": layers, "history": history}
    registry.put("1", Content(_SIMPLE, json.dumps(told).encode()))


def _chart(registry: Registry, image: Image) -> None:
    config = Content("application/vnd.cncf.helm.config.v1+json", b'{"name":"app","version":"1.0.0"}')
    layer = Content("application/vnd.cncf.helm.chart.content.v1.tar+gzip", gzip.compress(b"a chart"))
    registry.add("1", _replaced(image, config=config, layer=layer))


def _unknown_type(registry: Registry, image: Image) -> None:
    registry.put("1", images.document("application/vnd.lab.thing.v1+json", things=[]))


def _broken_manifest(registry: Registry, image: Image) -> None:
    registry.put("1", Content(images.MANIFEST, b'{"schemaVersion": 2, "config":'))


_BLOBS = "/blobs/"
_CONTAINERD_1, _CONTAINERD_2 = "containerd 1", "containerd 2"
_ALL = (_CONTAINERD_1, _CONTAINERD_2, *for_containers(""))
_UNREAD = {"skopeo": "copies the layer and does not look into it"}

DOORS = (
    Door("403 from a blob store", "blob_unavailable", http((_BLOBS, Reply(403, _XML, _DENIED_XML)))),
    Door("404 for blobs", "blob_unavailable", http((_BLOBS, Reply(404, JSON, errors("BLOB_UNKNOWN", "blob unknown"))))),
    Door("503 for blobs", "blob_unavailable", http((_BLOBS, Reply(503, HTML, page("503 Service Unavailable"))))),
    Door(
        "blobs are on a host without a name",
        "dns_failed",
        http((_BLOBS, Reply(307, {"Location": "https://nobody.lab/b"}))),
    ),
    Door(
        "blobs are on a host that refuses",
        "connect_refused",
        http((_BLOBS, Reply(307, {"Location": "https://auth.lab:444/b"}))),
    ),
    Door("the layer is cut off", "connection_reset", http(arrange=_half_layer)),
    Door(
        "the layer stands still",
        "cancelled",
        http(arrange=_stalled_layer),
        slow=True,
        patience_s=5,
        spared=for_containers("waits for ever and says nothing") | {"kubelet": "waits for minutes"},
    ),
    Door("the layer is changed", "digest_mismatch", http(arrange=_changed)),
    Door("the configuration is changed", "digest_mismatch", http(arrange=_changed_config)),
    Door(
        "the manifest is changed",
        "digest_mismatch",
        http(arrange=_changed_manifest),
        by_digest=True,
    ),
    Door("the layer is no gzip", "digest_mismatch", http(arrange=_no_gzip), pulls=_UNREAD),
    Door("the layer is no archive", "digest_mismatch", http(arrange=_no_tar), pulls=_UNREAD),
    Door(
        "the layer is another one than the configuration says",
        "digest_mismatch",
        http(arrange=_other_diff),
        pulls=for_containers("containers/image of that age does not compare them"),
    ),
    Door("an index without this platform", "wrong_architecture", http(arrange=_index_without_us)),
    Door(
        "an image of another platform, without an index",
        "wrong_architecture",
        http(arrange=_single_of_others),
        pulls=dict.fromkeys(_ALL, "takes the only image there is, with a warning at most"),
    ),
    Door(
        "schema 1",
        "unsupported_media_type",
        http(arrange=_schema_1),
        pulls=for_containers("converts it"),
        spared={_CONTAINERD_1: "converts it where it is signed"},
    ),
    Door(
        "a chart",
        "unsupported_media_type",
        http(arrange=_chart),
        pulls={_CONTAINERD_2: "keeps what it cannot unpack", "skopeo": "copies what it cannot unpack"},
        otherwise={_CONTAINERD_1: ("digest_mismatch", "says no more than that configuration and layers disagree")},
    ),
    Door(
        "an unknown type",
        "unsupported_media_type",
        http(arrange=_unknown_type),
        otherwise=dict.fromkeys(
            (_CONTAINERD_1, _CONTAINERD_2),
            ("blob_unavailable", "asks for what it does not know among the blobs, where it is not"),
        ),
    ),
    Door("half a manifest", "registry_unavailable", http(arrange=_broken_manifest)),
)
