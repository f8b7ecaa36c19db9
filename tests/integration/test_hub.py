"""The hub: its sign of life, its start and its end."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import HubStarted, JournalReplaced
from custom_components.homecare_h2o.engine import Engine
from custom_components.homecare_h2o.facts import Facts
from custom_components.homecare_h2o.hub import SqliteJournal, folder_of

from .pausing import pause, resume
from .rules import House, count, local, settle
from .steps import raise_alarm

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOON = "2026-11-02 12:00:00"
NOT_AT_ALL: list[Any] = []


async def starts(house: House) -> list[HubStarted]:
    return [event for event in await house.journal() if isinstance(event, HubStarted)]


# --- the sign of life --------------------------------------------------------------------------------


async def test_the_hub_notes_each_minute_that_it_lives(house: House) -> None:
    assert house.hub.last_alive_at == local(NOON)
    await house.at("2026-11-02 12:00:59")
    assert house.hub.last_alive_at == local(NOON)
    await house.at("2026-11-02 12:01:00")
    assert house.hub.last_alive_at == local("2026-11-02 12:01:00")


async def test_the_first_start_has_nothing_before_it(house: House) -> None:
    assert [(event.at, event.last_alive_at) for event in await starts(house)] == [(local(NOON), None)]


async def test_a_start_tells_since_when_nobody_watched(house: House) -> None:
    await house.at("2026-11-02 12:05:00")
    await house.at("2026-11-02 12:05:40")
    await house.restart("2026-11-02 15:00:00")
    started = (await starts(house))[-1]
    assert (started.at, started.last_alive_at) == (local("2026-11-02 15:00:00"), local("2026-11-02 12:05:00"))


async def test_the_sign_of_life_ends_with_the_hub(house: House) -> None:
    facts = house.hub.facts
    await house.stop_hub()
    await house.at("2026-11-02 13:00:00")
    assert facts.get("hub.alive") == {"at": local(NOON).isoformat()}
    await house.start_hub()


# --- its clock ------------------------------------------------------------------------------------------


async def test_a_start_in_1970_goes_on_from_the_last_sign_of_life(house: House) -> None:
    await house.at("2026-11-02 12:05:00")
    await house.restart("1970-01-01 01:00:30")
    assert house.hub.clock.is_behind
    started = (await starts(house))[-1]
    assert local("2026-11-02 12:05:00") <= started.at < local("2026-11-02 12:06:00")


async def test_what_was_due_is_neither_lost_nor_hastened_by_a_start_in_1970(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.at("2026-11-03 09:59:00")
    await house.restart("1970-01-01 01:00:30")
    assert await house.raised() == NOT_AT_ALL
    house.freezer.move_to(local("2026-11-03 10:30:00"))
    await house.at("2026-11-03 10:30:15")
    assert [(alarm.due_at, alarm.late) for alarm in await house.raised()] == [(local("2026-11-03 10:00:00"), True)]


async def test_motion_counts_although_the_clock_is_wrong(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.at("2026-11-03 07:00:00")
    house.freezer.move_to(local("1970-01-01 01:00:30"))
    await house.motion("on")
    await house.motion("off")
    house.freezer.move_to(local("2026-11-03 10:30:00"))
    await house.at("2026-11-03 10:30:15")
    assert await house.raised() == NOT_AT_ALL


# --- looking after itself ------------------------------------------------------------------------------


async def test_an_alarm_that_is_stuck_is_told_and_no_longer_when_it_goes_on(hass: HomeAssistant, house: House) -> None:
    with patch.object(Engine, "audit", return_value=["alarm-1"]):
        await house.at("2026-11-02 12:01:00")
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "alarm_stuck")
    assert issue
    assert issue.translation_placeholders == {"alarms": "alarm-1"}
    await house.at("2026-11-02 12:02:00")
    assert ir.async_get(hass).async_get_issue(DOMAIN, "alarm_stuck") is None


async def test_a_journal_that_cannot_be_written_is_told(hass: HomeAssistant, house: House) -> None:
    with patch.object(SqliteJournal, "append", side_effect=JournalUnavailableError("full")):
        data = {"device_id": house.brukare, "alarm_type": "leak"}
        await hass.services.async_call(DOMAIN, "raise_alarm", data, blocking=True)
        await house.at("2026-11-02 12:01:00")
        assert ir.async_get(hass).async_get_issue(DOMAIN, "journal_behind")
    await house.at("2026-11-02 12:01:15")
    await house.at("2026-11-02 12:02:00")
    assert ir.async_get(hass).async_get_issue(DOMAIN, "journal_behind") is None
    assert len(await house.raised()) == 1


# --- trouble at the start ----------------------------------------------------------------------------


async def test_a_damaged_journal_is_set_aside_and_everyone_is_told(hass: HomeAssistant, house: House) -> None:
    await house.stop_hub()
    (folder_of(hass, house.entry) / "journal.db").write_bytes(b"nonsense" * 1000)
    await house.start_hub()
    assert count(await house.journal(), JournalReplaced) == 1
    assert [alarm.alarm_type for alarm in await house.raised()] == ["technical"]
    assert [issue for issue in house.issues() if issue.startswith("journal_damaged:")] != NOT_AT_ALL


async def test_a_journal_that_turns_out_not_to_be_writable_loses_no_alarm(hass: HomeAssistant, house: House) -> None:
    await house.stop_hub()
    with (folder_of(hass, house.entry) / "journal.db").open("r+b") as file:
        # The first page of the free list: none has this number.
        file.seek(32)
        file.write((10**6).to_bytes(4) + (3).to_bytes(4))
    await house.start_hub()
    before = house.hub
    raised = {await raise_alarm(hass, house.brukare, rule=f"rule {number}", message="x" * 900) for number in range(20)}
    await settle(hass)
    assert house.hub is not before
    alarms = house.hub.engine.alarms
    assert raised <= alarms.keys()
    assert [alarm.alarm_type for alarm in alarms.values() if alarm.alarm_id not in raised] == ["technical"]
    assert [issue for issue in house.issues() if issue.startswith("journal_damaged:")] != NOT_AT_ALL
    assert isinstance((await house.journal())[0], JournalReplaced)
    assert not house.hub.engine.is_journal_behind


async def test_a_journal_that_cannot_be_opened_is_tried_again(hass: HomeAssistant, house: House) -> None:
    await house.stop_hub()
    with patch.object(SqliteJournal, "open", side_effect=JournalUnavailableError("locked")):
        await hass.config_entries.async_setup(house.entry.entry_id)
    states = [house.entry.state]
    await house.at("2026-11-02 12:10:00")
    assert [*states, house.entry.state] == [ConfigEntryState.SETUP_RETRY, ConfigEntryState.LOADED]


@pytest.mark.parametrize(
    ("owner", "deed", "trouble"),
    [
        pytest.param(Facts, "open", JournalUnavailableError("locked"), id="facts that cannot be opened"),
        pytest.param(Path, "mkdir", PermissionError("read-only"), id="a folder that cannot be made"),
    ],
)
async def test_trouble_at_the_start_does_not_keep_the_alarms_off(
    hass: HomeAssistant, house: House, owner: type, deed: str, trouble: Exception
) -> None:
    await house.stop_hub()
    with patch.object(owner, deed, side_effect=trouble):
        await hass.config_entries.async_setup(house.entry.entry_id)
    await house.at("2026-11-02 12:10:00")
    assert house.entry.state is ConfigEntryState.LOADED


async def test_facts_that_are_damaged_are_learnt_anew(hass: HomeAssistant, house: House) -> None:
    await house.stop_hub()
    (folder_of(hass, house.entry) / "facts.db").write_bytes(b"nonsense" * 1000)
    await house.start_hub()
    assert house.hub.last_alive_at == local(NOON)


async def test_the_journal_lies_within_the_configuration(hass: HomeAssistant, house: House, tmp_path: Path) -> None:
    assert folder_of(hass, house.entry) == tmp_path / DOMAIN / house.entry.entry_id
    assert (folder_of(hass, house.entry) / "journal.db").exists()


# --- the end --------------------------------------------------------------------------------------------


async def test_an_open_alarm_goes_on_after_a_reload(hass: HomeAssistant, house: House) -> None:
    data = {"device_id": house.brukare, "alarm_type": "leak"}
    await hass.services.async_call(DOMAIN, "raise_alarm", data, blocking=True)
    await house.stop_hub()
    await house.start_hub()
    assert len(house.hub.engine.alarms) == 1


async def test_an_alarm_cannot_be_raised_without_a_hub(hass: HomeAssistant, house: House) -> None:
    await house.stop_hub()
    data = {"device_id": house.brukare, "alarm_type": "leak"}
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(DOMAIN, "raise_alarm", data, blocking=True)
    await house.start_hub()
    await settle(hass)


async def test_a_brukare_who_is_gone_has_no_code(house: House) -> None:
    assert house.hub.code_of("brukare-1") == "K7-31"
    assert house.hub.code_of("gone") == "?"


# --- a journal that cannot be written -----------------------------------------------------------------


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have a disk that takes nothing, until this is undone."""

    async def fail(*_: Any, **__: Any) -> None:
        raise JournalUnavailableError("full")

    monkeypatch.setattr(SqliteJournal, "append", fail)
    return monkeypatch


