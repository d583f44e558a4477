"""The command as a person or a script calls it: exit codes, one line for a mistake, no traceback."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pullscope.__main__ import SUMMARIES
from pullscope.commands import NAMES


def pullscope(*arguments: str, feed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pullscope", *arguments], input=feed, capture_output=True, timeout=60, check=False
    )


def test_help_says_of_each_command_what_its_module_says() -> None:
    assert list(SUMMARIES) == list(NAMES)
    for name in NAMES:
        assert import_module(f"pullscope.commands.{name}").command.short_help == SUMMARIES[name]


def test_help_and_version_answer() -> None:
    assert b"trace" in pullscope("--help").stdout
    assert pullscope("--version").stdout.startswith(b"pullscope 0.")


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("Nginx:latest", b"likely meant: docker.io/library/nginx:latest"),
        ("a/b:c:d", b"the tag 'c:d'"),
        ("", b"names no image"),
    ],
)
def test_a_reference_that_cannot_be_is_one_line_and_exit_2(image: str, words: bytes) -> None:
    done = pullscope("trace", image)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


def test_with_json_a_trace_is_printed_even_for_a_reference_that_cannot_be() -> None:
    done = pullscope("trace", "--json", "Nginx:latest")
    assert done.returncode == 2
    trace = json.loads(done.stdout)
    assert (trace["verdict"], trace["cause"]) == ("failed", "invalid_reference")
    assert (trace["suggestion"]["image"], trace["suggestion"]["confirmed"]) == ("docker.io/library/nginx:latest", False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trace", "--root", "/nowhere-at-all", "nginx"], b"there is no such directory"),
        (["trace", "--as", "rkt", "nginx"], b"expected one of containerd"),
        (["trace"], b"Missing argument"),
        (["tracee", "nginx"], b"No such command"),
        (["report", "--aggregator", "ftp://x"], b"no http or https URL"),
        (["report", "--token-file", "/nowhere"], b"No such file"),
    ],
)
def test_a_mistake_in_the_call_is_exit_2_and_says_where(arguments: list[str], words: bytes) -> None:
    done = pullscope(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_trace_of_a_dead_address_fails_with_its_cause_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = pullscope("trace", "--json", "--root", str(tmp_path), "127.0.0.1:9/team/app:1")
    assert done.returncode == 1, done.stderr
    trace = json.loads(done.stdout)
    assert (trace["verdict"], trace["cause"]) == ("failed", "connect_refused")
    assert trace["image"] == "127.0.0.1:9/team/app:1"


def test_a_trace_in_a_pipe_is_quiet_but_for_its_answer(tmp_path: Path) -> None:
    done = pullscope("trace", "--root", str(tmp_path), "127.0.0.1:9/team/app:1")
    assert done.stderr == b""
    assert done.stdout.startswith(b"127.0.0.1:9/team/app:1 cannot be pulled on ")
    assert b"Fix:" in done.stdout


def test_classify_streams_an_answer_before_the_next_line_comes() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pullscope", "classify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"no space left on device\n")
        child.stdin.flush()
        assert child.stdout.readline().startswith(b"disk_full")
        child.stdin.close()
        assert child.wait(10) == 0


def test_correlate_gives_one_report_per_snapshot() -> None:
    snapshot = b'{"version": 1, "cluster": "c", "at": "2026-11-22T13:00:00Z", "nodes": [], "pods": []}\n'
    done = pullscope("correlate", "--json", feed=snapshot + b"\n" + snapshot)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["unknown", "unknown"]


@pytest.mark.parametrize("feed", [b"{", b'{"at": 5}\n', b'{"version": 9, "at": "2026-11-22T13:00:00Z"}\n', b"\xff\n"])
def test_correlate_refuses_what_is_no_snapshot_with_the_line(feed: bytes) -> None:
    done = pullscope("correlate", feed=feed)
    assert done.returncode == 2
    assert b"standard input, line 1" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_bad_line_between_good_ones_loses_nothing_but_itself() -> None:
    good = b'{"version": 1, "cluster": "c", "at": "2026-11-22T13:00:00Z"}\n'
    done = pullscope("correlate", "--json", feed=good + b"{rubbish\n" + good)
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 2
    assert b"standard input, line 2" in done.stderr


def test_report_says_that_nobody_answers_and_exits_3() -> None:
    done = pullscope("report", "--aggregator", "http://127.0.0.1:9")
    assert done.returncode == 3
    assert b"no report from http://127.0.0.1:9" in done.stderr


def test_an_answer_that_cannot_be_written_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "pullscope", "trace", "--json", "--root", str(tmp_path), "127.0.0.1:1/a/b"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"pullscope: ")
    assert done.stderr.count(b"\n") == 1
