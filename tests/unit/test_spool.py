"""What waits for the aggregator."""

import msgspec

from agent.contract.result import Result, Status
from agent.contract.wire import REPORT_BYTES, RESULT_BYTES, Body
from agent.spool import CHANGES_AT_MOST, Spool


def result(status: Status, target: str = "quay.io", **more: object) -> Result:
    return Result(check="dns", target=target, status=status, evidence=dict(more))


def taken(spool: Spool) -> Body | None:
    body = spool.take()
    return None if body is None else msgspec.json.decode(body, type=Body)


def test_nothing_new_is_no_report() -> None:
    spool = Spool()
    assert spool.take() is None
    spool.put(result("ok"))
    assert spool.take() is not None
    assert spool.take() is None


def test_only_the_newest_of_one_state_is_kept() -> None:
    spool = Spool()
    for number in range(5):
        spool.put(result("ok", number=number))
    body = taken(spool)
    assert body is not None and [one.evidence for one in body.results] == [{"number": 4}]


def test_every_change_of_state_is_kept_in_order() -> None:
    spool = Spool()
    for status in ("ok", "failed", "failed", "ok"):
        spool.put(result(status))
    body = taken(spool)
    assert body is not None and [one.status for one in body.results] == ["ok", "failed", "ok"]


def test_a_node_that_flaps_without_an_aggregator_stays_small_and_counts_what_it_drops() -> None:
    spool = Spool()
    for number in range(3 * CHANGES_AT_MOST):
        spool.put(result("ok" if number % 2 else "failed"))
    assert len(spool) == CHANGES_AT_MOST + 1
    body = taken(spool)
    assert body is not None and body.dropped == 2 * CHANGES_AT_MOST - 1 == spool.dropped_total
    rest = taken(spool)
    assert rest is None or rest.dropped == 0


def test_a_report_has_a_size_and_the_rest_follows() -> None:
    spool = Spool()
    for number in range(40):
        spool.put(result("ok", f"host-{number}", words="x" * 20_000))
    sizes, count = [], 0
    while (body := spool.take()) is not None:
        sizes.append(len(body))
        count += len(msgspec.json.decode(body, type=Body).results)
    assert count == 40 and max(sizes) <= REPORT_BYTES + RESULT_BYTES and len(sizes) > 1


def test_targets_that_are_gone_are_named_when_all_results_were_sent() -> None:
    spool = Spool()
    spool.put(result("ok", "a"))
    spool.put(result("ok", "b"))
    assert spool.targets(["dns a"]) == ["dns b"]
    body = taken(spool)
    assert body is not None and body.targets == ["dns a"] and [one.target for one in body.results] == ["a"]
    assert spool.targets(["dns a"]) == [] and taken(spool) is None


def test_an_aggregator_that_lost_its_store_gets_everything_again() -> None:
    spool = Spool()
    spool.put(result("ok"))
    spool.targets(["dns quay.io"])
    spool.take()
    spool.again()
    body = taken(spool)
    assert body is not None and len(body.results) == 1 and body.targets == ["dns quay.io"]


def test_what_is_new_of_the_node_is_told_once() -> None:
    spool = Spool()
    spool.tell(facts={"zone": "a"})
    spool.tell(interval_s=9.0)
    body = taken(spool)
    assert body is not None and (body.facts, body.interval_s) == ({"zone": "a"}, 9.0)
    assert taken(spool) is None


def test_evidence_that_cannot_be_sent_does_not_stop_the_result() -> None:
    spool = Spool()
    spool.put(result("ok", "big", words="x" * 2 * RESULT_BYTES))
    spool.put(result("ok", "odd", words=object()))
    spool.put(Result(check="dns", target="broken", status="ok", detail="half \udc80 a letter"))
    body = taken(spool)
    assert body is not None
    by_target = {one.target: one for one in body.results}
    assert "left out" in by_target["big"].evidence["evidence"]
    assert "left out" in by_target["odd"].evidence["evidence"]
    assert by_target["broken"].detail == "half ? a letter"
