"""How everything stands, for the larmansvarig: who is watched, what is paused, which phones and hours are not well."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from math import inf
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import ATTR_DEVICE_CLASS, STATE_ON
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import probatio as vol

from .alarm_view import describe_source
from .const import CONF_CODE
from .core.arming import Pause
from .core.arming_events import ConsentService
from .core.calling import Rota
from .core.chain import ChainResult
from .core.duty import Receiver, Role
from .core.errors import BadSettingError
from .core.watching import Coverage
from .health import device_of_source
from .hub import Hub
from .mask import make_mask
from .phones import phone_name
from .plan import WatchedLine
from .settings import brukare_of
from .trigger import TRIGGERS
from .triggers.watch import WatchTrigger

AHEAD = timedelta(days=7)
"""How far ahead the rota is looked through."""
MOST_CHANGES = 500
"""Changes of shift that are looked through; a week of ordinary duty hours has some dozens."""
LOW_BATTERY = 20.0
"""Per cent below which a battery is to be changed."""
_WORST = (Coverage.NOT, Coverage.PARTLY, Coverage.WATCHED)

type Plain = dict[str, Any]


def describe_overview(hass: HomeAssistant, hub: Hub) -> Plain:
    """Return how everything stands now, without a name or an address."""
    now = hub.clock.now()
    pauses = hub.pauses.pauses.current(now)
    return {
        "brukare": [_describe_brukare(hass, hub, subentry, pauses) for subentry in brukare_of(hub.entry)],
        "hub_paused": [_describe_pause(hub, each) for each in pauses if each.brukare_id is None],
        "phones": _describe_phones(hass, hub),
        "rota": describe_rota(hub.rota, now),
    }


def _describe_brukare(hass: HomeAssistant, hub: Hub, subentry: ConfigSubentry, pauses: Sequence[Pause]) -> Plain:
    """Return how it stands with one brukare."""
    brukare_id = subentry.subentry_id
    lines = hub.lines_of(brukare_id)
    coverage = min((line.facts.coverage for line in lines), key=_WORST.index, default=None)
    troubles = [line.facts.trouble.since_at for line in lines if line.facts.trouble]
    return {
        "brukare_id": brukare_id,
        "code": subentry.data[CONF_CODE],
        "lines": len(lines),
        "coverage": coverage,
        "since": min(troubles).isoformat() if troubles else None,
        "faults": [_describe_fault(hass, line) for line in lines if line.facts.trouble],
        "low": find_low_batteries(hass, lines),
        "alarms": sum(alarm.brukare_id == brukare_id for alarm in hub.engine.alarms.values()),
        "paused": [
            {**_describe_pause(hub, each), "line": _line_name(hub, each.rule)}
            for each in pauses
            if each.brukare_id == brukare_id
        ],
        "consent": hub.consents.state_of(brukare_id, ConsentService.LARM),
        "visit_until": _iso(hub.visits.expires_at(brukare_id)),
    }


def _describe_pause(hub: Hub, pause: Pause) -> Plain:
    """Return a pause: until when, and why."""
    return {"until": pause.until_at.isoformat(), "reason": make_mask(hub.entry)(pause.reason)}


def _line_name(hub: Hub, rule: str | None) -> str | None:
    """Return what a line is called, None if it is not about one."""
    if rule is None:
        return None
    return hub.lines[rule].line.name if rule in hub.lines else rule


def _describe_fault(hass: HomeAssistant, watched: WatchedLine) -> Plain:
    """Return what is wrong with a line, and since when."""
    trouble = watched.facts.trouble
    faults = trouble.faults if trouble else ()
    return {
        "line": watched.line.name,
        "alarm_type": watched.line.alarm_type,
        "coverage": watched.facts.coverage,
        "since": _iso(trouble.since_at if trouble else None),
        "sources": [{**describe_source(hass, each.source), "fault": each.fault} for each in faults],
    }


@callback
def find_low_batteries(hass: HomeAssistant, lines: Sequence[WatchedLine]) -> list[Plain]:
    """Return the sensors of some lines whose battery is low, each once."""
    sources = {source for watched in lines for source in _find_sources(hass, watched)}
    devices = sorted({device for source in sources if (device := device_of_source(hass, source))})
    return [
        {**describe_source(hass, device_id), "level": level}
        for device_id in devices
        for level in _low_levels(hass, device_id)
    ]


def _find_sources(hass: HomeAssistant, watched: WatchedLine) -> Iterator[str]:
    """Yield the sensors of a line; those of a trigger that is not valid are told of as a fault."""
    for trigger in watched.line.triggers:
        kind = TRIGGERS.get(trigger.key)
        if kind is not None and issubclass(kind, WatchTrigger):
            with suppress(BadSettingError, vol.Invalid):
                yield from kind.look_at(hass, trigger.key, dict(trigger.config)).find_sources()


def _low_levels(hass: HomeAssistant, device_id: str) -> Iterator[float | None]:
    """Yield the levels of a device's batteries that are low; None if it only says that one is."""
    if dr.async_get(hass).async_get(device_id) is None:
        return
    for entry in er.async_entries_for_device(er.async_get(hass), device_id):
        state = hass.states.get(entry.entity_id)
        if state is None:
            continue
        kind = state.attributes.get(ATTR_DEVICE_CLASS)
        if (state.domain, kind) == ("binary_sensor", BinarySensorDeviceClass.BATTERY) and state.state == STATE_ON:
            yield None
        elif (state.domain, kind) == ("sensor", SensorDeviceClass.BATTERY) and (level := _level(state)) <= LOW_BATTERY:
            yield level