async def test_a_reload_loses_no_alarm_that_could_not_be_written(house: House, full: pytest.MonkeyPatch) -> None:
    alarm_id = await raise_alarm(house.hass, house.brukare)
    await house.start_hub_again()
    assert list(house.hub.engine.alarms) == [alarm_id]
    await house.start_hub_again()
    full.undo()
    await house.hub.engine.wake()
    assert [event.alarm_id for event in await house.raised()] == [alarm_id]
    await house.start_hub_again()
    assert list(house.hub.engine.alarms) == [alarm_id]


async def test_what_could_not_be_written_is_written_by_the_next_start_that_can(
    house: House, full: pytest.MonkeyPatch
) -> None:
    alarm_id = await raise_alarm(house.hass, house.brukare)
    await house.stop_hub()
    full.undo()
    await house.start_hub()
    assert [event.alarm_id for event in await house.raised()] == [alarm_id]
    assert list(house.hub.engine.alarms) == [alarm_id]


async def test_a_pause_that_was_ended_does_not_begin_again_with_a_reload(
    house: House,
) -> None:
    await pause(house)
    with patch.object(SqliteJournal, "append", side_effect=JournalUnavailableError("full")):
        await resume(house)
        await house.start_hub_again()
        assert house.hub.pauses.pauses.begun == ()
