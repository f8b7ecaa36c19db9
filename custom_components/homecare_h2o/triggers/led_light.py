"""``led_light``: lamps go on at motion in the night, and off some time after the last (led_light)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, override
from zoneinfo import ZoneInfo

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.components.light import DOMAIN as LIGHT
from homeassistant.components.sun import STATE_ABOVE_HORIZON, STATE_BELOW_HORIZON
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.const import CONF_OPTIONS, STATE_ON
from homeassistant.core import State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.alarm import is_late
from ..core.codec import to_plain
from ..core.detection import led_light
from ..core.detection.led_light import LedLightConfig, LedLightFacts, Role, Seen
from ..core.watching import Essential
from ..hub import Hub
from .detector import Detector, DetectorTrigger, DetectorWatch, Look, Roles, as_on
from .options import TARGET, WINDOW, duration, entities, window_of
from .watch import find_entities

CONF_STAGE = "stage"
CONF_LIGHTS = "lights"
CONF_OFF_AFTER = "off_after"
CONF_LIGHT_SENSOR = "light_sensor"
CONF_DARK_BELOW = "dark_below"
CONF_SUN = "sun"
SUN = "sun.sun"
SUN_STATES = {STATE_ABOVE_HORIZON: True, STATE_BELOW_HORIZON: False}
SEES_MOTION = frozenset({"motion", "moving", "occupancy", "presence"})


class LampStage(StrEnum):
    """What the trigger fires for: lamps to turn on, or to turn off. Both follow the whole of it."""

    ON = "on"
    OFF = "off"


type Rule = tuple[LampStage, LedLightConfig, float]
"""The stage, the rule, and below how much light (lux) it is dark."""


def _read(options: ConfigType) -> Rule:
    """Return the rule."""
    rule = LedLightConfig(window=window_of(options), off_after=options[CONF_OFF_AFTER])
    led_light.check(rule)
    led_light.check_dark_below(options[CONF_DARK_BELOW])
    return LampStage(options[CONF_STAGE]), rule, options[CONF_DARK_BELOW]


def _is_daylight(state: State | None, dark_below: float) -> bool | None:
    """Return whether the sun or a light sensor says that it is light."""
    if state is None or state.state in SUN_STATES:
        return SUN_STATES[state.state] if state else None
    try:
        return led_light.is_daylight(float(state.state), dark_below)
    except ValueError:
        return None


def _observe(rule: Rule, facts: LedLightFacts, look: Look, _tz: ZoneInfo, _excused: bool) -> LedLightFacts:  # noqa: FBT001
    """Show a sensor or a lamp; what was only looked up is as old as its state."""
    role, state = Role(look.role), look.state
    seen = Seen(
        role=role,
        source=look.source,
        on=_is_daylight(state, rule[2]) if role is Role.DAYLIGHT else as_on(state),
        at=look.at if state is None or look.reported or look.restored else min(look.at, state.last_changed),
        restored=look.restored,
        by_hand=state is not None and state.context.user_id is not None,
    )
    return led_light.observe(facts, seen)


class LedLightWatch(DetectorWatch):
    """Watches the motion sensors of the target, the lamps, and whether it is dark."""

    @override
    def find_roles(self) -> Roles:
        """Return what there is to see; it is looked up in this order, whether it is dark before who moves."""

        def is_motion(domain: str, device_class: str | None) -> bool:
            return domain == BINARY_SENSOR and device_class in SEES_MOTION

        daylight = [*self.options[CONF_LIGHT_SENSOR], *([SUN] if self.options[CONF_SUN] else [])]
        return {
            **dict.fromkeys(daylight, Role.DAYLIGHT),
            **dict.fromkeys(find_entities(self.hass, self.target, is_motion), Role.MOTION),
            **dict.fromkeys(self.options[CONF_LIGHTS], Role.LAMP),
        }

    @override
    def find_essential(self) -> Essential:
        roles = self.find_roles()
        return tuple(frozenset(each for each in roles if roles[each] is part) for part in (Role.MOTION, Role.LAMP))

    @override
    def go_on(self, hub: Hub) -> None:
        """Go on from when somebody last watched: before the restart or, if only the rule was loaded anew, just now."""
        now = hub.clock.now()
        followed = {each.source for each in self._facts.sensors}
        on = followed if self.resumed else {each for each in followed if self.hass.states.is_state(each, STATE_ON)}
        self._facts = led_light.resume(self._facts, now if self.resumed else hub.previous_alive_at or now, on)

    @override
    def fire_due(self, due_at: datetime, now: datetime) -> None:
        """Run the action for the lamps of this trigger's stage.

        An action that was cut off is not run again as it was: by then the lamps may be somebody's. What the lamps show
        decides.
        """
        stage, rule, _ = self._rule
        tz, was = self._tz, self._facts
        is_on = due_at == led_light.next_on_at(rule, was, tz)
        facts, lamps = led_light.take_on(rule, was, now, tz) if is_on else led_light.take_off(rule, was, now)
        self._facts = facts
        self.remember(facts=to_plain(facts))
        if not lamps or (stage is LampStage.ON) is not is_on:
            return
        sources = led_light.moving(was, now) if is_on else [each.source for each in was.sensors]
        payload = {"due_at": due_at, "late": is_late(due_at, now), "sources": list(sources), "lamps": list(lamps)}
        # At a start the trigger of the other stage must have looked at the lamps before they answer.
        self.hass.loop.call_soon(self._run_action, payload, f"{stage} due at {due_at.isoformat()}")


_SCHEMA: dict[Any, Any] = {
    **TARGET,
    vol.Required(CONF_OPTIONS): {
        vol.Required(CONF_STAGE): vol.In(list(LampStage)),
        vol.Required(CONF_LIGHTS): vol.All(cv.ensure_list, vol.Length(min=1), cv.entities_domain([LIGHT, SWITCH])),
        **duration(CONF_OFF_AFTER, timedelta(minutes=20)),
        **WINDOW,
        **entities(CONF_LIGHT_SENSOR),
        vol.Optional(CONF_DARK_BELOW, default=20.0): vol.Coerce(float),
        vol.Optional(CONF_SUN, default=False): cv.boolean,
    },
}


class LedLightTrigger(DetectorTrigger):
    """Fires when lamps are to go on, or off; ``trigger.lamps`` has them."""

    watch = LedLightWatch
    detector = Detector(
        schema=vol.Schema(_SCHEMA),
        read=_read,
        facts=LedLightFacts,
        begin=lambda _now: LedLightFacts(),
        observe=_observe,
        next_due_at=lambda rule, facts, tz: led_light.next_due_at(rule[1], facts, tz),
        fired=lambda _rule, facts, _due_at, _tz: facts,
    )