def _level(state: State) -> float:
    """Return a state as a number; one that is none is no information, and so is not low."""
    try:
        return float(state.state)
    except ValueError:
        return inf


def _describe_phones(hass: HomeAssistant, hub: Hub) -> list[Plain]:
    """Return each phone, its groups, and what its tests have shown."""
    failed = hub.chain.phones_with(ChainResult.FAILED)
    told = []
    for phone_id in hub.chain.phones:
        tests = hub.chain.tests_of(phone_id)
        told.append(
            {
                "phone": phone_name(hass, phone_id),
                "groups": [group.name for group in hub.rota.groups if phone_id in group.phones],
                "failed": phone_id in failed,
                "result": tests.result if tests else None,
                "error": tests.error if tests else None,
                "tested_at": _iso(tests.tested_at if tests else None),
            }
        )
    return told


def describe_rota(rota: Rota, now: datetime) -> Plain:
    """Return who is on duty now and next, and when in the days ahead nobody is."""
    next_at = rota.next_change_at(now)
    return {
        "groups": [
            {"group_id": group.group_id, "name": group.name, "role": group.role, "phones": len(group.phones)}
            for group in rota.groups
        ],
        "on_duty": _staff(rota, now),
        "next_at": _iso(next_at),
        "next": _staff(rota, next_at) if next_at else None,
        "gaps": [{"from": start.isoformat(), "to": end.isoformat()} for start, end in find_gaps(rota, now)],
    }


def _staff(rota: Rota, at: datetime) -> list[str]:
    """Return the staff's groups that are on duty, by name."""
    on_duty = rota.on_duty(at)
    return [group.name for group in rota.groups if group.role is Role.STAFF and group.group_id in on_duty]


def find_gaps(rota: Rota, now: datetime) -> list[tuple[datetime, datetime]]:
    """Return when in the days ahead no staff with a phone is on duty: the spares are called then."""
    until_at, at = now + AHEAD, now
    gaps: list[tuple[datetime, datetime]] = []
    for _ in range(MOST_CHANGES):
        next_at = min(rota.next_change_at(at) or until_at, until_at)
        if rota.resolve((Receiver.ON_DUTY,), at).no_one_on_duty:
            start = gaps.pop()[0] if gaps and gaps[-1][1] == at else at
            gaps.append((start, next_at))
        if next_at >= until_at:
            break
        at = next_at
    return gaps


def _iso(at: datetime | None) -> str | None:
    """Return an instant as text."""
    return at.isoformat() if at else None
