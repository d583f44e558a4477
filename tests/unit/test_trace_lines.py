"""What the traces of several nodes say side by side and together; whom a sample takes; who uses a registry."""

import pytest

from agent.contract.causes import remedy_for
from agent.contract.report import Trace
from agent.contract.result import Result
from aggregator.directives.traces import is_used, sample
from aggregator.web.trace_lines import fixes, line, together

IMAGE = "quay.io/team/app:1"


def trace(node: str, verdict: str = "ok", cause: str | None = None, detail: str = "") -> Trace:
    remedy = remedy_for(cause) if cause else None
    return Trace(node=node, image=IMAGE, verdict=verdict, cause=cause, detail=detail, remedy=remedy)  # type: ignore[arg-type]  # a word


def failing(*nodes: str, cause: str = "tls_untrusted") -> list[Trace]:
    return [trace(node, "failed", cause) for node in nodes]


@pytest.mark.parametrize(
    ("traces", "summary", "verdict"),
    [
        ([trace("a"), trace("b")], "2 of 2 can", "ok"),
        ([trace("a"), trace("b", "warn", "clock_skew")], "2 of 2 can", "warn"),
        ([trace("a"), *failing("b")], "1 of 2 can, b cannot: tls_untrusted", "failed"),
        (failing("b", "a"), "0 of 2 can, a, b cannot: tls_untrusted", "failed"),
        (
            [*failing("c"), *failing("b", cause="dns_failed"), trace("a", "unknown")],
            "0 of 3 can, b cannot: dns_failed; c cannot: tls_untrusted; a cannot be told",
            "failed",
        ),
        ([trace("a"), trace("b", "unknown")], "1 of 2 can, b cannot be told", "unknown"),
        (failing(*"abcdefg"), "0 of 7 can, a, b, c, d, e and 2 more cannot: tls_untrusted", "failed"),
        ([trace("a", "failed")], "0 of 1 can, a cannot: unknown", "failed"),
    ],
)
def test_the_last_line_says_how_many_can_and_who_cannot_and_why(
    traces: list[Trace], summary: str, verdict: str
) -> None:
    last = together(IMAGE, traces)
    assert (last.summary, last.verdict, last.asked) == (summary, verdict, len(traces))
    assert len(last.can) + len(last.cannot) + len(last.unknown) == last.asked


def test_a_line_names_node_answer_time_and_reason_and_nothing_a_terminal_would_obey() -> None:
    assert line(trace("node-1")) == "node-1               can        0.0 s"
    told = line(trace("node-1", "failed", "dns_failed", "no such\x1b[2J name"))
    assert told == "node-1               cannot     0.0 s  dns_failed: no such [2J name"
    assert "with a remark: clock_skew: late" in line(trace("node-1", "warn", "clock_skew", "late"))
    assert max(map(len, line(trace("node-1", "unknown", None, "word " * 80)).splitlines())) <= 100


def test_each_cause_has_one_line_with_its_fix() -> None:
    found = fixes([trace("a"), *failing("b", "c"), *failing("d", cause="dns_failed")])
    assert [text.partition(":")[0] for text in found] == ["fix tls_untrusted", "fix dns_failed"]


def test_a_sample_is_spread_over_the_facts_and_bounded() -> None:
    facts = {f"node-{number:04}": {"zone": "abc"[number % 3], "arch": "amd64"} for number in range(3000)}
    chosen = sample(facts, 6)
    assert sorted(str(facts[node]["zone"]) for node in chosen) == list("aabbcc")
    assert len(sample(facts, 50)) == 50 and len(set(sample(facts, 50))) == 50
    assert sample({"a": {}, "b": {}}, 5) == ["a", "b"]


@pytest.mark.parametrize(
    ("registry", "used"),
    [("quay.io", True), ("docker.io", True), ("cdn.quay.io", False), ("quay.io:443", False), ("", False)],
)
def test_a_registry_is_used_where_something_was_asked_on_its_behalf(registry: str, used: bool) -> None:
    asked = Result(check="registry", target="docker.io", status="failed")
    blob = Result(check="tls", target="cdn.quay.io:443", status="ok", registries=["quay.io"])
    assert is_used(registry, [{}, {asked.key: asked}, {blob.key: blob}]) is used
