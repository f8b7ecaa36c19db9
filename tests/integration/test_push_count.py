"""The day of a phone runs short: reminders wait, alarms escalate as before."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.homecare_h2o.push_count import PushCount

from .conftest import PUSH_URL, Pushed
from .steps import button, get_alarm, go_on, press, raise_alarm

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

FIRST, BOSS = "1 Htj dag", "Larmansvarig"


@pytest.fixture
def scarce(pushes: AiohttpClientMocker) -> None:
    """Have every phone near the end of its day."""
    pushes.clear_requests()
    pushes.post(PUSH_URL, json={"rateLimits": {"remaining": 40}})


async def raised_long_ago(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, device_id: str, alarm_type: str = "passivity"
) -> str:
    """Raise an alarm that nobody answers for 25 minutes, level by level."""
    alarm_id = await raise_alarm(hass, device_id, alarm_type)
    for _ in range(5):
        await go_on(hass, freezer, minutes=5)
    return alarm_id


async def held_back(hass: HomeAssistant, alarm_id: str) -> list[str]:
    timeline = (await get_alarm(hass, alarm_id))["timeline"]
    return [step["phone"] for step in timeline if step.get("error") == "budget"]


@pytest.mark.usefixtures("scarce")
async def test_reminders_wait_are_journalled_and_escalate_on_schedule(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    alarm_id = await raised_long_ago(hass, freezer, brukare_device)
    assert len(pushed(FIRST)) == 2
    assert (await held_back(hass, alarm_id)).count(FIRST) == 3
    timeline = (await get_alarm(hass, alarm_id))["timeline"]
    assert [step["level"] for step in timeline if step["event"] == "escalated"] == [1, 2, 3, 4, 5]


async def test_with_enough_left_every_reminder_goes_out(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    alarm_id = await raised_long_ago(hass, freezer, brukare_device)
    assert len(pushed(FIRST)) == 5
    assert await held_back(hass, alarm_id) == []


@pytest.mark.usefixtures("scarce")
@pytest.mark.parametrize("alarm_type", ["fire", "safety_button"])
async def test_fire_and_the_safety_button_never_wait(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed, alarm_type: str
) -> None:
    alarm_id = await raised_long_ago(hass, freezer, brukare_device, alarm_type)
    assert await held_back(hass, alarm_id) == []


@pytest.mark.usefixtures("scarce")
async def test_who_answers_a_message_whose_reminders_were_held_back_is_heard(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raised_long_ago(hass, freezer, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[-1], 0))
    await press(hass, phones[FIRST], button(pushed(FIRST)[-1], 0))
    assert (await get_alarm(hass, alarm_id))["state"] == "acknowledged"


async def test_the_count_survives_a_restart_give_or_take_a_few(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hub = home.runtime_data
    count = PushCount(hass, hub.facts, hub.clock)
    for _ in range(25):
        count.add("app:x", None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (count.of("app:x"), PushCount(hass, hub.facts, hub.clock).of("app:x")) == (25, 20)


async def test_a_new_day_begins_at_midnight_of_the_wall_clock(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    hub = home.runtime_data
    count = PushCount(hass, hub.facts, hub.clock)
    count.add("app:x", 100)
    freezer.tick(timedelta(hours=12))
    assert count.of("app:x") == 0
