"""What is old is removed, and the chain still proves everything else (docs/decisions/0012)."""

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
import sqlite3

import pytest

from custom_components.homecare_h2o import journal_chain, journal_purge, journal_rows as rows, journal_salvage
from custom_components.homecare_h2o.core.errors import JournalDamagedError, JournalUnavailableError
from custom_components.homecare_h2o.core.events import JournalPurged, PurgedRows
from custom_components.homecare_h2o.ports import Journal

from .damaging import copy_running, find_open, flip, read, tamper
from .factory import (
    at,
    cleared,
    closed_alarm,
    notified,
    open_alarm,
    open_journal,
    planned,
    raised,
    repeated,
    resolved,
    started,
)
from .memory import MemoryJournal

NOW = at(1_000_000)
EVERYTHING = at(100_000)


async def _memory(_path: Path) -> Journal:
    return MemoryJournal()


async def _file(path: Path) -> Journal:
    return (await open_journal(path))[0]


@pytest.fixture(params=[_memory, _file], ids=["memory", "file"])
async def journal(request: pytest.FixtureRequest, path: Path) -> AsyncIterator[Journal]:
    journal: Journal = await request.param(path)
    yield journal
    await journal.close()


async def seqs(journal: Journal) -> list[int]:
    return [row.seq for row in await journal.read(limit=1_000_000)]


async def gaps(journal: Journal) -> list[tuple[int, int]]:
    """Return what the newest row about it says was removed."""
    purged = [row.event for row in await journal.read(limit=1_000_000) if isinstance(row.event, JournalPurged)]
    return [(gap.first, gap.last) for gap in purged[-1].gaps]


async def write(journal: Journal, *numbers: int) -> None:
    """Write alarms that are over."""
    for number in numbers:
        await journal.append(closed_alarm(number), finished=[f"alarm{number}"])


# --- what is removed ------------------------------------------------------------------------------


async def test_closed_alarms_and_rows_of_the_hub_go_when_they_are_old(journal: Journal) -> None:
    await journal.append([started()])
    await write(journal, 1, 2)
    await write(journal, 3)
    assert await journal.purge(at(30), NOW) == 11
    assert await seqs(journal) == [12, 13, 14, 15, 16, 17]
    assert await gaps(journal) == [(1, 11)]
    assert await journal.load_alarm("alarm1") == []
    assert [history[0].alarm_id for history in await journal.load_alarms()] == ["alarm3"]
    assert await journal.verify() == 17


async def test_nothing_old_is_no_row(journal: Journal) -> None:
    await write(journal, 1)
    assert await journal.purge(at(10), NOW) == 0
    assert await seqs(journal) == [1, 2, 3, 4, 5]


async def test_empty_journal_has_nothing_to_remove(journal: Journal) -> None:
    assert await journal.purge(EVERYTHING, NOW) == 0
    assert await journal.read() == []


async def test_open_alarm_stays_whole(journal: Journal) -> None:
    await write(journal, 1)
    await journal.append(open_alarm(2))
    await write(journal, 3)
    assert await journal.purge(EVERYTHING, NOW) == 10
    assert await journal.load_unfinished() == [open_alarm(2)]
    assert await seqs(journal) == [6, 7, 8, 14]
    assert await gaps(journal) == [(1, 5), (9, 13)]
    assert await journal.verify() == 14


async def test_alarm_goes_as_a_whole_or_not_at_all(journal: Journal) -> None:
    await journal.append(open_alarm(1))
    await write(journal, 2)
    await journal.append([resolved(10), cleared(10)], finished=["alarm10"])
    await journal.append([replace(resolved(1), at=at(500))])
    await journal.append([], finished=["alarm1"])
    await journal.purge(at(300), NOW)
    assert len(await journal.load_alarm("alarm1")) == 4
    await journal.purge(at(501), NOW)
    assert await journal.load_alarm("alarm1") == []
    assert await journal.verify() == 13


async def test_alarm_that_nobody_has_ended_stays_although_it_is_said_to_be_finished(journal: Journal) -> None:
    await journal.append(open_alarm(1), finished=["alarm1"])
    assert await journal.purge(EVERYTHING, NOW) == 0


async def test_deadline_that_is_not_old_is_still_known(journal: Journal) -> None:
    await journal.append([raised(1), repeated(1, at(5000)), resolved(1)], finished=["alarm1"])
    await journal.append([raised(2), resolved(2)], finished=["alarm2"])
    due_later = replace(repeated(3, at(9000)), at=at(40))
    await journal.append([raised(3), due_later, resolved(3)], finished=["alarm3"])
    await journal.purge(at(8000), NOW)
    assert await journal.find_raise("b1", "passivity", at(9000)) == "alarm3"
    assert await journal.find_raise("b1", "passivity", raised(2).due_at) is None
    assert await journal.find_raise("b1", "passivity", at(5000)) is None


