"""Is a node fit to pull?"""

from datetime import UTC, datetime, timedelta

import pytest

from agent.contract.causes import remedy_for
from agent.contract.report import Census, Finding, Report, Subject, SubjectKind
from agent.contract.result import Result, Status, Window
from aggregator.fleet import Member
from aggregator.web.fitness import judge

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=5)


def member(*results: Result, whole: bool = True, heard: datetime = NOW) -> Member:
    made = Member("node-1", "b", 1, 1, heard, 60.0, {}, {one.key: one for one in results})
    made.whole = whole
    return made


def result(status: Status, cause: str | None = None, check: str = "registry", failures: int = 2) -> Result:
    window = Window(10, failures if status == "failed" else 0)
    return Result(check=check, target="quay.io", status=status, cause=cause, since=SINCE, window=window)


def report(*findings: Finding) -> Report:
    census = Census(expected=1, reporting=1)
    return Report(at=NOW, verdict="failing" if findings else "healthy", nodes=census, findings=list(findings))


def finding(cause: str, kind: SubjectKind, node: str = "node-1") -> Finding:
    return Finding(
        id="1",
        cause=cause,
        severity="warning" if cause == "pull_slow" else "failure",
        scope="cluster",
        nodes=[node],
        failing=1,
        observed=1,
        subject=Subject(kind=kind, value="x"),
        checks=[],
        since=SINCE,
        remedy=remedy_for(cause),
    )


def test_a_node_that_reaches_its_registries_is_fit_since_the_last_of_it_began() -> None:
    answer = judge(member(result("ok"), result("warn", "clock_skew", "clock")), report(), NOW)
    assert (answer.verdict, answer.since) == ("fit", SINCE)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (finding("dns_failed", "host"), "unfit"),
        (finding("dns_failed", "host", "node-2"), "fit"),
        (finding("pull_slow", "image"), "fit"),
        (finding("image_not_found", "image"), "fit"),
        (finding("wrong_architecture", "repository"), "fit"),
        (finding("auth_failed", "repository"), "unfit"),
    ],
)
def test_a_finding_counts_where_it_stops_this_nodes_pulls(found: Finding, verdict: str) -> None:
    assert judge(member(result("ok")), report(found), NOW).verdict == verdict


def test_a_failure_that_was_seen_twice_is_unfit_and_a_first_one_waits() -> None:
    assert judge(member(result("failed", "connect_refused")), report(), NOW).verdict == "unfit"
    assert judge(member(result("failed", "connect_refused", failures=1)), report(), NOW).verdict == "waiting"
    assert judge(member(result("failed", "image_not_found"), result("ok", check="dns")), report(), NOW).verdict == "fit"


def test_before_the_first_round_is_over_it_waits() -> None:
    assert judge(member(result("ok"), whole=False), report(), NOW).verdict == "waiting"


def test_what_nobody_could_look_at_is_unknown() -> None:
    assert judge(member(), report(), NOW).verdict == "unknown"
    assert judge(member(result("unknown"), result("ok", check="disk")), report(), NOW).verdict == "unknown"
    long_ago = NOW - timedelta(hours=1)
    answer = judge(member(result("ok"), heard=long_ago), report(), NOW)
    assert (answer.verdict, answer.since) == ("unknown", long_ago)
