"""The past in the store: in order whatever the clock does, gone when it is old, and never larger than it may be."""

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from agent.contract.report import IncidentRecord, Report, Subject
from aggregator.correlate import Incident
from aggregator.fleet import Fleet
from aggregator.incidents.allowance import Allowance
from aggregator.incidents.journal import CHAIN, Journal
from aggregator.incidents.memory import Memory
from aggregator.incidents.past import begins_at, incidents_since, said_at
from aggregator.store.database import APPLICATION_ID
from aggregator.store.past_writes import NotAfter, SaidUntil, SaidWrite
from aggregator.store.schema import STEPS
from aggregator.store.store import Store, StoreError
from aggregator.store.writes import Change, Forget, IncidentWrite, NodeWrite, Write
from tests.scenario.five_nodes import ONE, fleet, report, when
from tests.servers.gate import until

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
MIB = 1 << 20


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def size_of(folder: Path) -> int:
    """Give how many bytes the store and its journal have on the disk."""
    return sum(one.stat().st_size for one in folder.iterdir())


async def put(store: Store, *writes: Write) -> None:
    for write in writes:
        store.put(write)
    wanted = store.done.writes + len(writes)
    await until(lambda: store.done.writes >= wanted, 30)


def said(count: int, first: float = 0.0) -> tuple[list[Report], list[SaidWrite]]:
    """Give reports a minute apart, each unlike the one before, and their writes."""
    journal = Journal(Allowance())
    reports, writes = [], []
    for number in range(count):
        nodes = [f"node-{1 + number % 5}", f"node-{1 + (number + 1) % 5}"]
        one = report(fleet(when("connect_refused", nodes=nodes, checks="tcp", target=f"{ONE}:443")))
        one.at = at(first + number)
        entry = journal.take(one, 100.0 * number)
        assert entry is not None
        reports.append(one)
        writes.append(SaidWrite(one.at.timestamp(), entry.whole, entry.body, goes_on=number > 0))
    return reports, writes


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    made = Store(str(tmp_path / "s.db"))
    made.start()
    return made


async def test_what_was_said_at_a_time_is_the_last_report_before_it(store: Store) -> None:
    reports, writes = said(2 * CHAIN + 5)
    await put(store, *writes)
    for number in (0, 1, CHAIN, CHAIN + 1, 2 * CHAIN + 4):
        found = await said_at(store, reports[number].at)
        assert found is not None and found.report == reports[number] and not found.unheard
    between = await said_at(store, at(7.5))
    assert between is not None and between.report.findings == reports[7].findings and between.report.at == at(7.5)
    assert await said_at(store, at(-0.1)) is None and await begins_at(store) == at(0)
    await store.close()


async def test_before_anything_was_said_there_is_no_beginning(store: Store) -> None:
    assert await said_at(store, START) is None and await begins_at(store) is None
    await store.close()


async def test_where_nobody_was_there_the_last_word_stands_and_it_is_said(store: Store) -> None:
    _, writes = said(3)
    await put(store, *writes, SaidUntil(at(4).timestamp()))
    _, later = said(1, first=60)
    await put(store, *later)
    found = await said_at(store, at(30))
    assert found is not None and (found.unheard, found.report.at) == (True, at(4))
    await store.close()


async def test_after_a_clock_was_put_back_nothing_lies_ahead_and_the_order_stays(store: Store) -> None:
    reports, writes = said(4, first=100)
    await put(store, *writes[:3], NotAfter(at(50).timestamp()))
    last = writes[3]
    await put(store, SaidWrite(at(51).timestamp(), last.whole, last.body, goes_on=True))
    now, then = await said_at(store, at(52)), await said_at(store, at(50))
    assert now is not None and now.report.findings == reports[3].findings
    assert then is not None and then.report.findings == reports[2].findings
    await store.close()


async def test_what_is_old_goes_but_for_what_later_words_stand_on(store: Store) -> None:
    reports, writes = said(2 * CHAIN + 5)
    await put(store, *writes, Forget([], at(CHAIN + 3).timestamp(), keep_s=60.0))
    begins = await begins_at(store)
    assert begins is not None and at(0) < begins <= at(CHAIN + 2)
    found = await said_at(store, at(CHAIN + 2))
    assert found is not None and found.report == reports[CHAIN + 2]
    await put(store, Forget([], at(9999).timestamp(), keep_s=None))
    assert await begins_at(store) == begins, "a clock that is not trusted makes nothing old"
    await store.close()


