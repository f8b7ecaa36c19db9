"""The lines as Home Assistant has them at this moment; one that is being loaded anew is neither there nor gone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from homeassistant.components.automation import DATA_COMPONENT, DOMAIN as AUTOMATION, BaseAutomationEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_RESTORED, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_dumps

from .core.handlingsplan import Key
from .core.plan_events import PlannedLine
from .plan import find_lines
from .settings import brukare_of


class _Presence(Enum):
    """Whether a line that raises nothing now is there."""

    LOADING = auto()
    """It may be back in a moment."""
    BROKEN = auto()
    """Home Assistant does not accept it, and does not say what it was meant to do."""
    GONE = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was found: the lines that are there, and the known ones of which nothing can be said now."""

    found: tuple[tuple[str, PlannedLine], ...]
    loading: frozenset[Key]


@callback
def read_plan(hass: HomeAssistant, entry: ConfigEntry[Any], known: Mapping[Key, PlannedLine]) -> Reading:
    """Return the lines that are there; ``known``: those that were there before."""
    automations = _automations(hass)
    found: dict[Key, PlannedLine] = {}
    for line in find_lines(hass, entry):
        if _find_registered(hass, line.rule) is None or _is_loading(hass, line.entity_id):
            continue
        found[line.brukare_id, line.rule] = PlannedLine(
            rule=line.rule,
            name=line.name,
            alarm_type=line.alarm_type,
            config=_config_of(automations[line.rule]),
            is_on=line.is_on,
            is_broken=line.is_broken,
        )
    there = {rule for _, rule in found}
    brukare = {subentry.subentry_id for subentry in brukare_of(entry)}
    missing = {
        (brukare_id, rule): _presence_of(hass, automations, rule)
        for brukare_id, rule in known
        if rule not in there and brukare_id in brukare
    }
    found |= {
        key: replace(known[key], is_broken=True) for key, presence in missing.items() if presence is _Presence.BROKEN
    }
    return Reading(
        found=tuple((brukare_id, line) for (brukare_id, _), line in found.items()),
        loading=frozenset(key for key, presence in missing.items() if presence is _Presence.LOADING),
    )


def _automations(hass: HomeAssistant) -> dict[str, BaseAutomationEntity]:
    """Return the automations by the rule that they are."""
    component = hass.data.get(DATA_COMPONENT)
    return {each.unique_id: each for each in component.entities if each.unique_id} if component else {}


def _find_registered(hass: HomeAssistant, rule: str) -> er.RegistryEntry | None:
    """Return a rule's place in the registry.

    The editor's deletion takes it out of there at once, and so, to us, does whoever disables it.
    """
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(AUTOMATION, AUTOMATION, rule)
    registered = registry.async_get(entity_id) if entity_id else None
    return None if registered is None or registered.disabled else registered


def _presence_of(hass: HomeAssistant, automations: Mapping[str, BaseAutomationEntity], rule: str) -> _Presence:
    """Return whether a line is there although it raises nothing."""
    registered, automation = _find_registered(hass, rule), automations.get(rule)
    if registered is None:
        return _Presence.GONE
    if automation is None or _is_loading(hass, registered.entity_id):
        return _Presence.LOADING
    # One that is accepted and raises no alarm of this home's is no line any more.
    return _Presence.GONE if automation.available else _Presence.BROKEN


def _is_loading(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an automation shows only what was kept of it: it is unavailable, and yet not broken."""
    state = hass.states.get(entity_id)
    return state is None or (state.state == STATE_UNAVAILABLE and bool(state.attributes.get(ATTR_RESTORED)))


def _config_of(automation: BaseAutomationEntity) -> str:
    """Return an automation as it is stored, its order kept; nothing if it cannot be written down.

    Home Assistant fills in a blueprint before it sets up the automation, and keeps the inputs beside that.
    """
    try:
        return json_dumps(getattr(automation, "_blueprint_inputs", None) or automation.raw_config or {})
    except TypeError, ValueError:
        return ""
