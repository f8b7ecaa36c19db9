"""``sequence``: steps, each within a time of the one before, and then perhaps nothing: a larmtyp of one's own."""

from datetime import timedelta
from typing import Any, override

from homeassistant.const import CONF_ENTITY_ID, CONF_OPTIONS
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.detection.sequence import (
    Absence,
    Seen,
    SequenceConfig,
    SequenceFacts,
    Step,
    check,
    explain,
    fired,
    followed_sources,
    next_due_at,
    observe,
)
from ..core.watching import Essential
from .detector import Detector, DetectorTrigger, DetectorWatch, Look, Roles
from .options import PURPOSE, WINDOW, entities, window_of

CONF_STEPS = "steps"
CONF_STATE = "to"
CONF_WITHIN = "within"
CONF_THEN_NOTHING = "then_nothing"
CONF_THEN_NOTHING_FOR = "then_nothing_for"

_STEP = vol.Schema(
    {
        vol.Required(CONF_ENTITY_ID): cv.entity_ids,
        vol.Optional(CONF_STATE, default="on"): vol.Any(None, cv.string),
        vol.Optional(CONF_WITHIN): vol.Any(None, cv.positive_time_period),
    }
)


def _read(options: ConfigType) -> SequenceConfig:
    """Return the rule."""
    absent = tuple(options[CONF_THEN_NOTHING])
    rule = SequenceConfig(
        steps=tuple(
            Step(
                sources=tuple(step[CONF_ENTITY_ID]),
                to_state=step[CONF_STATE] or None,
                within=step.get(CONF_WITHIN),
            )
            for step in options[CONF_STEPS]
        ),
        absence=Absence(sources=absent, duration=options[CONF_THEN_NOTHING_FOR]) if absent else None,
        window=window_of(options),
    )
    check(rule)
    return rule


def _seen(look: Look) -> Seen:
    """Return the state of a sensor."""
    state = look.state.state if look.state else None
    return Seen(source=look.source, state=state, at=look.at, restored=look.restored)


class SequenceWatch(DetectorWatch):
    """Watches the sensors of all steps."""

    @override
    def find_roles(self) -> Roles:
        return dict.fromkeys(followed_sources(self.detector.read(self.options)), "sensor")

    @override
    def find_essential(self) -> Essential:
        """Return each step's sensors: without one of the steps the sequence never comes."""
        return tuple(frozenset(step[CONF_ENTITY_ID]) for step in self.options[CONF_STEPS])


_SCHEMA: dict[Any, Any] = {
    vol.Required(CONF_OPTIONS): {
        vol.Required(CONF_STEPS): vol.All(cv.ensure_list, vol.Length(min=1, max=20), [_STEP]),
        **entities(CONF_THEN_NOTHING),
        vol.Optional(CONF_THEN_NOTHING_FOR, default=timedelta(minutes=30)): cv.positive_time_period,
        **WINDOW,
        **PURPOSE,
    }
}


class SequenceTrigger(DetectorTrigger):
    """Fires when the steps have come in their order, and then perhaps nothing."""

    watch = SequenceWatch
    detector = Detector(
        schema=vol.Schema(_SCHEMA),
        read=_read,
        facts=SequenceFacts,
        begin=lambda _now: SequenceFacts(),
        observe=lambda rule, facts, look, tz, _excused: observe(rule, facts, _seen(look), tz),
        next_due_at=next_due_at,
        fired=lambda _rule, facts, due_at, _tz: fired(facts, due_at),
        explain=lambda rule, before, after, look, tz, _excused: explain(rule, before, after, _seen(look), tz),
    )
