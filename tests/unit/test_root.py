"""Node files are read under the root, and links stay inside it."""

import os
from pathlib import Path

import pytest

from agent.host.root import MAX_FILE_BYTES, HostFileError, Root


def test_an_absolute_link_resolves_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run/resolv.conf").write_text("inside")
    (tmp_path / "etc/resolv.conf").symlink_to("/run/resolv.conf")
    assert Root(tmp_path).read_text("/etc/resolv.conf") == "inside"


def test_a_link_cannot_climb_out_of_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (tmp_path / "secret").write_text("outside")
    (root / "etc/a").symlink_to("../../../secret")
    with pytest.raises(FileNotFoundError):
        Root(root).read_bytes("/etc/a")
    (root / "secret").write_text("inside")
    assert Root(root).read_text("/etc/a") == "inside"


def test_a_linked_directory_on_the_way_resolves_inside_too(tmp_path: Path) -> None:
    (tmp_path / "data/certs").mkdir(parents=True)
    (tmp_path / "data/certs/a.pem").write_text("pem")
    (tmp_path / "etc").symlink_to("/data")
    assert Root(tmp_path).read_text("/etc/certs/a.pem") == "pem"
    assert Root(tmp_path).list("/etc/certs") == ["a.pem"]


def test_a_loop_of_links_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/b")
    (tmp_path / "b").symlink_to("/a")
    with pytest.raises(HostFileError, match=r"^/a: too many levels"):
        Root(tmp_path).read_bytes("/a")


def test_what_is_no_file_is_told_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dir").mkdir()
    with pytest.raises(HostFileError, match="not a regular file"):
        Root(tmp_path).read_bytes("/fifo")
    with pytest.raises(HostFileError):
        Root(tmp_path).read_bytes("/dir")


def test_a_file_too_large_for_a_configuration_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(HostFileError, match="larger than"):
        Root(tmp_path).read_bytes("/big")


def test_a_missing_directory_lists_as_empty(tmp_path: Path) -> None:
    assert Root(tmp_path).list("/etc/containers") == []


def test_what_is_not_there_hides_nothing_behind_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run/a").write_text("a")
    (tmp_path / "etc/link").symlink_to("../gone/../run/./a")
    assert Root(tmp_path).read_text("/etc/link") == "a"
    assert not Root(tmp_path).exists("/etc/gone/a")
