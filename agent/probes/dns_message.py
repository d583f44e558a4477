"""The wire form of a DNS question and of its answer, as far as a lookup of addresses looks at it.

Names are dnspython's. Its whole messages are not used: they cost 0.4 ms of CPU for a question and its answer where this
costs 0.05 ms, and a round asks some twenty; and a resolver's mistakes in sections that Go never reads would count.

Cannot see: signatures (DNSSEC); the owner names of answers, which Go does not look at either.

Source: RFC 1035 section 4; RFC 6891; Go net/dnsclient_unix.go (newRequest, checkResponse, checkHeader).
"""

import socket
import struct
from dataclasses import dataclass, field

import dns.exception
import dns.name

from agent.host.lookup import Kind

MAX_UDP_BYTES = 1232  # what Go offers to take, after dnsflagday.net/2020
MAX_QUESTION_BYTES = 12 + 255 + 4 + 11  # header, the longest name, type and class, EDNS

_TYPES: dict[Kind, int] = {"A": 1, "AAAA": 28}
_CNAME, _OPT, _IN = 5, 41, 1
_ADDRESS_BYTES = {1: 4, 28: 16}
_FAMILIES = {1: socket.AF_INET, 28: socket.AF_INET6}
_RECURSION_DESIRED = 0x0100
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 16: "BADVERS"}


class NonsenseError(Exception):
    """The answer belongs to the question, and cannot be read."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question in wire form, and what its answer must repeat."""

    ident: int
    asked: bytes  # name, type and class
    edns: bool

    @property
    def wire(self) -> bytes:
        """The whole message."""
        header = struct.pack("!6H", self.ident, _RECURSION_DESIRED, 1, 0, 0, int(self.edns))
        return header + self.asked + (struct.pack("!BHHIH", 0, _OPT, MAX_UDP_BYTES, 0, 0) if self.edns else b"")


@dataclass(slots=True)
class Answer:
    """What a server answered."""

    rcode: str
    truncated: bool
    authoritative: bool
    recursive: bool
    lame: bool = False
    addresses: list[str] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)


def question(ident: int, name: str, kind: Kind, *, edns: bool = True) -> Question:
    """Ask for the addresses of one kind.

    Raises:
        ValueError: where the name has no wire form.
    """
    try:
        wire_name = dns.name.from_text(name).to_digestable()  # the wire form in lower case
    except dns.exception.DNSException as error:
        raise ValueError(f"{name!r} is no name: {error}") from error
    return Question(ident, wire_name + struct.pack("!HH", _TYPES[kind], _IN), edns)


def answer(wire: bytes, to: Question) -> Answer | None:
    """Read a message; none where it does not answer this question: a forgery, or a late answer to another one.

    Raises:
        NonsenseError: where it does, but cannot be read.
    """
    if len(wire) < 12:
        return None
    ident, flags, questions, answers, authorities, additionals = struct.unpack_from("!6H", wire)
    at = 12 + len(to.asked)
    if ident != to.ident or not flags & 0x8000 or not questions or wire[12:at].lower() != to.asked.lower():
        return None
    if questions > 1:
        raise NonsenseError
    found = Answer("", bool(flags & 0x0200), bool(flags & 0x0400), bool(flags & 0x0080))
    try:
        at = _answers(wire, at, answers, found)
    except (IndexError, ValueError, struct.error, dns.exception.DNSException) as error:
        if not found.addresses:  # as Go: what was read before the nonsense counts
            raise NonsenseError from error
        answers, at = 1, len(wire)
    rcode = _extended_rcode(wire, at, authorities, additionals) << 4 | flags & 0xF
    found.rcode = _RCODES.get(rcode, f"RCODE{rcode}")
    found.lame = not (rcode or answers or additionals or found.authoritative or found.recursive)
    return found


def _answers(wire: bytes, at: int, count: int, found: Answer) -> int:
    for _ in range(count):
        at, kind, start = _record(wire, at)
        if kind in _ADDRESS_BYTES and at - start == _ADDRESS_BYTES[kind]:
            found.addresses.append(socket.inet_ntop(_FAMILIES[kind], wire[start:at]))
        elif kind in _ADDRESS_BYTES:
            raise ValueError("an address of another length")
        elif kind == _CNAME:
            found.chain.append(dns.name.from_wire(wire, start)[0].to_text(omit_final_dot=True))
    return at


def _extended_rcode(wire: bytes, at: int, authorities: int, additionals: int) -> int:
    """Give the upper bits of the code, which stand in the OPT record; none where that cannot be read, as Go does."""
    try:
        for place in range(authorities + additionals):
            end, kind, start = _record(wire, at)
            if kind == _OPT and place >= authorities:
                return wire[start - 6]  # the first byte of the TTL
            at = end
    except (IndexError, ValueError, struct.error):
        pass
    return 0


def _record(wire: bytes, at: int) -> tuple[int, int, int]:
    """Pass over one record; give its end, its type, and where its data start."""
    while length := wire[at]:
        if length >= 0xC0:  # a pointer ends the name
            at += 1
            break
        if length >= 0x40:
            raise ValueError("a label of a kind that does not exist")
        at += length + 1
    at += 1
    kind, _, _, size = struct.unpack_from("!HHIH", wire, at)
    end = at + 10 + size
    if end > len(wire):
        raise ValueError("a record that is cut off")
    return end, kind, at + 10
