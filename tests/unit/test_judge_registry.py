"""Opinions on what registries said: each check's judge, without a socket."""

from agent.check import Settings
from agent.checks import layer, manifest, platform, registry
from agent.contract import oci
from agent.contract.platforms import Kind
from agent.contract.reference import parse
from agent.contract.result import Verdict
from agent.distribution.content import Source
from agent.distribution.walk import Miss
from agent.host.endpoint import Endpoint, Origin

UPSTREAM = Endpoint("quay.io", Origin("https", "quay.io", 443))
MIRROR = Endpoint("quay.io", Origin("https", "m.example", 443), mirror=True)
DEAD = Miss(MIRROR, "registry_unavailable", "m.example:443 is not reached (tcp m.example:443)", "tcp m.example:443")
ABSENT = Miss(MIRROR, "image_not_found", "m.example:443 has no image quay.io/a:1 (HTTP 404)")
AMD64, ARM64 = Kind("linux", "amd64"), Kind("linux", "arm64")
CHOSEN = oci.Manifest(oci.Descriptor("x", f"sha256:{'a' * 64}", 10), (oci.Descriptor("y", f"sha256:{'b' * 64}", 90),))
PLAIN = "quay.io redirects to plain HTTP at cdn.example"


def told(verdict: Verdict) -> tuple[str, str | None]:
    return verdict.status, verdict.cause


def of_registry(*missed: Miss, **reached: object) -> Verdict:
    used = registry.Reached(UPSTREAM, 401, **reached)  # type: ignore[arg-type]  # the table's own fields
    seen = registry.Observation("quay.io", (used,), missed)
    return registry.judge(seen, Settings.default("registry"))


def test_a_registry_that_answers_is_well() -> None:
    verdict = of_registry(scheme="bearer", token_service="auth.example", identity="/f.json")
    assert told(verdict) == ("ok", None)
    assert "auth.example" in verdict.detail
    assert verdict.evidence["credentials"] == "/f.json"


def test_a_dead_mirror_is_named_and_no_failure() -> None:
    verdict = of_registry(DEAD)
    assert told(verdict) == ("warn", "registry_unavailable")
    assert "m.example:443" in verdict.detail
    assert "quay.io:443" in verdict.detail


def test_plain_http_on_the_way_is_remarked_upon() -> None:
    assert told(of_registry(remarks=(PLAIN,))) == ("warn", "tls_protocol")
    assert told(of_registry(remarks=("quay.io:443 has no /v2/ (HTTP 404)",))) == ("warn", "registry_unavailable")


def test_dead_places_are_remembered_for_the_round() -> None:
    assert registry.Observation("quay.io", (), (DEAD,)).dead == {MIRROR}


def of_manifest(*missed: Miss, remarks: tuple[str, ...] = ()) -> Verdict:
    source = Source(parse("quay.io/a:1"), UPSTREAM)
    seen = manifest.Observation(source, f"sha256:{'a' * 64}", oci.MANIFEST_TYPES[0], 5, None, missed, remarks)
    return manifest.judge(seen, Settings.default("manifest"))


def test_an_image_that_is_there_is_well() -> None:
    assert told(of_manifest()) == ("ok", None)


def test_a_mirror_without_the_image_is_nothing_to_say() -> None:
    assert told(of_manifest(ABSENT)) == ("ok", None)
    assert told(of_manifest(ABSENT, DEAD)) == ("warn", "registry_unavailable")
    assert told(of_manifest(remarks=(PLAIN,))) == ("warn", "tls_protocol")


def of_platform(**seen: object) -> Verdict:
    observation = platform.Observation(AMD64, "sha256:x", **seen)  # type: ignore[arg-type]  # the table's own fields
    return platform.judge(observation, Settings.default("platform"))


def test_an_image_for_this_node_is_well() -> None:
    verdict = of_platform(offered=(AMD64,), chosen=CHOSEN, kind=AMD64)
    assert told(verdict) == ("ok", None)
    assert verdict.evidence["total_bytes"] == 100


def test_an_index_without_this_node_fails_and_says_what_there_is() -> None:
    verdict = of_platform(offered=(ARM64, ARM64), fits=False)
    assert told(verdict) == ("failed", "wrong_architecture")
    assert verdict.detail == "the image is for linux/arm64, this node is linux/amd64"


def test_a_single_image_of_another_architecture_fails_where_the_runtime_refuses_it() -> None:
    seen = {"offered": (ARM64,), "chosen": CHOSEN, "kind": ARM64, "fits": False}
    assert told(of_platform(**seen)) == ("failed", "wrong_architecture")
    assert told(of_platform(**seen, refuses=False)) == ("warn", "wrong_architecture")


def test_what_is_not_said_is_not_judged() -> None:
    assert told(of_platform(chosen=CHOSEN)) == ("ok", None)


def test_content_that_was_read_is_well_and_plain_http_remarked_upon() -> None:
    part = layer.Part("layer", "sha256:x", 9, 9, True, "cdn.example")
    settings = Settings.default("layer")
    verdict = layer.judge(layer.Observation((part,), 1), settings)
    assert told(verdict) == ("ok", None)
    assert "cdn.example" in verdict.detail
    assert told(layer.judge(layer.Observation((part,), 1, (PLAIN,)), settings)) == ("warn", "tls_protocol")