async def test_deadline_that_two_alarms_share_is_no_damage_when_one_of_them_is_gone(journal: Journal) -> None:
    await write(journal, 1)
    await journal.append([*open_alarm(2), repeated(2, raised(1).due_at)])
    await journal.purge(EVERYTHING, NOW)
    assert await journal.find_raise("b1", "passivity", raised(1).due_at) in (None, "alarm2")
    assert await journal.verify() == 10


async def test_rows_after_a_newer_one_wait(journal: Journal) -> None:
    await journal.append([started(5000), started(1)])
    assert await journal.purge(at(100), NOW) == 0


async def test_gaps_grow_together(journal: Journal) -> None:
    await write(journal, 1, 2)
    assert await journal.purge(at(15), at(50)) == 5
    await write(journal, 3)
    assert await journal.purge(at(100_000), NOW) == 11
    assert await gaps(journal) == [(1, 16)]
    assert await seqs(journal) == [17]
    await write(journal, 4)
    assert await journal.verify() == 22


async def test_what_was_removed_stays_known_when_the_limit_is_raised_again(journal: Journal) -> None:
    await write(journal, 1, 2)
    await journal.purge(at(25), at(50))
    await write(journal, 3)
    await journal.purge(at(51), NOW)
    newest = [row.event for row in await journal.read() if isinstance(row.event, JournalPurged)][-1]
    assert newest.before_at == at(51)
    assert await journal.verify() == 17


async def test_extent_tells_how_far_the_journal_reaches(journal: Journal) -> None:
    empty = await journal.load_extent()
    assert (empty.rows, empty.removed, empty.first_at, empty.last_at) == (0, 0, None, None)
    await write(journal, 1, 2)
    await journal.purge(at(15), NOW)
    extent = await journal.load_extent()
    assert (extent.rows, extent.removed, extent.first_at, extent.last_at) == (6, 5, raised(2).at, NOW)
    assert extent.digest == (await journal.read())[-1].digest


async def test_rows_of_a_period_are_read_in_pages(journal: Journal) -> None:
    await write(journal, 1, 2, 3)
    period = {"since": raised(2).at, "until": raised(3).at}
    page = await journal.read(0, 3, **period)
    rest = await journal.read(page[-1].seq, 3, **period)
    assert [row.seq for row in [*page, *rest]] == [6, 7, 8, 9, 10]


async def test_both_chains_are_the_same_after_a_purge(path: Path) -> None:
    file, _ = await open_journal(path)
    memory = MemoryJournal()
    for journal in (file, memory):
        await write(journal, 1)
        await journal.append(open_alarm(2))
        await write(journal, 3)
        await journal.purge(at(31), NOW)
        await journal.purge(EVERYTHING, NOW)
    assert await memory.read() == await file.read()
    await file.close()


async def test_one_row_tells_of_all_that_was_ever_removed(journal: Journal) -> None:
    for day in range(1, 6):
        await journal.append([started(100 * day), planned(100 * day)])
        await journal.purge(at(100 * day + 1), NOW)
    kinds = [row.event.kind for row in await journal.read(limit=1000)]
    assert kinds.count(JournalPurged.kind) == 1
    assert kinds.count(planned().kind) == 5
    await journal.verify()
    assert (await journal.load_extent()).rows == len(kinds)


# --- in a file ------------------------------------------------------------------------------------


async def purged_night(night: Path) -> None:
    """Remove most of a night, in several steps."""
    journal, _ = await open_journal(night)
    assert await journal.purge(at(2900), NOW) > 1000
    await journal.close()


async def test_purge_takes_many_steps_and_leaves_what_is_open(night: Path) -> None:
    await purged_night(night)
    journal, told = await open_journal(night)
    assert told is None
    assert await journal.load_unfinished() == [open_alarm(3), open_alarm(150), open_alarm(299)]
    assert await gaps(journal) == [(1, 11), (15, 744), (748, 1442), (1496, 1497)]
    assert await journal.verify() == 1498
    await journal.append(open_alarm(1000))
    assert await journal.verify() == 1501
    await journal.close()


async def test_alarm_whose_rows_lie_in_two_steps_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_purge, "STEP", 2)
    journal, _ = await open_journal(path)
    await journal.append([raised(1), notified(1), repeated(1, at(50)), resolved(1)], finished=["alarm1"])
    await journal.append([started(60)])
    assert await journal.purge(at(55), NOW) == 4
    assert await gaps(journal) == [(1, 4), (6, 6)]
    await journal.close()


