"""A trace for a person."""

from agent.contract.report import Suggestion, Trace
from pullscope.trace_text import answer

IMAGE = "docker.io/library/nginx:lastest"


def gone(suggestion: Suggestion | None) -> str:
    return answer(Trace(node="node-1", image=IMAGE, verdict="failed", cause="image_not_found", suggestion=suggestion))


def test_the_name_that_was_likely_meant_stands_whole_on_a_line_of_its_own() -> None:
    name = f"registry.example/{'team/' * 15}app:1"
    lines = gone(Suggestion(image=name, reason="it is there " * 20, confirmed=True)).splitlines()
    assert f"Likely meant: {name}" in lines
    reason = lines[lines.index(f"Likely meant: {name}") + 1 :]
    assert all(line.startswith("  ") for line in reason)
    assert max(map(len, reason)) <= 80


def test_where_nobody_knows_nothing_is_said() -> None:
    assert "meant" not in gone(None)
