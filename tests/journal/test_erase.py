"""A person is erased on request, and the chain still proves everything (docs/decisions/0017)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.homecare_h2o import journal_erase, journal_rows as rows
from custom_components.homecare_h2o.core.arming_events import ConsentStatus
from custom_components.homecare_h2o.core.erasing import PSEUDONYM, Eraser
from custom_components.homecare_h2o.core.erasing_events import JournalErased
from custom_components.homecare_h2o.core.errors import AlarmsOpenError, JournalDamagedError, JournalUnavailableError
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmEvent,
    AlarmRaised,
    DetectionNoted,
    DeviationFiled,
    DeviationKind,
    DeviationStatus,
    DeviationUpdated,
    Event,
    NoteAdded,
    NoteKind,
)
from custom_components.homecare_h2o.journal import SqliteJournal

from .damaging import copy_running, find_open, flip, tamper
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
from .test_lasting import consent, paused

NOW = at(1_000_000)
BY = Actor(user_id="larmansvarig")
PERSON = "01JBRUKAREKANPERSON"
TRACES = (PERSON, "Tess", "Testvägen", "Sjukhus", "Pärm 4", "tess_hall", "Tess hall")


def eraser() -> Eraser:
    return Eraser(PERSON, b"secret", lambda text: text.replace("Tess", "…"))


def filed(deviation_id: str, brukare_id: str) -> DeviationFiled:
    return DeviationFiled(
        at=at(60),
        deviation_id=deviation_id,
        brukare_id=brukare_id,
        deviation=DeviationKind.OWN,
        happened_at=at(60),
        alarm_id=None,
        alarm_type=None,
        text="Ring Tess",
        comment=None,
        by=BY,
        source=None,
    )


def updated(deviation_id: str) -> DeviationUpdated:
    return DeviationUpdated(
        at=at(61), deviation_id=deviation_id, status=DeviationStatus.ARCHIVED, comment="Tess mår bra", by=BY
    )


def persons_alarm(number: int) -> list[AlarmEvent]:
    """Return an alarm of the person, with texts in it."""
    begun = replace(
        raised(number, brukare_id=PERSON, rule="Tess hall", message="Tess har fallit på Testvägen 1"),
        sources=("binary_sensor.tess_hall",),
        response="Ring Tess",
    )
    again = replace(
        repeated(number, at(10 * number + 2)), brukare_id=PERSON, rule="Tess hall", sources=("a.tess_hall",)
    )
    note = NoteAdded(at=at(10 * number + 2), alarm_id=begun.alarm_id, by=BY, note="Tess var trött")
    return [begun, *closed_alarm(number)[1:3], again, note, replace(resolved(number), note="Tess"), cleared(number)]


OTHERS: list[Event] = [
    started(),
    *closed_alarm(1),
    DetectionNoted(at=at(20), note=NoteKind.BEGAN, trigger="t", sources=("Tess",), due_at=None),
    filed("d1", "b1"),
    updated("d1"),
]
PERSONS: list[Event] = [
    *persons_alarm(2),
    *persons_alarm(3),
    filed("d2", PERSON),
    updated("d2"),
    replace(planned(5), brukare_id=PERSON, rule="Tess hall"),
    replace(paused(6), brukare_id=PERSON),
    replace(consent(7, ConsentStatus.WITHDRAWN), brukare_id=PERSON),
]


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[SqliteJournal]:
    """A journal with the rows of a person between those of others."""
    journal, _ = await open_journal(path)
    await journal.append(OTHERS, finished=["alarm1"])
    await journal.append(PERSONS, finished=["alarm2", "alarm3"])
    await journal.append(closed_alarm(4), finished=["alarm4"])
    yield journal
    await journal.close()


async def events(journal: SqliteJournal) -> list[Event]:
    return [row.event for row in await journal.read(limit=1_000_000)]


def traces(path: Path) -> list[str]:
    """Return what can be found of the person in any byte of the journal's files."""
    content = b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    return [trace for trace in TRACES if trace.encode() in content]


