"""The neighbours of a tag in a registry's list."""

import pytest

from agent.contract.suggest.tags import neighbours, respelled


@pytest.mark.parametrize(
    ("asked", "held", "found"),
    [
        ("1.2.3", ["v1.2.3", "1.2.4"], ["v1.2.3"]),
        ("v1.2.3", ["1.2.3"], ["1.2.3"]),
        ("3.1", ["3.1.0", "3.1.4"], ["3.1.0"]),
        ("1.0.0", ["1.0", "2"], ["1.0"]),
        ("Latest", ["latest"], ["latest"]),
        ("1.2_beta", ["1.2-beta"], ["1.2-beta"]),
        ("1.27-alpin", ["1.27-alpine", "1.27-alpine3.19", "1.26-alpine"], ["1.27-alpine"]),
        ("lastest", ["latest", "1.0"], ["latest"]),
        ("v1.2.3-rc1", ["v1.2.3", "v1.2.3-rc.1"], ["v1.2.3-rc.1"]),
        ("3.1", ["3.1.4", "3.1.10", "3.1.10-rc1", "3.0"], ["3.1.10", "3.1.4"]),
        ("1.27.3-debian", ["1.27.3", "1.27"], ["1.27.3"]),
        ("abc1234", ["main-abc1234", "abc9999"], ["main-abc1234"]),
        ("abc12345678", ["abc1234", "abc9999"], ["abc1234"]),
        ("1.27.9", ["1.27.5", "1.27.4", "1.26.9", "1.28.0"], ["1.27.5"]),
        ("1.27.3", ["1.27.2", "1.27.4"], ["1.27.2", "1.27.4"]),
        ("1.27.0", ["1.26.4", "1.26.5", "3.0.0"], ["1.26.5"]),
        ("release-1.2.3", ["release-1.2.2", "1.2.2"], ["release-1.2.2"]),
        ("foo", ["bar", "baz"], []),
        ("1.2", ["8.0", "9.0"], []),
        ("20240101", ["20240102"], []),
        ("1.21", ["1.12", "2.1"], ["1.12"]),
        ("", ["a"], []),
        ("1.2.3", [], []),
    ],
)
def test_the_likeliest_neighbour_comes_first(asked: str, held: list[str], found: list[str]) -> None:
    assert [neighbour.tag for neighbour in neighbours(asked, held)] == found


def test_digits_that_differ_are_another_version_and_no_misspelling() -> None:
    assert [one.reason for one in neighbours("1.27.3", ["1.27.8"])] == ["it is the nearest version"]


def test_where_there_is_no_latest_the_newest_version_is_named() -> None:
    held = ["8.2.0", "8.15.1", "8.15.1-arm64", "9.0.0-rc1", "nightly"]
    assert [(one.tag, "no tag was named" in one.reason) for one in neighbours("latest", held, implied=True)] == [
        ("8.15.1", True)
    ]
    assert "no tag was named" not in neighbours("latest", held)[0].reason


def test_no_more_neighbours_are_named_than_can_be_chosen_from() -> None:
    assert len(neighbours("3.1", [f"3.1.{patch}" for patch in range(1, 50)])) == 3


def test_a_list_of_odd_tags_is_read_like_any_other() -> None:
    held = ["", "-", "v", "." * 128, "9" * 128, "1." * 60, "é", "a:b"]
    assert neighbours("1.2.3", held) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lastest", "latest"), ("latest", None), ("LATEST", "latest"), ("1.27-alpin", "1.27-alpine"), ("1.0", None),
        ("alpine3.19", None), ("v2-debain", "v2-debian"), ("test", None), ("fastest", None), ("main", None),
    ],
)  # fmt: skip
def test_the_words_of_tags_are_spelled(written: str, meant: str | None) -> None:
    assert respelled(written) == meant
