"""One gRPC call, byte by byte."""

import pytest

from agent.host.grpc import PREFACE, Answer, call, strings, text_field, true_field

SETTINGS = bytes.fromhex("000000040000000000")


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def data(message: bytes, flags: int = 0) -> bytes:
    return frame(0, flags, 1, b"\0" + len(message).to_bytes(4, "big") + message)


def test_a_call_is_preface_settings_headers_and_data() -> None:
    sent = call("/a.B/C", b"xy", {"own": "v"})
    assert sent.startswith(PREFACE + SETTINGS)
    assert b"\x05:path\x06/a.B/C" in sent
    assert b"\x03own\x01v" in sent
    assert sent.endswith(frame(0, 1, 1, b"\0\0\0\0\x02xy"))


def test_a_long_header_has_its_length_in_more_than_a_byte() -> None:
    assert b"\x7f\x49" + b"v" * 200 in call("/a.B/C", headers={"own": "v" * 200})


def test_an_answer_comes_in_any_pieces() -> None:
    answer = Answer()
    for byte in SETTINGS + frame(1, 4, 1, b"?") + data(b"hello") + frame(1, 5, 1, b"?"):
        assert not answer.ended
        answer.feed(bytes([byte]))
    assert (answer.speaks, answer.ended, answer.message) == (True, True, b"hello")


def test_a_call_that_fails_has_no_message() -> None:
    answer = Answer()
    answer.feed(SETTINGS + frame(1, 5, 1, b"?"))
    assert answer.ended
    assert answer.message is None


@pytest.mark.parametrize("ending", [frame(3, 0, 1, b"\0\0\0\2"), frame(7, 0, 0, b"\0" * 8)])
def test_a_reset_and_a_farewell_end_it(ending: bytes) -> None:
    answer = Answer()
    answer.feed(SETTINGS + ending)
    assert answer.ended


def test_padding_and_other_streams_are_passed_over() -> None:
    answer = Answer()
    answer.feed(SETTINGS + frame(0, 1, 3, b"other") + frame(0, 9, 1, b"\x02\0\0\0\0\x01x!!"))
    assert answer.message == b"x"


@pytest.mark.parametrize("rubbish", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28\x00\x00"])
def test_what_is_no_http_2_is_refused(rubbish: bytes) -> None:
    with pytest.raises(ValueError, match="no HTTP/2"):
        Answer().feed(rubbish)


def test_text_fields_are_read_and_others_passed_over() -> None:
    message = text_field(1, "0.1.0") + true_field(5) + text_field(3, "1.6.20") + b"\x25\0\0\0\0"
    assert strings(message) == {1: "0.1.0", 3: "1.6.20"}


def test_a_cut_message_does_not_break_the_reader() -> None:
    assert strings(b"\x0a\xff") == {1: ""}
