"""Real messages of real incidents, where the corpus is at hand: how many are read as their cause.

The corpus is no part of the project; PULLSCOPE_CORPUS names its folder (default: ../shared/corpus beside the project).
"""

import json
import os
from pathlib import Path

import pytest

from agent.contract.classify import classify

FOLDER = Path(os.environ.get("PULLSCOPE_CORPUS", Path(__file__).parents[2] / "../shared/corpus"))
# Reached: every one. The floor leaves room for a corpus that grows by wordings not yet known.
LEAST_RATIO = 0.97

pytestmark = pytest.mark.outside


@pytest.fixture(scope="module")
def messages() -> list[dict[str, object]]:
    file = FOLDER / "pull_errors.jsonl"
    if not file.exists():
        pytest.skip(f"no corpus at {file}; PULLSCOPE_CORPUS names its folder")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_nearly_every_real_message_is_read_as_its_cause(messages: list[dict[str, object]]) -> None:
    wrong = []
    for row in messages:
        also = row.get("also") or []
        assert isinstance(also, list)
        cause = classify(str(row["message"])).cause
        if cause not in (row["cause"], *also):
            wrong.append(f"{row['cause']} read as {cause}: {row['message']}")
    assert len(wrong) <= (1 - LEAST_RATIO) * len(messages), "\n".join(wrong)


def test_every_real_message_gives_one_line_and_a_known_form(messages: list[dict[str, object]]) -> None:
    for row in messages:
        told = classify(str(row["message"]))
        assert told.cause == told.causes[0]
        assert "\n" not in told.detail + told.matched
        assert told.host is None or " " not in told.host
