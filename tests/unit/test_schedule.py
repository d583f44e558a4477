"""Which questions are due, with time as a number."""

import math
import random
from itertools import pairwise

from agent.check import Settings
from agent.contract.result import Result, Status
from agent.contract.table import CADENCES
from agent.round import Question
from agent.schedule import NAMED_AT_MOST, NAMED_FOR_S, Again, Schedule, key

DNS = Question("dns", "quay.io", ("quay.io",))
TCP = Question("tcp", "quay.io:443", ("quay.io",))
REGISTRY = Question("registry", "quay.io", ("quay.io",))
MANIFEST = Question("manifest", "quay.io/a/b:1", ("quay.io",))
LAYER = Question("layer", "quay.io/a/b:1", ("quay.io",))
PLAN = (DNS, REGISTRY, MANIFEST, LAYER)


def schedule_of(interval_s: float = 60.0) -> Schedule:
    names = ("dns", "tcp", "registry", "manifest", "layer", "pull")
    settings = {name: Settings(every_s=CADENCES[name].every_s * interval_s / 60, patience_s=5.0) for name in names}
    return Schedule(settings, interval_s, 0.0, random.Random(1))


def answer(
    schedule: Schedule,
    questions: list[Question],
    now: float,
    status: Status = "ok",
    *,
    first_failure: bool = False,
    blocked_by: str | None = None,
) -> None:
    start = schedule.start(now)
    for question in questions:
        result = Result(check=question.check, target=question.target, status=status, blocked_by=blocked_by)
        result.cause = "dns_failed" if status == "failed" else None
        schedule.answered(result, start, first_failure=first_failure, now=now)


def test_the_first_round_asks_everything_after_a_short_jitter() -> None:
    schedule = schedule_of()
    begins = schedule.next_at(PLAN)
    assert 0 < begins <= 3.0
    assert schedule.due(PLAN, begins - 0.001) == []
    assert schedule.due(PLAN, begins) == list(PLAN)


def test_each_question_comes_again_in_its_own_time() -> None:
    schedule = schedule_of()
    asked: dict[str, list[float]] = {key(question): [] for question in PLAN}
    now = 0.0
    while now < 7200:
        now = schedule.next_at(PLAN)
        due = schedule.due(PLAN, now)
        assert due, "next_at names a time at which something is due"
        for question in due:
            asked[key(question)].append(now)
        answer(schedule, due, now)
    for question in PLAN:
        every_s = CADENCES[question.check].every_s
        gaps = [after - before for before, after in pairwise(asked[key(question)])]
        assert gaps and all(0.84 * every_s <= gap <= 1.06 * every_s for gap in gaps)


def test_what_is_nearly_due_goes_along_so_that_rounds_stay_few() -> None:
    schedule = schedule_of()
    rounds = 0
    now = 0.0
    while now < 3600:
        now = schedule.next_at(PLAN)
        answer(schedule, schedule.due(PLAN, now), now)
        rounds += 1
    assert rounds <= 70


def test_a_first_failure_is_asked_once_more_after_a_second_and_alone() -> None:
    schedule = schedule_of()
    answer(schedule, list(PLAN), 10)
    answer(schedule, [DNS], 70, "failed", first_failure=True)
    answer(schedule, [REGISTRY], 70)
    assert schedule.next_again_at(PLAN) == 71 and schedule.take_again(PLAN, 70.9) == []
    assert schedule.take_again(PLAN, 71) == [Again(DNS, "dns_failed")] and schedule.take_again(PLAN, 71) == []
    answer(schedule, [DNS], 71, "failed")
    assert not schedule.is_again(key(DNS)) and schedule.next_again_at(PLAN) == math.inf
    assert schedule.due([DNS, REGISTRY], 75) == []


