"""Where else an image may be: the places in use, the likeliest first, and no other."""

import pytest

from agent.contract.reference import parse
from agent.contract.suggest.elsewhere import AT_MOST, elsewhere


@pytest.mark.parametrize(
    ("missing", "images", "registries", "found"),
    [
        ("docker.io/team/app:2", ["quay.io/team/app:1"], [], ["quay.io/team/app:2"]),
        ("quay.io/team/app:2", [], ["registry.corp"], ["registry.corp/team/app:2"]),
        ("app:2", ["registry.corp/shop/app:1"], [], ["registry.corp/shop/app:2", "registry.corp/app:2"]),
        ("registry.corp/app:2", ["registry.corp/shop/app:1"], [],
         ["registry.corp/shop/app:2", "registry.corp/library/app:2"]),
        ("registry.corp/one/api:2", ["registry.corp/other/api:1", "quay.io/third/api:1"], [],
         ["quay.io/one/api:2"]),
        ("team/app:2", ["registry.corp/hub/team/app:1"], [],
         ["registry.corp/hub/team/app:2", "registry.corp/team/app:2"]),
        ("registry.corp/team/shpo:2", ["registry.corp/team/shop:1"], [], ["registry.corp/team/shop:2"]),
        ("registry.corp/team/shop2:2", ["registry.corp/team/shop1:1"], [], []),
        ("quay.io/nginx:1", [], ["docker.io"], ["quay.io/library/nginx:1", "docker.io/library/nginx:1"]),
        ("nginx:1", ["registry.corp/library/nginx:1"], [],
         ["registry.corp/library/nginx:1", "registry.corp/nginx:1"]),
        ("quay.io/team/app:2", ["quay.io/team/app:1"], ["quay.io"], []),
        ("quay.io/team/app:2", ["quay.io/other/thing:1", "not a name"], [], []),
        ("quay.io/team/app:2", [], [], []),
    ],
)  # fmt: skip
def test_the_likeliest_place_comes_first(
    missing: str, images: list[str], registries: list[str], found: list[str]
) -> None:
    assert [str(place.reference) for place in elsewhere(parse(missing), images, registries)] == found


def test_a_digest_is_looked_for_elsewhere_too() -> None:
    digest = f"sha256:{'0' * 64}"
    places = elsewhere(parse(f"quay.io/team/app@{digest}"), ["ghcr.io/team/app:1"], [])
    assert [str(place.reference) for place in places] == [f"ghcr.io/team/app@{digest}"]


def test_no_more_places_are_named_than_may_be_asked() -> None:
    used = [f"registry-{number}.corp/team/app:1" for number in range(50)]
    places = elsewhere(parse("quay.io/team/app:2"), used, [])
    assert len(places) == AT_MOST
    assert "in use here" in places[0].reason
