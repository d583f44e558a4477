"""A tuple that says what runs is compared with the folder that holds it, and one name stands for one thing."""

import ast
import re

import msgspec
import pytest

from agent.check import Check
from agent.checks import NAMES, check
from agent.config import Checks
from agent.contract.table import CADENCES
from pullscope import commands
from pullscope.__main__ import SUMMARIES, cli
from tests.house.project import ROOT, modules, stems, tree
from tests.lab.faults import FAULTS, name_of

LATER = {"config", "credentials"}  # rows of the table whose checks come with a later issue


def test_every_module_of_checks_is_registered() -> None:
    assert set(NAMES) == stems("agent/checks")


def test_every_command_is_registered() -> None:
    assert set(commands.NAMES) == stems("pullscope/commands")


def test_every_fault_of_the_lab_is_registered() -> None:
    assert {name_of(fault) for fault in FAULTS} == stems("tests/lab/faults")


def test_every_module_of_classification_rules_is_used() -> None:
    text = (ROOT / "agent/contract/classify/rules/__init__.py").read_text()
    assert set(re.findall(r"\*(\w+)\.RULES", text)) == stems("agent/contract/classify/rules")


@pytest.mark.parametrize("stem", NAMES)
def test_a_checks_name_is_its_modules(stem: str) -> None:
    found = check(stem)
    assert isinstance(found, Check)
    assert found.name == stem


def test_every_check_has_its_key_in_the_configuration_and_its_row_in_the_table() -> None:
    assert [field.name for field in msgspec.structs.fields(Checks)] == list(NAMES)
    assert set(CADENCES) == set(NAMES) | LATER


@pytest.mark.parametrize("stem", NAMES)
def test_a_check_opens_with_its_question_and_tells_what_it_cannot_see_and_its_source(stem: str) -> None:
    words = ast.get_docstring(tree(ROOT / f"agent/checks/{stem}.py")) or ""
    assert words.partition("\n")[0].endswith("?")
    assert "\nCannot see: " in words
    assert "\nSource: " in words


@pytest.mark.parametrize("stem", NAMES)
def test_a_check_has_tests(stem: str) -> None:
    used = re.compile(rf"from agent\.checks(\.{stem} import| import .*\b{stem}\b)")
    assert any(path.stem == f"test_check_{stem}" or used.search(path.read_text()) for path in modules("tests"))


@pytest.mark.parametrize("stem", commands.NAMES)
def test_a_commands_summary_begins_as_its_help(stem: str) -> None:
    command = cli.get_command(None, stem)  # type: ignore[arg-type]  # the context is not used
    assert command is not None
    assert (command.help or "").split()[:2] == SUMMARIES[stem].split()[:2]