async def test_rest_of_an_alarm_between_two_steps_is_no_damage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_purge, "STEP", 2)
    journal, _ = await open_journal(path)
    await journal.append([raised(1), notified(1), repeated(1, at(50)), resolved(1)], finished=["alarm1"])
    await journal._writer.run(lambda connection: journal_purge.purge(connection, EVERYTHING, NOW, 0))
    assert await journal.verify() == 5
    await journal.close()
    journal, told = await open_journal(path)
    assert told is None
    assert await journal.purge(EVERYTHING, NOW) == 2
    assert await journal.find_raise("b1", "passivity", at(50)) is None
    await journal.close()


async def test_what_is_removed_is_in_none_of_the_files(path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append([raised(1, message="Rör sig inte"), resolved(1)], finished=["alarm1"])
    await journal.purge(EVERYTHING, NOW)
    await journal.close()
    assert "Rör sig inte".encode() not in read(path)


async def test_removed_rows_stay_removed_in_a_copy_of_a_running_journal(night: Path, tmp_path: Path) -> None:
    journal, _ = await open_journal(night)
    await journal.purge(EVERYTHING, NOW)
    copy = copy_running(night, tmp_path / "copy")
    await journal.close()
    journal, told = await open_journal(copy)
    assert told is None
    assert await journal.verify() == 1498
    await journal.close()


async def test_rows_can_only_be_removed_by_a_purge(path: Path) -> None:
    journal, _ = await open_journal(path)
    await write(journal, 1)
    await journal.purge(EVERYTHING, NOW)
    with pytest.raises(JournalUnavailableError, match="append-only"):
        await journal._writer.run(lambda connection: connection.execute("DELETE FROM events WHERE seq = 6"))
    await journal.close()


async def test_older_format_is_brought_up_to_this_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "FORMAT", 1)
    monkeypatch.setattr(rows, "MIGRATIONS", rows.MIGRATIONS[:1])
    journal, _ = await open_journal(path)
    await write(journal, 1)
    await journal.close()
    monkeypatch.undo()
    journal, told = await open_journal(path)
    assert told is None
    assert await journal.verify() == 5
    assert await journal.purge(EVERYTHING, NOW) == 5
    await journal.close()


async def test_every_table_begins_on_the_same_page_in_both_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A copy of a damaged journal is mended with the first page of a new one.
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    await (await open_journal(new))[0].close()
    monkeypatch.setattr(rows, "FORMAT", 1)
    monkeypatch.setattr(rows, "MIGRATIONS", rows.MIGRATIONS[:1])
    await (await open_journal(old))[0].close()
    monkeypatch.undo()
    await (await open_journal(old))[0].close()
    assert _roots(old) == _roots(new)


def _roots(path: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name, rootpage FROM sqlite_schema ORDER BY name").fetchall()


# --- what the chain still proves ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE events SET at = '2026-01-01' WHERE seq = 1450", "the chain breaks at row 1450"),
        ("DELETE FROM events WHERE seq = 1450", "the chain breaks at row 1450"),
        ("UPDATE events SET data = replace(data, 'p1', 'p2') WHERE seq = 747", "the chain breaks at row 747"),
        ("DELETE FROM events WHERE seq = 747", "the chain breaks at row 747"),
        (
            "INSERT INTO events SELECT 500, at, alarm_id, kind, version, data, digest FROM events WHERE seq = 1450",
            "the chain breaks at row 745",
        ),
    ],
)
async def test_verify_finds_what_was_changed_besides_what_was_removed(night: Path, statement: str, reason: str) -> None:
    await purged_night(night)
    journal, _ = await open_journal(night)
    tamper(night, statement)
    with pytest.raises(JournalDamagedError, match=reason):
        await journal.verify()
    await journal.close()


