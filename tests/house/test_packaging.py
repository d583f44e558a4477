"""Dependencies, versions and addresses: pinned, explained, and pointing nowhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.project import ROOT, declared, files, name

LOCKS = sorted(path for path in files() if path.suffix == ".lock")
# Written in pieces, so that this file does not hold what it looks for.
INDEXES = [
    f"{host}.{end}" for host, end in (("pypi", "org"), ("pythonhosted", "org"), ("golang", "org"), ("npmjs", "org"))
]


def pinned(path: Path) -> dict[str, str]:
    """Give the packages of a lock and their versions."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", path.read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


@pytest.mark.parametrize("path", LOCKS, ids=name)
def test_a_lock_pins_by_hash_and_names_no_index(path: Path) -> None:
    text = path.read_text()
    entries = [entry for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if entry.strip() and entry[0] != "#"]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|^-|index-url|find-links", text, re.MULTILINE)


def test_the_lock_holds_what_is_declared() -> None:
    lock = pinned(ROOT / "requirements.lock")
    for text in declared()["project"]["dependencies"]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(lock[canonicalize_name(requirement.name)])


def test_development_runs_on_what_is_shipped() -> None:
    development, shipped = pinned(ROOT / "requirements-dev.lock"), pinned(ROOT / "requirements.lock")
    assert {package: development.get(package) for package in shipped} == shipped


def test_the_build_backend_is_locked() -> None:
    lock = pinned(ROOT / "requirements-build.lock")
    for text in declared()["build-system"]["requires"]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(lock[canonicalize_name(requirement.name)])


def test_every_dependency_has_its_reason_beside_it() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    wanted = [*declared()["project"]["dependencies"], *declared()["dependency-groups"]["dev"]]
    for text in wanted:
        assert any(re.search(rf'"{re.escape(text)}",?\s+# \S', line) for line in lines), text


def test_no_file_names_a_package_index() -> None:
    readable = [path for path in files() if path.suffix not in {".png", ".svg"} and path.name != "go.sum"]
    hits = {name(path): host for path in readable for host in INDEXES if _names(path, host)}
    assert hits == {}


def _names(path: Path, host: str) -> bool:
    return re.search(rf"https?://[a-z.]*{re.escape(host)}", path.read_text(errors="replace")) is not None


def test_the_command_says_the_declared_version() -> None:
    done = subprocess.run((sys.executable, "-m", "pullscope", "--version"), capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == declared()["project"]["version"]


def test_the_changelog_knows_the_version() -> None:
    heading = rf"^## \[?{re.escape(declared()['project']['version'])}\b"
    assert re.search(heading, (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
