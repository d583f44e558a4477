"""What do the lines of a resolv.conf say, as Go and as glibc read them?

Where the two differ: glibc wants the keyword at the very beginning of a line and ends a line at a NUL byte; Go takes a
carriage return for white space, stops at a line of 64 KiB, and knows fewer options. Both pass over what they do not
understand, and take no port.

Cannot see: `sortlist`, which no runtime's dialling depends on.

Source: resolv.conf(5); glibc resolv/res_init.c; Go net/dnsconfig_unix.go.
"""

import io
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from typing import Literal

MAX_SERVERS = 3  # MAXNS of glibc; Go has the same
MAX_NDOTS = 15  # both
MAX_TIMEOUT_S = 30  # glibc only
MAX_ATTEMPTS = 5  # glibc only
MAX_LINE_BYTES = 64 * 1024  # Go stops reading at a longer line
READ_BYTES = 1024 * 1024  # of a file of rubbish no more than this is looked at
IGNORED_KEPT = 5  # lines that are told in full; the others are counted
LINE_SHOWN = 60  # characters of such a line that are told

Reader = Literal["go", "glibc"]

_GO_FLAGS = frozenset("rotate single-request single-request-reopen use-vc usevc tcp trust-ad edns0 no-reload".split())
_GLIBC_FLAGS = _GO_FLAGS | frozenset(
    "debug no_tld_query no-tld-query inet6 ip6-bytestring ip6-dotint no-ip6-dotint no-aaaa no-check-names".split()
)
_NUMBER = re.compile(r"(ndots|timeout|attempts):(\d{0,9})")


@dataclass(frozen=True, slots=True)
class Server:
    """A resolver: an IP literal, with its zone where it has one, and a port, which no resolv.conf can change."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        return self.address if self.port == 53 else f"{self.address}#{self.port}"


@dataclass(slots=True)
class Lines:
    """What the lines read so far have said."""

    reader: Reader
    servers: list[Server] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    search: list[str] | None = None
    numbers: dict[str, int] = field(default_factory=lambda: {"ndots": 1, "timeout": 5, "attempts": 2})
    flags: set[str] = field(default_factory=set)
    ignored: list[str] = field(default_factory=list)
    more_ignored: int = 0
    left_to_glibc: bool = False

    def take(self, fields: list[str], line: str, number: int) -> None:
        """Take in one line."""
        keyword, values = fields[0], fields[1:]
        if keyword == "nameserver" and values:
            self._server(values[0], line, number)
        elif keyword == "domain" and values:
            self.search = [values[0].rstrip(".")]
        elif keyword == "search" and (values or self.reader == "go"):
            self.search = [name for name in (value.rstrip(".") for value in values) if name]
        elif keyword == "options":
            for value in values:
                self._option(value, line, number)
        elif keyword not in ("domain", "search", "sortlist", "lookup"):
            self.ignore(line, number)
        if keyword not in ("nameserver", "domain", "search", "options", "lookup"):
            self.left_to_glibc = True

    def ignore(self, line: str, number: int) -> None:
        """Note a line that means nothing."""
        if len(self.ignored) < IGNORED_KEPT:
            self.ignored.append(f"line {number}: {_shown(line)}")
        else:
            self.more_ignored += 1

    def told(self) -> list[str]:
        """Give the lines that mean nothing, for a person."""
        return self.ignored + ([f"and {self.more_ignored} more"] if self.more_ignored else [])

    def _server(self, value: str, line: str, number: int) -> None:
        address = _address_by_glibc(value) if self.reader == "glibc" else _address_by_go(value)
        if address is None:
            self.ignore(line, number)
        elif len(self.servers) < MAX_SERVERS:
            self.servers.append(Server(address))
        else:
            self.surplus.append(address)

    def _option(self, value: str, line: str, number: int) -> None:
        counted = _NUMBER.match(value)
        if counted:
            self.numbers[counted[1]] = _bounded(counted[1], int(counted[2] or 0), self.reader)
        elif value in _GLIBC_FLAGS:
            self.flags.add(value)
        else:
            self.ignore(line, number)
        self.left_to_glibc = self.left_to_glibc or not (counted or value in _GO_FLAGS)


def parse(content: bytes, reader: Reader) -> Lines:
    """Read the content of a resolv.conf; nothing in it is an error."""
    lines = Lines(reader)
    for number, raw in enumerate(io.BytesIO(content[:READ_BYTES]), 1):
        if reader == "go" and len(raw) > MAX_LINE_BYTES:
            lines.ignore(f"{len(raw)} bytes in one line: Go reads no further", number)
            break
        if raw[:1] in (b";", b"#") or raw.isspace():
            continue
        line = raw.rstrip(b"\n").decode("utf-8", errors="replace")
        fields = re.split("[ \t]", line.split("\0", 1)[0]) if reader == "glibc" else re.split("[ \t\r]", line)
        if reader == "glibc" and not fields[0]:  # glibc wants the keyword at the very beginning of the line
            lines.ignore(line, number)
            continue
        fields = [one for one in fields if one]
        if fields:
            lines.take(fields, line, number)
    return lines


def _shown(line: str) -> str:
    """Give a line as a person can read it: on one line, short, and bytes that are no text as what they are."""
    text = line.strip()[:LINE_SHOWN]
    if 4 * sum(" " <= letter <= "~" for letter in text) < 3 * len(text):
        return f"{len(line)} characters that are no text"
    return f"{text!r}{'…' if len(line.strip()) > LINE_SHOWN else ''}"


def _bounded(name: str, value: int, reader: Reader) -> int:
    if name == "ndots":
        return min(value, MAX_NDOTS)
    most = {"timeout": MAX_TIMEOUT_S, "attempts": MAX_ATTEMPTS}[name] if reader == "glibc" else value
    return max(1, min(value, most))  # glibc waits 1 s where 0 is written, too


def _address_by_go(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _address_by_glibc(text: str) -> str | None:
    """Read an address as inet_aton does (`10.1` is 10.0.0.1), then as an IPv6 address."""
    try:
        if not any(letter.isspace() for letter in text):
            return socket.inet_ntoa(socket.inet_aton(text))
    except (OSError, UnicodeEncodeError, ValueError):
        pass
    return _address_by_go(text) if ":" in text else None
