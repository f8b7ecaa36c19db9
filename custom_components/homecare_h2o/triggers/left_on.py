"""``left_on``: a plug, a stove or a lamp that is on for too long, or outside its hours (power_on)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, override

from homeassistant.components.sensor import DOMAIN as SENSOR, SensorDeviceClass
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, CONF_OPTIONS, UnitOfPower
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.unit_conversion import PowerConverter
import probatio as vol

from ..core.detection import left_on
from ..core.detection.left_on import LeftOnConfig, LeftOnFacts, Seen
from .detector import Detector, DetectorTrigger, DetectorWatch, Look, Roles, as_on
from .options import CONF_ALL_DAY, CONF_FROM, CONF_TO, TARGET, WINDOW, window_of
from .watch import find_entities

CONF_LONGEST = "longest"
CONF_OUTSIDE_DELAY = "outside_delay"
CONF_ON_ABOVE = "on_above"
CONF_OFF_BELOW = "off_below"
LIKELY = frozenset({"light", "switch"})


class Rule(tuple[LeftOnConfig, float, float]):
    """The rule, and the power (watts) above which a plug is on and below which it is off."""

    __slots__ = ()


def _read(options: ConfigType) -> Rule:
    """Return the rule; without hours it may be on at any time of the day."""
    has_hours = not options[CONF_ALL_DAY] and (options.get(CONF_FROM) or options.get(CONF_TO))
    rule = LeftOnConfig(
        longest=options.get(CONF_LONGEST) or None,
        allowed=window_of(options) if has_hours else None,
        outside_delay=options[CONF_OUTSIDE_DELAY],
    )
    left_on.check(rule)
    left_on.check_power(options[CONF_ON_ABOVE], options[CONF_OFF_BELOW])
    return Rule((rule, options[CONF_ON_ABOVE], options[CONF_OFF_BELOW]))


def _watts(state: State) -> float | None:
    """Return a power in watts, whatever its unit; None if it is no number."""
    try:
        power = float(state.state)
    except ValueError:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    return PowerConverter.convert(power, unit, UnitOfPower.WATT) if unit in PowerConverter.VALID_UNITS else power


def _is_on(rule: Rule, facts: LeftOnFacts, source: str, state: State | None) -> bool | None:
    """Return whether a switch, a lamp or a power means on."""
    if state is None or as_on(state) is not None:
        return as_on(state)
    watts = _watts(state)
    was_on = next((plug.on for plug in facts.plugs if plug.source == source), None)
    return left_on.power_is_on(watts, was_on, on_above=rule[1], off_below=rule[2])


def _seen(rule: Rule, facts: LeftOnFacts, look: Look) -> Seen:
    """Return what a plug shows."""
    on = _is_on(rule, facts, look.source, look.state)
    return Seen(source=look.source, on=on, at=look.at, restored=look.restored)


def _is_plug(domain: str, device_class: str | None) -> bool:
    """Return whether an entity that nobody named is likely to tell that something is on."""
    return domain in LIKELY or (domain == SENSOR and device_class == SensorDeviceClass.POWER)


def _find_plugs(hass: HomeAssistant, target: Mapping[str, Any]) -> list[str]:
    """Return what tells that something is on.

    The switch of a device that measures its power is left out, unless it is named: it may be on while nothing draws
    power, as before a stove. A lamp is not: it may draw less than counts as on.
    """
    named = async_extract_referenced_entity_ids(hass, TargetSelection(dict(target))).referenced
    found = find_entities(hass, target, _is_plug)
    registry = er.async_get(hass)
    entries = {entity_id: entry for entity_id in found if (entry := registry.async_get(entity_id))}
    metered = {entry.device_id for entry in entries.values() if entry.domain == SENSOR and entry.device_id}

    def is_told_by_power(entity_id: str) -> bool:
        entry = entries.get(entity_id)
        return entry is not None and entry.domain == SWITCH and entry.device_id in metered

    return [entity_id for entity_id in found if entity_id in named or not is_told_by_power(entity_id)]


class LeftOnWatch(DetectorWatch):
    """Watches the plugs of the target."""

    @override
    def find_roles(self) -> Roles:
        return dict.fromkeys(_find_plugs(self.hass, self.target), "plug")


_SCHEMA: dict[Any, Any] = {
    **TARGET,
    vol.Required(CONF_OPTIONS): {
        vol.Optional(CONF_LONGEST): vol.Any(None, cv.positive_time_period),
        vol.Optional(CONF_OUTSIDE_DELAY, default=timedelta()): cv.positive_time_period,
        **WINDOW,
        vol.Optional(CONF_ON_ABOVE, default=10.0): vol.Coerce(float),
        vol.Optional(CONF_OFF_BELOW, default=5.0): vol.Coerce(float),
    },
}


class LeftOnTrigger(DetectorTrigger):
    """Fires when something has been left on."""

    watch = LeftOnWatch
    detector = Detector(
        schema=vol.Schema(_SCHEMA),
        read=_read,
        facts=LeftOnFacts,
        begin=lambda _now: LeftOnFacts(),
        observe=lambda rule, facts, look, tz, _excused: left_on.observe(rule[0], facts, _seen(rule, facts, look), tz),
        next_due_at=lambda rule, facts, tz: left_on.next_due_at(rule[0], facts, tz),
        fired=lambda _rule, facts, due_at, _tz: left_on.fired(facts, due_at),
        sources=lambda rule, facts, due_at, tz: left_on.sources(rule[0], facts, due_at, tz),
        explain=lambda rule, before, after, look, tz, _excused: left_on.explain(
            rule[0], before, after, _seen(rule, before, look), tz
        ),
    )
