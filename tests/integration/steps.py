"""Steps that many tests take."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.homecare_h2o.const import DOMAIN, EVENT_ALARM
from custom_components.homecare_h2o.core.events import Event as JournalEvent


async def settle(hass: HomeAssistant) -> None:
    """Wait until nothing is under way, phones included."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def call(hass: HomeAssistant, action: str, user_id: str | None = None, **data: Any) -> Any:
    """Call an action and return its response."""
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=Context(user_id=user_id)
    )
    await settle(hass)
    return response


async def raise_alarm(hass: HomeAssistant, device_id: str, alarm_type: str = "safety_button", **data: Any) -> str:
    """Raise an alarm and return its id."""
    response = await call(hass, "raise_alarm", device_id=device_id, alarm_type=alarm_type, **data)
    return str(response["alarm_id"])


async def get_alarm(hass: HomeAssistant, alarm_id: str) -> dict[str, Any]:
    """Return an alarm as the actions tell it."""
    alarms = (await call(hass, "get_alarms", limit=500))["alarms"]
    return next(alarm for alarm in alarms if alarm["alarm_id"] == alarm_id)


async def steps_of(hass: HomeAssistant, alarm_id: str) -> list[str]:
    """Return what happened to an alarm."""
    return [step["event"] for step in (await get_alarm(hass, alarm_id))["timeline"]]


def button(push: dict[str, Any], number: int) -> str:
    """Return the id of a button on a push."""
    return str(push["data"]["actions"][number]["action"])


def user_of(phone: MockConfigEntry) -> str:
    """Return the user of a phone's registration."""
    return str(phone.data["user_id"])


async def press(hass: HomeAssistant, phone: MockConfigEntry, text: str) -> None:
    """Press a button on a phone."""
    context = Context(user_id=user_of(phone))
    hass.bus.async_fire("mobile_app_notification_action", {"action": text}, context=context)
    await settle(hass)


async def receipt(hass: HomeAssistant, phone: MockConfigEntry, **data: object) -> None:
    """Have a phone say that it shows a message."""
    hass.bus.async_fire("mobile_app_notification_received", dict(data), context=Context(user_id=user_of(phone)))
    await settle(hass)


async def go_on(hass: HomeAssistant, freezer: FrozenDateTimeFactory, **span: float) -> None:
    """Let time pass."""
    freezer.tick(timedelta(**span))
    async_fire_time_changed(hass)
    await settle(hass)


async def journalled(home: MockConfigEntry) -> list[JournalEvent]:
    """Return all that is in the journal."""
    return [row.event for row in await home.runtime_data.journal.read()]


def entity_id(hass: HomeAssistant, platform: str, key: str, brukare_id: str = "brukare-1") -> str:
    """Return an entity of a brukare."""
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{brukare_id}_{key}")
    assert found
    return found


def state_of(hass: HomeAssistant, platform: str, key: str, brukare_id: str = "brukare-1") -> str:
    """Return the state of an entity of a brukare."""
    state = hass.states.get(entity_id(hass, platform, key, brukare_id))
    assert state
    return state.state


def collect_steps(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Collect what is told of alarms on the bus from now on."""
    told: list[dict[str, Any]] = []

    @callback
    def on_event(event: Event) -> None:
        told.append(dict(event.data))

    hass.bus.async_listen(EVENT_ALARM, on_event)
    return told
