"""Alarms that are handed over, noted on, and done: in Home Assistant."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Pushed
from .steps import button, call, collect_steps, get_alarm, go_on, press, raise_alarm, steps_of

pytestmark = pytest.mark.freeze_time("2026-11-02 21:25:00+01:00")
DAY, SECOND, NIGHT = "1 Htj dag", "2 Htj dag", "1 Nattpatrull"

type Phones = dict[str, MockConfigEntry]


async def test_the_night_patrol_is_called_at_the_change_of_shift(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, phones: Phones, pushed: Pushed
) -> None:
    told = collect_steps(hass)
    alarm_id = await raise_alarm(hass, brukare_device, "leak")
    await press(hass, phones[DAY], button(pushed(DAY)[-1], 0))
    await go_on(hass, freezer, minutes=5)
    (push,) = pushed(NIGHT)
    assert push["message"].splitlines()[-2:] == ["Togs av 1 Htj dag", "Överlämnas vid skiftbyte"]
    assert push["data"]["channel"] == "alarm_stream"
    assert pushed(SECOND)[-1]["message"] == "clear_notification"
    (step,) = [step for step in (await get_alarm(hass, alarm_id))["timeline"] if step["event"] == "handed_over"]
    assert (step["reason"], step["from_groups"], step["to_groups"]) == ("shift", ["Htj dag"], ["Nattpatrull"])
    assert [step["reason"] for step in told if step["type"] == "handed_over"] == ["shift"]
    await press(hass, phones[NIGHT], button(push, 0))
    assert (await get_alarm(hass, alarm_id))["state"] == "acknowledged"


async def test_staff_hands_an_alarm_over_to_a_group(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device, "leak")
    await press(hass, phones[DAY], button(pushed(DAY)[-1], 0))
    answer = await call(hass, "hand_over_alarm", alarm_id=alarm_id, receiver_group="Nattpatrull")
    assert answer == {"alarm_id": alarm_id, "state": "escalated"}
    assert pushed(NIGHT)[-1]["message"].splitlines()[-1] == "Överlämnat till gruppen"
    assert pushed(DAY)[-1]["message"] == "clear_notification"


async def test_a_note_is_in_the_timeline(hass: HomeAssistant, brukare_device: str) -> None:
    told = collect_steps(hass)
    alarm_id = await raise_alarm(hass, brukare_device, "leak")
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    await call(hass, "add_note", alarm_id=alarm_id, note="kranen dras åt i morgon")
    step = (await get_alarm(hass, alarm_id))["timeline"][-1]
    assert (step["event"], step["note"]) == ("note_added", "kranen dras åt i morgon")
    assert "note_added" in await steps_of(hass, alarm_id)
    assert not any("kranen" in str(step) for step in told)


async def test_a_taker_who_has_not_closed_it_in_time_is_called_aloud(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, phones: Phones, pushed: Pushed
) -> None:
    await go_on(hass, freezer, minutes=10)
    await raise_alarm(hass, brukare_device, "leak")
    await press(hass, phones[NIGHT], button(pushed(NIGHT)[-1], 0))
    assert pushed(NIGHT)[-1]["data"]["channel"] == "homecare_h2o"
    await go_on(hass, freezer, minutes=30)
    push = pushed(NIGHT)[-1]
    assert push["data"]["channel"] == "alarm_stream"
    assert push["message"].splitlines()[-1] == "Skulle ha varit klart nu. Svara, annars larmas gruppen"
    assert [action["title"] for action in push["data"]["actions"]] == ["Klart", "Behöver hjälp", "Åtgärdar"]


async def test_nobody_says_how_it_ended(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device, "leak")
    await press(hass, phones[DAY], button(pushed(DAY)[-1], 0))
    await press(hass, phones[DAY], button(pushed(DAY)[-1], 0))
    assert pushed(DAY)[-1]["message"] == "Klart. Hur gick det? · kl 21:25"
    await go_on(hass, freezer, minutes=10)
    assert (await get_alarm(hass, alarm_id))["outcome"] == "not_stated"
    assert pushed(DAY)[-1]["message"] == "clear_notification"
    assert pushed(NIGHT) == []
