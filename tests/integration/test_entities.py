"""The entities of a brukare."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed_exact,
    snapshot_platform,
)
from syrupy.assertion import SnapshotAssertion

from custom_components.homecare_h2o.bus import EVENT_TYPES
from custom_components.homecare_h2o.const import SIGNAL_ACTIVITY, SIGNAL_SWEEP

from .conftest import Pushed
from .steps import button, call, entity_id, go_on, press, raise_alarm, settle, state_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


def alarm_state(hass: HomeAssistant) -> tuple[str, str]:
    return state_of(hass, "sensor", "alarm_state"), state_of(hass, "binary_sensor", "unacknowledged_alarm")


def newest_step(hass: HomeAssistant) -> dict[str, Any]:
    state = hass.states.get(entity_id(hass, "event", "alarm"))
    assert state
    return dict(state.attributes)


@pytest.mark.parametrize("platform", ["binary_sensor", "button", "event", "sensor", "switch", "todo"])
async def test_what_a_brukare_has(
    hass: HomeAssistant,
    home: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: str,
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    entity_registry.async_clear_config_entry(home.entry_id)
    with patch("custom_components.homecare_h2o.PLATFORMS", [Platform(platform)]):
        assert await hass.config_entries.async_setup(home.entry_id)
        await settle(hass)
        await snapshot_platform(hass, entity_registry, snapshot, home.entry_id)
        await hass.config_entries.async_unload(home.entry_id)


async def test_an_alarm_is_seen_from_raised_to_closed(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    assert alarm_state(hass) == ("idle", "off")
    alarm_id = await raise_alarm(hass, brukare_device)
    assert alarm_state(hass) == ("raised", "on")
    await go_on(hass, freezer, minutes=3)
    assert alarm_state(hass) == ("escalated", "on")
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    assert alarm_state(hass) == ("acknowledged", "off")
    await call(hass, "resolve_alarm", alarm_id=alarm_id, outcome="help_given")
    assert alarm_state(hass) == ("idle", "off")


async def test_an_alarm_that_is_not_closed_in_time_is_seen_again(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    await go_on(hass, freezer, minutes=16)
    assert alarm_state(hass) == ("escalated", "on")


async def test_the_most_urgent_of_several_alarms_is_shown(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    first = await raise_alarm(hass, brukare_device, "motion")
    await call(hass, "acknowledge_alarm", alarm_id=first)
    await raise_alarm(hass, brukare_device, "door")
    assert alarm_state(hass) == ("raised", "on")


async def test_another_brukares_alarm_is_not_shown(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    flow = await hass.config_entries.subentries.async_init((home.entry_id, "brukare"), context={"source": "user"})
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {"code": "K7-32"})
    await settle(hass)
    await raise_alarm(hass, brukare_device)
    *_, second = home.get_subentries_of_type("brukare")
    assert state_of(hass, "sensor", "alarm_state", second.subentry_id) == "idle"
    assert state_of(hass, "event", "alarm", second.subentry_id) == "unknown"


async def test_an_open_alarm_is_shown_after_a_reload(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    await raise_alarm(hass, brukare_device)
    assert await hass.config_entries.async_reload(home.entry_id)
    assert alarm_state(hass) == ("raised", "on")


async def test_each_step_is_an_event(hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed) -> None:
    assert newest_step(hass)["event_types"] == EVENT_TYPES
    alarm_id = await raise_alarm(hass, brukare_device)
    assert newest_step(hass)["event_type"] == "notified"
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    shown = newest_step(hass)
    assert {key: shown[key] for key in ("event_type", "alarm_id", "alarm_type", "phone")} == {
        "event_type": "acknowledged",
        "alarm_id": alarm_id,
        "alarm_type": "safety_button",
        "phone": "1 Htj dag",
    }
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    assert newest_step(hass)["event_type"] == "cleared"


async def test_a_refused_answer_is_no_event(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    before = newest_step(hass)
    await press(hass, phones["Larmansvarig"], button(pushed("1 Htj dag")[0], 0))
    assert newest_step(hass) == before


@pytest.mark.parametrize(
    ("wall", "group"),
    [
        ("06:45:59", "Nattpatrull"),
        ("06:46:00", "Htj dag"),
        ("21:29:59", "Htj dag"),
        ("21:30:00", "Nattpatrull"),
    ],
)
async def test_the_group_on_duty_is_shown(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, wall: str, group: str
) -> None:
    freezer.move_to(f"2026-11-03 {wall}+01:00")
    async_fire_time_changed_exact(hass)
    await settle(hass)
    assert state_of(hass, "sensor", "on_duty") == group


async def test_the_group_on_duty_changes_with_the_shift(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    assert state_of(hass, "sensor", "on_duty") == "Htj dag"
    with patch("custom_components.homecare_h2o.sensor.OnDutySensor._async_show"):
        await go_on(hass, freezer, hours=9, minutes=30)
        assert state_of(hass, "sensor", "on_duty") == "Nattpatrull"
        await go_on(hass, freezer, hours=9, minutes=16)
        assert state_of(hass, "sensor", "on_duty") == "Htj dag"


async def test_the_group_on_duty_follows_a_clock_that_was_set_forward(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    freezer.tick(timedelta(hours=10))
    async_dispatcher_send(hass, SIGNAL_SWEEP)
    assert state_of(hass, "sensor", "on_duty") == "Nattpatrull"


async def test_nobody_on_duty_is_not_known(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    hass.config_entries.async_remove_subentry(home, "group-Htj dag")
    await settle(hass)
    assert state_of(hass, "sensor", "on_duty") == "unknown"


async def test_a_group_that_is_on_duty_all_day_never_changes(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    for_ever = {"name": "Htj", "role": "staff", "phones": []}
    hass.config_entries.async_update_subentry(home, home.subentries["group-Htj dag"], data=for_ever)
    hass.config_entries.async_remove_subentry(home, "group-Nattpatrull")
    await settle(hass)
    await go_on(hass, freezer, days=1)
    assert state_of(hass, "sensor", "on_duty") == "Htj"


async def test_the_last_activity_is_shown(hass: HomeAssistant, home: MockConfigEntry) -> None:
    assert state_of(hass, "sensor", "last_activity") == "unknown"
    at = home.runtime_data.clock.now() - timedelta(minutes=5)
    await home.runtime_data.facts.put("last_activity", {"at": at.isoformat()})
    async_dispatcher_send(hass, SIGNAL_ACTIVITY)
    assert state_of(hass, "sensor", "last_activity") == "2026-11-02T10:55:00+00:00"


async def test_the_button_sends_a_test_alarm_the_whole_way(
    hass: HomeAssistant, home: MockConfigEntry, pushed: Pushed
) -> None:
    target = {"entity_id": entity_id(hass, "button", "test_alarm")}
    await hass.services.async_call("button", "press", target, blocking=True)
    await settle(hass)
    assert pushed("1 Htj dag")[0]["title"] == "K7-31 · Provlarm"
    assert alarm_state(hass) == ("raised", "on")
