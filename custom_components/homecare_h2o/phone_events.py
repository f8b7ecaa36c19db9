"""What comes back from phones: a press of a button, or a receipt."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback

from .core.roles import Permission
from .engine import Engine
from .phones import may_answer
from .roles import async_may

ACTION_EVENTS = ("mobile_app_notification_action", "ios.notification_action_fired", "ios.action_fired")
RECEIVED_EVENT = "mobile_app_notification_received"


def button_text(data: Mapping[str, Any]) -> str:
    """Return the button that an answer names, whatever its sender wrote."""
    return str(data.get("action") or data.get("actionName") or "")


def _first_button(data: Mapping[str, Any]) -> str:
    """Return the first button of the message that a receipt is about; Android sends them flattened."""
    actions = data.get("actions")
    listed = actions[0].get("action") if isinstance(actions, list) and actions and isinstance(actions[0], dict) else ""
    return str(data.get("action_1_key") or listed or "")


def async_listen_to_phones(hass: HomeAssistant, engine: Engine) -> Callable[[], None]:
    """Take answers and receipts from phones; returns the way to stop that."""

    async def on_action(event: Event) -> None:
        user_id = event.context.user_id
        owns = partial(_owns, hass, user_id)
        # Somebody who was turned off may still hold the phone.
        allowed = await async_may(hass, user_id, Permission.HANDLE)
        await engine.answer(button_text(event.data), user_id, owns if allowed else _owns_nothing)
        engine.try_again(owns)

    async def on_received(event: Event) -> None:
        owns = partial(_owns, hass, event.context.user_id)
        await engine.receive(_first_button(event.data), owns)
        engine.try_again(owns)

    stops = [hass.bus.async_listen(kind, on_action) for kind in ACTION_EVENTS]
    stops.append(hass.bus.async_listen(RECEIVED_EVENT, on_received))

    @callback
    def stop_listening() -> None:
        for stop in stops:
            stop()

    return stop_listening


def _owns_nothing(_phone_id: str) -> bool:
    """Return that an answer comes from no phone at all."""
    return False


def _owns(hass: HomeAssistant, user_id: str | None, phone_id: str) -> bool:
    """Return whether this user's answer may come from a phone."""
    return may_answer(hass, phone_id, user_id)
