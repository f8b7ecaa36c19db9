"""The triggers that this integration offers to automations."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.trigger import Trigger

from .triggers.alarm import AlarmTrigger
from .triggers.detected import DetectedTrigger
from .triggers.gone_out import GoneOutTrigger
from .triggers.inactive import InactiveTrigger
from .triggers.led_light import LedLightTrigger
from .triggers.left_on import LeftOnTrigger
from .triggers.missed import MissedTrigger
from .triggers.pressed import PressedTrigger
from .triggers.quiet import QuietTrigger
from .triggers.sequence import SequenceTrigger

TRIGGERS: dict[str, type[Trigger]] = {
    "alarm": AlarmTrigger,
    "detected": DetectedTrigger,
    "gone_out": GoneOutTrigger,
    "inactive": InactiveTrigger,
    "led_light": LedLightTrigger,
    "left_on": LeftOnTrigger,
    "missed": MissedTrigger,
    "pressed": PressedTrigger,
    "quiet": QuietTrigger,
    "sequence": SequenceTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
