"""What the page is told: never a webhook id or a push token."""

from typing import Any

from demo.phones import LogEntry, Notification, VirtualPhone

from .timeline import Timeline

_LOG_LINES = 30
_LOG_FIELDS = ("title", "message", "tag", "error", "uri", "behaviour")


def view_phone(phone: VirtualPhone) -> dict[str, Any]:
    """Return a phone as the page draws it, the newest first."""
    return {
        "id": phone.phone_id,
        "name": phone.name,
        "group": phone.group,
        "os": phone.os,
        "number": phone.number,
        "behaviour": phone.behaviour,
        "notifications": [_view_notification(shown) for shown in reversed(phone.notifications.values())],
        "log": [_view_entry(entry) for entry in reversed(phone.log[-_LOG_LINES:])],
    }


def view_timeline(timeline: Timeline) -> dict[str, Any]:
    """Return the timeline, the oldest first."""
    entries = [{"at": entry.at.isoformat(), "text": entry.text, "tone": entry.tone} for entry in timeline.entries]
    return {"title": timeline.title, "entries": entries}


def _view_notification(shown: Notification) -> dict[str, Any]:
    """Return a notification with its buttons."""
    return {
        "tag": shown.tag,
        "title": shown.title,
        "message": shown.message,
        "critical": shown.is_critical,
        "copies": shown.copies,
        "at": shown.shown_at.isoformat(),
        "actions": [
            {
                "id": action.action_id,
                "title": action.title,
                "uri": action.uri,
                "locked": action.locked,
                "destructive": action.destructive,
            }
            for action in shown.actions
        ],
    }


def _view_entry(entry: LogEntry) -> dict[str, Any]:
    """Return a line of the log."""
    fields = {key: entry.payload[key] for key in _LOG_FIELDS if entry.payload.get(key)}
    return {"at": entry.at.isoformat(timespec="milliseconds"), "kind": entry.kind, **fields}
