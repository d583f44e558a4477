import pytest

from aggregator.correlate.place import Place, host_of, order_of, place_of


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Quay.io", "quay.io"),
        ("quay.io:443", "quay.io"),
        ("[::1]:5000", "::1"),
        ("::1", "::1"),
        ("10.0.0.1:5000", "10.0.0.1"),
        ("odd:port", "odd:port"),
        ("", ""),
    ],
)
def test_the_host_of_a_target(target: str, expected: str) -> None:
    assert host_of(target) == expected


def test_an_image_is_taken_apart() -> None:
    assert place_of("layer", "docker.io/library/nginx:1.27") == Place(
        "image", None, "docker.io", "docker.io/library/nginx", "docker.io/library/nginx:1.27"
    )


def test_what_is_no_image_is_its_own_repository() -> None:
    assert place_of("manifest", "quay.io/UPPER:1") == Place(
        "image", None, "quay.io", "quay.io/UPPER:1", "quay.io/UPPER:1"
    )
    assert place_of("manifest", "UPPER") == Place("image", None, None, "UPPER", "UPPER")


def test_a_check_that_is_not_known_stands_behind_all_others() -> None:
    assert sorted(["aura", "pull", "dns", "disk"], key=order_of) == ["disk", "dns", "pull", "aura"]


@pytest.mark.parametrize(
    ("target", "kind"), [("/run/x.sock", "node"), ("", "node"), ("thing", "node"), ("a.b/c", "image"), ("a.b", "host")]
)
def test_a_target_of_an_unknown_check_is_placed_by_its_looks(target: str, kind: str) -> None:
    assert place_of("aura", target).kind == kind
