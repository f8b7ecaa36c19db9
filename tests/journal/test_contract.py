"""What every journal keeps, the one in memory and the one in a file."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import AlarmRaised, HubStarted, PhoneNotified
from custom_components.homecare_h2o.core.plan_events import PlanChanged
from custom_components.homecare_h2o.ports import Journal

from .factory import (
    at,
    called,
    cleared,
    closed_alarm,
    notified,
    open_alarm,
    open_journal,
    planned,
    raised,
    repeated,
    started,
)
from .memory import MemoryJournal


@pytest.fixture(params=["memory", "file"])
async def journal(request: pytest.FixtureRequest, path: Path) -> AsyncIterator[Journal]:
    makers = {"memory": _memory(), "file": _file(path)}
    journal = await makers.pop(request.param)
    next(iter(makers.values())).close()
    yield journal
    await journal.close()


async def _memory() -> Journal:
    return MemoryJournal()


async def _file(path: Path) -> Journal:
    return (await open_journal(path))[0]


async def test_new_journal_is_empty(journal: Journal) -> None:
    assert await journal.read() == []
    assert await journal.load_unfinished() == []
    assert await journal.load_alarms() == []
    assert await journal.load_alarm("nobody") == []
    assert await journal.load_last_at() is None
    assert await journal.verify() == 0


async def test_rows_are_numbered_from_one_without_gaps(journal: Journal) -> None:
    await journal.append([started()])
    await journal.append(open_alarm(1))
    rows = await journal.read()
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert [row.event for row in rows] == [started(), *open_alarm(1)]
    assert len({row.digest for row in rows}) == 4
    assert await journal.verify() == 4


async def test_read_goes_on_after_a_row(journal: Journal) -> None:
    await journal.append(open_alarm(1))
    assert [row.seq for row in await journal.read(1, 1)] == [2]
    assert [row.seq for row in await journal.read(3)] == []


async def test_both_chains_are_the_same(path: Path) -> None:
    memory, file = await _memory(), await _file(path)
    for journal in (memory, file):
        await journal.append([started(), raised(message="Rör sig inte 🙂 \ud83d")])
        await journal.append([called()], finished=["alarm1"])
    assert await memory.read() == await file.read()
    await file.close()


async def test_last_instant_is_that_of_the_newest_row(journal: Journal) -> None:
    await journal.append([started(50), raised(1)])
    assert await journal.load_last_at() == raised(1).at


async def test_unfinished_alarms_come_whole_and_oldest_first(journal: Journal) -> None:
    await journal.append([raised(2), raised(1), raised(3)])
    await journal.append([started(), called(1), notified(2)], finished=["alarm3"])
    assert await journal.load_unfinished() == [[raised(2), notified(2)], [raised(1), called(1)]]
    assert await journal.load_alarm("alarm3") == [raised(3)]


async def test_what_happens_to_a_finished_alarm_is_kept(journal: Journal) -> None:
    await journal.append(closed_alarm(1), finished=["alarm1", "unknown"])
    await journal.append([cleared(1)])
    assert await journal.load_unfinished() == []
    assert await journal.load_alarms() == [[*closed_alarm(1), cleared(1)]]


async def test_finishing_needs_no_event(journal: Journal) -> None:
    await journal.append(open_alarm(1))
    await journal.append([], finished=["alarm1"])
    assert await journal.load_unfinished() == []


async def test_newest_alarms_come_first(journal: Journal) -> None:
    await journal.append([raised(1), raised(2, brukare_id="b2"), raised(3)])
    assert await journal.load_alarms(limit=2) == [[raised(3)], [raised(2, brukare_id="b2")]]
    assert await journal.load_alarms("b1") == [[raised(3)], [raised(1)]]
    assert await journal.load_alarms("b1", since=raised(1).at + timedelta(microseconds=1)) == [[raised(3)]]
    assert await journal.load_alarms(since=raised(3).at) == [[raised(3)]]


async def test_raise_is_found_in_any_time_zone(journal: Journal) -> None:
    await journal.append([raised(1), repeated(1, at(99))])
    local = timezone(timedelta(hours=2))
    assert await journal.find_raise("b1", "passivity", raised(1).due_at.astimezone(local)) == "alarm1"
    assert await journal.find_raise("b1", "passivity", at(99)) == "alarm1"
    assert await journal.find_raise("b1", "passivity", at(98)) is None
    assert await journal.find_raise("b1", "door", at(99)) is None
    assert await journal.find_raise("b2", "passivity", at(99)) is None


async def test_a_raise_is_written_once_for_its_deadline(journal: Journal) -> None:
    key = ("b1", "passivity", raised(1).due_at)
    assert await journal.append_raise([raised(1), called(1)], key) is None
    assert await journal.append_raise([replace(raised(2), due_at=raised(1).due_at), called(2)], key) == "alarm1"
    assert await journal.append_raise([raised(3)], ("b1", "passivity", raised(3).due_at)) is None
    assert await journal.load_unfinished() == [[raised(1), called(1)], [raised(3)]]
    assert await journal.verify() == 3


async def test_clash_of_raises_loses_no_event(journal: Journal) -> None:
    await journal.append([raised(1)])
    await journal.append([repeated(2, raised(1).due_at), repeated(3, at(99))])
    assert len(await journal.read()) == 3
    assert await journal.find_raise("b1", "passivity", raised(1).due_at) == "alarm1"


async def test_half_an_emoji_does_not_cost_the_alarm(journal: Journal) -> None:
    alarm = raised(1, message="\ud83d", rule="\ud83d")
    await journal.append([alarm])
    assert await journal.load_unfinished() == [[alarm]]
    assert await journal.find_raise("b1", "\ud83d", alarm.due_at) == "alarm1"
    assert await journal.load_alarm("\ud83d") == []
    assert await journal.load_alarms("\ud83d") == []


async def test_event_that_cannot_be_written_takes_the_others_along(journal: Journal) -> None:
    bad = PhoneNotified(at=at(0), alarm_id="alarm1", phone_id="p1", step=object())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        await journal.append([raised(1), bad])
    assert await journal.read() == []
    await journal.append([raised(1)])
    assert await journal.load_unfinished() == [[raised(1)]]


async def test_closed_journal_is_unavailable(journal: Journal) -> None:
    await journal.close()
    await journal.close()
    with pytest.raises(JournalUnavailableError):
        await journal.append([started()])
    with pytest.raises(JournalUnavailableError):
        await journal.load_unfinished()


async def test_rows_of_some_kinds_are_found_without_those_of_alarms(journal: Journal) -> None:
    await journal.append([started(), *open_alarm(1), planned(20)])
    kinds = [HubStarted.kind, PlanChanged.kind, AlarmRaised.kind]
    assert [row.event for row in await journal.load_kinds(kinds)] == [started(), planned(20)]
    assert [row.seq for row in await journal.load_kinds([PlanChanged.kind])] == [5]
    assert await journal.load_kinds([]) == []
