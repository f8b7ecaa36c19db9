"""What an alarm's steps, visits, and changes of the handlingsplan are called in the logbook."""

from collections.abc import Callable

from homeassistant.components.logbook import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_ALARM, EVENT_PLAN, EVENT_VISIT
from .core.plan_events import PlanChanged


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None]
) -> None:
    """Describe our events."""

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

    @callback
    def describe_visit(event: Event) -> dict[str, str]:
        # Home Assistant itself adds who did it, of the event's context.
        entries, kind = hass.config_entries.async_loaded_entries(DOMAIN), event.data["type"]
        message = entries[0].runtime_data.wording.visit(kind) if entries else f"visit {kind}"
        return {LOGBOOK_ENTRY_NAME: event.data["code"], LOGBOOK_ENTRY_MESSAGE: message}

    async_describe_event(DOMAIN, EVENT_ALARM, describe)

    @callback
    def describe_plan(event: Event) -> dict[str, str]:
        # Home Assistant itself adds who did it, of the event's context.
        data, entries = event.data, hass.config_entries.async_loaded_entries(DOMAIN)
        alarm_type, kind = data.get("alarm_type", ""), data["type"]
        if not entries:
            return {LOGBOOK_ENTRY_NAME: data["code"], LOGBOOK_ENTRY_MESSAGE: f"plan {alarm_type} {kind}"}
        wording = entries[0].runtime_data.wording
        what = f"{wording.step(PlanChanged.kind, None)}: {wording.plan_change(kind)}"
        named = f"{data['code']} · {wording.alarm_type(alarm_type)}" if alarm_type else data["code"]
        return {LOGBOOK_ENTRY_NAME: named, LOGBOOK_ENTRY_MESSAGE: what}

    async_describe_event(DOMAIN, EVENT_PLAN, describe_plan)
    async_describe_event(DOMAIN, EVENT_VISIT, describe_visit)
