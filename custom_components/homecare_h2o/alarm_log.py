"""The alarms of a period for the panel: chosen by larmtyp, outcome and group, and exported (P001.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from typing import Any

from homeassistant.core import HomeAssistant

from .alarm_view import AlarmView
from .core.alarm import Alarm, fold
from .core.escalation import AlarmType
from .core.events import AlarmAcknowledged, AlarmEvent, Outcome, ReceiversCalled
from .export import Exporter, Format, write_csv
from .hub import Hub

MOST = 1000
"""Alarms that are shown at a time; a longer period is told to be cut."""

type Plain = dict[str, Any]
type History = Sequence[AlarmEvent]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which alarms: raised from an instant on and before another (UTC), and of those only some; None: all."""

    since: datetime
    until: datetime
    alarm_type: AlarmType | None = None
    outcome: Outcome | None = None
    group_id: str | None = None

    def takes(self, alarm: Alarm, history: History) -> bool:
        """Return whether an alarm is chosen."""
        return (
            self.since <= alarm.raised_at < self.until
            and self.alarm_type in (None, alarm.alarm_type)
            and self.outcome in (None, alarm.outcome)
            and (self.group_id is None or self.group_id in groups_of_alarm(history))
        )


def groups_of_alarm(history: History) -> list[str]:
    """Return the groups that were called, in the order in which they first were."""
    return list(
        dict.fromkeys(group for event in history if isinstance(event, ReceiversCalled) for group in event.groups)
    )


async def find_alarms(hub: Hub, choice: Choice) -> tuple[list[History], bool]:
    """Return the chosen alarms, newest first, and whether there may be more than could be looked at."""
    histories: dict[str, History] = {}
    for alarm_id in hub.engine.alarms:
        # Also of what could not be written yet.
        histories[alarm_id] = await hub.engine.load_history(alarm_id)
    read = await hub.journal.load_alarms(since=choice.since, limit=MOST)
    for history in read:
        histories.setdefault(history[0].alarm_id, history)
    chosen = [history for history in histories.values() if choice.takes(fold(history), history)]
    return sorted(chosen, key=lambda history: history[0].at, reverse=True), len(read) == MOST


async def describe_log(hub: Hub, view: AlarmView, choice: Choice) -> Plain:
    """Return the chosen alarms as plain data."""
    names = {group.group_id: group.name for group in hub.rota.groups}
    histories, is_cut = await find_alarms(hub, choice)
    rows = [
        {
            **await view.summary(fold(history)),
            "groups": [names.get(group, group) for group in groups_of_alarm(history)],
            **await _describe_answer(view, history),
        }
        for history in histories
    ]
    return {"alarms": rows, "cut": is_cut}


async def _describe_answer(view: AlarmView, history: History) -> Plain:
    """Return who took an alarm first, and when."""
    taken = next((event for event in history if isinstance(event, AlarmAcknowledged)), None)
    return {
        "answered_at": taken.at.isoformat() if taken else None,
        "answered_by": await view.name(taken.by) if taken else None,
    }


async def export_log(hass: HomeAssistant, hub: Hub, choice: Choice, format_: Format) -> str:
    """Return all that was journalled of the chosen alarms, also after the period, without a name or an address."""
    histories, _ = await find_alarms(hub, choice)
    chosen = {history[0].alarm_id for history in histories}
    end = datetime.max.replace(tzinfo=UTC)
    records = [
        record
        async for record, event in Exporter(hass, hub).records(choice.since, end, None)
        if getattr(event, "alarm_id", None) in chosen
    ]
    if format_ is Format.CSV:
        return await hass.async_add_executor_job(write_csv, records)
    return json.dumps(records, ensure_ascii=False, indent=2)
