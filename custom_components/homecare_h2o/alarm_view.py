"""What the panel shows of an alarm: never who the brukare is or where, which is asked for by itself (R010.7)."""

from collections.abc import Iterable, Sequence
from typing import Any

from homeassistant.const import CONF_DESCRIPTION
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er

from .const import CONF_ADDRESS, CONF_CODE, CONF_INSTRUCTIONS, CONF_KEY_INFORMATION, CONF_NAME, CONF_TELEPHONE
from .core.alarm import Alarm, fold
from .core.escalation import Priority, calc_priority
from .core.events import Actor, AlarmEvent
from .core.handlingsplan import values_of
from .core.receipts import Receipt, calc_receipts
from .health import device_of_source
from .hub import Hub
from .journal_words import Words
from .phones import may_answer
from .wording import Wording

_FIRST = (Priority.URGENT, Priority.NORMAL, Priority.TECHNICAL)
_PERSON = (CONF_CODE, CONF_NAME, CONF_ADDRESS, CONF_KEY_INFORMATION, CONF_INSTRUCTIONS, CONF_TELEPHONE)

type Plain = dict[str, Any]


def by_urgency(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Return alarms, the most urgent first: what nobody has taken, then by priority, then the oldest."""

    def rank(alarm: Alarm) -> tuple[bool, bool, int, Any]:
        priority = _FIRST.index(calc_priority(alarm.alarm_type))
        return not alarm.needs_somebody, not alarm.is_unacknowledged, priority, alarm.raised_at

    return sorted(alarms, key=rank)


@callback
def find_actor(hass: HomeAssistant, alarm: Alarm, user_id: str) -> Actor:
    """Return who answers in the panel: the user, with the phone that the user was called on if it is one for sure.

    So a press in the panel is the same as one on the phone that led there: it is this phone that has the alarm.
    """
    called = [phone_id for phone_id, _ in alarm.calls if may_answer(hass, phone_id, user_id)]
    if alarm.taker_phone in called:
        return Actor(phone_id=alarm.taker_phone, user_id=user_id)
    return Actor(phone_id=called[0] if len(called) == 1 else None, user_id=user_id)


@callback
def describe_person(hub: Hub, brukare_id: str, rule: str | None) -> Plain:
    """Return who a brukare is, where, how to get in, and what the line that came true says of habits."""
    data = hub.entry.subentries[brukare_id].data
    return {key: data.get(key) or None for key in _PERSON} | {"habits": _find_habits(hub, brukare_id, rule)}


def _find_habits(hub: Hub, brukare_id: str, rule: str | None) -> str | None:
    """Return what a line of the handlingsplan says of habits, or what is written down for it (HP.1)."""
    history = hub.plan.histories.get((brukare_id, rule)) if rule else None
    values = values_of(history.line.config) if history and history.line else {}
    return str(values.get("adaptation") or values.get(CONF_DESCRIPTION) or "") or None


@callback
def describe_source(hass: HomeAssistant, source: str) -> Plain:
    """Return what a sensor is called, and in which room it is."""
    entry = er.async_get(hass).async_get(source)
    device_id = device_of_source(hass, source)
    device = dr.async_get(hass).async_get(device_id) if device_id else None
    state = hass.states.get(source) if "." in source else None
    area_id = (entry and entry.area_id) or (device and device.area_id)
    area = ar.async_get(hass).async_get_area(area_id) if area_id else None
    of_device = device and (device.name_by_user or device.name)
    return {"name": (state and state.name) or of_device or source, "area": area.name if area else None}


class AlarmView:
    """Describes alarms to one user, in a language."""

    def __init__(self, hass: HomeAssistant, hub: Hub, wording: Wording, user_id: str) -> None:
        """Know of no name yet."""
        self._hass = hass
        self._hub = hub
        self._wording = wording
        self._user_id = user_id
        self._words = Words(hass, hub, wording=wording)
        self._users: dict[str, str | None] = {}

    async def summary(self, alarm: Alarm) -> Plain:
        """Return what there is to see of an alarm at a glance."""
        return {
            "alarm_id": alarm.alarm_id,
            "code": self._hub.code_of(alarm.brukare_id),
            "brukare_id": alarm.brukare_id,
            "number": alarm.number,
            "alarm_type": alarm.alarm_type,
            "priority": calc_priority(alarm.alarm_type),
            "message": alarm.message,
            "response": alarm.response,
            "response_seconds": alarm.plan.response_time.total_seconds(),
            "due_at": alarm.due_at.isoformat(),
            "raised_at": alarm.raised_at.isoformat(),
            "late": alarm.late,
            "state": alarm.state,
            "open": alarm.is_open,
            "level": alarm.level,
            "repetitions": alarm.repetitions,
            "sources": [describe_source(self._hass, source) for source in alarm.sources],
            "next_deadline_at": alarm.next_deadline_at.isoformat() if alarm.next_deadline_at else None,
            "taker": await self.name(alarm.acknowledged_by) if alarm.is_taken else None,
            "taken_by_me": self._is_mine(alarm),
            "taken_at": alarm.acknowledged_at.isoformat() if alarm.acknowledged_at and alarm.is_taken else None,
            "declined_by_me": self._has_declined(alarm),
            "outcome": alarm.outcome,
            "closed_at": alarm.closed_at.isoformat() if alarm.closed_at else None,
        }

    async def detail(self, history: Sequence[AlarmEvent]) -> Plain:
        """Return all there is to see of an alarm."""
        return {
            "alarm": await self.summary(fold(history)),
            "timeline": [await self._entry(event) for event in history],
            "phones": [self._receipt(receipt) for receipt in calc_receipts(history)],
        }

    def _is_mine(self, alarm: Alarm) -> bool:
        """Return whether this user has the alarm, on a phone or here."""
        taker = alarm.acknowledged_by if alarm.is_taken else None
        if taker is None:
            return False
        return self._user_id == taker.user_id or may_answer(self._hass, taker.phone_id or "", self._user_id)

    def _has_declined(self, alarm: Alarm) -> bool:
        """Return whether this user has left the alarm to a colleague."""
        by = find_actor(self._hass, alarm, self._user_id)
        return (by.phone_id or by.user_id) in alarm.declined

    async def name(self, by: Actor | None) -> str | None:
        """Return what staff call whoever did something; None if it was the system itself."""
        if by is None or by == Actor():
            return None
        if by.phone_id:
            return self._words.phone(by.phone_id)
        if by.user_id not in self._users:
            user = await self._hass.auth.async_get_user(by.user_id or "")
            self._users[by.user_id or ""] = user.name if user else None
        return self._users[by.user_id or ""] or self._wording.taker(None)

    async def _entry(self, event: AlarmEvent) -> Plain:
        """Return one step of the timeline, in words."""
        text = self._words.text(event)
        by: Actor | None = getattr(event, "by", None)
        user = await self.name(by) if by and by.user_id and not by.phone_id else None
        return {"at": event.at.isoformat(), "kind": event.kind, "text": text, "user": user}

    def _receipt(self, receipt: Receipt) -> Plain:
        """Return how far a call to a phone is known to have come."""
        progress = receipt.progress(can_confirm=self._words.can_confirm(receipt.phone_id))
        return {
            "phone": self._words.phone(receipt.phone_id),
            "step": receipt.step,
            "status": progress,
            "text": self._wording.receipt(progress),
        }
