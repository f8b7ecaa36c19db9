"""The alarms' lifecycle on Home Assistant's event bus, for automations and the logbook."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback

from .const import EVENT_ALARM
from .core.alarm import Alarm
from .core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmEscalated,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    Event,
    FalseAlarmReported,
    NoOneOnDuty,
    NotificationFailed,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
)
from .devices import device_of
from .hub import Hub
from .phones import phone_name

LIFECYCLE: tuple[type[Event], ...] = (
    AlarmRaised,
    PhoneNotified,
    PhoneReceived,
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmEscalated,
    AlarmRepeated,
    AlarmResolved,
    FalseAlarmReported,
    PhoneCleared,
    NoOneOnDuty,
    NotificationFailed,
)
EVENT_TYPES = [event.kind for event in LIFECYCLE]


def describe(hass: HomeAssistant, event: Event, alarm: Alarm) -> dict[str, str | int | bool]:
    """Return what is told of an event: which alarm, which phone, never who or where (R010.7)."""
    told: dict[str, str | int | bool] = {
        "alarm_id": alarm.alarm_id,
        "alarm_type": alarm.alarm_type,
        "at": event.at.isoformat(),
    }
    by: Actor | None = getattr(event, "by", None)
    if phone_id := getattr(event, "phone_id", None) or (by and by.phone_id):
        told["phone"] = phone_name(hass, phone_id)
    told |= {key: value for key in ("level", "late", "outcome", "error") if (value := getattr(event, key, None))}
    return told


@callback
def async_publish_events(hass: HomeAssistant, hub: Hub) -> Callable[[], None]:
    """Fire each lifecycle event on the bus; returns the way to stop that."""

    @callback
    def publish(event: Event, alarm: Alarm | None) -> None:
        if alarm is None or not isinstance(event, LIFECYCLE):
            return
        hass.bus.async_fire(
            EVENT_ALARM,
            {
                "type": event.kind,
                "code": hub.code_of(alarm.brukare_id),
                "device_id": device_of(hass, hub.entry, alarm.brukare_id),
                **describe(hass, event, alarm),
            },
        )

    return hub.engine.subscribe(publish)
