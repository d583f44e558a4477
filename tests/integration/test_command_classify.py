"""`pullscope classify` as scripts use it: one answer for each line, in order, whatever the lines hold."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from agent.contract.classify import classify
from pullscope.lines import CHUNK_BYTES, KEPT_BYTES
from tests.fuzz.run import run

COMMAND = [sys.executable, "-m", "pullscope", "classify"]
MOST_KIB = 150 * 1024  # the interpreter with the classifier has about 45 MiB


def answers(feed: bytes) -> list[dict[str, object]]:
    done = subprocess.run([*COMMAND, "--json"], input=feed, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    return [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]


def causes(feed: bytes) -> list[object]:
    return [answer["cause"] for answer in answers(feed)]


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (b"", []),
        (b"\n", ["unknown"]),
        (b"\n\n", ["unknown", "unknown"]),
        (b"manifest unknown", ["image_not_found"]),
        (b"manifest unknown\n", ["image_not_found"]),
        (b"manifest unknown\n\nno space left on device", ["image_not_found", "unknown", "disk_full"]),
        (b"manifest unknown\r\nno space left on device\r\n", ["image_not_found", "disk_full"]),
        (b"a\rb\x0bc\x0cd\x1ce\x85f\xe2\x80\xa8manifest unknown\n", ["image_not_found"]),
        (b"man\x00ifest unk\x00nown\n\x00\n", ["image_not_found", "unknown"]),
        (b"\xff\xfe: manifest unknown \xc3\n\xe2\x82\n", ["image_not_found", "unknown"]),
        (b"\xed\xa0\x80 manifest unknown\n", ["image_not_found"]),
    ],
)
def test_a_line_ends_at_a_newline_only_and_each_has_its_answer(feed: bytes, expected: list[str]) -> None:
    assert causes(feed) == expected


def test_lines_that_lie_across_what_is_read_at_once_are_whole() -> None:
    luck = random.Random(4)
    lines = [b"x" * luck.choice((0, 1, 100, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1)) for _ in range(200)]
    told = answers(b"\n".join(line + b" manifest unknown" for line in lines))
    assert [answer["cause"] for answer in told] == ["image_not_found"] * 200


@pytest.mark.parametrize("filler", [b"a ", "ü€ ".encode(), "💥".encode(), b"\xff", b"\x00", b"\\u0041"])
def test_the_command_reads_a_long_line_as_the_classifier_does(filler: bytes) -> None:
    for count in (2 * KEPT_BYTES // len(filler) - 2, 3_000_000 // len(filler)):
        line = b"connection refused " + filler * count + b" manifest unknown"
        expected = classify(line.decode(errors="replace"))
        told = answers(line + b"\n" + b"no space left on device\n")
        assert [answer["cause"] for answer in told] == ["image_not_found", "disk_full"]
        assert (told[0]["cause"], told[0]["detail"]) == (expected.cause, expected.detail)


def test_a_line_of_any_length_needs_no_more_memory() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(200):
            child.stdin.write(b"x " * 500_000)
        child.stdin.write(b"no space left on device\n")
        child.stdin.flush()
        assert child.stdout.readline().startswith(b"disk_full")
        status = Path(f"/proc/{child.pid}/status").read_text()
        child.stdin.close()
        assert child.wait(10) == 0
    most_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    assert most_kib < MOST_KIB


def test_each_argument_is_a_message() -> None:
    done = subprocess.run([*COMMAND, "manifest unknown", "", "two\nlines"], capture_output=True, timeout=60, check=True)
    assert done.stdout.split(b"\n") == [b"image_not_found - manifest unknown", b"unknown", b"unknown - two lines", b""]


def test_an_argument_that_is_no_text_is_answered() -> None:
    done = subprocess.run([*COMMAND, b"manifest unknown \xff\xed\xa0\x80"], capture_output=True, timeout=60, check=True)
    assert done.stdout.startswith(b"image_not_found")


def test_whatever_the_terminal_can_show_the_answer_is_written() -> None:
    done = subprocess.run(
        [*COMMAND, "manifest unknown “ü”"],
        capture_output=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )
    assert done.stdout.startswith(b"image_not_found")


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_stream_that_cannot_be_used_is_one_line_and_no_traceback(closed: str) -> None:
    feed = "printf 'manifest unknown\\n' | " if closed == ">&-" else ""
    script = f"{feed}{sys.executable} -m pullscope classify {closed}"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"pullscope: ")
    assert done.stderr.count(b"\n") == 1


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    script = f"yes 'manifest unknown' | {sys.executable} -m pullscope classify | head -n 3"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, timeout=60, check=False)
    assert done.stdout == b"image_not_found - manifest unknown\n" * 3
    assert b"Traceback" not in done.stderr


def test_what_the_fuzzer_makes_is_answered_line_by_line() -> None:
    assert run(5, 1500).complaints == []
