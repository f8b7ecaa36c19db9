"""A damaged journal is set aside and told, and its open alarms go on."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
import re

import pytest

from custom_components.homecare_h2o import journal_rows, journal_salvage
from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.errors import JournalDamagedError, JournalUnavailableError
from custom_components.homecare_h2o.core.events import JournalReplaced

from .conftest import OPEN
from .damaging import (
    Damager,
    copy_running,
    find_aside,
    find_open,
    find_page,
    flip,
    move,
    read,
    remove,
    tamper,
    truncate,
)
from .factory import called, closed_alarm, notified, open_alarm, open_journal, raised, resolved, started

NAME = "journal.db.damaged-20261025T213000Z"
ALL_OPEN = {f"alarm{number}" for number in OPEN}


def flip_page_of(text: str, path: Path) -> None:
    flip(path, find_page(path, text), 4096)


SEEN_AT_START: dict[str, tuple[Damager, str]] = {
    "magic": (partial(flip, offset=0), "the file is not a database"),
    "page size": (partial(flip, offset=16), "the file is not a database"),
    "written by a later kind": (partial(flip, offset=18), "the file is not a database"),
    "format": (partial(flip, offset=60), "the header is not as written"),
    "first page": (partial(flip, offset=0, length=4096), "the file is not a database"),
    "list of tables": (partial(flip, offset=100, length=8), "database disk image is malformed"),
    "newest rows": (partial(flip_page_of, "alarm298"), "database disk image is malformed"),
    "empty file": (partial(truncate, size=0), "the file is not a database"),
    "row of an open alarm": (
        lambda path: tamper(path, "UPDATE events SET data = replace(data, 'p1', 'p2') WHERE alarm_id = 'alarm3'"),
        "the chain breaks at row 13",
    ),
    "newest row": (
        lambda path: tamper(path, "UPDATE events SET at = '2026-01-01' WHERE alarm_id = 'alarm300'"),
        "the chain breaks at row 1491",
    ),
    "end cut off": (
        lambda path: tamper(path, "DELETE FROM events WHERE seq > 1480"),
        "rows are missing after row 1480",
    ),
    "an unreadable text": (
        lambda path: tamper(path, "UPDATE meta SET value = CAST(x'ff' AS TEXT) WHERE key = 'head'"),
        "Could not decode to UTF-8 column 'value' with text '\ufffd'",
    ),
    "an open alarm is missing in its index": (
        lambda path: tamper(
            path,
            "DROP INDEX alarms_unfinished",
            "CREATE INDEX alarms_unfinished ON alarms (raised_seq) WHERE finished = 0 AND alarm_id != 'alarm3'",
            "PRAGMA writable_schema = 1",
            "UPDATE sqlite_schema SET sql = substr(sql, 1, instr(sql, ' AND') - 1) WHERE name = 'alarms_unfinished'",
        ),
        "the open alarms cannot be told",
    ),
    "a table is gone": (lambda path: tamper(path, "DROP TABLE alarms"), "no such table: alarms"),
}


@pytest.mark.parametrize(("damage", "reason"), SEEN_AT_START.values(), ids=SEEN_AT_START.keys())
async def test_damage_is_seen_at_start(night: Path, damage: Damager, reason: str) -> None:
    damage(night)
    damaged = read(night)
    journal, told = await open_journal(night)
    assert told
    assert told.file == NAME
    assert told.reason.split(";")[0] == reason
    assert read(night.with_name(NAME)) == damaged
    first = (await journal.read(limit=1))[0].event
    assert isinstance(first, JournalReplaced)
    assert (first.file, first.reason) == (told.file, told.reason)
    await journal.append([started()])
    assert await journal.verify()
    await journal.close()
    journal, told = await open_journal(night)
    assert told is None
    await journal.close()


@pytest.mark.parametrize(
    "damage",
    [
        partial(flip, offset=0, length=4096),
        partial(flip, offset=18),
        partial(flip_page_of, "alarm290"),
        partial(flip_page_of, "alarm100"),
        partial(flip_page_of, "alarm20"),
        lambda path: tamper(path, "DELETE FROM events WHERE seq > 1490"),
        lambda path: tamper(path, "DELETE FROM events WHERE alarm_id = 'alarm298'"),
        lambda path: tamper(path, "DROP TABLE alarms"),
    ],
)
async def test_open_alarms_go_on_with_their_whole_history(night: Path, damage: Damager) -> None:
    damage(night)
    # So that it is set aside however far it is from what a start looks at.
    flip(night, 60)
    journal, told = await open_journal(night)
    assert told
    histories = {history[0].alarm_id: history for history in await journal.load_unfinished()}
    for number in OPEN:
        assert histories[f"alarm{number}"] == open_alarm(number)
    await journal.close()


async def test_cut_off_file_gives_what_is_left(night: Path) -> None:
    truncate(night, len(read(night)) // 2)
    journal, told = await open_journal(night)
    assert told
    assert re.fullmatch(r"database disk image is malformed; [1-9] alarms could not be read", told.reason)
    assert "alarm3" in await find_open(journal)
    await journal.close()


async def test_row_that_does_not_chain_ends_no_alarm(night: Path) -> None:
    tamper(
        night,
        "UPDATE events SET kind = 'resolved', data = (SELECT replace(data, 'alarm4', 'alarm3') FROM events"
        " WHERE kind = 'resolved' AND alarm_id = 'alarm4') WHERE alarm_id = 'alarm3' AND kind = 'notified'",
    )
    journal, told = await open_journal(night)
    assert told
    assert (await journal.load_alarm("alarm3")) == open_alarm(3)[:2]
    await journal.close()


async def test_row_with_a_wrong_number_is_found(night: Path) -> None:
    # As a flipped bit would have it: the same place in its page, another number.
    tamper(night, "UPDATE events SET seq = 1000000 WHERE alarm_id = 'alarm299' AND kind = 'raised'")
    journal, told = await open_journal(night)
    assert told
    assert "alarm299" in await find_open(journal)
    await journal.close()


async def test_alarm_of_which_only_the_beginning_makes_sense_goes_on(path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append([called(1), raised(1), notified(1)])
    await journal.append([called(2), raised(2), resolved(2)])
    await journal.close()
    journal, told = await open_journal(path)
    assert told
    assert told.reason == "an open alarm cannot be read"
    assert await journal.load_unfinished() == [[raised(1)]]
    await journal.close()


async def test_alarm_without_a_beginning_is_told(night: Path) -> None:
    tamper(night, "DELETE FROM events WHERE alarm_id = 'alarm150' AND kind = 'raised'")
    journal, told = await open_journal(night)
    assert told
    assert told.reason.endswith("; 1 alarms could not be read")
    assert await find_open(journal) == ALL_OPEN - {"alarm150"}
    await journal.close()


async def test_alarm_of_which_nothing_is_left_is_told(night: Path) -> None:
    tamper(night, "DELETE FROM events WHERE alarm_id = 'alarm150'")
    journal, told = await open_journal(night)
    assert told
    assert told.reason == "the chain breaks at row 745; 1 alarms could not be read"
    await journal.close()


async def test_row_that_cannot_be_read_takes_no_other_along(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, _ = await open_journal(path)
    monkeypatch.setattr(codec, "VERSION", 99)
    await journal.append([called(1)])
    monkeypatch.undo()
    await journal.append([raised(1), notified(1)])
    await journal.close()
    flip(path, 60)
    journal, told = await open_journal(path)
    assert told
    assert await journal.load_unfinished() == [[raised(1), notified(1)]]
    await journal.close()


async def test_wide_hole_ends_the_search(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_salvage, "LARGEST_HOLE", 10)
    tamper(night, "DELETE FROM events WHERE seq BETWEEN 300 AND 400")
    flip(night, 60)
    journal, told = await open_journal(night)
    assert told
    assert "alarm3" in await find_open(journal)
    await journal.close()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE events SET at = '2026-01-01' WHERE seq = 20", "the chain breaks at row 20"),
        ("DELETE FROM events WHERE seq = 20", "the chain breaks at row 20"),
        ("UPDATE alarms SET finished = 1 WHERE alarm_id = 'alarm3'", "an open alarm taken for a finished one"),
        ("UPDATE alarms SET raised_seq = 1 WHERE alarm_id = 'alarm4'", "an alarm without a beginning"),
        ("DELETE FROM alarms WHERE alarm_id = 'alarm1'", "row 2 is not found by its alarm"),
        ("DELETE FROM raises WHERE alarm_id = 'alarm1'", "row 2 is not found by its alarm"),
        ("INSERT INTO raises VALUES ('b1', 'door', 'x', 'nobody')", "a raise without an alarm"),
    ],
)
async def test_verify_finds_what_a_start_does_not_look_at(night: Path, statement: str, reason: str) -> None:
    tamper(night, statement)
    journal, told = await open_journal(night)
    assert told is None
    with pytest.raises(JournalDamagedError, match=reason):
        await journal.verify()
    await journal.close()
    journal, told = await open_journal(night)
    assert told
    assert told.reason == reason
    assert await find_open(journal) == ALL_OPEN
    await journal.close()


async def test_verify_finds_a_broken_page(night: Path) -> None:
    flip(night, find_page(night, "alarm100") + 2, 1)
    journal, _ = await open_journal(night)
    with pytest.raises(JournalDamagedError):
        await journal.verify()
    await journal.close()


async def test_verify_finds_what_only_the_pages_show(night: Path) -> None:
    index_page = read(night).rindex(b"alarm100")
    flip(night, index_page - index_page % 4096 + 5, 2)
    journal, _ = await open_journal(night)
    with pytest.raises(JournalDamagedError):
        await journal.verify()
    await journal.close()


async def test_verify_tells_although_nothing_can_be_written(night: Path) -> None:
    tamper(night, "UPDATE events SET at = '2026-01-01' WHERE seq = 20")
    journal, _ = await open_journal(night)
    await journal._writer.run(lambda connection: connection.execute("PRAGMA query_only = 1"))
    with pytest.raises(JournalDamagedError):
        await journal.verify()
    await journal.close()


async def test_verify_finds_rows_that_vanish_meanwhile(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, _ = await open_journal(night)
    monkeypatch.setattr(journal_rows, "load_rows", lambda *_: [])
    with pytest.raises(JournalDamagedError, match="rows are missing after row 0"):
        await journal.verify()
    await journal.close()


async def test_unreadable_row_of_a_closed_alarm_is_unavailable(night: Path) -> None:
    tamper(night, "UPDATE events SET data = '{}' WHERE seq = 2")
    journal, told = await open_journal(night)
    assert told is None
    with pytest.raises(JournalUnavailableError, match="row 2 cannot be read"):
        await journal.load_alarm("alarm1")
    with pytest.raises(JournalUnavailableError):
        await journal.read()
    assert len(await journal.load_alarms(limit=100)) == 100
    await journal.close()


async def test_older_damaged_file_is_kept(night: Path) -> None:
    for _ in range(3):
        flip(night, 60)
        journal, told = await open_journal(night)
        assert told
        assert await find_open(journal) == ALL_OPEN
        await journal.close()
    assert find_aside(night) >= {NAME, f"{NAME}-1", f"{NAME}-2"}


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 1), (17, 1), (32 + 8, 1), (32 + 1000, 1), (200_000, 1), (-2000, 1), (-20_000, 8000)]
)
async def test_damaged_log_loses_nothing(path: Path, tmp_path: Path, offset: int, length: int) -> None:
    journal, _ = await open_journal(path)
    for number in range(1, 31):
        await journal.append(closed_alarm(number), finished=[f"alarm{number}"])
        await journal.append(open_alarm(100 + number))
    copy = copy_running(path, tmp_path / "copy")
    await journal.close()
    flip(copy.with_name("journal.db-wal"), offset, length)
    journal, told = await open_journal(copy)
    assert told
    assert {f"alarm{100 + number}" for number in range(1, 31)} <= await find_open(journal)
    assert find_aside(copy) == {NAME, f"{NAME}-wal"}
    await journal.close()


async def test_log_without_its_file_is_read(path: Path, tmp_path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    copy = copy_running(path, tmp_path / "copy")
    await journal.close()
    remove(copy)
    journal, told = await open_journal(copy)
    assert told
    assert told.reason == "the file is missing"
    assert find_aside(copy) == {f"{NAME}-wal"}
    assert await journal.load_unfinished() == [open_alarm(1)]
    await journal.close()


async def test_torn_end_of_the_log_is_no_damage(path: Path, tmp_path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    size = path.with_name("journal.db-wal").stat().st_size
    await journal.append(open_alarm(2))
    copy = copy_running(path, tmp_path / "copy")
    await journal.close()
    truncate(copy.with_name("journal.db-wal"), size + 5000)
    journal, told = await open_journal(copy)
    assert told is None
    assert await find_open(journal) == {"alarm1"}
    await journal.close()


class PowerCutError(OSError):
    """The end of a process."""


def cut_power_at(monkeypatch: pytest.MonkeyPatch, function: str, call: int) -> None:
    """Let a function of Path fail at its n-th call and ever after."""
    original: Callable[..., Path] = getattr(Path, function)
    calls = iter([original] * call)

    def cut(*args: object) -> Path:
        return next(calls, _fail)(*args)

    monkeypatch.setattr(Path, function, cut)


def _fail(*_: object) -> Path:
    raise PowerCutError


@pytest.mark.parametrize("call", range(5))
async def test_power_cut_while_it_is_set_aside(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """Renamed are a copy to be mended, the replacement, the file, its log, and the replacement once more."""
    journal, _ = await open_journal(path)
    await journal.append(open_alarm(1))
    copy = copy_running(path, tmp_path / "copy")
    await journal.close()
    flip(copy, 0)
    cut_power_at(monkeypatch, "rename", call)
    with pytest.raises(JournalUnavailableError):
        await open_journal(copy)
    monkeypatch.undo()
    journal, told = await open_journal(copy)
    assert told
    assert told.reason == "the file is not a database"
    assert await journal.load_unfinished() == [open_alarm(1)]
    assert find_aside(copy) == {NAME, f"{NAME}-wal"}
    assert {found.name for found in copy.parent.iterdir()} == {
        "journal.db",
        "journal.db-wal",
        "journal.db-shm",
        NAME,
        f"{NAME}-wal",
    }
    await journal.close()


async def test_damaged_replacement_is_replaced(night: Path) -> None:
    flip(night, 0)
    replacement = move(night, "journal.db.replacement")
    journal, told = await open_journal(night)
    assert told
    assert await find_open(journal) == ALL_OPEN
    await journal.close()
    assert not replacement.exists()


async def test_forgotten_replacement_is_not_used(night: Path) -> None:
    replacement = night.with_name("journal.db.replacement")
    replacement.write_bytes(b"x")
    journal, told = await open_journal(night)
    assert told is None
    assert not replacement.exists()
    await journal.close()
