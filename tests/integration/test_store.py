"""The store on a real file: what it opens, what it refuses, and what a commit means."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from aggregator.store.schema import STEPS
from aggregator.store.store import Store, StoreError
from aggregator.store.writes import KEEP_S, Change, Forget, IncidentWrite, NodeWrite
from tests.servers.gate import until


def node(name: str = "node-1", seq: int = 1, **more: object) -> NodeWrite:
    fields = {"results": b"[]", "changes": [Change(0, 1e9, "dns", "quay.io", "failed", "dns_failed", "gone")]} | more
    return NodeWrite(name, "boot", seq, 1e9, 60.0, b"{}", True, **fields)  # type: ignore[arg-type]  # by name


async def test_what_is_committed_is_read_again(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "s.db"))
    store.start()
    heard: list[str] = []
    store.put(node(committed=lambda: heard.append("node")))
    store.put(IncidentWrite("i", "dns_failed", "host", "quay.io", 1.0, 2.0, None, b"{}", b'{"a":1}'))
    store.put(IncidentWrite("i", "dns_failed", "host", "quay.io", 1.0, 3.0, 3.0, b"{}", None))
    await until(lambda: heard)
    await store.close()
    again = Store(str(tmp_path / "s.db"))
    assert again.read("SELECT name, boot, seq, whole FROM node") == [("node-1", "boot", 1, 1)]
    assert again.read("SELECT target, cause FROM change") == [("quay.io", "dns_failed")]
    assert again.read("SELECT cleared, finding FROM incident") == [(3.0, '{"a":1}')]
    await again.close()


async def test_many_writes_share_commits_and_the_newest_of_a_node_stays(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "s.db"))
    for seq in range(1, 501):
        store.put(node(f"node-{seq % 10}", seq, results=f"[{seq}]".encode()))
    store.start()
    await store.close()
    assert store.done.writes == 500 and store.done.commits <= 2
    again = Store(str(tmp_path / "s.db"))
    assert again.read("SELECT results FROM state WHERE name = 'node-0'") == [("[500]",)]
    assert again.read("SELECT count(*) FROM change") == [(500,)]
    await again.close()


async def test_the_same_report_again_adds_no_change(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "s.db"))
    store.put(node())
    store.put(node())
    store.start()
    await store.close()
    again = Store(str(tmp_path / "s.db"))
    assert again.read("SELECT count(*) FROM change") == [(1,)]
    await again.close()


async def test_what_has_left_and_what_is_old_goes(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "s.db"))
    store.put(node("left"))
    store.put(node("stays", changes=[Change(0, 1e9 + KEEP_S, "dns", "x", "ok", None, "")]))
    store.put(Forget(["left"], 1e9 + KEEP_S + 1))
    store.start()
    await store.close()
    again = Store(str(tmp_path / "s.db"))
    assert again.read("SELECT name FROM state") == [("stays",)]
    assert again.read("SELECT node FROM change") == [("stays",)]
    await again.close()


async def test_while_the_disk_cannot_be_written_nothing_is_acked_and_then_everything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process that holds the file is the disk that cannot be written; what it says stands once in the log."""
    path = str(tmp_path / "s.db")
    store = Store(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.start()
    heard: list[int] = []
    for seq in range(1, 4):
        store.put(node(seq=seq, committed=lambda seq=seq: heard.append(seq)))
    await until(lambda: store.done.fault, 20)
    assert heard == []
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: heard, 20)
    assert heard == [1, 2, 3] and store.done.fault == ""
    await store.close()
    assert caplog.text.count("cannot be written") == 1 and caplog.text.count("can be written again") == 1


def test_two_aggregators_cannot_have_one_file(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "s.db"))
    with pytest.raises(StoreError, match=r"s\.db: another aggregator uses it"):
        Store(str(tmp_path / "s.db"))
    asyncio.run(store.close())
    asyncio.run(Store(str(tmp_path / "s.db")).close())


def damaged(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4096))


def torn(path: Path) -> None:
    asyncio.run(Store(str(path)).close())
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)


def rubbish(path: Path) -> None:
    path.write_bytes(b"this is a text, and a longer one than a header would be" * 100)


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE holidays (day TEXT)")
    connection.close()


def newer(path: Path) -> None:
    asyncio.run(Store(str(path)).close())
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (damaged, "cannot be used as a store|is damaged"),
        (torn, "cannot be used as a store|is damaged"),
        (rubbish, "cannot be used as a store: file is not a database"),
        (foreign, "is another program's database"),
        (newer, f"is of version {len(STEPS) + 1}, this aggregator reads up to {len(STEPS)}"),
        (folder, "cannot be opened"),
    ],
)
def test_a_file_that_is_no_store_is_refused_in_one_line(tmp_path: Path, spoil: object, words: str) -> None:
    path = tmp_path / "s.db"
    spoil(path)  # type: ignore[operator]  # one of the functions above
    with pytest.raises(StoreError, match=words) as caught:
        Store(str(path))
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file or directory"):
        Store(str(tmp_path / "gone" / "s.db"))
