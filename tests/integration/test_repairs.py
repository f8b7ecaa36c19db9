"""What the user is told to mend."""

from dataclasses import replace

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.homecare_h2o.const import DOMAIN

from .conftest import Pushed
from .steps import call, get_alarm, go_on, journalled, raise_alarm, settle

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

DAY, NIGHT, MANAGER = "group-Htj dag", "group-Nattpatrull", "group-Larmansvarig"


def issues(hass: HomeAssistant) -> dict[str, dict[str, str] | None]:
    """Return what is wrong, and the values of its text."""
    registry = ir.async_get(hass)
    ours = {key: issue for (domain, key), issue in registry.issues.items() if domain == DOMAIN}
    return {key: issue.translation_placeholders for key, issue in ours.items()}


def severity(hass: HomeAssistant, issue_id: str) -> ir.IssueSeverity | None:
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue
    return issue.severity


async def change(hass: HomeAssistant, home: MockConfigEntry, group: str, **data: object) -> None:
    """Change a receiver group."""
    subentry = home.subentries[group]
    hass.config_entries.async_update_subentry(home, subentry, data={**subentry.data, **data})
    await settle(hass)


async def stop_writing(home: MockConfigEntry, *, stopped: bool = True) -> None:
    """Let SQLite refuse to write, or write again."""
    await home.runtime_data.journal._writer.run(lambda one: one.execute(f"PRAGMA query_only = {stopped}"))


async def test_a_sound_home_has_nothing_to_mend(hass: HomeAssistant, home: MockConfigEntry) -> None:
    assert issues(hass) == {}


async def test_hours_without_staff_are_told_until_they_are_covered(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await change(hass, home, NIGHT, duty_from="22:00:00")
    assert issues(hass) == {"duty_gap_staff": {"hours": "21:30–21:59"}}
    await change(hass, home, NIGHT, duty_from="21:30:00")
    assert issues(hass) == {}


async def test_hours_without_a_larmansvarig_are_told(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await change(hass, home, MANAGER, duty_from="08:00:00", duty_to="16:59:00")
    assert issues(hass) == {"duty_gap_larmansvarig": {"hours": "17:00–07:59"}}


async def test_hours_with_two_groups_are_told(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await change(hass, home, NIGHT, duty_from="21:00:00")
    assert issues(hass) == {"duty_overlap": {"hours": "21:00–21:29"}}
    assert severity(hass, "duty_overlap") is ir.IssueSeverity.WARNING


async def test_a_group_without_a_phone_is_told_and_covers_nothing(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await change(hass, home, NIGHT, phones=[])
    assert issues(hass) == {
        "group_without_phone": {"groups": "Nattpatrull"},
        "duty_gap_staff": {"hours": "21:30–06:45"},
    }


async def test_a_removed_group_is_told_at_once(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.config_entries.async_remove_subentry(home, MANAGER)
    await settle(hass)
    assert issues(hass) == {"duty_gap_larmansvarig": {"hours": "00:00–23:59"}}


async def test_a_phone_that_is_missing_at_a_start_is_told(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones
) -> None:
    await hass.config_entries.async_remove(phones["1 Htj dag"].entry_id)
    assert await hass.config_entries.async_reload(home.entry_id)
    assert issues(hass) == {"phone_missing": {"groups": "Htj dag"}}


async def test_a_phone_that_goes_missing_is_told_at_once(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones
) -> None:
    await hass.config_entries.async_remove(phones["1 Htj dag"].entry_id)
    await settle(hass)
    assert "phone_missing" in issues(hass)


async def test_missing_services_and_entities_are_told(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await change(hass, home, DAY, phones=["service:sms"])
    await change(hass, home, NIGHT, phones=["entity:notify.pager"])
    assert issues(hass) == {"phone_missing": {"groups": "Htj dag, Nattpatrull"}}
    async_mock_service(hass, "notify", "sms")
    hass.states.async_set("notify.pager", "unknown")
    assert await hass.config_entries.async_reload(home.entry_id)
    assert issues(hass) == {}


async def test_what_is_still_starting_is_not_missing(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.set_state(CoreState.not_running)
    await change(hass, home, DAY, phones=["service:sms"])
    assert issues(hass) == {}
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    assert "phone_missing" in issues(hass)


async def test_a_removed_home_leaves_nothing_to_mend(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await change(hass, home, NIGHT, phones=[])
    await hass.config_entries.async_remove(home.entry_id)
    assert issues(hass) == {}


# --- the journal ---------------------------------------------------------------------------------


async def test_a_journal_that_cannot_be_written_keeps_no_alarm_from_the_phones(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    await stop_writing(home)
    alarm_id = await raise_alarm(hass, brukare_device)
    assert [len(pushed(phone)) for phone in ("1 Htj dag", "2 Htj dag")] == [1, 1]
    await go_on(hass, freezer, minutes=1)
    assert severity(hass, "journal_behind") is ir.IssueSeverity.CRITICAL
    await go_on(hass, freezer, minutes=2)
    assert len(pushed("1 Htj dag")) == 2
    await stop_writing(home, stopped=False)
    await go_on(hass, freezer, seconds=15)
    await go_on(hass, freezer, seconds=45)
    assert issues(hass) == {}
    kinds = [event.kind for event in await journalled(home)]
    assert kinds[:3] == ["hub_started", "raised", "called"]
    assert "escalated" in kinds
    assert (await get_alarm(hass, alarm_id))["state"] == "escalated"


async def test_an_alarm_that_is_not_in_the_journal_yet_can_be_answered(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    await stop_writing(home)
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    closed = await call(hass, "resolve_alarm", alarm_id=alarm_id, outcome="help_given")
    assert (closed["state"], pushed("1 Htj dag")[-1]["message"]) == ("resolved", "clear_notification")
    await stop_writing(home, stopped=False)


async def test_an_alarm_that_is_not_in_the_journal_yet_is_told_by_get_alarms(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    await stop_writing(home)
    alarm_id = await raise_alarm(hass, brukare_device)
    alarms = (await call(hass, "get_alarms"))["alarms"]
    await stop_writing(home, stopped=False)
    assert [alarm["alarm_id"] for alarm in alarms] == [alarm_id]


async def test_the_same_deadline_is_a_duplicate_though_the_journal_does_not_know_it_yet(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    said = {"device_id": brukare_device, "alarm_type": "fire", "rule": "r", "due_at": "2026-11-02T11:59:00+01:00"}
    repeated = said | {"due_at": "2026-11-02T11:59:30+01:00"}
    await stop_writing(home)
    outcomes = [(await call(hass, "raise_alarm", **one))["outcome"] for one in (said, said, repeated, repeated)]
    await stop_writing(home, stopped=False)
    assert outcomes == ["raised", "duplicate", "repeated", "duplicate"]


async def test_an_open_alarm_that_nothing_would_happen_to_is_told(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    alarms = home.runtime_data.engine._alarms
    sound = alarms[alarm_id]
    alarms[alarm_id] = replace(sound, next_deadline_at=None)
    await go_on(hass, freezer, minutes=1)
    assert issues(hass) == {"alarm_stuck": {"alarms": alarm_id}}
    alarms[alarm_id] = sound
    await go_on(hass, freezer, minutes=1)
    assert issues(hass) == {}
