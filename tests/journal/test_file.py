"""What only a journal in a file can do, and what may happen to it."""

import asyncio
from contextlib import closing
from pathlib import Path
import shutil
import sqlite3
import stat
import threading

import pytest

from custom_components.homecare_h2o import database, journal as journal_module, journal_rows as rows
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.journal import SqliteJournal
from custom_components.homecare_h2o.ports import Damage

from .conftest import OPEN
from .damaging import copy_running, find_aside, find_open, read
from .factory import called, closed_alarm, open_alarm, open_journal, raised, started


async def _set(journal: SqliteJournal, pragma: str) -> None:
    await journal._writer.run(lambda connection: connection.execute(f"PRAGMA {pragma}").fetchall())


async def test_everything_is_there_after_a_restart(night: Path) -> None:
    journal, told = await open_journal(night)
    assert told is None
    assert await journal.verify() == 1 + 3 * 3 + 297 * 5
    assert await journal.load_unfinished() == [open_alarm(number) for number in OPEN]
    await journal.close()


async def test_verify_looks_at_more_than_a_chunk(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "CHUNK", 7)
    journal, _ = await open_journal(night)
    verifying = asyncio.create_task(journal.verify())
    await asyncio.sleep(0)
    await journal.append(open_alarm(1000))
    assert await verifying in (1495, 1498)
    await journal.close()


async def test_files_are_nobody_elses(path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append([started()])
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["journal.db", "journal.db-shm", "journal.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await journal.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET at = '' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events",
        "REPLACE INTO events SELECT * FROM events WHERE seq = 1",
        "INSERT INTO events SELECT 9, at, alarm_id, kind, version, data, digest FROM events WHERE seq = 1",
    ],
)
async def test_rows_can_only_be_appended(path: Path, statement: str) -> None:
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    with pytest.raises(JournalUnavailableError, match="append-only"):
        await journal._writer.run(lambda connection: connection.execute(statement))
    assert await journal.verify() == 3
    await journal.close()


