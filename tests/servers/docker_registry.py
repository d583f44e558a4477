"""Debian's docker-registry on loopback, over plain HTTP, with images written here; and a slow way to it."""

import asyncio
import contextlib
import gzip
import hashlib
import io
import json
import platform
import socket
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests import need

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_START_S = 10


@dataclass(frozen=True)
class Image:
    """What was pushed: the digests of manifest and configuration, and the bytes of all but the manifest."""

    digest: str
    config_digest: str
    total_bytes: int


@dataclass(frozen=True)
class DockerRegistry:
    """One registry; `host` is its `127.0.0.1:port`."""

    host: str

    def push(
        self, repository: str, tags: tuple[str, ...], seed: str, layer_sizes: tuple[int, ...] = (20_000,)
    ) -> Image:
        """Push an image of random content; equal seeds give equal images."""
        seeds = {f"{seed}-{place}": size for place, size in enumerate(layer_sizes)}
        files = {f"content-{name}": Random(name).randbytes(size) for name, size in seeds.items()}
        return self.push_files(repository, tags, files, ["/content"])

    def push_files(self, repository: str, tags: tuple[str, ...], files: dict[str, bytes], command: list[str]) -> Image:
        """Push an image with one layer for each file."""
        archives = [_archive(name, content) for name, content in files.items()]
        layers = [self._put(repository, gzip.compress(archive, mtime=0)) for archive in archives]
        machine = platform.machine()
        config = {
            "architecture": _ARCHITECTURES.get(machine, machine),
            "os": "linux",
            "config": {"Cmd": command},
            "rootfs": {"type": "layers", "diff_ids": [_digest(archive) for archive in archives]},
        }
        config_digest, config_bytes = self._put(repository, json.dumps(config).encode())
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST_TYPE,
                "config": _descriptor("config.v1+json", config_digest, config_bytes),
                "layers": [_descriptor("layer.v1.tar+gzip", digest, size) for digest, size in layers],
            }
        ).encode()
        for tag in tags:
            self._ask("PUT", f"/v2/{repository}/manifests/{tag}", manifest, MANIFEST_TYPE)
        return Image(_digest(manifest), config_digest, config_bytes + sum(size for _, size in layers))

    def _put(self, repository: str, content: bytes) -> tuple[str, int]:
        place = self._ask("POST", f"/v2/{repository}/blobs/uploads/", b"")
        digest = _digest(content)
        self._ask("PUT", f"{place}&digest={digest}", content, "application/octet-stream")
        return digest, len(content)

    def _ask(self, method: str, where: str, body: bytes, kind: str = "application/json") -> str:
        url = where if where.startswith("http") else f"http://{self.host}{where}"
        request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.headers.get("Location", ""))


@contextlib.contextmanager
def docker_registry(home: Path) -> Iterator[DockerRegistry]:
    """Run a registry that keeps its images in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    config = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(home / "images")}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "log": {"level": "warn"},
    }
    home.joinpath("config.json").write_text(json.dumps(config))
    with home.joinpath("log").open("wb") as log:
        command = [need.program("docker-registry"), "serve", str(home / "config.json")]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        ends_at = time.monotonic() + _START_S
        while not _listens(port):
            assert process.poll() is None, home.joinpath("log").read_text()
            assert time.monotonic() < ends_at, "docker-registry does not start"
            time.sleep(0.02)
        yield DockerRegistry(f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


@contextlib.asynccontextmanager
async def slow_way(registry: DockerRegistry, bytes_per_s: int) -> AsyncIterator[DockerRegistry]:
    """Serve the same registry at another port, with so many bytes a second to each client."""
    host, _, port = registry.host.rpartition(":")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: int | None) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(16_384 if rate is None else max(1, rate // 10)):
                writer.write(data)
                await writer.drain()
                if rate is not None:
                    await asyncio.sleep(len(data) / rate)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection(host, int(port))
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(pass_on(reader, back_writer, None))
                ways.create_task(pass_on(back_reader, writer, bytes_per_s))
        finally:
            back_writer.close()
            writer.close()

    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield DockerRegistry(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _archive(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entry.mode = 0o755
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _descriptor(kind: str, digest: str, size: int) -> dict[str, object]:
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest, "size": size}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
