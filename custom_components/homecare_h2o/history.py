"""An alarm told from beginning to end, for people and for the case system (R012.3, P001.7)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant

from .core.alarm import fold
from .core.events import AlarmEvent
from .core.receipts import Receipt, calc_receipts
from .core.watching import Coverage
from .devices import device_of
from .hub import Hub
from .journal_words import Words
from .phones import phone_name
from .plan import WatchedLine


def describe_alarm(hass: HomeAssistant, hub: Hub, history: Sequence[AlarmEvent]) -> dict[str, Any]:
    """Return an alarm and its timeline as plain data, without a name or an address."""
    alarm = fold(history)
    words = Words(hass, hub)
    return {
        "alarm_id": alarm.alarm_id,
        "code": hub.code_of(alarm.brukare_id),
        "device_id": device_of(hass, hub.entry, alarm.brukare_id),
        "alarm_type": alarm.alarm_type,
        "message": alarm.message,
        "state": alarm.state,
        "open": alarm.is_open,
        "rule": alarm.rule,
        "sources": list(alarm.sources),
        "due_at": alarm.due_at.isoformat(),
        "raised_at": alarm.raised_at.isoformat(),
        "late": alarm.late,
        "level": alarm.level,
        "repetitions": alarm.repetitions,
        "outcome": alarm.outcome,
        "next_deadline_at": alarm.next_deadline_at.isoformat() if alarm.next_deadline_at else None,
        "receipts": [_describe_receipt(hub, words, receipt) for receipt in calc_receipts(history)],
        "timeline": [{**_describe_event(hass, hub, event), "text": words.line(event)} for event in history],
    }


def _describe_receipt(hub: Hub, words: Words, receipt: Receipt) -> dict[str, Any]:
    """Return what is known of one call to a phone; what is not known is left out."""
    progress = receipt.progress(can_confirm=words.can_confirm(receipt.phone_id))
    instants = {
        "called_at": receipt.called_at,
        "sent_at": receipt.sent_at,
        "failed_at": receipt.failed_at,
        "received_at": receipt.received_at if words.can_confirm(receipt.phone_id) else None,
        "answered_at": receipt.answered_at,
    }
    told = {
        "phone": words.phone(receipt.phone_id),
        "step": receipt.step,
        "status": progress,
        "text": hub.wording.receipt(progress),
        **{key: at.isoformat(timespec="milliseconds") if at else None for key, at in instants.items()},
        "error": receipt.error,
        "answer": receipt.answer,
    }
    return {key: value for key, value in told.items() if value is not None}


def describe_line(watched: WatchedLine) -> dict[str, Any]:
    """Return a line of the handlingsplan and how it is watched, as plain data; minutes by day, newest last (R010.5)."""
    line, facts = watched.line, watched.facts
    return {
        "rule": line.rule,
        "entity_id": line.entity_id,
        "name": line.name,
        "alarm_type": line.alarm_type,
        "on": line.is_on,
        "coverage": Coverage.NOT if watched.paused_until_at else facts.coverage,
        "paused_until": watched.paused_until_at.isoformat() if watched.paused_until_at else None,
        "trouble_since": facts.trouble.since_at.isoformat() if facts.trouble else None,
        "faults": {each.source: each.fault for each in (facts.trouble.faults if facts.trouble else ())},
        "days": [
            {
                "date": day.date,
                "watched_minutes": _minutes(day.watched),
                "not_watched_minutes": _minutes(day.not_watched),
            }
            for day in facts.days
        ],
    }


def _minutes(span: timedelta) -> float:
    """Return a span in minutes."""
    return round(span.total_seconds() / 60, 1)


def _describe_event(hass: HomeAssistant, hub: Hub, event: AlarmEvent) -> dict[str, Any]:
    """Return one step of a timeline."""
    by = getattr(event, "by", None)
    phone_id = getattr(event, "phone_id", None) or (by.phone_id if by else None)
    names = {group.group_id: group.name for group in hub.rota.groups}
    told: dict[str, Any] = {
        "at": event.at.isoformat(timespec="milliseconds"),
        "event": event.kind,
        "phone": phone_name(hass, phone_id) if phone_id else None,
        "user_id": by.user_id if by else None,
        "phones": [phone_name(hass, phone) for phone in getattr(event, "phones", ())] or None,
        **{
            key: [names.get(group, group) for group in getattr(event, key, ())] or None
            for key in ("groups", "from_groups", "to_groups")
        },
        **{
            key: getattr(event, key, None)
            for key in ("step", "level", "reason", "error", "outcome", "note", "report", "late")
        },
    }
    return {key: value for key, value in told.items() if value is not None}
