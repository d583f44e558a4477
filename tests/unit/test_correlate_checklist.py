from typing import Any

import pytest

from agent.contract.report import ChecklistItem
from agent.contract.result import Result
from aggregator.correlate import checklist
from aggregator.correlate.matrix import Matrix
from tests.scenario.five_nodes import ONE, answer, matrix, node_of


def fleet(*results: Result) -> Matrix:
    """One node for each result."""
    return matrix([node_of(f"node-{number}", results=[one]) for number, one in enumerate(results, 1)])


def told(items: list[ChecklistItem]) -> list[tuple[str, str, str]]:
    return [(item.ask, item.answer, item.detail) for item in items]


PULLS = "test pulls under 30 s"
LEFT = "more than 50 pulls left"
REACH = "every node reaches its registries"


def limit(remaining: object, status: Any = "ok", **more: Any) -> Result:
    return answer("rate_limit", "docker.io", status, evidence={"remaining": remaining, **more})


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], ("not tested", "no test pull was made")),
        (
            [answer("pull", "a.b/c:1", took_s=4.1), answer("pull", "a.b/c:1", took_s=2)],
            ("yes", "slowest 4.1 s on node-1"),
        ),
        ([answer("pull", "a.b/c:1", took_s=9, evidence={"slowest_s": 4.25})], ("yes", "slowest 4.2 s on node-1")),
        ([answer("pull", "a.b/c:1", took_s=30.1)], ("no", "slowest 30.1 s on node-1")),
        ([answer("pull", "a.b/c:1", "failed", "unknown")], ("no", "fails on node-1")),
        ([answer("pull", "a.b/c:1", "unknown")], ("not tested", "no test pull was made")),
        (
            [answer("pull", "a.b/c:1", took_s=0.1, evidence={"pulls": {"containerd": {"from_cache": True}}})],
            ("not tested", "test pulls came from the runtimes' own caches"),
        ),
    ],
)
def test_the_slowest_test_pull_answers(results: list[Result], expected: tuple[str, str]) -> None:
    assert told(checklist.pulls(fleet(*results))) == [(PULLS, *expected)]


def test_pulls_left_are_told_per_source_the_fewest_first() -> None:
    found = checklist.pulls_left(
        fleet(limit(80, source="192.0.2.1"), limit(60, source="192.0.2.2"), limit(70, source="192.0.2.2"))
    )
    assert told(found) == [(f"{LEFT} at docker.io", "yes", "60 left for 192.0.2.2, 80 left for 192.0.2.1")]


@pytest.mark.parametrize(("remaining", "expected"), [(51, "yes"), (50, "no"), (0, "no")])
def test_more_than_fifty_are_asked_for(remaining: int, expected: str) -> None:
    assert checklist.pulls_left(fleet(limit(remaining)))[0].answer == expected


def test_an_identity_that_is_not_used_does_not_count() -> None:
    both = {"anonymous": {"remaining": 3, "source": "192.0.2.1"}, "config.json": {"remaining": 190}}
    found = checklist.pulls_left(fleet(answer("rate_limit", "docker.io", evidence={"identities": both})))
    assert told(found) == [
        (f"{LEFT} at docker.io", "yes", "3 left for 192.0.2.1 (anonymous), 190 left for config.json")
    ]


def test_a_refusal_without_numbers_is_none_left() -> None:
    found = checklist.pulls_left(fleet(answer("rate_limit", ONE, "failed", "rate_limited")))
    assert told(found) == [(f"{LEFT} at {ONE}", "no", "0 left for this fleet")]


def test_a_registry_that_limits_somebody_now_has_none_left_whatever_it_told_before() -> None:
    image = "docker.io/library/nginx:1"
    refused = answer("manifest", image, "failed", "rate_limited", registries=["docker.io"])
    detail = "refused to node-2 now, 4321 left for this fleet"
    assert told(checklist.pulls_left(fleet(limit(4321), refused))) == [(f"{LEFT} at docker.io", "no", detail)]


def test_a_registry_without_a_limit_is_said() -> None:
    assert told(checklist.pulls_left(fleet(answer("rate_limit", ONE)))) == [
        (LEFT, "not tested", f"no limit is told by {ONE}")
    ]
    assert told(checklist.pulls_left(fleet())) == [(LEFT, "not tested", "no registry was asked")]


def test_a_registry_that_is_skipped_is_not_reached_and_one_that_is_unknown_is_not_counted() -> None:
    found = checklist.reach(
        fleet(
            answer("registry", ONE),
            answer("registry", ONE, "skipped", blocked_by="dns x"),
            answer("registry", ONE, "unknown"),
        )
    )
    assert told(found) == [(REACH, "no", f"{ONE} 1 of 2 (not node-2)")]


def test_many_nodes_are_named_in_part() -> None:
    found = checklist.reach(fleet(*[answer("registry", ONE, "failed", "registry_unavailable") for _ in range(7)]))
    assert found[0].detail == f"{ONE} 0 of 7 (not node-1, node-2, node-3, node-4, node-5 and 2 more)"


def test_without_registries_nothing_is_claimed() -> None:
    assert told(checklist.reach(fleet())) == [(REACH, "not tested", "no registry was asked")]
