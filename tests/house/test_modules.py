"""Rules of the house that hold for every module: size, docstring, names, what may be caught, what may be silenced."""

import ast
import re
from pathlib import Path

from tests.house.project import EVERYTHING, PRODUCT, modules, name, tree

MOST_LINES = 300  # where others let one file grow past 400, everybody came to regret it
VAGUE = {"utils", "util", "common", "helpers", "helper", "base", "manager", "managers", "misc", "core", "shared"}
# The round makes `unknown` of an instrument that broke, the correlator's engine says which of its rules broke.
MAY_CATCH_ALL = {"agent/round.py", "aggregator/correlate/engine.py"}
SILENCED = re.compile(r"#\s*(noqa\b|type:\s*ignore\b)")
WITH_REASON = re.compile(r"# noqa: [A-Z0-9]+(, [A-Z0-9]+)* - \S|# type: ignore\[[a-z, -]+\]  # \S")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MOCKS = re.compile(r"unittest[.]mock|monkeypatch[.]setattr")


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_no_module_is_longer_than_the_limit() -> None:
    assert {name(path): len(lines_of(path)) for path in modules(*EVERYTHING) if len(lines_of(path)) > MOST_LINES} == {}


def test_every_module_says_what_it_is_for() -> None:
    # The names of tests are sentences; a module of tests may leave it at these.
    silent = [path for path in modules(*EVERYTHING) if not ast.get_docstring(tree(path))]
    assert [name(path) for path in silent if not path.name.startswith("test_")] == []


def test_every_module_is_named_for_what_it_holds() -> None:
    assert [name(path) for path in modules(*EVERYTHING) if set(path.with_suffix("").parts[-2:]) & VAGUE] == []


def test_whatever_is_silenced_has_its_reason_beside_it() -> None:
    for path in modules(*EVERYTHING):
        if path != Path(__file__):
            assert [line for line in lines_of(path) if SILENCED.search(line) and not WITH_REASON.search(line)] == []


def test_nothing_is_left_unfinished() -> None:
    assert [name(path) for path in modules(*EVERYTHING) if UNFINISHED.search(path.read_text())] == []


def test_only_the_round_and_the_engine_catch_everything() -> None:
    catching = {
        name(path)
        for path in modules(*PRODUCT)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and catches_all(node)
    }
    assert catching <= MAY_CATCH_ALL


def catches_all(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    named = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    # What cleans up after anything, a cancellation included, and then lets it go on, swallows nothing.
    passes_on = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    return not passes_on and (None in kinds or bool(named & {"Exception", "BaseException"}))


def test_tests_use_the_real_thing() -> None:
    assert [name(path) for path in modules("tests") if path != Path(__file__) and MOCKS.search(path.read_text())] == []
