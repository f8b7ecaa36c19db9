"""Diagnostics: an allow-list. What is not named here is not told, and nothing here tells who or where."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .core.codec import to_plain
from .core.duty import Role, calc_coverage
from .core.escalation import Priority
from .heartbeat import audit, describe
from .hub import HomeCareConfigEntry
from .power import power_entity_of
from .settings import brukare_of, groups_of, options_from_plan, plan_of


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: HomeCareConfigEntry) -> dict[str, Any]:
    """Return how the hub is set up and what is open, without persons, addresses, names or phones."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"state": entry.state}
    hub = entry.runtime_data
    groups = groups_of(entry)
    return {
        "clock": {"now": hub.clock.now().isoformat(), "behind": hub.clock.is_behind},
        "last_alive_at": hub.last_alive_at.isoformat() if hub.last_alive_at else None,
        "gaps": [{"from": gap.from_at.isoformat(), "to": gap.to_at.isoformat()} for gap in hub.gaps.newest],
        "power_watched": power_entity_of(entry) is not None,
        "self_audit": to_plain(audit(hub)),
        "signs_of_life": describe(hub.pulses),
        "journal_behind": hub.engine.is_journal_behind,
        "stuck_alarms": hub.engine.audit(),
        "brukare": len(brukare_of(entry)),
        "groups": [{"role": group.role, "phones": len(group.phones)} for group in groups],
        "duty_gaps": [f"{first:%H:%M}-{last:%H:%M}" for first, last in calc_coverage(groups, Role.STAFF).gaps],
        "plans": {priority: options_from_plan(plan_of(entry, priority)) for priority in Priority},
        "open_alarms": [
            {
                "alarm_id": alarm.alarm_id,
                "alarm_type": alarm.alarm_type,
                "state": alarm.state,
                "level": alarm.level,
                "next_deadline_at": alarm.next_deadline_at.isoformat() if alarm.next_deadline_at else None,
            }
            for alarm in hub.engine.alarms.values()
        ],
    }
