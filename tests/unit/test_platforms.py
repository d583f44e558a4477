import pytest

from agent.contract.platforms import Kind, accepted, normalise


def names(node: Kind, *, containers: bool = False) -> list[str]:
    return [str(kind) for kind in accepted(node, containers=containers)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (Kind("Linux", "x86_64"), Kind("linux", "amd64")),
        (Kind("linux", "amd64", "v1"), Kind("linux", "amd64")),
        (Kind("linux", "aarch64", "v8"), Kind("linux", "arm64")),
        (Kind("linux", "arm64", "9"), Kind("linux", "arm64", "v9")),
        (Kind("linux", "arm"), Kind("linux", "arm", "v7")),
        (Kind("linux", "arm", "6"), Kind("linux", "arm", "v6")),
        (Kind("linux", "armel"), Kind("linux", "arm", "v6")),
        (Kind("linux", "i386", "x"), Kind("linux", "386")),
        (Kind("linux", "s390x"), Kind("linux", "s390x")),
    ],
)
def test_platforms_are_compared_as_containerd_writes_them(written: Kind, meant: Kind) -> None:
    assert normalise(written) == meant


def test_containerd_on_amd64_takes_older_levels_and_386() -> None:
    assert names(Kind("linux", "amd64")) == ["linux/amd64", "linux/386"]
    assert names(Kind("linux", "amd64", "v3")) == ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64", "linux/386"]


def test_containerd_on_arm_takes_older_variants() -> None:
    assert names(Kind("linux", "arm", "v7")) == ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]
    arm64 = names(Kind("linux", "arm64", "v8"))
    assert arm64 == ["linux/arm64", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]


def test_arm64_v9_runs_what_v8_does() -> None:
    found = names(Kind("linux", "arm64", "v9"))
    assert found[:3] == ["linux/arm64/v9", "linux/arm64/v8.5", "linux/arm64/v8.4"]
    assert "linux/arm64" in found


def test_a_variant_that_nobody_knows_is_only_itself() -> None:
    assert names(Kind("linux", "arm64", "x"))[0] == "linux/arm64/x"
    assert names(Kind("linux", "arm", "vX")) == ["linux/arm/vx"]


def test_containers_image_takes_no_386_on_amd64() -> None:
    assert names(Kind("linux", "amd64"), containers=True) == ["linux/amd64"]


def test_containers_image_takes_older_variants_and_none() -> None:
    assert names(Kind("linux", "arm", "v7"), containers=True) == [
        "linux/arm/v7",
        "linux/arm/v6",
        "linux/arm/v5",
        "linux/arm",
    ]
    assert names(Kind("linux", "arm64"), containers=True) == ["linux/arm64", "linux/arm64/v8"]
    assert names(Kind("linux", "arm64", "v9"), containers=True) == ["linux/arm64/v9", "linux/arm64"]
