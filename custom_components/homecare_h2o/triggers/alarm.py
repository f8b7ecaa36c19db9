"""``alarm``: a step of an alarm's life, for automations that follow it (light a lamp when help is on the way)."""

from typing import Any, override

from homeassistant.const import CONF_DEVICE_ID, CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerConfig, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..bus import EVENT_TYPES
from ..const import EVENT_ALARM
from ..core.escalation import AlarmType

CONF_EVENT_TYPES = "event_types"
CONF_ALARM_TYPES = "alarm_types"

SCHEMA = vol.Schema(
    {
        vol.Required(CONF_OPTIONS): {
            vol.Required(CONF_EVENT_TYPES): vol.All(cv.ensure_list, vol.Length(min=1), [vol.In(EVENT_TYPES)]),
            vol.Optional(CONF_ALARM_TYPES, default=list): vol.All(cv.ensure_list, [vol.Coerce(AlarmType)]),
            vol.Optional(CONF_DEVICE_ID, default=list): vol.All(cv.ensure_list, [cv.string]),
        }
    }
)


class AlarmTrigger(Trigger):
    """Fires at chosen steps of alarms."""

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep what is chosen."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate."""
        validated: ConfigType = SCHEMA(config)
        return validated

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Attach."""

        @callback
        def on_event(event: Event) -> None:
            data = event.data
            if self._chosen(data["type"], data["alarm_type"], data["device_id"]):
                run_action(dict(data), f"alarm {data['type']}", event.context)

        return self._hass.bus.async_listen(EVENT_ALARM, on_event)

    def _chosen(self, event_type: str, alarm_type: str, device_id: str | None) -> bool:
        """Return whether this step is one of the chosen."""
        options = self._options
        return (
            event_type in options[CONF_EVENT_TYPES]
            and alarm_type in (options[CONF_ALARM_TYPES] or (alarm_type,))
            and device_id in (options[CONF_DEVICE_ID] or (device_id,))
        )
