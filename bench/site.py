"""A registry with a name, on loopback: Knot answers for it, and Debian's docker-registry speaks TLS behind it.

Go programs read /etc/resolv.conf and nothing else, so they run in a mount namespace with this site's over it.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.host.root import Root
from bench.figure import MissingError
from bench.process import free_port, listens, program, running, until
from tests.servers import tls
from tests.servers.dns import DnsServer, free_address
from tests.servers.docker_registry import docker_registry

MACHINES_BUNDLE = Path("/") / tls.BUNDLE
NAME = "registry.bench.test"
REPOSITORY = "team/app"
LAYER_BYTES = 200_000  # a small image: what is measured is the way to it, not the copying


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is, and how a node or a Go program is made to see it."""

    folder: Path
    dns_address: str
    port: int

    @property
    def registry(self) -> str:
        """The registry as a reference names it."""
        return f"{NAME}:{self.port}"

    @property
    def image(self) -> str:
        """An image that is there."""
        return f"{self.registry}/{REPOSITORY}:1"

    @property
    def root(self) -> Root:
        """The tree of a node whose resolver and trust lead here."""
        return Root(self.folder / "root")

    @property
    def bundle(self) -> Path:
        """The certificates that the site's is trusted by."""
        return self.folder / "root" / tls.BUNDLE

    def seen_by_go(self, *command: str) -> list[str]:
        """Give a command that runs with this site's resolver."""
        words = [program("unshare"), "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"']
        return [*words, str(self.folder / "root/etc/resolv.conf"), *command]

    def environment(self) -> dict[str, str]:
        """Give the environment of a Go program that trusts this site."""
        return {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), "SSL_CERT_FILE": str(self.bundle)}


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Bring the site up for a while. Raises `MissingError`."""
    for name in ("knotd", "docker-registry", "unshare"):
        program(name)
    if os.geteuid() != 0:
        raise MissingError("root is needed: for port 53 and a mount namespace")
    address = free_address()
    here = Site(folder, address, free_port())
    _write_node(here)
    with _names(here), _registry(here):
        yield here


def _write_node(here: Site) -> None:
    etc = here.folder / "root/etc"
    etc.mkdir(parents=True)
    (etc / "resolv.conf").write_text(f"nameserver {here.dns_address}\n")
    (etc / "nsswitch.conf").write_text("hosts: files dns\n")
    (etc / "hosts").write_text("127.0.0.1 localhost\n")


@contextlib.contextmanager
def _names(here: Site) -> Iterator[None]:
    server = DnsServer(here.folder, here.dns_address, 53, ())
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(server.start({NAME: ["A 127.0.0.1"]}))
        yield
    finally:
        loop.run_until_complete(server.stop())
        loop.close()


@contextlib.contextmanager
def _registry(here: Site) -> Iterator[None]:
    """Fill a store through a plain registry, then serve it with TLS."""
    home = here.folder / "registry"
    with docker_registry(home) as plain:
        plain.push(REPOSITORY, ("1",), "bench", (LAYER_BYTES,))
    authority = tls.root()
    tls.trust_root(here.folder / "root", authority)
    if MACHINES_BUNDLE.exists():  # as large as on a real node: reading and searching it is part of the cost
        with here.bundle.open("ab") as bundle:
            bundle.write(MACHINES_BUNDLE.read_bytes())
    certificate, key = authority.issue(NAME).write(here.folder)
    settings = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(home / "images")}},
        "http": {"addr": f"127.0.0.1:{here.port}", "tls": {"certificate": str(certificate), "key": str(key)}},
    }
    file = here.folder / "registry.json"
    file.write_text(json.dumps(settings))
    with running([program("docker-registry"), "serve", str(file)], here.folder / "registry.log"):
        until(lambda: listens(here.port), "docker-registry with TLS")
        yield
