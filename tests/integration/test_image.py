"""The Dockerfile, built by buildah from a local base without a network, and the command of the built image."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import need

PROJECT = Path(__file__).parents[2]
TOOLS = Path(os.environ.get("PULLSCOPE_TOOLS", Path.home() / ".cache/pullscope/tools"))
BASE, IMAGE = "localhost/base:1", "localhost/pullscope:1"
PACKAGES = "python3,ca-certificates"  # what the image needs of its base, and nothing that builds
COLD_S = 900  # debootstrap, once; then half a minute

pytestmark = pytest.mark.timeout(COLD_S)


class Buildah:
    """buildah on a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.program = need.program("buildah")
        self.store = ("--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs")

    def __call__(self, *words: str, status: int = 0) -> str:
        done = subprocess.run((self.program, *self.store, *words), capture_output=True, text=True, check=False)
        assert done.returncode == status, f"buildah {words}: {done.returncode}: {done.stderr[-2000:]}"
        return done.stdout

    def run(self, *words: str, status: int = 0) -> str:
        return self("run", "--isolation", "chroot", "built", "--", *words, status=status)


@pytest.fixture(scope="module")
def buildah() -> Iterator[Buildah]:
    """Build the image, and give the buildah that has it as container `built`."""
    need.root()
    with tempfile.TemporaryDirectory(prefix="pullscope-image-") as folder:
        buildah = Buildah(Path(folder))
        buildah("from", "--name", "base", "scratch")
        buildah("add", "--quiet", "base", str(base_archive()), "/")
        buildah("commit", "--quiet", "base", BASE)
        try:
            build(buildah, Path(folder) / "context")
            buildah("from", "--name", "built", IMAGE)
            yield buildah
        finally:
            buildah("rm", "--all")


def base_archive() -> Path:
    """Give a root file system of this machine's own release, made once."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    suite = release["VERSION_CODENAME"].strip('"')
    archive = TOOLS / f"base-{suite}-{PACKAGES}.tar"
    if not archive.exists():
        debootstrap = need.program("debootstrap")
        TOOLS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="pullscope-base-", dir=TOOLS) as folder:
            root, part = Path(folder) / "root", Path(folder) / "base.tar"
            command = (debootstrap, "--variant=minbase", f"--include={PACKAGES}", suite, str(root))
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            subprocess.run(("tar", "-C", str(root), "-cf", str(part), "--exclude=./dev/*", "."), check=True)
            part.rename(archive)
    return archive


def build(buildah: Buildah, context: Path) -> None:
    """Build the Dockerfile from a copy of the project, with the wheels beside it."""
    kept = shutil.ignore_patterns(".git", ".venv", ".*_cache", "wheels", "bin", "__pycache__", "tests", "bench")
    shutil.copytree(PROJECT, context, ignore=kept)
    pip = context / "pip"
    pip.write_text(f'#!/bin/sh\nexec {sys.executable} -m pip "$@"\n')
    pip.chmod(0o755)
    python = buildah("run", "--isolation", "chroot", "base", "--", "python3", "-c", "import sys; print(sys.version)")
    version = ".".join(python.split()[0].split(".")[:2])
    environment = {**os.environ, "PIP": str(pip), "PULLSCOPE_TOOLS": str(TOOLS)}
    subprocess.run((context / "deploy/image/fetch", version), check=True, env=environment)
    buildah("bud", "--quiet", "--isolation", "chroot", "--build-arg", f"BASE={BASE}", "-t", IMAGE, str(context))


def test_the_built_command_says_its_version_and_its_help(buildah: Buildah) -> None:
    assert "trace" in buildah.run("pullscope", "--help")
    assert buildah.run("pullscope", "--version").strip().endswith(declared_version())


def test_the_built_command_traces(buildah: Buildah) -> None:
    trace = json.loads(buildah.run("pullscope", "trace", "--json", "127.0.0.1:1/team/app:1", status=1))
    assert (trace["verdict"], trace["cause"]) == ("failed", "connect_refused")


def test_the_built_image_starts_the_command(buildah: Buildah) -> None:
    assert json.loads(buildah("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]["Entrypoint"] == ["pullscope"]


def test_the_built_image_carries_crictl(buildah: Buildah) -> None:
    need.program("crictl")
    assert "crictl version" in buildah.run("crictl", "--version")


def test_the_built_image_holds_no_tools_that_build(buildah: Buildah) -> None:
    root = Path(buildah("mount", "built").strip())
    names = {path.name.partition("-")[0] for path in (root / "opt/pullscope").rglob("*") if path.parent.name != "cffi"}
    assert not names & {"pip", "setuptools", "wheel", "gcc", "cc"}
    assert not (root / "build").exists()


def declared_version() -> str:
    version: str = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    return version
