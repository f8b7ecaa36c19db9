"""The alarms' lifecycle, and staff's visits, on Home Assistant's event bus, for automations and the logbook."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import Context, HomeAssistant, callback

from .const import EVENT_ALARM, EVENT_PLAN, EVENT_VISIT
from .core.alarm import Alarm
from .core.arming_events import AlarmSuppressed
from .core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmDone,
    AlarmEscalated,
    AlarmHandedOver,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    Event,
    FalseAlarmReported,
    NoOneOnDuty,
    NoteAdded,
    NotificationFailed,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
    VisitEnded,
    VisitStarted,
)
from .core.plan_events import PlanChanged, PlannedLine
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
    AlarmHandedOver,
    AlarmRepeated,
    AlarmDone,
    AlarmResolved,
    FalseAlarmReported,
    NoteAdded,
    PhoneCleared,
    NoOneOnDuty,
    NotificationFailed,
)
EVENT_TYPES = [*(event.kind for event in LIFECYCLE), AlarmSuppressed.kind]


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
    if isinstance(event, AlarmHandedOver):
        told["reason"] = event.reason
    return told


def describe_suppressed(event: AlarmSuppressed) -> dict[str, str | int | bool]:
    """Return what is told of an alarm that did not come: of which larmtyp, and why; it has no id."""
    told: dict[str, str | int | bool] = {
        "alarm_type": event.alarm_type,
        "at": event.at.isoformat(),
        "due_at": event.due_at.isoformat(),
        "reason": event.reason,
    }
    return told | ({"late": True} if event.late else {})


def describe_visit(event: VisitStarted | VisitEnded) -> dict[str, str]:
    """Return what is told of a visit: what, when, never who."""
    if isinstance(event, VisitStarted):
        return {"type": "started", "at": event.at.isoformat(), "expires_at": event.expires_at.isoformat()}
    return {"type": "expired" if event.expired else "ended", "at": event.at.isoformat()}


def describe_plan(event: PlanChanged, line: PlannedLine | None) -> dict[str, str]:
    """Return what is told of a change of the handlingsplan: of which larmtyp, what, when, never who."""
    alarm_type = {"alarm_type": line.alarm_type} if line else {}
    return {"type": event.change, **alarm_type, "change_id": event.change_id, "at": event.at.isoformat()}


@callback
def async_publish_events(hass: HomeAssistant, hub: Hub) -> Callable[[], None]:
    """Fire each lifecycle event, and each visit, on the bus; returns the way to stop that."""

    def whose(brukare_id: str) -> dict[str, Any]:
        """Return whose it is."""
        return {"code": hub.code_of(brukare_id), "device_id": device_of(hass, hub.entry, brukare_id)}

    @callback
    def publish(event: Event, alarm: Alarm | None) -> None:
        if isinstance(event, VisitStarted | VisitEnded):
            told = {**whose(event.brukare_id), **describe_visit(event)}
            hass.bus.async_fire(EVENT_VISIT, told, context=Context(user_id=event.by.user_id))
        elif isinstance(event, AlarmSuppressed):
            told = {"type": event.kind, **whose(event.brukare_id), **describe_suppressed(event)}
            hass.bus.async_fire(EVENT_ALARM, told)
        elif isinstance(event, PlanChanged):
            line = event.line or hub.plan.lines.get((event.brukare_id, event.rule))
            told = {**whose(event.brukare_id), **describe_plan(event, line)}
            hass.bus.async_fire(EVENT_PLAN, told, context=Context(user_id=event.by.user_id))
        elif alarm is not None and isinstance(event, LIFECYCLE):
            told = {"type": event.kind, **whose(alarm.brukare_id), **describe(hass, event, alarm)}
            hass.bus.async_fire(EVENT_ALARM, told)

    return hub.engine.subscribe(publish)
