"""/etc/hosts: what it says of a name."""

from pathlib import Path

import pytest

from agent.host import hosts
from agent.host.root import Root

FILE = b"""\
127.0.0.1 localhost
10.0.0.5\tQuay.IO quay  # the mirror
10.0.0.6 quay.io
fd00::5 quay.io
FE80::1%Eth0 zoned.example
# 10.0.0.7 commented.example
10.0.0.8 other.example # commented.example
10.0.0.9 dotted.example.
10.0.0.5 quay.io
bad quay.io
10.0.0.010 quay.io
10.0.0.11
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quay.io", ("10.0.0.5", "10.0.0.6", "fd00::5")),
        ("QUAY.io.", ("10.0.0.5", "10.0.0.6", "fd00::5")),
        ("quay", ("10.0.0.5",)),
        ("uay", ()),
        ("zoned.example", ("fe80::1%Eth0",)),
        ("commented.example", ()),
        ("dotted.example", ("10.0.0.9",)),
        ("10.0.0.11", ()),
        ("", ()),
    ],
)
def test_every_line_that_names_it_counts_and_nothing_else(name: str, expected: tuple[str, ...]) -> None:
    assert hosts.find(FILE, name) == expected


def test_glibc_takes_a_last_dot_for_another_name() -> None:
    assert hosts.find(FILE, "dotted.example", by_glibc=True) == ()
    assert hosts.find(FILE, "dotted.example.", by_glibc=True) == ("10.0.0.9",)


@pytest.mark.parametrize("content", [b"", b"\0\0", b"\xff\xfe quay.io", b"quay.io", b"quay.io 10.0.0.5"])
def test_rubbish_knows_no_name(content: bytes) -> None:
    assert hosts.find(content, "quay.io") == ()


def test_a_last_line_without_an_end_counts() -> None:
    assert hosts.find(b"10.0.0.5 quay.io", "quay.io") == ("10.0.0.5",)


def test_a_missing_file_knows_no_name(tmp_path: Path) -> None:
    assert hosts.addresses(Root(tmp_path), "quay.io") == ()


def test_a_directory_in_its_place_knows_no_name(tmp_path: Path) -> None:
    (tmp_path / "etc/hosts").mkdir(parents=True)
    assert hosts.addresses(Root(tmp_path), "quay.io") == ()


def test_the_file_is_read_under_the_root(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hosts").write_bytes(FILE)
    assert hosts.addresses(Root(tmp_path), "quay") == ("10.0.0.5",)
