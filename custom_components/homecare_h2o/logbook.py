"""What an alarm's steps are called in the logbook."""

from collections.abc import Callable

from homeassistant.components.logbook import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_ALARM


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None]
) -> None:
    """Describe our event."""

    @callback
    def describe(event: Event) -> dict[str, str]:
        data = event.data
        entries = hass.config_entries.async_loaded_entries(DOMAIN)
        alarm_type = data["alarm_type"]
        if not entries:
            return {LOGBOOK_ENTRY_NAME: data["code"], LOGBOOK_ENTRY_MESSAGE: f"{alarm_type} {data['type']}"}
        wording = entries[0].runtime_data.wording
        what = wording.alarm_type(alarm_type)
        return {
            LOGBOOK_ENTRY_NAME: f"{data['code']} · {what}",
            LOGBOOK_ENTRY_MESSAGE: wording.step(data["type"], data.get("phone")),
        }

    async_describe_event(DOMAIN, EVENT_ALARM, describe)
