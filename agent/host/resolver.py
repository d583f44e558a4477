"""Which resolvers does this node ask, and how patiently?

The file is read as the runtime reads it. Runtimes are Go programs: Go reads resolv.conf itself, unless there is
something in it, or in nsswitch.conf, that it does not know; then it hands the lookup to glibc, which reads some lines
otherwise. `reader` says whose reading this is.

Cannot see: `LOCALDOMAIN` and `RES_OPTIONS` in a runtime's environment; a runtime that was built without cgo never
leaves the lookup to glibc; musl's reading.

Source: resolv.conf(5); glibc resolv/res_init.c; Go net/dnsconfig_unix.go and net/conf.go.
"""

import socket
from dataclasses import dataclass

from agent.host import nsswitch
from agent.host.resolv_conf import Lines, Reader, Server, parse
from agent.host.root import HostFileError, Root

PATH = "/etc/resolv.conf"
BEHIND_STUB = "/run/systemd/resolve/resolv.conf"
STUBS = frozenset({"127.0.0.53", "127.0.0.54"})  # where systemd-resolved listens


@dataclass(frozen=True, slots=True)
class ResolverConfig:
    """A resolv.conf as it is read, and the order of sources that stands beside it.

    `missing` says in words why no resolver is configured: `servers` then holds what the library asks all the same.
    `surplus` are nameservers after the third; `ignored` are lines that mean nothing, the first few in full.
    `behind` is what systemd-resolved asks, where its stub is among the servers.
    """

    servers: tuple[Server, ...]
    search: tuple[str, ...] = ()
    ndots: int = 1
    timeout_s: float = 5.0
    attempts: int = 2
    rotate: bool = False
    over_tcp: bool = False
    single_request: bool = False
    edns: bool = True
    no_aaaa: bool = False
    reader: Reader = "go"
    missing: str = ""
    surplus: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    behind: tuple[Server, ...] = ()
    sources: tuple[nsswitch.Source, ...] = nsswitch.DEFAULT


def read(root: Root) -> ResolverConfig:
    """Read the node's resolv.conf and what belongs to it.

    Raises:
        HostFileError: where this process may not read a file that is there.
    """
    sources = nsswitch.read(root)
    content, missing = _content(root)
    lines = parse(content, "go")
    if lines.left_to_glibc or nsswitch.left_to_glibc(sources):
        lines = parse(content, "glibc")
    if not lines.servers and not missing:
        told = [line for line in lines.ignored if "nameserver" in line] or lines.told()
        missing = f"{PATH} names no resolver" + (f" ({told[0]})" if told else "")
    return ResolverConfig(
        servers=tuple(lines.servers) or _default_servers(lines.reader),
        search=tuple(lines.search or ()) or _default_search(root, lines),
        ndots=lines.numbers["ndots"],
        timeout_s=float(lines.numbers["timeout"]),
        attempts=lines.numbers["attempts"],
        rotate="rotate" in lines.flags,
        over_tcp=not lines.flags.isdisjoint({"use-vc", "usevc", "tcp"}),
        single_request=not lines.flags.isdisjoint({"single-request", "single-request-reopen"}),
        edns=lines.reader == "go" or "edns0" in lines.flags,
        no_aaaa=lines.reader == "glibc" and "no-aaaa" in lines.flags,
        reader=lines.reader,
        missing="" if lines.servers else missing,
        surplus=tuple(lines.surplus),
        ignored=tuple(lines.told()),
        behind=_behind(root, lines.servers),
        sources=sources,
    )


def _content(root: Root) -> tuple[bytes, str]:
    """Give the file, and why there is none."""
    try:
        content = root.read_bytes(PATH)
    except FileNotFoundError:
        return b"", f"{PATH} is missing"
    except HostFileError as error:
        if error.forbidden:
            raise
        return b"", str(error)
    return content, "" if content.strip() else f"{PATH} is empty"


def _default_servers(reader: Reader) -> tuple[Server, ...]:
    return (Server("127.0.0.1"), Server("::1")) if reader == "go" else (Server("127.0.0.1"),)


def _default_search(root: Root, lines: Lines) -> tuple[str, ...]:
    """Give the domain of the node's own name, which is searched where no domain is configured."""
    if lines.search is not None and lines.reader == "glibc":
        return ()
    try:
        name = socket.gethostname() if root.is_this_machine else root.read_text("/etc/hostname").split("\n")[0].strip()
    except (FileNotFoundError, HostFileError):
        return ()
    domain = name.partition(".")[2].rstrip(".")
    return (domain,) if domain else ()


def _behind(root: Root, servers: list[Server]) -> tuple[Server, ...]:
    if not any(server.address in STUBS for server in servers):
        return ()
    try:
        content = root.read_bytes(BEHIND_STUB)
    except (FileNotFoundError, HostFileError):
        return ()
    return tuple(server for server in parse(content, "go").servers if server.address not in STUBS)