# --- what is left ----------------------------------------------------------------------------------


async def test_no_byte_of_the_person_is_left_while_the_journal_goes_on(path: Path, journal: SqliteJournal) -> None:
    assert traces(path) == list(TRACES)
    assert await journal.erase(eraser(), BY, NOW) == len(PERSONS) - 6 + 3
    assert traces(path) == []
    await journal.append(open_alarm(5))
    assert await journal.verify() == len(OTHERS) + len(PERSONS) + 5 + 1 + 3


async def test_much_of_a_person_is_left_no_byte_of_either(path: Path, journal: SqliteJournal) -> None:
    for number in range(100, 400):
        text = "Tess är trött. " * (number * 7 % 500)
        long = NoteAdded(at=at(10 * number + 2), alarm_id=f"alarm{number}", by=BY, note=text)
        await journal.append([*persons_alarm(number)[:4], long], finished=[])
        await journal.append([*persons_alarm(number)[5:]], finished=[f"alarm{number}"])
        await journal.append(closed_alarm(1000 + number), finished=[f"alarm{1000 + number}"])
    await journal.erase(eraser(), BY, NOW)
    assert traces(path) == []
    assert await journal.verify()


async def test_what_happened_and_when_is_left(journal: SqliteJournal) -> None:
    before = await events(journal)
    await journal.erase(eraser(), BY, NOW)
    *after, told = await events(journal)
    assert [(event.kind, event.at) for event in after] == [(event.kind, event.at) for event in before]
    assert isinstance(told, JournalErased)
    assert (told.by, told.at) == (BY, NOW)
    begun = [event for event in after if isinstance(event, AlarmRaised) and event.brukare_id.startswith(PSEUDONYM)]
    assert [(event.alarm_id, event.message, event.response) for event in begun] == [
        ("alarm2", None, None),
        ("alarm3", None, None),
    ]
    assert (len({event.rule for event in begun}), len({event.sources for event in begun})) == (1, 1)


