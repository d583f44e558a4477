"""The pages that are made from the code equal what the code says now, and what they name is there."""

import ast
import re

import pytest

from agent.checks import NAMES
from agent.contract.causes import BY_ID, CATALOGUE
from agent.contract.classify import classify
from agent.contract.classify.rule import LIKELY
from agent.contract.classify.rules import RULES
from docs import causes
from docs.__main__ import PAGES
from tests.house.project import ROOT, tree
from tests.house.test_registration import LATER


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_its_maker_gives(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == PAGES[name](), "run `make docs`"


def test_every_page_that_is_made_has_its_target_and_is_linked() -> None:
    assert re.search(r"^docs: .*\n\t.*python -m docs$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    readme = (ROOT / "README.md").read_text()
    assert [name for name in PAGES if f"(docs/{name})" not in readme] == []


def test_every_cause_has_its_section_with_its_fix_and_its_place_in_the_runbook() -> None:
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", causes.page(), re.DOTALL | re.MULTILINE))
    assert [name for name in sections if name in BY_ID] == [cause.id for cause in CATALOGUE]
    for cause in CATALOGUE:
        for words in (cause.meaning, cause.summary, *causes.steps(cause), cause.see.removeprefix("runbook ")):
            assert words in sections[cause.id], cause.id


def test_every_wording_that_a_rule_knows_stands_under_its_cause() -> None:
    page = causes.page()
    assert [
        rule.example for rule in RULES if rule.weight > LIKELY and rule.example.replace("|", "\\|") not in page
    ] == []


def test_a_row_stays_one_row_whatever_the_example_holds() -> None:
    rows = [line for line in causes.page().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3, 5}


@pytest.mark.parametrize(("runtime", "form"), causes.WRAPPERS)
def test_what_a_runtime_wraps_around_a_cause_hides_it_not(runtime: str, form: str) -> None:
    told = classify(form.replace("…", "dial tcp 10.0.0.5:443: connect: connection refused"))
    assert told.cause == "connect_refused", runtime
    assert told.image in (None, "r.example.com/team/app:1")


def test_a_cause_names_only_checks_that_there_are_and_every_check_is_named() -> None:
    named = {name for cause in CATALOGUE for name in cause.checks}
    assert named <= {*NAMES, *LATER}
    assert named >= set(NAMES) - LATER


@pytest.mark.parametrize("name", NAMES)
def test_a_cause_that_a_check_gives_itself_names_the_check(name: str) -> None:
    """By the literals of its judge: what a check has from below stands in the module of another."""
    source = ast.unparse(tree(ROOT / f"agent/checks/{name}.py"))  # however its lines are broken
    given = set(re.findall(r"(?:failed|warn|Fault)\('([a-z_]+)'", source))
    wanted = {cause.id for cause in CATALOGUE if name in cause.checks}
    assert given & {cause.id for cause in CATALOGUE} <= wanted
