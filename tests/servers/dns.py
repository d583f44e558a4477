"""A real DNS server (Knot DNS) with a zone that a test writes as a dict, on a loopback address of its own.

    async with dns_server({"quay.io": ["A 10.0.0.5"], "alias.io": ["CNAME quay.io."], "sick.io": "SERVFAIL"}) as server:
        server.address, server.port
        await server.change({"quay.io": ["A 10.0.0.6"]})

Names that are not in the dict get NXDOMAIN, or what `others` says (then a name can be no CNAME). A name that has
records of another kind only is NODATA.

Cannot see: recursion. Knot is authoritative; for who asks, that makes no difference but the RA flag.
"""

import asyncio
import random
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from tests import need

Zone = Mapping[str, Sequence[str] | Literal["SERVFAIL"]]
Others = Literal["NXDOMAIN", "REFUSED", "SERVFAIL"]

START_S = 10.0  # knotd is up in 0.1 s; a machine under load may take long

_CONFIGURATION = """\
server:
  rundir: {folder}
  listen: {listen}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: {folder}
log:
  - target: stderr
    any: info
template:
  - id: default
    storage: {folder}
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
"""


class DnsServer:
    """One knotd. `address` and `port` say where it is; `others` is how names outside the zone are answered."""

    def __init__(self, folder: Path, address: str, port: int, prefix: Sequence[str]) -> None:
        self.address = address
        self.port = port
        self._folder = folder
        self._prefix = prefix
        self._serial = 0
        self._sick: set[str] = set()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, zone: Zone, others: Others = "NXDOMAIN") -> None:
        """Start with a zone, and wait until it answers."""
        self._write(zone, others)
        await self._run()

    async def _run(self) -> None:
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._prefix, need.program("knotd"), "-c", str(self._folder / "knot.conf"),
                stdout=log, stderr=log,
            )  # fmt: skip
        await self._wait_for("server started", 0)

    async def change(self, zone: Zone, others: Others = "NXDOMAIN") -> None:
        """Serve another zone from now on, and wait until it does; for a new SERVFAIL it is started anew."""
        assert self._process is not None
        sick = self._sick
        self._write(zone, others)
        if self._sick - sick:  # knotd keeps the content of a zone whose file has gone
            await self.stop()
            await self._run()
            return
        written = self._log.stat().st_size
        self._process.send_signal(1)  # SIGHUP
        await self._wait_for("configuration reloaded", written)

    async def stop(self) -> None:
        """Stop it; whoever asks then is refused."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        self._process = None

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _write(self, zone: Zone, others: Others) -> None:
        self._serial += 1
        zones: dict[str, list[str]] = {"": []} if others != "REFUSED" else {}
        self._sick = {""} if others == "SERVFAIL" else set()
        for name, records in zone.items():
            name = name.rstrip(".")
            top = "" if others == "NXDOMAIN" else name  # a zone of its own, which can hold no CNAME
            if records == "SERVFAIL":
                self._sick.add(name)
                zones.setdefault(name, [])
            else:
                zones.setdefault(top, []).extend(f"{name}. {record}" for record in records)
        listen = f"{self.address}@{self.port}"
        text = _CONFIGURATION.format(folder=self._folder, listen=listen)
        for number, (domain, lines) in enumerate(zones.items()):
            file = self._folder / f"{self._serial}-{number}.zone"
            text += f"  - domain: {domain}.\n    file: {file.name}\n"
            if domain not in self._sick:  # a zone without its file is what knotd answers SERVFAIL for
                soa = f"{domain}. SOA ns.{domain}. host.{domain}. {self._serial} 3600 600 86400 1"
                file.write_text("\n".join(["$TTL 1", soa, f"{domain}. NS ns.{domain}.", *lines, ""]).replace("..", "."))
        (self._folder / "knot.conf").write_text(text)

    async def _wait_for(self, words: str, offset: int) -> None:
        assert self._process is not None
        async with asyncio.timeout(START_S):
            while words.encode() not in self._log.read_bytes()[offset:]:
                if self._process.returncode is not None:
                    raise RuntimeError(f"knotd ended: {self._log.read_text(errors='replace')}")
                await asyncio.sleep(0.01)


@asynccontextmanager
async def dns_server(
    zone: Zone,
    *,
    others: Others = "NXDOMAIN",
    address: str | None = None,
    port: int = 53,
    prefix: Sequence[str] = (),
) -> AsyncIterator[DnsServer]:
    """Run a DNS server for a while.

    Args:
        zone: name to records (`A 10.0.0.5`, `CNAME quay.io.`), or to SERVFAIL.
        others: what other names get.
        address: where to listen; a free loopback address where it is not given.
        port: 53, as resolv.conf knows no other; below 1024 only root may.
        prefix: what stands before the command, such as `ip netns exec NAME`.
    """
    need.program("knotd")
    if port < 1024:
        need.root()
    with tempfile.TemporaryDirectory(prefix="pullscope-dns-") as folder:
        server = DnsServer(Path(folder), address or free_address(port), port, prefix)
        try:
            await server.start(zone, others)
            yield server
        finally:
            await server.stop()


def free_address(port: int = 53) -> str:
    """Give a loopback address on which nobody listens on the port."""
    while True:
        address = f"127.53.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
        with socket.socket(type=socket.SOCK_DGRAM) as datagrams, socket.socket() as streams:
            try:
                datagrams.bind((address, port))
                streams.bind((address, port))
            except OSError as error:
                if error.errno != 98:  # EADDRINUSE
                    raise
                continue
        return address