async def test_others_keep_what_is_theirs(journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    left = await events(journal)
    assert left[:6] == OTHERS[:6]
    assert isinstance(left[7], DeviationFiled)
    assert (left[7].brukare_id, left[7].text) == ("b1", "Ring …")
    assert await journal.load_alarm("alarm4") == closed_alarm(4)
    assert await journal.find_raise("b1", "passivity", raised(1).due_at) == "alarm1"


async def test_alarms_are_found_under_the_pseudonym(journal: SqliteJournal) -> None:
    person = eraser()
    await journal.erase(person, BY, NOW)
    assert await journal.load_alarms(PERSON) == []
    assert [history[0].alarm_id for history in await journal.load_alarms(person.pseudonym)] == ["alarm3", "alarm2"]
    assert await journal.find_raise(PERSON, "Tess hall", raised(2).due_at) is None


async def test_once_more_changes_nothing(journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    before = await events(journal)
    assert await journal.erase(Eraser(PERSON, b"another", lambda text: text.replace("Tess", "…")), BY, NOW) == 0
    assert await events(journal) == before


async def test_what_came_afterwards_is_erased_with_what_was(path: Path, journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    await journal.append(persons_alarm(8), finished=["alarm8"])
    assert await journal.erase(eraser(), BY, NOW) == 4
    assert traces(path) == []
    (last,) = [event for event in await events(journal) if isinstance(event, JournalErased)][1:]
    assert len(last.rows) == len(PERSONS) - 6 + 3 + 4
    assert await journal.verify()


# --- when it is refused ----------------------------------------------------------------------------


async def test_nobody_is_erased_while_an_alarm_is_open(path: Path, journal: SqliteJournal) -> None:
    await journal.append(open_alarm(5))
    before = await events(journal)
    with pytest.raises(AlarmsOpenError):
        await journal.erase(eraser(), BY, NOW)
    assert await events(journal) == before


async def test_nobody_is_erased_while_a_backup_is_made(journal: SqliteJournal) -> None:
    await journal.prepare_backup()
    with pytest.raises(JournalUnavailableError):
        await journal.erase(eraser(), BY, NOW)
    await journal.finish_backup()
    assert await journal.erase(eraser(), BY, NOW)


async def test_a_backup_that_begins_meanwhile_is_not_disturbed(
    path: Path, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(*_: object) -> int:
        journal._is_backed_up = True
        return 1

    monkeypatch.setattr(journal_erase, "commit", commit)
    size = path.with_name("journal.db-wal").stat().st_size
    await journal.erase(eraser(), BY, NOW)
    assert path.with_name("journal.db-wal").stat().st_size == size


async def test_what_was_changed_is_not_rewritten_with_its_traces(path: Path, journal: SqliteJournal) -> None:
    await journal.append([started(n) for n in range(2000)])
    await journal.close()
    tamper(path, "UPDATE events SET at = '2026-01-01' WHERE seq = 3")
    again, told = await open_journal(path)
    assert told is None
    with pytest.raises(JournalDamagedError, match="the chain breaks at row 3"):
        await again.erase(eraser(), BY, NOW)
    await again.close()
    assert PERSON in traces(path)


async def test_all_or_nothing(
    path: Path, tmp_path: Path, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(journal_erase, "_tell", cut)
    with pytest.raises(JournalUnavailableError):
        await journal.erase(eraser(), BY, NOW)
    monkeypatch.undo()
    copy = copy_running(path, tmp_path / "copy")
    again, told = await open_journal(copy)
    assert told is None
    assert await again.load_alarm("alarm2") == persons_alarm(2)
    assert await again.verify()
    await again.close()


async def test_a_kill_afterwards_leaves_no_trace_after_the_next_start(
    path: Path, tmp_path: Path, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal._writer.run(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 0"))
    monkeypatch.setattr(journal_erase, "CHUNK", 7)
    erasure = journal_erase.Erasure(eraser())
    await journal._writer.run(lambda connection: journal_erase.commit(connection, erasure, BY, NOW))
    copy = copy_running(path, tmp_path / "copy")
    again, told = await open_journal(copy)
    assert told is None
    assert traces(copy) == []
    assert await again.verify()
    await again.close()


# --- what is still proved --------------------------------------------------------------------------


async def test_a_restart_takes_rewritten_rows_as_they_are(path: Path, journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    await journal.close()
    again, told = await open_journal(path)
    assert told is None
    assert await again.verify()
    await again.close()


LAST = len(OTHERS) + len(PERSONS) + 6


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = replace(data, 'passivity', 'fire') WHERE alarm_id = 'alarm2' AND kind = 'raised'",
        "UPDATE events SET digest = replace(digest, substr(digest, 1, 1), 'x') WHERE seq = 11",
        "UPDATE events SET at = '2026-01-01' WHERE seq = 11",
        "DELETE FROM events WHERE seq = 11",
        "UPDATE events SET data = replace(data, 'b1', 'b2') WHERE seq = 8",
        f"UPDATE events SET data = replace(data, 'seq\":10}}', 'seq\":99}}') WHERE seq = {LAST}",
        "DELETE FROM meta WHERE key = 'erased'",
        "UPDATE meta SET value = '3' WHERE key = 'erased'",
        "UPDATE meta SET value = '999' WHERE key = 'erased'",
    ],
)
async def test_a_change_of_what_was_rewritten_is_found(path: Path, journal: SqliteJournal, statement: str) -> None:
    await journal.erase(eraser(), BY, NOW)
    await journal.append([started(n) for n in range(2000)])
    await journal.close()
    tamper(path, statement)
    again, told = await open_journal(path)
    with pytest.raises(JournalDamagedError):
        await verify_unless(again, told is not None)
    await again.close()


async def verify_unless(journal: SqliteJournal, found: bool) -> None:
    """Check the journal, unless the start has found the damage already."""
    assert not found or (_ for _ in ()).throw(JournalDamagedError("found by the start"))
    await journal.verify()


async def test_an_older_list_is_not_taken_for_the_newest(path: Path, journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    await journal.append(persons_alarm(8), finished=["alarm8"])
    await journal.erase(eraser(), BY, NOW)
    await journal.append([started(n) for n in range(2000)])
    await journal.close()
    tamper(path, f"UPDATE meta SET value = '{LAST}' WHERE key = 'erased'")
    again, _ = await open_journal(path)
    with pytest.raises(JournalDamagedError):
        await again.verify()
    await again.close()


async def test_sql_still_changes_no_row(journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    with pytest.raises(JournalUnavailableError, match="append-only"):
        await journal._writer.run(lambda connection: connection.execute("UPDATE events SET data = '{}'"))
    with pytest.raises(JournalUnavailableError, match="append-only"):
        await journal._writer.run(
            lambda connection: connection.executescript(
                "INSERT INTO meta VALUES ('erasing', ''); UPDATE events SET at = ''"
            )
        )


# --- together with the rest ------------------------------------------------------------------------


async def test_old_rows_that_were_rewritten_are_removed(journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    assert await journal.purge(at(100_000), at(2_000_000))
    assert await journal.verify()
    left = [event.kind for event in await events(journal)]
    assert left == ["plan_changed", "pause_started", "consent_registered", "journal_erased", "journal_purged"]


async def test_the_list_of_rewritten_rows_is_never_removed(journal: SqliteJournal) -> None:
    await journal.erase(eraser(), BY, NOW)
    await journal.purge(at(3_000_000), at(3_000_001))
    await journal.purge(at(4_000_000), at(4_000_001))
    assert "journal_erased" in [event.kind for event in await events(journal)]
    assert await journal.verify()


async def test_what_was_removed_needs_no_rewriting(journal: SqliteJournal) -> None:
    await journal.purge(at(25), NOW)
    await journal.append(persons_alarm(8), finished=["alarm8"])
    await journal.erase(eraser(), BY, NOW)
    await journal.purge(at(100_000), at(2_000_000))
    await journal.append(persons_alarm(9), finished=["alarm9"])
    await journal.erase(eraser(), BY, at(2_000_001))
    assert await journal.verify()
    last = [event for event in await events(journal) if isinstance(event, JournalErased)][-1]
    seqs = {row.seq for row in await journal.read(limit=1_000_000)}
    assert {row.seq for row in last.rows} <= seqs


async def test_a_damaged_journal_gives_open_alarms_and_what_lasts_and_no_person(
    path: Path, journal: SqliteJournal
) -> None:
    person = eraser()
    await journal.erase(person, BY, NOW)
    await journal.append(open_alarm(5))
    await journal.close()
    flip(path, 60)
    again, told = await open_journal(path)
    assert told
    assert await find_open(again) == {"alarm5"}
    kept = await again.load_kinds({"consent_registered", "pause_started", "plan_changed"})
    assert [getattr(row.event, "brukare_id", None) for row in kept] == [person.pseudonym] * 3
    assert await again.verify()
    await again.close()
    assert traces(path) == []


async def test_an_alarm_whose_beginning_is_gone_is_erased_with_the_person(journal: SqliteJournal) -> None:
    await journal.append([NoteAdded(at=at(90), alarm_id="gone", by=BY, note="Ring Karin")])
    await journal.erase(eraser(), BY, NOW)
    assert (await journal.load_alarm("gone"))[0] == NoteAdded(at=at(90), alarm_id="gone", by=BY, note="")


def test_the_notified_phone_is_no_persons() -> None:
    assert eraser().erase(notified(1)) == notified(1)


async def test_an_older_file_learns_to_be_rewritten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "FORMAT", 3)
    monkeypatch.setattr(rows, "MIGRATIONS", rows.MIGRATIONS[:3])
    journal, _ = await open_journal(path)
    await journal.append(persons_alarm(1), finished=["alarm1"])
    await journal.close()
    monkeypatch.undo()
    journal, told = await open_journal(path)
    assert told is None
    assert await journal.erase(eraser(), BY, NOW) == 4
    assert await journal.verify()
    await journal.close()
