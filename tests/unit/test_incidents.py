"""The life of an incident by a clock of its own: opened, confirmed, cleared, and never by a clock's jump."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from agent.contract.causes import remedy_for
from agent.contract.report import Census, Finding, IncidentRecord, Report, Scope, Subject
from agent.contract.result import Result, Window
from aggregator.correlate.incident import find, id_of
from aggregator.fleet import Fleet, Member
from aggregator.incidents.ledger import NAMES_KEPT, Kept, Ledger, Looks
from aggregator.incidents.seen import looks_at

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOST = Subject(kind="host", value="quay.io")


class Story:
    """A fleet whose reports are told one after the other, minutes after the start."""

    def __init__(self, kept: Sequence[Kept] = (), at: datetime = START) -> None:
        self.ledger = Ledger(kept, at)
        self.written: list[Kept] = []
        self.twice = True

    def say(self, minutes: float, names: Sequence[str] = (), began: float | None = None, **more: object) -> Report:
        """Form a report: these nodes fail, since some minutes after the start."""
        at = START + timedelta(minutes=minutes)
        since = START + timedelta(minutes=minutes if began is None else began)
        findings = [self._finding(at, since, names, **more)] if names else []
        census = Census(expected=9, reporting=9)
        report = Report(at=at, verdict="degraded" if names else "healthy", nodes=census, findings=findings)
        looks = Looks(lambda finding: self.twice, lambda finding: since)
        self.written += self.ledger.take(report, looks)
        return report

    def _finding(self, at: datetime, since: datetime, names: Sequence[str], **more: object) -> Finding:
        """Give id and beginning as the correlator does."""
        before = find(self.ledger.opened, "connect_refused", HOST)
        opened = before.opened if before else since
        since = min(since, before.since or since, at) if before else min(since, at)
        fields: dict[str, object] = {
            "id": before.id if before else id_of("", "connect_refused", HOST, opened),
            "scope": "node" if len(names) == 1 else "nodes", "since": since,
        }  # fmt: skip
        return Finding(
            cause="connect_refused", severity="failure", nodes=list(names), failing=len(names), observed=9,
            subject=HOST, checks=["tcp"], last_seen=at, remedy=remedy_for("connect_refused"), **(fields | more),  # type: ignore[arg-type]  # by name
        )  # fmt: skip

    @property
    def record(self) -> IncidentRecord:
        """The one incident that there is."""
        (record,) = self.ledger.records
        return record

    def restarted(self, minutes: float) -> "Story":
        """Another process, with what this one has written."""
        kept = {one.record.id: one for one in self.written}
        return Story(list(kept.values()), START + timedelta(minutes=minutes))


def minute(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_an_incident_opens_is_confirmed_when_seen_twice_and_clears() -> None:
    story = Story()
    story.twice = False
    story.say(1, ["a"], began=0.5)
    assert (story.record.state, story.record.confirmed) == ("open", None)
    story.twice = True
    story.say(1.1, ["a"], began=0.5)
    story.say(5)
    one = story.record
    assert (one.state, one.since, one.opened) == ("cleared", minute(0.5), minute(1))
    assert (one.confirmed, one.until) == (minute(1.1), minute(5))


def test_what_stands_for_a_round_is_confirmed_whatever_the_nodes_answers_look_like() -> None:
    story = Story()
    story.twice = False
    story.say(0, ["a"])
    story.say(0.9, ["a"], began=0)
    assert story.record.state == "open"
    story.say(1, ["a"], began=0)
    assert story.record.confirmed == minute(1)


def test_scope_nodes_and_detail_change_nothing_but_what_they_say() -> None:
    story = Story()
    story.say(1, ["a"])
    first = story.record
    story.say(2, ["a"], began=1, evidence=["another detail"])
    assert len(story.written) == 1, "a detail is nothing to write"
    story.say(3, ["a", "b"], began=1)
    now = story.record
    assert (now.id, now.since, now.opened, now.confirmed) == (first.id, first.since, first.opened, first.confirmed)
    assert (now.scope, now.nodes, len(story.written)) == ("nodes", ["a", "b"], 2)


@pytest.mark.parametrize("good_for", [0.5, 2, 4])
def test_flapping_for_ten_minutes_is_one_incident_that_comes_and_goes(good_for: float) -> None:
    story = Story()
    times = 0.0
    while times < 10:
        report = story.say(times, ["a"])
        story.say(times + good_for)
        times += 2 * good_for
    one = story.record
    assert (one.since, one.opened, one.intermittent) == (START, START, one.returns >= 2)
    assert one.returns == len(range(0, 10, round(2 * good_for))) - 1 or good_for == 0.5
    assert report.findings[0].intermittent == one.intermittent
    if good_for < 4:
        assert one.intermittent


def test_one_return_is_no_flapping_and_a_long_failure_after_it_neither() -> None:
    story = Story()
    for minutes in (0, 2, 4):
        story.say(minutes, ["a"])
        story.say(minutes + 1)
    assert story.say(6, ["a"]).findings[0].intermittent
    assert not story.say(17, ["a"], began=6).findings[0].intermittent, "it fails every time by now"
    assert story.record.intermittent, "that it flapped stays in its record"
    other = Story()
    other.say(0, ["a"])
    other.say(1)
    assert not other.say(2, ["a"]).findings[0].intermittent and other.record.returns == 1


def test_what_was_not_seen_good_has_not_come_back() -> None:
    story = Story()
    for minutes in range(0, 9, 3):  # its only node is heard now and then, and fails since the beginning
        story.say(minutes, ["a"], began=-1)
        story.say(minutes + 1)
    assert (story.record.returns, story.record.intermittent) == (0, False)


def test_after_ten_minutes_it_is_another_one() -> None:
    story = Story()
    story.say(0, ["a"])
    story.say(1)
    story.say(12)
    assert story.ledger.records == []
    story.say(12.5, ["a"])
    assert len({one.record.id for one in story.written}) == 2


def test_a_restart_resets_nothing_however_long_it_takes() -> None:
    story = Story()
    story.say(0, ["a"])
    first = story.record
    later = story.restarted(300)
    later.say(300, ["a"], began=0)
    assert (later.record.id, later.record.since, later.record.confirmed) == (first.id, START, START)
    later.say(301)
    assert later.record.until == minute(301)
    last = later.restarted(302)
    last.say(302)
    assert last.record.until == minute(301) and last.written == []


def test_what_ended_while_nobody_was_there_does_not_stay_open() -> None:
    story = Story()
    story.say(0, ["a"])
    later = story.restarted(300)
    later.say(300)
    assert (later.record.state, later.record.until) == ("cleared", minute(300))


def test_an_incident_that_the_correlator_drops_is_closed() -> None:
    story = Story()
    story.say(0, ["a"])
    story.say(30)  # nothing was formed in between, as after a clock that jumped ahead
    assert len(story.written) == 2 and story.written[1].record.until == minute(30)
    assert story.ledger.records == []


def test_a_clock_that_is_put_back_leaves_no_end_before_a_beginning() -> None:
    story = Story()
    story.say(60, ["a"])
    story.say(1, ["a"])
    story.say(2)
    one = story.record
    assert one.until is not None and one.confirmed is not None
    assert one.since <= one.opened <= one.confirmed <= one.until
    story.say(13)
    assert story.ledger.records == [], "it does not linger until the clock is where it was"


def test_what_is_over_after_the_clock_was_put_back_lasted_no_time() -> None:
    story = Story()
    story.say(60, ["a"])
    story.say(1)
    assert story.record.until == story.record.since == minute(60)


def test_a_clock_that_jumps_ahead_ends_no_incident_that_comes_back_at_once() -> None:
    story = Story()
    story.say(0, ["a"])
    story.ledger.shift(timedelta(hours=2))
    story.say(120)  # all nodes are taken anew
    story.say(121, ["a"], began=0)
    assert len({one.record.id for one in story.written}) == 1 and story.record.until is None


def test_an_incident_of_thousands_names_some() -> None:
    story = Story()
    story.say(0, [f"node-{number}" for number in range(1000)])
    assert (story.record.failing, len(story.record.nodes)) == (1000, NAMES_KEPT)


def scoped(scope: Scope, cause: str = "connect_refused") -> Finding:
    return Finding(
        id="1", cause=cause, severity="failure", scope=scope, nodes=["a", "gone"], failing=1, observed=1,
        subject=HOST if cause == "connect_refused" else Subject(kind="all"), checks=["tcp"],
        remedy=remedy_for(cause),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "window", "age_s", "twice"),
    [
        ("failed", Window(10, 1), 0.0, False),
        ("failed", Window(10, 2), 1.0, True),
        ("failed", None, 0.0, True),
        ("warn", Window(1, 0), 0.0, False),
        ("warn", Window(2, 0), 60.0, True),
    ],
)
def test_more_than_a_first_run_is_seen_twice(status: str, window: Window | None, age_s: float, twice: bool) -> None:
    since = START - timedelta(seconds=age_s)
    one = Result(
        check="tcp", target="quay.io:443", status=status, cause="connect_refused", at=START, since=since, window=window  # type: ignore[arg-type]  # a word
    )  # fmt: skip
    other = Result(check="tcp", target="docker.io:443", status="failed", cause="connect_refused", since=minute(-99))
    member = Member("a", results={"1": one, "2": other})
    looks = looks_at({"a": member})
    assert looks.seen_twice(scoped("node")) is twice
    assert looks.began(scoped("node")) == since


def test_silence_is_confirmed_as_it_opens_and_began_with_the_last_word() -> None:
    looks = looks_at({"a": Member("a", last_seen=START)})
    silent = scoped("node", "agent_silent")
    assert looks.seen_twice(silent) and looks.began(silent) == START
    never: Callable[[Finding], datetime | None] = looks_at({}).began
    assert never(silent) is None and never(scoped("node")) is None


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_jumps_makes_nobody_silent_and_no_answer_older(hours: float) -> None:
    jump = timedelta(hours=hours)
    fleet, now = Fleet(""), START + jump
    for name, heard in (("before", START - timedelta(seconds=9)), ("after", now)):
        member = fleet.member(name)
        member.last_seen = heard
        answer = Result(check="tcp", target="x", status="ok", at=heard, since=heard - timedelta(minutes=3))
        member.results = {answer.key: answer}
    fleet.news()
    fleet.shift(jump, now)
    ages = {name: now - member.last_seen for name, member in fleet.members.items()}
    assert ages == {"before": timedelta(seconds=9), "after": timedelta()}
    assert {name: now - one.results["tcp x"].at for name, one in fleet.members.items()} == ages
    assert {one.last_seen - (one.results["tcp x"].since or now) for one in fleet.members.values()} == {
        timedelta(minutes=3)
    }
    assert [node.name for node in fleet.news()[0]] == ["after", "before"], "the correlator takes all of them anew"
