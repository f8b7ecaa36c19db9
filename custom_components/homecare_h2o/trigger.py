"""The triggers that this integration offers to automations."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.trigger import Trigger

from .triggers.alarm import AlarmTrigger
from .triggers.inactive import InactiveTrigger
from .triggers.pressed import PressedTrigger

TRIGGERS: dict[str, type[Trigger]] = {
    "alarm": AlarmTrigger,
    "inactive": InactiveTrigger,
    "pressed": PressedTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
