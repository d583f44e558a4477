"""What does it cost to read a message: in process, through the command, and at worst?

Compared with: every rule tried in turn on the same messages; the command with nothing but the writing of lines;
a plain line of the same length.

How: CPU time, the best of several passes over all messages, after one that compiles what is needed. No answer is
remembered between passes. The messages are the corpus where it is at hand, else the rules' own examples.

Cannot see: the first pass of a fresh process, which compiles patterns as it meets them; it is told apart, in a note.
"""

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.contract.classify import classify
from agent.contract.classify.index import source
from agent.contract.classify.plain import LINE_CHARACTERS, plain
from agent.contract.classify.rules import RULES
from agent.contract.letters import lowered
from bench.figure import Figure, MissingError
from bench.site import Site

CORPUS = Path(os.environ.get("PULLSCOPE_CORPUS", Path(__file__).parents[1] / "../shared/corpus")) / "pull_errors.jsonl"
PASSES = 9
LINES = 20_000  # through the command: two seconds and more, against which its start is small
MESSAGE_US, LINE_US, ANY_MS = 30, 150, 50

_FILLERS: tuple[str, ...] = (
    "(",
    "[",
    " ",
    "\\",
    '\\"',
    '"',
    "'",
    "a.a.a.a",
    "https://",
    "https://a:b",
    "@",
    "=",
    "eyJ",
    "x509: ",
    "token=",
)
_FILLERS += (
    "; artifact err: ",
    "mirrors also failed: [",
    ", rpc error: code = ",
    "İ",
    "\x00",
    "\x1b[31m",
    "\\u0041",
    "]): ",
)
_LONG_CHARACTERS = 3_000_000


def measure(_: Site) -> list[Figure]:
    """Measure all three."""
    messages = _messages()
    return [_in_process(messages), _through_the_command(messages), _any_input()]


def _messages() -> list[str]:
    if not CORPUS.exists():
        return [rule.example for rule in RULES]
    return [str(json.loads(line)["message"]) for line in CORPUS.read_text().splitlines()]


def _in_process(messages: list[str]) -> Figure:
    started = time.process_time()
    _each(classify, messages)
    first_us = (time.process_time() - started) / len(messages) * 1e6
    patterns = [re.compile(source(rule)) for rule in RULES]
    lines = [lowered(plain(message)) for message in messages]
    in_turn_us = _best_us(lambda line: [pattern.search(line) for pattern in patterns], lines)
    return Figure(
        "one message, in process",
        "µs",
        _best_us(classify, messages),
        f"each of {len(RULES)} rules tried in turn",
        in_turn_us,
        limit=MESSAGE_US,
        notes=(
            f"{len(messages)} messages of {sum(map(len, messages)) / len(messages):.0f} characters in the mean",
            f"the first pass of a process takes {first_us:.0f} µs a message: it compiles the patterns that it meets",
        ),
    )


def _through_the_command(messages: list[str]) -> Figure:
    lines = [messages[number % len(messages)].replace("\n", " ") for number in range(LINES)]
    ours_s = _cpu_s(lines, [sys.executable, "-m", "pullscope", "classify", "--json"])
    start_s = _cpu_s(lines[:1], [sys.executable, "-m", "pullscope", "classify", "--json"])
    echo = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.flush()"
    peer_s = _cpu_s(lines, [sys.executable, "-c", echo]) - _cpu_s(lines[:1], [sys.executable, "-c", echo])
    return Figure(
        "one line, through pullscope classify --json",
        "µs",
        (ours_s - start_s) / (LINES - 1) * 1e6,
        "Python that writes each line back",
        peer_s / (LINES - 1) * 1e6,
        limit=LINE_US,
        notes=(f"{LINES} lines; the start of the command is taken off on both sides, ours is {start_s * 1000:.0f} ms",),
    )


def _any_input() -> Figure:
    worst_s, worst = max((_once_s(text), name) for name, text in _nasty())
    return Figure(
        "any input, the slowest of many nasty ones",
        "ms",
        worst_s * 1000,
        "a plain line of 64 kB",
        _once_s("a plain line " * (LINE_CHARACTERS // 13)) * 1000,
        limit=ANY_MS,
        notes=(
            f"the slowest: {worst}",
            "each rule's example over and over, all of them in a row, letters that backtrack",
        ),
    )


def _nasty() -> Iterator[tuple[str, str]]:
    """Give long lines that are made to be slow."""
    for filler in _FILLERS:
        yield f"{filler!r} to 64 kB", filler * (LINE_CHARACTERS // len(filler))
        yield f"{filler!r} to 3 MB", filler * (_LONG_CHARACTERS // len(filler))
    needles = [needle for rule in RULES for needle in rule.needle.split("|")]
    yield "all examples", " ".join(rule.example for rule in RULES) * 3
    yield "all needles", " ".join(needles) * 9
    for rule in RULES:
        yield f"the example {rule.example!r}", f"{rule.example} " * (LINE_CHARACTERS // (len(rule.example) + 1))
        opening = re.split(r"[\[(\\{?*]", source(rule))[0] or rule.needle
        yield f"the beginning {opening!r}", f"{opening} " * (LINE_CHARACTERS // (len(opening) + 1))


def _each(read: Callable[[str], object], texts: list[str]) -> None:
    for text in texts:
        read(text)


def _best_us(read: Callable[[str], object], texts: list[str]) -> float:
    best_s = float("inf")
    for _ in range(PASSES):
        started = time.process_time()
        _each(read, texts)
        best_s = min(best_s, time.process_time() - started)
    return best_s / len(texts) * 1e6


def _once_s(text: str) -> float:
    best_s = float("inf")
    for _ in range(2):
        started = time.process_time()
        classify(text)
        best_s = min(best_s, time.process_time() - started)
    return best_s


def _cpu_s(lines: list[str], command: list[str]) -> float:
    """Give the CPU time of a command that is fed lines. Raises `MissingError` where it loses one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    feed = "".join(f"{line}\n" for line in lines).encode()
    done = subprocess.run(command, input=feed, stdout=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.stdout.count(b"\n") != len(lines):
        raise MissingError(f"{done.stdout.count(10)} answers for {len(lines)} lines")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