def test_what_is_hastened_is_asked_at_once_unless_a_round_answers_it_before() -> None:
    schedule = schedule_of()
    answer(schedule, list(PLAN), 10)
    schedule.hasten(key(DNS), "dns_failed", 20)
    schedule.hasten(key(REGISTRY), None, 20)
    answer(schedule, [REGISTRY], 20)
    assert schedule.take_again(PLAN, 20) == [Again(DNS, "dns_failed")]


def test_what_a_hurried_look_could_not_tell_is_due_at_once() -> None:
    schedule = schedule_of()
    answer(schedule, list(PLAN), 10)
    schedule.due_now(key(DNS), 20)
    assert schedule.due(PLAN, 20) == [DNS]


def test_what_fails_is_asked_twelve_times_as_often_but_not_more_than_once_an_interval() -> None:
    schedule = schedule_of()
    answer(schedule, [MANIFEST, LAYER], 0, "failed")
    assert 57 <= schedule.next_at([MANIFEST]) <= 63
    assert 285 <= schedule.next_at([LAYER]) <= 315


def test_what_was_skipped_is_asked_when_its_blocker_is_well() -> None:
    schedule = schedule_of()
    answer(schedule, [DNS], 0, "failed")
    answer(schedule, [LAYER], 0, "skipped", blocked_by="dns quay.io")
    assert schedule.next_at([LAYER]) > 200
    answer(schedule, [DNS], 60, "failed")
    assert schedule.next_at([LAYER]) > 200
    answer(schedule, [DNS], 120)
    assert schedule.next_at([LAYER]) == 120


def test_a_host_that_an_answer_named_becomes_a_question_of_its_own() -> None:
    schedule = schedule_of()
    token, blobs = Question("dns", "auth.quay.io"), Question("tcp", "cdn.quay.io:443")
    schedule.named([(REGISTRY, token), (LAYER, blobs), (DNS, TCP)], PLAN, 0)
    assert schedule.questions(PLAN, 1) == [token, blobs, TCP, *PLAN]
    assert schedule.questions(PLAN, NAMED_FOR_S) == list(PLAN)


def test_a_named_host_that_nothing_needs_any_more_ends() -> None:
    """It asks itself, and so needs its own name: that must not keep it for ever."""
    schedule = schedule_of()
    dns, tcp = Question("dns", "cdn.quay.io"), Question("tcp", "cdn.quay.io:443")
    schedule.named([(LAYER, tcp), (tcp, dns)], PLAN, 0)
    schedule.named([(tcp, dns)], PLAN, NAMED_FOR_S / 2)
    assert schedule.questions(PLAN, NAMED_FOR_S) == list(PLAN)


def test_blob_hosts_that_rotate_do_not_fill_the_node() -> None:
    schedule = schedule_of()
    for number in range(3 * NAMED_AT_MOST):
        schedule.named([(LAYER, Question("dns", f"cdn-{number}.quay.io"))], PLAN, number)
    asked = schedule.questions(PLAN, 1000)
    assert len(asked) == NAMED_AT_MOST + len(PLAN)
    assert Question("dns", f"cdn-{3 * NAMED_AT_MOST - 1}.quay.io") in asked


def test_a_check_that_is_off_is_not_asked() -> None:
    settings = {"dns": Settings(enabled=False, every_s=60, patience_s=5), "tcp": Settings(every_s=60, patience_s=5)}
    assert Schedule(settings, 60.0, 0.0).questions([DNS, TCP], 0) == [TCP]


def test_a_directive_stretches_the_interval_and_never_shortens_it() -> None:
    schedule = schedule_of()
    schedule.stretch(600)
    answer(schedule, [DNS], 0)
    assert 570 <= schedule.next_at([DNS]) <= 630
    schedule.stretch(1)
    assert schedule.interval_s == 60
    schedule.stretch(None)
    assert schedule.interval_s == 60


def test_what_is_forgotten_is_new() -> None:
    schedule = schedule_of()
    answer(schedule, [DNS], 1000)
    schedule.forget(key(DNS))
    assert schedule.due([DNS], 1001) == [DNS]
