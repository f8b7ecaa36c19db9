"""The handlingsplan as it is: the automations that raise a brukare's alarms, one line each (HP.1)."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeassistant.components.automation import DATA_COMPONENT, BaseAutomationEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    ATTR_DEVICE_ID,
    CONF_ACTION,
    CONF_ENABLED,
    CONF_OPTIONS,
    CONF_SERVICE_DATA,
    CONF_TARGET,
    CONF_TRIGGERS,
    STATE_ON,
    STATE_UNAVAILABLE,
)
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .core.escalation import AlarmType
from .core.watching import SourceFault, WatchFacts
from .devices import find_brukare

RAISES = f"{DOMAIN}.raise_alarm"
_FOLDER = f"{DOMAIN}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTrigger:
    """A detection trigger of a line, as the automation has it."""

    key: str
    config: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """Whose alarms an automation raises, of which larmtyp, and what they are counted by."""

    rule: str
    brukare_id: str
    alarm_type: AlarmType


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of the handlingsplan. ``rule`` is what its alarms are counted by; a line that is not on is not watched."""

    rule: str
    entity_id: str
    name: str
    alarm_type: AlarmType
    brukare_id: str
    is_on: bool
    is_broken: bool
    triggers: tuple[LineTrigger, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedLine:
    """A line, and what is known of how it is watched; ``faults`` are those of now.

    paused_until_at: until when it is paused, by itself or with others; None if it is not.
    """

    line: Line
    facts: WatchFacts
    faults: tuple[SourceFault, ...] = ()
    paused_until_at: datetime | None = None


@callback
def find_lines(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[Line]:
    """Return the lines of a home's handlingsplan, also those that are turned off or broken."""
    component = hass.data.get(DATA_COMPONENT)
    if component is None:
        return []
    found = []
    for automation in component.entities:
        state, raised = hass.states.get(automation.entity_id), find_raised(hass, entry, automation)
        if raised is None or state is None:
            continue
        found.append(
            Line(
                rule=raised.rule,
                entity_id=automation.entity_id,
                name=str(automation.name),
                alarm_type=raised.alarm_type,
                brukare_id=raised.brukare_id,
                is_on=state.state == STATE_ON,
                is_broken=state.state == STATE_UNAVAILABLE,
                triggers=tuple(read_triggers(automation.raw_config or {})),
            )
        )
    return sorted(found, key=lambda line: line.rule)


@callback
def find_raised(hass: HomeAssistant, entry: ConfigEntry[Any], automation: BaseAutomationEntity) -> Raised | None:
    """Return what an automation raises, also before it has a state; None if it is no line of the handlingsplan."""
    raises = _what_it_raises(automation.raw_config or {})
    if raises is None or automation.unique_id is None:
        return None
    alarm_type, device_id = raises
    brukare_id = find_brukare(hass, entry, device_id)
    if brukare_id is None:
        return None
    return Raised(rule=automation.unique_id, brukare_id=brukare_id, alarm_type=alarm_type)


def is_for_one(automation: BaseAutomationEntity) -> bool:
    """Return whether an automation raises nobody's alarms but one brukare's, so that it may stand still with that one."""
    return len({str(data.get(ATTR_DEVICE_ID)) for data in find_calls(automation.raw_config or {})}) <= 1


def _what_it_raises(config: Mapping[str, Any]) -> tuple[AlarmType, str] | None:
    """Return the larmtyp and the brukare's device of an automation; None if it raises no alarm.

    One that Home Assistant does not accept may have nothing but the inputs of its blueprint.
    """
    for data in find_calls(config):
        with suppress(ValueError):
            return AlarmType(str(data.get("alarm_type"))), str(data.get(ATTR_DEVICE_ID))
    used = config.get("use_blueprint") or {}
    path = str(used.get("path", ""))
    with suppress(ValueError):
        alarm_type = AlarmType(path.removeprefix(_FOLDER).removesuffix(".yaml"))
        return alarm_type, str((used.get("input") or {}).get("brukare"))
    return None


def find_calls(config: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the data of each call that raises an alarm, wherever in the actions it is."""
    if isinstance(config, Mapping):
        if RAISES in (config.get(CONF_ACTION), config.get("service")):
            yield {**config.get(CONF_TARGET, {}), **config.get(CONF_SERVICE_DATA, {})}
        for value in config.values():
            yield from find_calls(value)
    elif isinstance(config, list):
        for value in config:
            yield from find_calls(value)


def read_triggers(config: Mapping[str, Any]) -> Iterator[LineTrigger]:
    """Yield the detection triggers of an automation that are in use."""
    for trigger in config.get(CONF_TRIGGERS) or ():
        domain, _, key = str(trigger.get("trigger", "")).partition(".")
        if domain == DOMAIN and trigger.get(CONF_ENABLED, True):
            kept = {name: trigger[name] for name in (CONF_TARGET, CONF_OPTIONS) if name in trigger}
            yield LineTrigger(key=key, config=kept)
