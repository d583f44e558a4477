"""The wire form of DNS: what belongs to a question, what can be read of it, and that no bytes crash the reader."""

import random
import struct

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from agent.probes.dns_message import NonsenseError, Question, answer, question

ASKED = question(4711, "quay.io", "A")


def made(asked: Question, *records: str, rcode: int = 0, flags: int = 0) -> dns.message.Message:
    message = dns.message.make_response(dns.message.from_wire(asked.wire), recursion_available=True)
    message.set_rcode(dns.rcode.Rcode(rcode))
    message.flags |= flags
    for record in records:
        name, kind, *values = record.split()
        message.answer.append(dns.rrset.from_text(name, 1, "IN", kind, *values))
    return message


def test_a_question_reads_back_as_what_was_asked() -> None:
    message = dns.message.from_wire(question(7, "Registry-1.Docker.io.", "AAAA").wire)
    assert message.question[0].to_text() == "registry-1.docker.io. IN AAAA"
    assert (message.id, message.edns, message.payload) == (7, 0, 1232)
    assert message.flags == dns.flags.RD


def test_without_edns_nothing_is_offered() -> None:
    assert dns.message.from_wire(question(7, "quay.io", "A", edns=False).wire).edns == -1


@pytest.mark.parametrize("name", ["a..b", "x" * 64, ".".join(["x" * 60] * 5)])
def test_what_has_no_wire_form_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        question(7, name, "A")


def test_addresses_and_the_chain_that_leads_to_them_are_read() -> None:
    found = answer(made(ASKED, "quay.io. CNAME cdn.example.", "cdn.example. A 10.0.0.5 10.0.0.6").to_wire(), ASKED)
    assert found is not None
    assert (found.rcode, sorted(found.addresses), found.chain) == ("NOERROR", ["10.0.0.5", "10.0.0.6"], ["cdn.example"])
    assert (found.recursive, found.authoritative, found.truncated, found.lame) == (True, False, False, False)


def test_aaaa_is_read_too() -> None:
    asked = question(1, "quay.io", "AAAA")
    found = answer(made(asked, "quay.io. AAAA fd00::5").to_wire(), asked)
    assert found is not None and found.addresses == ["fd00::5"]


@pytest.mark.parametrize(("code", "name"), [(0, "NOERROR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (5, "REFUSED")])
def test_the_code_is_told_by_its_name(code: int, name: str) -> None:
    found = answer(made(ASKED, rcode=code).to_wire(), ASKED)
    assert found is not None and found.rcode == name


@pytest.mark.parametrize(("code", "name"), [(16, "BADVERS"), (23, "RCODE23"), (9, "RCODE9")])
def test_codes_beyond_the_header_are_read_from_edns(code: int, name: str) -> None:
    found = answer(made(ASKED, rcode=code).to_wire(), ASKED)
    assert found is not None and found.rcode == name


def test_flags_are_told() -> None:
    found = answer(made(ASKED, flags=dns.flags.TC | dns.flags.AA).to_wire(), ASKED)
    assert found is not None and found.truncated and found.authoritative


@pytest.mark.parametrize(
    ("flags", "additionals", "lame"), [(0x8000, 0, True), (0x8080, 0, False), (0x8400, 0, False), (0x8002, 0, False)]
)
def test_an_empty_answer_of_nobody_in_charge_is_lame(flags: int, additionals: int, lame: bool) -> None:
    found = answer(struct.pack("!6H", 4711, flags, 1, 0, 0, additionals) + ASKED.asked, ASKED)
    assert found is not None and found.lame is lame


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"\x12\x67",
        ASKED.wire,  # the question itself is no answer
        made(question(4712, "quay.io", "A"), "quay.io. A 10.0.0.5").to_wire(),
        made(question(4711, "quay.com", "A"), "quay.com. A 10.0.0.5").to_wire(),
        made(question(4711, "quay.io", "AAAA"), "quay.io. AAAA fd00::5").to_wire(),
        struct.pack("!6H", 4711, 0x8180, 0, 0, 0, 0),
    ],
)
def test_what_answers_something_else_is_passed_over(wire: bytes) -> None:
    assert answer(wire, ASKED) is None


@pytest.mark.parametrize(
    "rest",
    [
        b"",  # records are announced and there are none
        b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\0",  # cut off in the address
        b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x05\x0a\0\0\x05\x05",  # an A record of five bytes
        b"\x80\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\0\0\x05",  # a label of no kind
        b"\xc0\x0c\0\x05\0\x01\0\0\0\x01\0\x02\xc0\xff",  # a CNAME that points outside
        b"\xc0\x0c\0\x05\0\x01\0\0\0\x01\0\x02\xc0\x25",  # a CNAME that points at itself
    ],
)
def test_an_answer_that_cannot_be_read_is_nonsense(rest: bytes) -> None:
    with pytest.raises(NonsenseError):
        answer(struct.pack("!6H", 4711, 0x8180, 1, 1, 0, 0) + ASKED.asked + rest, ASKED)


def test_two_questions_in_an_answer_are_nonsense() -> None:
    with pytest.raises(NonsenseError):
        answer(struct.pack("!6H", 4711, 0x8180, 2, 0, 0, 0) + ASKED.asked * 2, ASKED)


def test_addresses_before_the_nonsense_count_as_with_go() -> None:
    good = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\0\0\x05"
    found = answer(struct.pack("!6H", 4711, 0x8180, 1, 2, 0, 0) + ASKED.asked + good + b"\xc0", ASKED)
    assert found is not None and (found.rcode, found.addresses) == ("NOERROR", ["10.0.0.5"])


def test_nonsense_after_the_answers_is_not_looked_at() -> None:
    wire = made(ASKED, "quay.io. A 10.0.0.5").to_wire()
    for broken in (wire + b"trailing", wire[:-5]):
        found = answer(broken, ASKED)
        assert found is not None and found.addresses == ["10.0.0.5"]


def test_no_bytes_crash_the_reader() -> None:
    seeded = random.Random(53)
    good = made(ASKED, "quay.io. CNAME cdn.example.", "cdn.example. A 10.0.0.5 10.0.0.6").to_wire()
    for _ in range(3000):
        wire = bytearray(good[: seeded.randrange(len(good) + 1)])
        for _ in range(seeded.randrange(4)):
            if len(wire) > len(ASKED.wire):
                wire[seeded.randrange(6, len(wire))] = seeded.randrange(256)
        try:
            answer(bytes(wire), ASKED)
        except NonsenseError:
            continue