async def test_rewritten_rows_before_a_gap_are_found(night: Path) -> None:
    # Whoever writes a whole stretch anew, digests and all, must also rewrite what was noted when the gap was made.
    await purged_night(night)
    journal, _ = await open_journal(night)
    row = (await journal._reader.run(lambda connection: rows.load_rows(connection, 746, 1)))[0]
    head = await journal._reader.run(
        lambda connection: rows.load_head_at(connection, rows.load_purged(connection), 746)
    )
    forged = journal_chain.link(head, row._replace(data=row.data.replace("p1", "p2")))
    tamper(night, f"UPDATE events SET data = '{forged.data}', digest = '{forged.digest}' WHERE seq = 747")
    with pytest.raises(JournalDamagedError, match="the chain breaks at row 748"):
        await journal.verify()
    await journal.close()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE meta SET value = '1497' WHERE key = 'purged'", "the removed rows cannot be told"),
        ("UPDATE meta SET value = '1490' WHERE key = 'purged'", "the removed rows cannot be told"),
        ("UPDATE meta SET value = '99999' WHERE key = 'purged'", "the removed rows cannot be told"),
        ("DELETE FROM meta WHERE key = 'purged'", "the chain breaks at row"),
        ("UPDATE events SET data = replace(data, '744', '743') WHERE seq = 1498", "the chain breaks at row 1498"),
    ],
)
async def test_start_finds_that_it_cannot_be_told_what_was_removed(night: Path, statement: str, reason: str) -> None:
    await purged_night(night)
    tamper(night, statement)
    journal, told = await open_journal(night)
    assert told
    assert reason in told.reason
    assert await find_open(journal) == {"alarm3", "alarm150", "alarm299"}
    await journal.close()


async def test_verify_finds_a_newer_row_about_what_was_removed(path: Path) -> None:
    journal, _ = await open_journal(path)
    await write(journal, 1)
    await journal.append([JournalPurged(at=NOW, before_at=at(0), gaps=())])
    with pytest.raises(JournalDamagedError, match="the chain breaks at row 6"):
        await journal.verify()
    await journal.close()


async def test_purge_does_not_remove_the_traces_of_a_change(night: Path) -> None:
    tamper(night, "UPDATE events SET at = '2026-01-01' WHERE seq = 20")
    journal, _ = await open_journal(night)
    with pytest.raises(JournalDamagedError, match="the chain breaks at row 20"):
        await journal.purge(EVERYTHING, NOW)
    assert len(await seqs(journal)) == 1495
    await journal.close()
    journal, told = await open_journal(night)
    assert told
    await journal.close()


# --- damage ---------------------------------------------------------------------------------------


async def test_damaged_journal_gives_its_open_alarms_past_what_was_removed(
    night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_salvage, "LARGEST_HOLE", 10)
    await purged_night(night)
    flip(night, 60)
    journal, told = await open_journal(night)
    assert told
    assert await journal.load_unfinished() == [open_alarm(3), open_alarm(150), open_alarm(299)]
    await journal.close()


async def test_end_of_an_alarm_after_a_gap_is_believed(path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    await write(journal, 2)
    late = [replace(resolved(1), at=at(5000)), replace(cleared(1), at=at(5001))]
    await journal.append(late, finished=["alarm1"])
    await journal.purge(at(100), NOW)
    await journal.close()
    flip(path, 60)
    journal, told = await open_journal(path)
    assert told
    assert await journal.load_unfinished() == []
    await journal.close()


async def test_open_alarms_are_found_although_what_was_removed_cannot_be_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_salvage, "LARGEST_HOLE", 5)
    journal, _ = await open_journal(path)
    await write(journal, *range(1, 50))
    await journal.append(open_alarm(50))
    await journal.purge(EVERYTHING, NOW)
    await journal.close()
    tamper(path, "UPDATE events SET data = '' WHERE kind = 'journal_purged'")
    journal, told = await open_journal(path)
    assert told
    assert await journal.load_unfinished() == [open_alarm(50)]
    await journal.close()


def test_gaps_that_do_not_touch_stay_apart() -> None:
    one, three = (PurgedRows(first=n, last=n, before=f"b{n}", digest=f"d{n}") for n in (1, 3))
    two = PurgedRows(first=2, last=2, before="d1", digest="d2")
    assert journal_purge.join_gaps([one], [three]) == (one, three)
    assert journal_purge.join_gaps([three, one], [two]) == (PurgedRows(first=1, last=3, before="b1", digest="d3"),)


async def test_purge_goes_on_beside_appends(night: Path) -> None:
    journal, _ = await open_journal(night)
    purging = journal.purge(EVERYTHING, NOW)
    await journal.append([started(9999)])
    assert await purging == 1 + 297 * 5 + 1
    assert await journal.verify() == 1499
    await journal.close()


async def test_what_is_true_until_something_else_is_said_is_kept(journal: Journal) -> None:
    await journal.append([started(), planned(1), *closed_alarm(1)], finished=["alarm1"])
    await journal.append([started(2000)])
    assert await journal.purge(EVERYTHING, NOW) > 0
    assert planned(1) in [row.event for row in await journal.read()]
    assert started() not in [row.event for row in await journal.read()]
    await journal.verify()
