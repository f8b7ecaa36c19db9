"""Starting, stopping, and starting again with open alarms."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
import threading
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core import commands
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import AlarmRaised, HubStarted, JournalReplaced
from custom_components.homecare_h2o.facts import Facts
from custom_components.homecare_h2o.hub import folder_of
from custom_components.homecare_h2o.journal import SqliteJournal
from custom_components.homecare_h2o.services import ACTIONS

from .conftest import Pushed
from .steps import (
    button,
    call,
    collect_steps,
    get_alarm,
    go_on,
    journalled,
    press,
    raise_alarm,
    settle,
    steps_of,
)

type Phones = dict[str, MockConfigEntry]
type Stopped = Callable[[], Coroutine[Any, Any, MockConfigEntry]]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


def state_of(home: MockConfigEntry) -> ConfigEntryState:
    """Return how the hub is."""
    state: ConfigEntryState = home.state
    return state


async def stop(hass: HomeAssistant, home: MockConfigEntry) -> Path:
    """Stop the hub and return where its files are."""
    assert await hass.config_entries.async_unload(home.entry_id)
    return folder_of(hass, home)


async def start(hass: HomeAssistant, home: MockConfigEntry) -> ConfigEntryState:
    """Start the hub."""
    await hass.config_entries.async_setup(home.entry_id)
    await settle(hass)
    return state_of(home)


@pytest.fixture
async def broken(hass: HomeAssistant, home: MockConfigEntry) -> AsyncGenerator[MockConfigEntry]:
    """Stop the hub, and see that it can be started again when the trouble is over."""
    await stop(hass, home)
    yield home
    assert await hass.config_entries.async_reload(home.entry_id)


async def test_a_hub_starts_and_stops(hass: HomeAssistant, home: MockConfigEntry) -> None:
    assert state_of(home) is ConfigEntryState.LOADED
    await stop(hass, home)
    assert state_of(home) is ConfigEntryState.NOT_LOADED
    assert await start(hass, home) is ConfigEntryState.LOADED


async def test_the_actions_are_there_before_any_hub(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.async_services_for_domain(DOMAIN).keys() == ACTIONS.keys()


async def test_a_changed_setting_is_taken_up(hass: HomeAssistant, home: MockConfigEntry) -> None:
    before = home.runtime_data
    hass.config_entries.async_update_entry(home, title="Hub 2")
    await settle(hass)
    assert home.state is ConfigEntryState.LOADED
    assert home.runtime_data is not before


async def test_an_alarm_goes_on_after_a_reload_and_its_phones_are_called_again(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    deadline = (await get_alarm(hass, alarm_id))["next_deadline_at"]
    assert await hass.config_entries.async_reload(home.entry_id)
    await settle(hass)
    assert [len(pushed(phone)) for phone in ("1 Htj dag", "2 Htj dag", "1 Nattpatrull")] == [2, 2, 0]
    assert button(pushed("1 Htj dag")[1], 0) == button(pushed("1 Htj dag")[0], 0)
    alarm = await get_alarm(hass, alarm_id)
    assert (alarm["state"], alarm["next_deadline_at"]) == ("raised", deadline)
    assert alarm["timeline"][-3]["reason"] == "restarted"


async def test_a_button_from_before_a_reload_still_works(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await hass.config_entries.async_reload(home.entry_id)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    assert (await get_alarm(hass, alarm_id))["state"] == "acknowledged"


async def test_what_fell_due_while_the_hub_was_stopped_happens_at_the_start(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    freezer: FrozenDateTimeFactory,
    pushed: Pushed,
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await stop(hass, home)
    freezer.tick(360)
    told = collect_steps(hass)
    await start(hass, home)
    assert len(pushed("Larmansvarig")) == 1
    step = next(step for step in (await get_alarm(hass, alarm_id))["timeline"] if step["event"] == "escalated")
    assert (step["level"], step["late"]) == (2, True)
    assert [step["type"] for step in told][:1] == ["escalated"]


async def test_a_taken_alarm_is_not_called_again_after_a_reload(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    assert await hass.config_entries.async_reload(home.entry_id)
    await settle(hass)
    assert pushed("2 Htj dag")[-1]["message"] == "Tas av 1 Htj dag"
    assert len(pushed("1 Htj dag")[-1]["data"]["actions"]) == 2


async def test_a_closed_alarm_stays_closed(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    before = len(pushed("1 Htj dag"))
    assert await hass.config_entries.async_reload(home.entry_id)
    await settle(hass)
    assert (len(pushed("1 Htj dag")), home.runtime_data.engine.alarms) == (before, {})


async def test_the_gap_since_the_last_sign_of_life_is_journalled(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    await go_on(hass, freezer, minutes=1)
    await stop(hass, home)
    freezer.tick(600)
    await start(hass, home)
    first, second = [event for event in await journalled(home) if isinstance(event, HubStarted)]
    assert first.last_alive_at is None
    assert second.last_alive_at
    assert (second.at - second.last_alive_at).total_seconds() == pytest.approx(600, abs=1)


async def test_what_is_under_way_when_the_hub_is_reloaded_is_not_lost(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    await home.runtime_data.engine._lock.acquire()
    engine = home.runtime_data.engine
    raised = hass.async_create_task(raise_alarm(hass, brukare_device), eager_start=True)
    reload = hass.async_create_task(hass.config_entries.async_reload(home.entry_id), eager_start=True)
    hass.loop.call_soon(engine._lock.release)
    await reload
    alarm_id = await raised
    await settle(hass)
    assert list(home.runtime_data.engine.alarms) == [alarm_id]


# --- trouble with the disk -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (SqliteJournal, "open"),
        (SqliteJournal, "load_last_at"),
        (SqliteJournal, "load_unfinished"),
        (Facts, "open"),
    ],
)
async def test_a_hub_that_cannot_use_its_disk_tries_again(
    hass: HomeAssistant, broken: MockConfigEntry, kind: type, method: str
) -> None:
    with patch.object(kind, method, side_effect=JournalUnavailableError("disk")):
        assert await start(hass, broken) is ConfigEntryState.SETUP_RETRY
    assert (broken.error_reason_translation_key, broken.reason) == (
        "journal_unavailable",
        "The journal cannot be read or written. Check the disk",
    )


async def test_a_hub_whose_folder_cannot_be_made_tries_again(hass: HomeAssistant, broken: MockConfigEntry) -> None:
    with patch("custom_components.homecare_h2o.hub.Path.mkdir", side_effect=PermissionError):
        assert await start(hass, broken) is ConfigEntryState.SETUP_RETRY


async def test_a_journal_of_a_newer_version_is_left_alone(hass: HomeAssistant, broken: MockConfigEntry) -> None:
    with patch("custom_components.homecare_h2o.journal_rows.FORMAT", 0):
        assert await start(hass, broken) is ConfigEntryState.SETUP_RETRY


async def test_a_damaged_journal_is_set_aside_and_told(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    folder = await stop(hass, home)
    (folder / "journal.db").write_bytes(b"this is no database" * 1000)
    assert await start(hass, home) is ConfigEntryState.LOADED
    (aside,) = [path.name for path in folder.iterdir() if "damaged" in path.name]
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"journal_damaged:{aside}")
    assert issue
    assert (issue.severity, issue.is_persistent) == (ir.IssueSeverity.CRITICAL, True)
    assert issue.translation_placeholders == {"file": aside}
    events = await journalled(home)
    assert [event.file for event in events if isinstance(event, JournalReplaced)] == [aside]
    assert [event.alarm_type for event in events if isinstance(event, AlarmRaised)] == ["technical"]
    assert pushed("Larmansvarig")[-1]["title"] == "K7-31 · Tekniskt larm"


async def test_an_open_alarm_survives_a_damaged_journal(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    folder = await stop(hass, home)
    journal = folder / "journal.db"
    journal.write_bytes(b"\0" * 100 + journal.read_bytes()[100:])
    await start(hass, home)
    assert alarm_id in home.runtime_data.engine.alarms
    assert "raised" in await steps_of(hass, alarm_id)


async def test_a_damaged_memory_of_the_sensors_is_told_and_keeps_nothing_from_working(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    folder = await stop(hass, home)
    (folder / "facts.db").write_bytes(b"this is no database" * 1000)
    assert await start(hass, home) is ConfigEntryState.LOADED
    assert [key.partition(":")[0] for _, key in ir.async_get(hass).issues] == ["facts_damaged"]
    await raise_alarm(hass, brukare_device)
    assert len(pushed("1 Htj dag")) == 1


async def test_one_alarm_that_cannot_go_on_does_not_hold_up_the_next(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    freezer: FrozenDateTimeFactory,
    pushed: Pushed,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = await raise_alarm(hass, brukare_device, "fire", rule="bad")
    await raise_alarm(hass, brukare_device, "fire", rule="good")
    usual = commands.advance

    def advance(alarm: Any, *args: Any) -> Any:
        return 1 / 0 if alarm.alarm_id == bad else usual(alarm, *args)

    with patch("custom_components.homecare_h2o.engine.advance", advance):
        await go_on(hass, freezer, minutes=2, seconds=30)
    assert len(pushed("1 Htj dag")) == 3
    assert f"Could not go on with alarm {bad}" in caplog.text


async def test_an_alarm_that_cannot_go_on_is_not_tried_all_the_time(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await raise_alarm(hass, brukare_device)
    freezer.tick(150)
    with patch("custom_components.homecare_h2o.engine.advance", side_effect=ZeroDivisionError):
        for _ in range(5):
            async_fire_time_changed(hass)
            await settle(hass)
    assert caplog.text.count("Could not go on with alarm") <= 2


async def test_the_journal_is_closed_when_home_assistant_stops(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await hass.async_stop(force=True)
    names = {thread.name for thread in threading.enumerate()}
    assert [name for name in names if name.startswith("homecare_h2o")] == []
