"""What stands outside the nodes: DNS servers, registries with their front doors, the token service, the aggregator.

Each registry is a real docker-registry on loopback behind an nginx that speaks TLS; what a fault changes is a file that
one of them reads.
"""

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.lab import network
from tests.lab.authority import Authority
from tests.lab.process import Process, environment, run, until
from tests.lab.sites import BLOBS, IMAGES, REGISTRY, Site, nginx_configuration

NAMES = {
    "registry.lab": "10.99.0.10",
    "auth.lab": "10.99.0.11",
    "images.lab": "10.99.0.20",
    "blobs.lab": "10.99.0.21",
}
KNOT, DNSMASQ, BROKEN_KNOT = "10.99.0.2", "10.99.0.3", "10.99.0.4"
AGGREGATOR_PORT = 8080
PORTS = {"registry": 5001, "registry-back": 5011, "images": 5002}


class Services:
    """Everything in the namespace outside the nodes."""

    def __init__(self, home: Path, authority: Authority) -> None:
        self.home = home
        self.authority = authority
        self.processes: dict[str, Process] = {}
        self.further_names: dict[str, str] = {}  # known whatever a fault does to the others
        self._policy = home / "policy.json"

    def begin(self) -> None:
        """Write every configuration and start everything but the aggregator."""
        self.token_service()
        self.names(NAMES)
        self._begin_dns()
        for name in PORTS:
            self._begin_registry(name)
        for site in (REGISTRY, IMAGES, BLOBS):
            self.site(site)
            self.start_site(site.host)
        token_command = (sys.executable, "-m", "tests.lab.tokens", str(self._policy))
        address = NAMES["auth.lab"]
        self.start("auth.lab", *token_command, str(self.authority.folder / "auth.lab.pem"), address)
        ports = [f"127.0.0.1:{port}" for port in PORTS.values()]
        listening = {*ports, *(f"{address}:443" for address in NAMES.values()), f"{KNOT}:53", f"{DNSMASQ}:53"}
        self._wait(lambda: listening <= self._listening(), "the lab's services to listen")

    def begin_aggregator(self, token_file: Path) -> None:
        """Start the aggregator; it listens at the bridge and on loopback, where the report is open."""
        command = [sys.executable, "-m", "pullscope", "aggregator", "--listen", f"0.0.0.0:{AGGREGATOR_PORT}"]
        command += ["--store", str(self.home / "aggregator.db"), "--cluster", "lab", "--token-file", str(token_file)]
        process = self.start("aggregator", *command)
        process.wait_until(lambda: f"0.0.0.0:{AGGREGATOR_PORT}" in self._listening())

    def end(self) -> None:
        """End everything."""
        for process in self.processes.values():
            process.stop()

    def names(self, names: dict[str, str]) -> None:
        """Let both DNS servers know exactly these names, and the further ones."""
        names = names | self.further_names
        zone = ["$ORIGIN lab.", "$TTL 1", "@ SOA ns admin 1 3600 600 86400 1", "@ NS ns", f"ns A {KNOT}"]
        zone += [f"{name}. A {address}" for name, address in names.items()]
        (self.home / "lab.zone").write_text("\n".join(zone) + "\n")
        (self.home / "hosts").write_text("".join(f"{address} {name}\n" for name, address in names.items()))
        for server in ("knot", "dnsmasq"):
            if server in self.processes:
                self.processes[server].signal(signal.SIGHUP)

    def token_service(self, *, status: int = 200, closed: tuple[str, ...] = ()) -> None:
        """Set how the token service answers: with this status, and with no access to the closed repositories."""
        fresh = self._policy.with_suffix(".new")
        fresh.write_text(json.dumps({"status": status, "closed": closed}))
        fresh.rename(self._policy)

    def site(self, site: Site) -> None:
        """Give a front door its configuration, at once where it is open."""
        folder = self.home / site.host
        folder.mkdir(exist_ok=True)
        certificate = self.authority.folder / f"{site.host}.pem"
        storage = self.home / "images/docker/registry/v2/blobs/sha256"
        text = nginx_configuration(site, NAMES[site.host], certificate, folder, storage)
        (folder / "nginx.conf").write_text(text)
        if site.host in self.processes:
            self._reload(self.processes[site.host])

    def _reload(self, nginx: Process) -> None:
        """Make an nginx read its configuration anew, and wait until no worker of the old one is left."""
        old = nginx.children()
        nginx.signal(signal.SIGHUP)
        self._wait(lambda: (now := nginx.children()) and not now & old, f"{nginx.name} to reload")

    def start_site(self, host: str) -> None:
        """Open a front door."""
        folder = self.home / host
        self.start(host, "nginx", "-p", f"{folder}/", "-c", "nginx.conf", "-e", "error.log")

    def stop_site(self, host: str) -> None:
        """Close a front door: connections to it are refused from now on."""
        self.processes.pop(host).stop()

    def drop(self, node: int, host: str) -> None:
        """Drop every packet of a node to a host, on the host's side."""
        network.iptables("-A", "INPUT", "-s", network.address_of(node), "-d", NAMES[host], "-j", "DROP")

    def let_through(self, node: int, host: str) -> None:
        """Undo `drop`."""
        network.iptables("-D", "INPUT", "-s", network.address_of(node), "-d", NAMES[host], "-j", "DROP")

    def report(self, *, as_json: bool = True) -> str:
        """Give the aggregator's report."""
        return run(*self.report_command(as_json=as_json))

    def ask(self, path: str) -> str:
        """Give one of the aggregator's pages."""
        words = ("curl", "--silent", "--show-error", "--max-time", "3", f"http://127.0.0.1:{AGGREGATOR_PORT}{path}")
        return run(*network.inside(network.OUTSIDE), *words)

    def report_command(self, *, as_json: bool) -> tuple[str, ...]:
        """Give the command that reads the report on loopback, as a person would."""
        words = ("curl", "--silent", "--show-error", "--max-time", "3")
        accept = ("-H", "Accept: application/json") if as_json else ()
        return (*network.inside(network.OUTSIDE), *words, *accept, f"http://127.0.0.1:{AGGREGATOR_PORT}/report")

    def _begin_dns(self) -> None:
        for name, address, zone in (("knot", KNOT, "lab.zone"), ("broken-knot", BROKEN_KNOT, "missing.zone")):
            folder = self.home / name
            folder.mkdir()
            (folder / "knot.conf").write_text(
                f"server:\n    listen: {address}@53\n    rundir: {folder}\n"
                f"database:\n    storage: {folder}\n"
                "log:\n  - target: stderr\n    any: warning\n"
                f"zone:\n  - domain: lab\n    file: {self.home}/{zone}\n    journal-content: none\n"
                "    zonefile-sync: -1\n    zonefile-load: whole\n    semantic-checks: off\n"
            )
            self.start(name, "knotd", "-c", str(folder / "knot.conf"))
        options = (
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--user=root",
            "--log-facility=-",
        )
        own = (f"--addn-hosts={self.home}/hosts", "--local=/lab/", "--bind-interfaces", f"--listen-address={DNSMASQ}")
        self.start("dnsmasq", "dnsmasq", *options, *own, "--except-interface=lo", "--pid-file=")

    def _begin_registry(self, name: str) -> None:
        storage = self.home / name.removesuffix("-back")
        storage.mkdir(exist_ok=True)
        configuration: dict[str, object] = {
            "version": 0.1,
            "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(storage)}, "delete": {"enabled": True}},
            "http": {"addr": f"127.0.0.1:{PORTS[name]}", "secret": "shared by both doors of one store"},
        }
        if name == "registry":
            token = {"realm": "https://auth.lab/token", "service": "registry.lab", "issuer": "auth.lab"}
            configuration["auth"] = {"token": {**token, "rootcertbundle": str(self.authority.folder / "ca.pem")}}
        path = self.home / f"{name}.json"  # YAML's subset will do
        path.write_text(json.dumps(configuration))
        self.start(name, "docker-registry", "serve", str(path))

    def start(self, name: str, *command: str) -> Process:
        """Start a program outside the nodes."""
        words = (*network.inside(network.OUTSIDE), *command)
        self.processes[name] = Process(name, words, self.home / f"{name}.log", environment(PYTHONUNBUFFERED="1"))
        return self.processes[name]

    def _wait(self, condition: Callable[[], object], what: str) -> None:
        def ready() -> bool:
            for process in self.processes.values():
                process.check()
            return bool(condition())

        until(ready, what)

    def _listening(self) -> set[str]:
        return {line.split()[3] for line in run(*network.inside(network.OUTSIDE), "ss", "-Hlnt").splitlines()}
