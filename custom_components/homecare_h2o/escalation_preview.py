"""Who would be told when: an escalation plan at a chosen hour, in words (R012.2)."""

from datetime import datetime, time, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.escalation import AlarmType
from .phones import phone_name
from .settings import settings_of


def preview_plan(hass: HomeAssistant, entry: ConfigEntry[Any], alarm_type: AlarmType, hour: time) -> str:
    """Return who is told when of an alarm that is raised at an hour of today: a line for each level."""
    settings = settings_of(hass, entry)
    plan, raised_at = settings.plan_for(alarm_type), _today_at(hour)
    names = {group.group_id: group.name for group in settings.rota.groups}

    def describe(level: int) -> str:
        at = raised_at + plan.delay_of(level)
        found = settings.rota.resolve(plan.calc_receivers(level, level), at)
        groups = ", ".join(names[group] for group in found.groups)
        phones = ", ".join(phone_name(hass, phone_id) for phone_id in found.phones)
        ringing = " \U0001f514" if plan.is_loud(level) else ""
        return f"- **{dt_util.as_local(at):%H:%M:%S}** {groups} ({phones}){ringing}"

    lines = [describe(level) for level in range(len(plan.levels))]
    return "\n".join((*lines, f"- ↻ {_minutes(plan.repeat_every)}"))


def _today_at(hour: time) -> datetime:
    """Return the instant of an hour of today."""
    return dt_util.as_utc(datetime.combine(dt_util.now().date(), hour, dt_util.get_default_time_zone()))


def _minutes(span: timedelta) -> str:
    """Return a span as people read it."""
    return f"{span.total_seconds() / 60:g} min"
