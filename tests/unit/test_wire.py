"""Messages of the link: what is read, and with which code the rest is closed."""

from datetime import UTC, datetime

import msgspec
import pytest

from agent.contract import wire

AT = datetime(2026, 11, 22, 13, tzinfo=UTC)
HELLO = wire.Hello(version=1, node="node-1", boot="b", at=AT, interval_s=60.0)


def test_what_one_side_writes_the_other_reads() -> None:
    report = wire.Report(version=1, seq=3, at=AT, body=msgspec.Raw(b'{"dropped":2}'))
    assert wire.read_up(wire.encode(HELLO)) == HELLO
    read = wire.read_up(wire.encode(report).decode())
    assert isinstance(read, wire.Report) and wire.read_body(read).dropped == 2
    for message in (
        wire.Welcome(at=AT, seq=0),
        wire.Ack(seq=1, at=AT),
        wire.Interval(interval_s=9.0),
        wire.Run(id="r", questions=[wire.Ask(check="dns", target="quay.io")]),
        wire.Lease(id="l", granted=False, next_at=AT, why="nothing is left"),
    ):
        assert wire.read_down(wire.encode(message)) == message
    for word in (wire.Answer(id="r", done=True), wire.Want(id="l", registry="docker.io"), wire.Spent(id="l", pulls=1)):
        assert wire.read_up(wire.encode(word)) == word


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", wire.CLOSE_BAD_MESSAGE),
        ("{", wire.CLOSE_BAD_MESSAGE),
        ("[]", wire.CLOSE_BAD_MESSAGE),
        ('{"type":"hello"}', wire.CLOSE_BAD_MESSAGE),
        ('{"type":"rumour"}', wire.CLOSE_BAD_MESSAGE),
        (b"\xff\xfe", wire.CLOSE_BAD_MESSAGE),
        ("[" * 100_000, wire.CLOSE_BAD_MESSAGE),
        ('{"type":"hello","version":2,"names":["node-1"]}', wire.CLOSE_VERSION),
        ('{"type":"report","version":7,"seq":1,"at":"2026-11-22T13:00:00Z","body":{}}', wire.CLOSE_VERSION),
    ],
)
def test_what_cannot_be_taken_says_with_which_code_to_close(data: str | bytes, code: int) -> None:
    with pytest.raises(wire.WireError) as caught:
        wire.read_up(data)
    assert caught.value.code == code


def test_a_version_is_named_for_the_person_who_rolls_out() -> None:
    with pytest.raises(wire.WireError, match="the agent speaks version 2, this aggregator version 1"):
        wire.read_up('{"type":"hello","version":2}')


def test_a_report_with_another_body_names_its_number() -> None:
    report = wire.Report(version=1, seq=5, at=AT, body=msgspec.Raw(b'{"results":[{"check":"dns"}]}'))
    with pytest.raises(wire.WireError, match="report 5 is not of version 1"):
        wire.read_body(report)


def test_keys_and_causes_of_a_newer_agent_are_taken() -> None:
    body = b'{"results":[{"check":"moon","target":"x","status":"failed","cause":"full_moon","phase":1}],"new":true}'
    read = wire.read_body(wire.Report(version=1, seq=1, at=AT, body=msgspec.Raw(body)))
    assert read.results[0].cause == "full_moon"


def test_a_directive_that_is_not_known_is_only_its_name() -> None:
    assert wire.read_down('{"type":"dance","tempo":3}') == "dance"
    with pytest.raises(wire.WireError):
        wire.read_down("nonsense")
