"""The catalogue of causes is whole, and every cause is given by something."""

from pathlib import Path

import pytest

from agent.contract.causes import CATALOGUE, Cause
from tests.house.project import modules, name

CATALOGUE_FOLDER = "agent/contract/causes/"


def every(cause: Cause) -> str:
    return cause.id


@pytest.mark.parametrize("cause", CATALOGUE, ids=every)
def test_a_cause_says_what_it_means_and_how_it_is_fixed(cause: Cause) -> None:
    assert cause.meaning.endswith(".")
    assert cause.summary.endswith(".")
    assert cause.title
    assert cause.steps
    assert cause.see.startswith("runbook 009")


@pytest.mark.parametrize("cause", CATALOGUE, ids=every)
def test_a_cause_is_given_by_a_check_a_rule_or_a_message(cause: Cause) -> None:
    assert any(f'"{cause.id}"' in path.read_text() for path in givers())


def givers() -> list[Path]:
    return [path for path in modules("agent", "aggregator") if not name(path).startswith(CATALOGUE_FOLDER)]
