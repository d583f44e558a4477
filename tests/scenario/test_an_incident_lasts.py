"""Ids and beginnings stay while an incident lasts, whatever else changes."""

from datetime import timedelta

from agent.contract.report import Snapshot
from aggregator.correlate import correlate, incidents
from tests.scenario.five_nodes import AT, BEGAN, ONE, Broken, fleet, snapshot, when

FAULT = when("connect_refused", checks="tcp", target=f"{ONE}:443")


def later(minutes: float, broken: Broken, began_anew: bool = False) -> Snapshot:
    moment = AT + timedelta(minutes=minutes)
    nodes = fleet(broken)
    for node in nodes:
        node.last_seen = moment
        for result in node.results:
            result.at = moment
            result.since = moment if began_anew else result.since
    told = snapshot(nodes)
    told.at = moment
    return told


def test_id_and_since_stay_when_the_status_is_new() -> None:
    first = correlate(later(0, FAULT))
    second = correlate(later(5, FAULT, began_anew=True), incidents(first))
    assert second.findings[0].id == first.findings[0].id
    assert second.findings[0].since == first.findings[0].since == BEGAN


def test_without_memory_the_id_stays_as_long_as_the_beginning_does() -> None:
    assert correlate(later(0, FAULT)).findings[0].id == correlate(later(5, FAULT)).findings[0].id


def test_another_cause_subject_or_cluster_has_another_id() -> None:
    other = later(0, FAULT)
    other.cluster = "prod"
    told = [
        correlate(one).findings[0].id
        for one in (later(0, FAULT), later(0, when("connect_timeout", checks="tcp", target=f"{ONE}:443")), other)
    ]
    assert len(set(told)) == 3


def test_what_comes_back_soon_is_the_same_incident() -> None:
    first = correlate(later(0, FAULT))
    opened = incidents(correlate(later(5, lambda *_: None), incidents(first)), incidents(first))
    again = correlate(later(9, FAULT, began_anew=True), opened)
    assert again.findings[0].id == first.findings[0].id


def test_what_comes_back_after_a_while_is_another_one() -> None:
    first = correlate(later(0, FAULT))
    opened = incidents(correlate(later(11, lambda *_: None)), incidents(first))
    assert opened == []
    assert correlate(later(12, FAULT, began_anew=True), opened).findings[0].id != first.findings[0].id


def test_an_incident_that_opened_twice_is_the_older_one() -> None:
    first = incidents(correlate(later(0, FAULT)))
    second = incidents(correlate(later(5, FAULT, began_anew=True)))
    assert correlate(later(6, FAULT), [*second, *first]).findings[0].id == first[0].id
