"""An alarm's steps on the event bus."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.bus import EVENT_TYPES

from .conftest import Pushed
from .steps import button, call, collect_steps, go_on, press, raise_alarm, settle

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


async def test_a_step_says_which_alarm_and_when(hass: HomeAssistant, brukare_device: str) -> None:
    told = collect_steps(hass)
    alarm_id = await raise_alarm(hass, brukare_device)
    assert told[0] == {
        "type": "raised",
        "code": "K7-31",
        "device_id": brukare_device,
        "alarm_id": alarm_id,
        "alarm_type": "safety_button",
        "at": "2026-11-02T11:00:00+00:00",
    }
    assert [(step["type"], step["phone"]) for step in told[1:]] == [
        ("notified", "1 Htj dag"),
        ("notified", "2 Htj dag"),
    ]


async def test_an_alarm_is_told_step_by_step(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, phones: Phones, pushed: Pushed
) -> None:
    told = collect_steps(hass)
    await raise_alarm(hass, brukare_device)
    await go_on(hass, freezer, minutes=2, seconds=30)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[-1], 1))
    await press(hass, phones["2 Htj dag"], button(pushed("2 Htj dag")[-1], 0))
    await press(hass, phones["2 Htj dag"], button(pushed("2 Htj dag")[-1], 0))
    await press(hass, phones["2 Htj dag"], button(pushed("2 Htj dag")[-1], 0))
    assert list(dict.fromkeys(step["type"] for step in told)) == [
        "raised",
        "notified",
        "escalated",
        "declined",
        "cleared",
        "acknowledged",
        "done",
        "resolved",
    ]
    assert [step["outcome"] for step in told if step["type"] == "resolved"] == ["help_given"]
    assert [step["level"] for step in told if step["type"] == "escalated"] == [1]


async def test_nobody_on_duty_is_told(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> None:
    hass.config_entries.async_remove_subentry(home, "group-Htj dag")
    await settle(hass)
    told = collect_steps(hass)
    await raise_alarm(hass, brukare_device)
    assert [step["type"] for step in told] == ["raised", "no_one_on_duty", "notified"]
    assert told[2]["phone"] == "Larmansvarig"


async def test_a_phone_that_could_not_be_told_is_told(hass: HomeAssistant, brukare_device: str, phones: Phones) -> None:
    await hass.config_entries.async_remove(phones["1 Htj dag"].entry_id)
    told = collect_steps(hass)
    await raise_alarm(hass, brukare_device)
    (failed,) = [step for step in told if step["type"] == "notification_failed"]
    assert failed["error"] == "phone_not_registered"


async def test_a_late_alarm_is_told_as_late(hass: HomeAssistant, brukare_device: str) -> None:
    told = collect_steps(hass)
    await raise_alarm(hass, brukare_device, late=True)
    assert told[0]["late"] is True


async def test_nothing_is_told_after_the_hub_was_stopped(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    engine = home.runtime_data.engine
    await hass.config_entries.async_unload(home.entry_id)
    assert engine._listeners == []


async def test_only_known_steps_are_told(hass: HomeAssistant, brukare_device: str) -> None:
    told = collect_steps(hass)
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    assert {step["type"] for step in told} <= set(EVENT_TYPES)
