"""Every rule is held to its own example and found by its needle, and no rule reads a name."""

import re
from collections import Counter
from pathlib import Path

import pytest

from agent.contract.causes import BY_ID
from agent.contract.classify import classify, rules
from agent.contract.classify.index import heads, key, reach, source
from agent.contract.classify.opening import opened
from agent.contract.classify.rule import Rule, compiled
from agent.contract.classify.rules import RULES
from tests.unit.wordings import begins_with_letters, widest, wordings

_WORD = re.compile(r"[a-z0-9]+")
# A whole word: at its edge there is neither a letter nor something that may be one.
_WHOLE = re.compile(r"(?<![a-z0-9~])[a-z0-9]+(?![a-z0-9~])")
_UNSURE = re.compile(r"~|  ")  # where a wording holds one of several letters


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cause}: {rule.example[:50]}")
def test_a_rules_example_is_read_as_its_cause(rule: Rule) -> None:
    assert compiled(source(rule)).search(rule.example.lower()), "the rule does not match its own example"
    assert classify(rule.example).cause == rule.cause


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cause}: {rule.needle}")
def test_a_rule_can_be_reached(rule: Rule) -> None:
    assert rule.cause in BY_ID
    assert rule.by
    assert rule.needle == rule.needle.lower()
    assert any(
        needle in rule.example.lower() and key(needle) in _WORD.findall(rule.example.lower())
        for needle in rule.needle.split("|")
    )
    assert rule.pattern == rule.pattern.lower() or re.search(r"\\[SDWB]", rule.pattern), "lines are read in lower case"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cause}: {rule.needle}")
def test_every_wording_of_a_pattern_holds_an_alternative_of_the_needle(rule: Rule) -> None:
    lost = []
    for wording in wordings(source(rule)):
        whole = set(_WHOLE.findall(wording))
        if not any(needle in wording and key(needle) in whole for needle in rule.needle.split("|")):
            lost.append((wording, whole))
    words = Counter(word for _, whole in lost for word in whole)
    assert not lost, f"add to the needle one of {words.most_common(5)}, for {lost[0][0]!r}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cause}: {rule.needle}")
def test_every_wording_of_a_pattern_begins_with_what_is_looked_for_at_one_of_its_needles(rule: Rule) -> None:
    known = {needle: heads(rule, needle) for needle in rule.needle.split("|")}
    for wording in wordings(source(rule)):
        whole = set(_WHOLE.findall(wording))
        sure = _UNSURE.split(wording)[0]
        assert any(
            key(needle) in whole
            and (not begun or any(word[: len(sure)] == sure[: len(word)] for _, words in begun for word in words))
            for needle, begun in known.items()
            if needle in wording
        ), (wording, known)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cause}: {rule.needle}")
def test_no_match_of_a_pattern_is_wider_than_what_is_read_around_its_needle(rule: Rule) -> None:
    assert widest(source(rule)) <= reach(rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cause}: {rule.needle}")
def test_every_alternative_of_a_pattern_begins_with_a_letter_and_so_is_found_fast(rule: Rule) -> None:
    pattern = "|".join(opened(source(rule)))
    assert begins_with_letters(pattern), pattern


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cause}: {rule.needle}")
def test_no_repetition_of_a_rule_is_unbounded(rule: Rule) -> None:
    assert not re.search(r"(?<!\\)[*+](?!\?)", re.sub(r"\[[^\]]*\]", "x", rule.pattern).replace(r"\d+", "9"))


def test_every_module_of_rules_is_in_the_tuple() -> None:
    folder = Path(rules.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert modules == {name for name in vars(rules) if hasattr(vars(rules)[name], "RULES")}
    assert sum(len(vars(rules)[name].RULES) for name in modules) == len(RULES)
