"""What is true until another row says otherwise outlives a damaged journal (core/lasting)."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from custom_components.homecare_h2o.core.arming_events import (
    ConsentRegistered,
    ConsentService,
    ConsentStatus,
    PauseEnded,
    PauseStarted,
)
from custom_components.homecare_h2o.core.errors import JournalDamagedError, JournalUnavailableError
from custom_components.homecare_h2o.core.events import Actor, Event
from custom_components.homecare_h2o.core.lasting import LASTING_KINDS
from custom_components.homecare_h2o.journal import SqliteJournal

from .conftest import OPEN
from .damaging import Damager, find_open, flip, tamper
from .factory import at, closed_alarm, open_alarm, open_journal, planned, started

BY = Actor(user_id="u1")


def paused(seconds: float) -> PauseStarted:
    return PauseStarted(
        at=at(seconds),
        pause_id=f"pause{seconds}",
        brukare_id="b1",
        rule=None,
        reason="Sjukhus",
        until_at=at(seconds) + timedelta(days=9),
        by=BY,
    )


def resumed(seconds: float, pause: PauseStarted) -> PauseEnded:
    return PauseEnded(at=at(seconds), pause_id=pause.pause_id, brukare_id="b1", by=BY, expired=False)


def consent(seconds: float, status: ConsentStatus) -> ConsentRegistered:
    return ConsentRegistered(
        at=at(seconds),
        brukare_id="b1",
        service=ConsentService.LARM,
        status=status,
        decided_on="2026-10-24",
        version="2",
        reference="Pärm 4",
        expires_on=None,
        cohabitant=False,
        by=BY,
    )


LASTING: Sequence[Event] = (
    planned(1),
    paused(2),
    resumed(3, paused(2)),
    consent(4, ConsentStatus.GIVEN),
    planned(5),
    paused(6),
    consent(7, ConsentStatus.WITHDRAWN),
)


async def lasting(journal: SqliteJournal) -> list[Event]:
    return [row.event for row in await journal.load_kinds(LASTING_KINDS)]


@pytest.fixture
async def full(night: Path) -> Path:
    """A night whose journal has what lasts in its middle, too."""
    journal, _ = await open_journal(night)
    await journal.append(LASTING[:4])
    await journal.append([event for number in range(301, 331) for event in closed_alarm(number)])
    await journal.append([], finished=[f"alarm{number}" for number in range(301, 331)])
    await journal.append(LASTING[4:])
    await journal.close()
    return night


@pytest.mark.parametrize(
    "damage",
    [
        partial(flip, offset=61),
        partial(flip, offset=0, length=4096),
        lambda path: tamper(path, "DROP TABLE alarms"),
        lambda path: tamper(path, "UPDATE events SET at = '2026-01-01' WHERE seq = 20"),
    ],
)
async def test_what_lasts_goes_on_in_order(full: Path, damage: Damager) -> None:
    damage(full)
    flip(full, 60)
    journal, told = await open_journal(full)
    assert told
    assert await lasting(journal) == list(LASTING)
    assert await find_open(journal) == {f"alarm{number}" for number in OPEN}
    assert (await journal.read(limit=1))[0].event.kind == "journal_replaced"
    assert await journal.verify()
    await journal.close()


async def test_what_lasts_goes_on_through_one_replacement_after_the_other(full: Path) -> None:
    for _ in range(3):
        flip(full, 60)
        journal, told = await open_journal(full)
        assert told
        assert await lasting(journal) == list(LASTING)
        await journal.close()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (planned(9), [planned(9)]),
        (paused(9), []),
        (resumed(9, paused(2)), [resumed(9, paused(2))]),
        (consent(9, ConsentStatus.WITHDRAWN), [consent(9, ConsentStatus.WITHDRAWN)]),
        (consent(9, ConsentStatus.GIVEN), [consent(9, ConsentStatus.GIVEN)]),
        (started(9), []),
    ],
)
async def test_behind_a_break_only_a_pause_is_not_believed(path: Path, event: Event, expected: list[Event]) -> None:
    journal, _ = await open_journal(path)
    await journal.append([started(), started(1), event, *open_alarm(1)])
    await journal.close()
    tamper(path, "DELETE FROM events WHERE seq = 2")
    journal, told = await open_journal(path)
    assert told
    assert await lasting(journal) == expected
    assert await find_open(journal) == {"alarm1"}
    await journal.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE events SET data = '{}' WHERE seq = 4",
        "DELETE FROM events WHERE seq = 4",
        "DELETE FROM events WHERE seq > 3",
    ],
)
async def test_a_pause_whose_end_may_be_lost_is_not_believed(path: Path, damage: str) -> None:
    journal, _ = await open_journal(path)
    await journal.append([planned(1), started(1), paused(2), resumed(3, paused(2)), started(4)])
    await journal.close()
    tamper(path, damage)
    journal, told = await open_journal(path)
    assert told
    assert await lasting(journal) == [planned(1)]
    await journal.close()


async def test_what_lasts_and_cannot_be_read_is_replaced_at_the_next_start(path: Path) -> None:
    journal, _ = await open_journal(path)
    await journal.append([consent(1, ConsentStatus.WITHDRAWN), planned(2)])
    await journal.append([started(3)] * 2000)
    await journal.close()
    tamper(path, "UPDATE events SET data = '{}' WHERE kind = 'plan_changed'")
    journal, told = await open_journal(path)
    assert told is None
    with pytest.raises(JournalUnavailableError) as caught:
        await lasting(journal)
    assert isinstance(caught.value.__cause__, JournalDamagedError)
    await journal.close()
    journal, told = await open_journal(path)
    assert told
    assert await lasting(journal) == [consent(1, ConsentStatus.WITHDRAWN)]
    await journal.close()
