import json
from typing import Any

import pytest

from agent.contract import oci
from agent.contract.oci import Descriptor, FormError, Index, Manifest, choose, parse, parse_config, runs
from agent.contract.platforms import Kind
from tests.servers import images

AMD64 = Kind("linux", "amd64")
DIGEST = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"
CONFIG = {"mediaType": oci.CONFIG_TYPES[0], "digest": DIGEST, "size": 10}


def manifest(**fields: Any) -> bytes:
    return json.dumps({"schemaVersion": 2, "config": CONFIG, "layers": []} | fields).encode()


def child(digest: str, *kind: str) -> Descriptor:
    return Descriptor(oci.MANIFEST_TYPES[0], digest, 1, Kind(*kind) if kind else None)


def test_a_manifest_is_read_with_its_layers() -> None:
    found = parse(images.image(sizes=(10, 20)).manifest.body, oci.MANIFEST_TYPES[0])
    assert isinstance(found, Manifest)
    assert len(found.layers) == 2
    assert found.total_bytes == found.config.size_bytes + sum(layer.size_bytes for layer in found.layers)


def test_a_layer_that_is_there_twice_is_pulled_once() -> None:
    layer = {"mediaType": "x", "digest": OTHER, "size": 5}
    found = parse(manifest(layers=[layer, layer]), oci.MANIFEST_TYPES[0])
    assert isinstance(found, Manifest)
    assert found.total_bytes == 15


def test_sizes_beyond_all_numbers_still_make_one() -> None:
    layers = [{"digest": f"sha256:{digit * 64}", "size": oci.SIZE_AT_MOST} for digit in "1234"]
    found = parse(manifest(layers=layers), oci.MANIFEST_TYPES[0])
    assert isinstance(found, Manifest)
    assert found.total_bytes == oci.SIZE_AT_MOST


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", oci.MANIFEST_TYPES[0]),
        (b"{", oci.MANIFEST_TYPES[0]),
        (b"\xff\xfe", oci.MANIFEST_TYPES[0]),
        (b"[" * 100_000, oci.MANIFEST_TYPES[0]),
        (b"null", oci.INDEX_TYPES[0]),
        (b'{"manifests": 5}', oci.INDEX_TYPES[0]),
        (b'{"manifests": [5]}', oci.INDEX_TYPES[0]),
        (manifest(), "text/html"),
        (manifest(), ""),
        (manifest(), oci.INDEX_TYPES[0]),
        (manifest(manifests=[CONFIG]), oci.MANIFEST_TYPES[0]),
        (manifest(mediaType=oci.INDEX_TYPES[0]), oci.MANIFEST_TYPES[0]),
        (manifest(mediaType=5), oci.MANIFEST_TYPES[0]),
        (manifest(fsLayers=[{}]), oci.MANIFEST_TYPES[1]),
        (manifest(config="x"), oci.MANIFEST_TYPES[0]),
        (manifest(config={**CONFIG, "size": True}), oci.MANIFEST_TYPES[0]),
        (manifest(config={**CONFIG, "size": 2**63}), oci.MANIFEST_TYPES[0]),
        (manifest(config={**CONFIG, "digest": "sha256:abc"}), oci.MANIFEST_TYPES[0]),
        (manifest(config={**CONFIG, "urls": "http://x"}), oci.MANIFEST_TYPES[0]),
        (manifest(config={**CONFIG, "platform": {"os": 1}}), oci.MANIFEST_TYPES[0]),
    ],
)
def test_what_no_runtime_reads_is_a_form_error(body: bytes, media_type: str) -> None:
    with pytest.raises(FormError):
        parse(body, media_type)


def test_unknown_keys_and_nulls_are_no_matter() -> None:
    assert parse(manifest(layers=None, annotations={"a": 1}, subject=[]), oci.MANIFEST_TYPES[0])


def test_a_config_says_its_platform_and_layers() -> None:
    found = parse_config(b'{"os":"linux","architecture":"arm64","variant":"v8","rootfs":{"diff_ids":["a","b"]}}')
    assert found == oci.Config(Kind("linux", "arm64", "v8"), 2)
    assert parse_config(b"{}") == oci.Config(Kind("", ""), 0)


@pytest.mark.parametrize("body", [b"[]", b'{"rootfs": 5}', b'{"rootfs": {"diff_ids": {}}}', b'{"os": []}'])
def test_a_config_of_wrong_types_is_a_form_error(body: bytes) -> None:
    with pytest.raises(FormError):
        parse_config(body)


def test_the_first_child_that_fits_best_is_chosen() -> None:
    index = Index((child(DIGEST, "linux", "386"), child(OTHER, "linux", "amd64"), child(DIGEST, "linux", "amd64")))
    assert choose(index, AMD64, containers=False) == index.manifests[1]
    assert choose(index, AMD64, containers=True) == index.manifests[1]


def test_only_containerd_falls_back_to_386() -> None:
    index = Index((child(DIGEST, "unknown", "unknown"), child(OTHER, "linux", "386")))
    assert choose(index, AMD64, containers=False) == index.manifests[1]
    assert choose(index, AMD64, containers=True) is None


def test_a_child_without_a_platform_is_the_last_resort() -> None:
    index = Index((child(DIGEST), child(OTHER, "linux", "amd64")))
    assert choose(index, AMD64, containers=False) == index.manifests[1]
    alone = Index((child(DIGEST),))
    assert choose(alone, AMD64, containers=False) == alone.manifests[0]
    assert choose(Index((child(DIGEST),), oci=False), AMD64, containers=True) is None


def test_an_image_without_an_os_is_for_the_nodes_own() -> None:
    assert runs(Kind("", "amd64"), AMD64, containers=False)
    assert not runs(Kind("windows", "amd64"), AMD64, containers=False)


@pytest.mark.parametrize(
    "digest", ["", "sha256:", f"md5:{'a' * 32}", f"sha256:{'A' * 64}", f"sha256:{'a' * 63}", "a/b"]
)
def test_what_cannot_be_verified_is_no_digest(digest: str) -> None:
    assert not oci.is_digest(digest)


def test_content_is_compared_by_the_digests_own_algorithm() -> None:
    for algorithm in ("sha256", "sha384", "sha512"):
        digest = oci.digest_of(b"x", algorithm)
        assert oci.is_digest(digest)
        assert oci.matches(b"x", digest)
        assert not oci.matches(b"y", digest)


@pytest.mark.parametrize(
    "wrong",
    [
        '"created":"today"',
        '"created":5',
        '"history":"x"',
        '"config":"x"',
        '"config":{"Env":"x"}',
        '"config":{"Cmd":[1]}',
    ],
)
def test_a_configuration_that_go_cannot_decode_is_none(wrong: str) -> None:
    right = '"created":"2026-11-22T13:00:00.123Z","history":[{}],"config":{"Env":["A=b"],"Cmd":null}'
    assert oci.parse_config(f'{{"os":"linux",{right}}}'.encode()).platform.os == "linux"
    with pytest.raises(oci.FormError):
        oci.parse_config(f'{{"os":"linux",{wrong}}}'.encode())


def test_a_layers_type_is_one_that_containerd_unpacks() -> None:
    for good in ("docker.image.rootfs.diff.tar.gzip", "oci.image.layer.v1.tar", "oci.image.layer.v1.tar+zstd"):
        assert oci.is_layer(f"application/vnd.{good}")
    for bad in ("", "application/x-tar", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"):
        assert not oci.is_layer(bad)