async def test_append_works_again_when_the_disk_has_room(path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    await _set(journal, "max_page_count = 1")
    with pytest.raises(JournalUnavailableError, match="full"):
        await journal.append([raised(2), *[called(2)] * 100])
    assert await find_open(journal) == {"alarm1"}
    await _set(journal, "max_page_count = 1000000")
    await journal.append(open_alarm(2))
    assert await journal.verify() == 6
    await journal.close()


async def test_append_works_again_when_the_disk_can_be_written(path: Path) -> None:
    journal, _ = await open_journal(path)
    await _set(journal, "query_only = 1")
    with pytest.raises(JournalUnavailableError, match="readonly"):
        await journal.append(open_alarm(1))
    await _set(journal, "query_only = 0")
    await journal.append(open_alarm(1))
    assert await find_open(journal) == {"alarm1"}
    await journal.close()


async def test_append_works_again_when_the_lock_is_gone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    journal, _ = await open_journal(path)
    with closing(sqlite3.connect(path, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailableError, match="locked"):
            await journal.append(open_alarm(1))
    await journal.append(open_alarm(1))
    assert await find_open(journal) == {"alarm1"}
    await journal.close()


async def test_second_writer_does_not_fork_the_chain(path: Path) -> None:
    first, _ = await open_journal(path)
    second, told = await open_journal(path)
    assert told is None
    for number in range(1, 10):
        await first.append([raised(2 * number)])
        await second.append([raised(2 * number + 1)])
    assert await first.verify() == 18
    await first.close()
    await second.close()


async def test_locked_file_is_left_as_it_is(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(night, autocommit=True)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalUnavailableError, match="locked"):
            await open_journal(night)
        other.execute("ROLLBACK")
    assert find_aside(night) == set()
    journal, told = await open_journal(night)
    assert told is None
    await journal.close()


async def test_log_that_somebody_else_has_just_written_into_the_file_is_no_damage(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect_late(late: Path) -> sqlite3.Connection:
        with closing(sqlite3.connect(late, autocommit=True)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return database.connect(late)

    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    copy = copy_running(path, tmp_path / "copy")
    await journal.close()
    with monkeypatch.context() as patched:
        patched.setattr(journal_module, "connect", connect_late)
        with pytest.raises(JournalUnavailableError, match="somebody else"):
            await open_journal(copy)
    assert find_aside(copy) == set()
    journal, told = await open_journal(copy)
    assert told is None
    assert await find_open(journal) == {"alarm1"}
    await journal.close()


async def test_missing_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailableError):
        await open_journal(tmp_path / "missing" / "journal.db")
    (tmp_path / "folder").mkdir()
    with pytest.raises(JournalUnavailableError):
        await open_journal(tmp_path / "folder")


async def test_reader_that_cannot_be_opened_closes_the_writer(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        return database.connect(path if not read_only else path.parent)

    monkeypatch.setattr(journal_module, "connect", refuse)
    with pytest.raises(JournalUnavailableError):
        await open_journal(night)
    assert not night.with_name("journal.db-wal").exists()


async def test_newer_format_is_left_as_it_is(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "FORMAT", rows.FORMAT + 1)
    monkeypatch.setattr(rows, "MIGRATIONS", (*rows.MIGRATIONS, "CREATE TABLE later (x TEXT) STRICT;"))
    journal, told = await open_journal(night)
    assert told is None
    await journal.append(open_alarm(1000))
    await journal.close()
    monkeypatch.undo()
    content = read(night)
    with pytest.raises(JournalUnavailableError, match="newer version"):
        await open_journal(night)
    assert read(night) == content
    assert find_aside(night) == set()


async def test_cancelled_append_is_written_all_the_same(path: Path) -> None:
    journal, _ = await open_journal(path)
    busy = threading.Event()
    # While the thread is held up, none of the appends can be done before it is cancelled.
    holding_up = asyncio.create_task(journal._writer.run(lambda _: busy.wait(10)))
    await asyncio.sleep(0)
    tasks = [asyncio.create_task(journal.append([raised(number)])) for number in range(1, 20)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    busy.set()
    await holding_up
    assert all(task.cancelled() for task in tasks)
    await journal.close()
    journal, _ = await open_journal(path)
    assert await journal.verify() == 19
    await journal.close()


async def test_cancelled_open_leaves_nothing_open(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    open_file = journal_module._open
    monkeypatch.setattr(journal_module, "_open", lambda *args: gate.wait() and open_file(*args))
    task = asyncio.create_task(open_journal(night))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    journal, told = await open_journal(night)
    assert told is None
    await journal.close()


async def test_close_that_is_cancelled_closes(night: Path) -> None:
    journal, _ = await open_journal(night)
    await journal._reader.close()
    gate = threading.Event()
    journal._writer._executor.submit(gate.wait)
    task = asyncio.create_task(journal.close())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    with pytest.raises(JournalUnavailableError):
        await journal.append([started()])
    journal._writer._executor.shutdown()


async def test_copies_of_a_running_journal_are_whole_during_a_backup(path: Path, tmp_path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    await journal.prepare_backup()
    early = shutil.copyfile(path, tmp_path / "early.db")
    for number in range(2, 400):
        await journal.append(closed_alarm(number), finished=[f"alarm{number}"])
    copies = [copy_running(path, tmp_path / "late"), early]
    shutil.copyfile(path.with_name("journal.db-wal"), tmp_path / "early.db-wal")
    assert read(path) == read(early)
    await journal.finish_backup()
    await journal.append(open_alarm(1000))
    assert read(path) != read(early)
    await journal.close()
    for copy in copies:
        journal, told = await open_journal(copy)
        assert told is None
        assert await journal.verify() == 3 + 398 * 5
        assert await find_open(journal) == {"alarm1"}
        await journal.close()


async def test_a_raise_is_written_although_the_raises_cannot_be_asked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, _ = await open_journal(path)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(rows, "find_raise", fail)
    assert await journal.append_raise(open_alarm(1), ("b1", "passivity", raised(1).due_at)) is None
    assert await find_open(journal) == {"alarm1"}
    await journal.close()


async def test_a_raise_that_is_known_is_found_while_nobody_can_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await journal.append_raise(open_alarm(2), ("b1", "passivity", raised(1).due_at)) == "alarm1"
    await journal.close()


def damage_free_list(path: Path) -> None:
    """Let the header point to a page that does not exist: all can be read, and nothing can be added."""
    with path.open("r+b") as file:
        file.seek(32)
        file.write((10**6).to_bytes(4) + (3).to_bytes(4))


async def test_a_journal_that_cannot_be_written_any_more_is_replaced_at_once(path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    await journal.close()
    damage_free_list(path)
    journal, told = await open_journal(path)
    assert told is None
    replaced: list[Damage] = []
    journal.on_damage = replaced.append
    key = ("b1", "passivity", raised(50).due_at)
    long = raised(50, message="x" * 20_000)
    assert await journal.append_raise([long, called(50)], key) is None
    (damage,) = replaced
    assert damage.reason == "database disk image is malformed"
    assert path.with_name(damage.file).exists()
    assert await find_open(journal) == {"alarm1", "alarm50"}
    assert [row.event.kind for row in await journal.read(limit=1)] == ["journal_replaced"]
    assert await journal.verify() == 6
    await journal.close()
    journal, told = await open_journal(path)
    assert (told, await find_open(journal)) == (None, {"alarm1", "alarm50"})
    await journal.close()


async def test_a_disk_that_damages_each_new_journal_is_not_filled_with_them(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, _ = await open_journal(path)

    def fail(*_: object) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    monkeypatch.setattr(rows, "append", fail)
    told: list[Damage] = []
    journal.on_damage = told.append
    for _ in range(3):
        with pytest.raises(JournalUnavailableError):
            await journal.append(open_alarm(1))
    assert len(list(path.parent.glob("*.damaged-*Z"))) == 1
    assert told == []
    await journal.close()
