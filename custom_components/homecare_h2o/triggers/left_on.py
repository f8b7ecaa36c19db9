"""``left_on``: a plug, a stove or a lamp that is on for too long, or outside its hours (power_on)."""

from datetime import timedelta
from typing import Any, override
from zoneinfo import ZoneInfo

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
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


def _is_on(rule: Rule, facts: LeftOnFacts, source: str, state: State | None) -> bool | None:
    """Return whether a switch, a lamp or a power means on."""
    if state is None or as_on(state) is not None:
        return as_on(state)
    try:
        watts = float(state.state)
    except ValueError:
        return None
    was_on = next((plug.on for plug in facts.plugs if plug.source == source), None)
    return left_on.power_is_on(watts, was_on, on_above=rule[1], off_below=rule[2])


def _observe(rule: Rule, facts: LeftOnFacts, look: Look, tz: ZoneInfo, _excused: bool) -> LeftOnFacts:  # noqa: FBT001
    """Show a plug."""
    on = _is_on(rule, facts, look.source, look.state)
    return left_on.observe(rule[0], facts, Seen(source=look.source, on=on, at=look.at, restored=look.restored), tz)


class LeftOnWatch(DetectorWatch):
    """Watches the plugs of the target."""

    @override
    def find_roles(self) -> Roles:
        def is_plug(domain: str, device_class: str | None) -> bool:
            return domain in LIKELY

        return dict.fromkeys(find_entities(self.hass, self.target, is_plug), "plug")


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
        observe=_observe,
        next_due_at=lambda rule, facts, tz: left_on.next_due_at(rule[0], facts, tz),
        fired=lambda _rule, facts, due_at, _tz: left_on.fired(facts, due_at),
        sources=lambda rule, facts, due_at, tz: left_on.sources(rule[0], facts, due_at, tz),
    )
