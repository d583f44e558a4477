"""Send inputs through the classifier and through the command, and hold both to what is promised.

No exception; one answer for each line, in order; the command says what the classifier says; each answer is one line of
ASCII with a cause that the catalogue knows; no secret in any answer.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import islice

from agent.contract.causes import BY_ID
from agent.contract.classify import classify
from pullscope.streams import encode
from tests.fuzz.inputs import inputs

BLOCK_LINES = 5000  # through one process of the command
PATIENCE_S = 600
_SHOWN_BYTES = 300


@dataclass
class Outcome:
    """What a run has found; every complaint names its input. An exception ends the run: `last` made it."""

    last: bytes = b""
    lines: int = 0
    secrets: int = 0
    complaints: list[str] = field(default_factory=list)


def run(seed: int, count: int, *, through_command: bool = True) -> Outcome:
    """Send so many inputs."""
    outcome = Outcome()
    source = inputs(seed, count)
    while block := list(islice(source, BLOCK_LINES)):
        said = [_answer(line, canary, outcome) for line, canary in block]
        if through_command:
            _compare([line for line, _ in block], said, outcome)
        outcome.lines += len(block)
    return outcome


def _answer(line: bytes, canary: str | None, outcome: Outcome) -> str:
    shown = repr(line[:_SHOWN_BYTES])
    outcome.last = line
    answer = classify(line.decode("utf-8", errors="replace"))
    said = encode(answer)
    if answer.cause not in BY_ID or answer.cause != answer.causes[0]:
        outcome.complaints.append(f"cause {answer.cause} of {answer.causes} for {shown}")
    if not said.isascii() or "\n" in said or json.loads(said)["cause"] != answer.cause:
        outcome.complaints.append(f"no line of ASCII: {said[:_SHOWN_BYTES]!r} for {shown}")
    if canary is not None:
        outcome.secrets += 1
        if canary in said:
            outcome.complaints.append(f"the secret {canary} in {said[:1000]!r} for {line[-_SHOWN_BYTES:]!r} {shown}")
    return said


def _compare(lines: list[bytes], said: list[str], outcome: Outcome) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pullscope", "classify", "--json"],
        input=b"\n".join(lines) + b"\n",
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode or done.stderr:
        outcome.complaints.append(f"the command ended with {done.returncode}: {done.stderr[-_SHOWN_BYTES:]!r}")
    answers = done.stdout.decode("ascii").split("\n")[:-1]
    if len(answers) != len(lines):
        outcome.complaints.append(f"{len(answers)} answers for {len(lines)} lines")
    for line, ours, theirs in zip(lines, said, answers, strict=False):
        if ours != theirs:
            outcome.complaints.append(f"the command says {theirs[:_SHOWN_BYTES]} for {line[:_SHOWN_BYTES]!r}")