async def test_the_file_stays_below_its_bound_and_the_newest_stays_in_it(tmp_path: Path) -> None:
    path, bound = tmp_path / "s.db", 64 * MIB
    store = Store(str(path), bound)
    store.start()
    _, writes = said(1)
    largest = 0
    for number in range(40):  # twice the bound
        moment = at(number).timestamp()
        changes = [Change(place, moment, "tcp", "x", "ok", None, "d" * 1000) for place in range(1000)]
        blob = SaidWrite(moment, True, os.urandom(2 * MIB))
        await put(store, NodeWrite("n", "b", number, moment, 60.0, b"{}", True, b"[]", changes), blob)
        largest = max(largest, size_of(tmp_path))
    assert MIB < largest < bound
    rows = await store.look("SELECT min(at), max(at) FROM said")
    assert rows[0][0] > START.timestamp() and rows[0][1] == at(39).timestamp()
    assert (await store.look("SELECT count(*) > 0, max(at) FROM change"))[0] == (1, at(39).timestamp())
    await put(store, writes[0])
    await store.close()


async def test_nodes_that_need_more_than_the_bound_are_kept_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(str(tmp_path / "s.db"), 24 * MIB)
    store.start()
    for number in range(12):
        await put(store, NodeWrite(f"n{number}", "b", 1, 1.0, 60.0, b"{}", True, b'"' + b"x" * MIB + b'"'))
    assert await store.look("SELECT count(*) FROM state") == [(12,)]
    assert caplog.text.count("what nodes said last needs more than") == 1
    await store.close()


async def test_a_store_of_the_first_version_goes_on_with_its_incidents(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with sqlite3.connect(path) as old:
        for statement in STEPS[0]:
            old.execute(statement)
        old.execute(f"PRAGMA application_id={APPLICATION_ID}")
        old.execute("PRAGMA user_version=1")
        row = ("i", "dns_failed", "host", "quay.io", 1.0, 2.0, None, '{"id":"i","cause":"dns_failed",'
               '"subject":{"kind":"host","value":"quay.io"},"opened":"2026-11-22T12:00:00Z"}', None)  # fmt: skip
        old.execute("INSERT INTO incident VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        old.execute("INSERT INTO incident VALUES ('x', '', '', '', 1, 2, NULL, 'no json', NULL)")
    old.close()
    store = Store(str(path))
    memory = Memory(Fleet(""), store)
    assert [(one.id, one.since, one.state) for one in memory.records] == [("i", START, "confirmed")]
    assert store.read("PRAGMA auto_vacuum") == [(2,)]
    await store.close()


async def test_incidents_since_a_time_are_those_that_lasted_then_and_memory_knows_better(store: Store) -> None:
    def record(name: str, since: float, until: float | None) -> IncidentRecord:
        return IncidentRecord(
            id=name, cause="dns_failed", severity="failure", subject=Subject(kind="all"), scope="node", state="open",
            since=at(since), opened=at(since), last_seen=at(since), failing=1, observed=1,
            until=at(until) if until is not None else None,
        )  # fmt: skip

    def write(one: IncidentRecord) -> IncidentWrite:
        known = Incident(id=one.id, cause=one.cause, subject=one.subject, opened=one.opened)
        ended = one.until.timestamp() if one.until else None
        texts = (msgspec.json.encode(known), None, msgspec.json.encode(one))
        return IncidentWrite(one.id, one.cause, "all", None, one.opened.timestamp(), 0.0, ended, *texts)

    kept = [record("old", 0, 5), record("ended", 1, 20), record("open", 2, None), record("closed since", 3, None)]
    await put(store, *map(write, kept))
    known = [record("closed since", 3, 8), record("new", 30, None)]
    assert [one.id for one in await incidents_since(store, at(10), known)] == ["new", "open", "ended"]
    await store.close()


async def test_a_store_in_memory_has_a_past_too() -> None:
    store = Store(":memory:", 64 * MIB)
    store.start()
    reports, writes = said(3)
    await put(store, *writes)
    found = await said_at(store, at(1))
    assert found is not None and found.report == reports[1]
    await store.close()


async def test_a_past_that_cannot_be_read_is_said(store: Store) -> None:
    _, writes = said(1)
    await put(store, SaidWrite(1.0, True, b"rubbish"), *writes)
    with pytest.raises(StoreError, match=r"s\.db: what was said then is damaged"):
        await said_at(store, datetime.fromtimestamp(2.0, UTC))
    with pytest.raises(StoreError, match=r"s\.db: cannot be read"):
        await store.look("SELECT nothing FROM nowhere")
    await store.close()
