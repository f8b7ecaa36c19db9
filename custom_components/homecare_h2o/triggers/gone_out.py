"""``gone_out``: the outer door opens, and nobody is in the home afterwards."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import override

from homeassistant.const import CONF_DEVICE_ID, CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..const import SIGNAL_VISIT
from ..core.detection.gone_out import (
    GoneOutConfig,
    GoneOutFacts,
    Role,
    Seen,
    check,
    excuse,
    explain,
    fired,
    next_due_at,
    note,
    observe,
)
from ..core.detection.notes import Reason, Why
from ..core.watching import Essential
from ..visits import is_visited
from .detector import Detector, DetectorTrigger, DetectorWatch, Look, Roles, as_on
from .options import WINDOW, duration, entities, window_of

CONF_DOORS = "doors"
CONF_HALL = "hall"
CONF_ROOMS = "rooms"
CONF_DELAY = "delay"
CONF_SETTLE_TIME = "settle_time"
CONF_ALREADY_OUT = "already_out"
VISIT = "visit"
"""Told as the source where no sensor is: a visit was registered."""


def _read(options: ConfigType) -> GoneOutConfig:
    """Return the rule."""
    rule = GoneOutConfig(
        window=window_of(options),
        delay=options[CONF_DELAY],
        settle_time=options[CONF_SETTLE_TIME],
        already_out=options[CONF_ALREADY_OUT],
    )
    check(rule)
    return rule


def _seen(look: Look, *, excused: bool) -> Seen:
    """Return what a door or a motion sensor shows."""
    return Seen(
        role=Role(look.role),
        source=look.source,
        on=as_on(look.state),
        at=look.at,
        restored=look.restored,
        suppressed=excused,
    )


class GoneOutWatch(DetectorWatch):
    """Watches the doors, the hall and the rooms."""

    @override
    def find_roles(self) -> Roles:
        parts = ((CONF_ROOMS, Role.ROOM), (CONF_HALL, Role.HALL), (CONF_DOORS, Role.DOOR))
        return {entity_id: role for option, role in parts for entity_id in self.options[option]}

    @override
    def find_essential(self) -> Essential:
        """Return the doors: without the others every opening would be an alarm."""
        return (frozenset(self.options[CONF_DOORS]),)

    @override
    async def async_listen(self) -> Iterable[CALLBACK_TYPE]:
        """Hear of visits."""
        return [async_dispatcher_connect(self.hass, SIGNAL_VISIT, self._on_visit)]

    @callback
    def _on_visit(self) -> None:
        """Drop an episode that turns out to be staff's: the door opens before the visit is registered."""
        if self.hub is None or (opened_at := self._facts.opened_at or self._facts.out_since_at) is None:
            return
        if is_visited(self.hass, self.hub.entry, self.hub.facts, self.options[CONF_DEVICE_ID], opened_at):
            self._excuse(self.hub.clock.now())

    def _excuse(self, now: datetime) -> None:
        """Take back what was due: it was staff who opened."""
        if due_at := self.next_due_at():
            self.tell(VISIT, Why(reason=Reason.EXCUSED_BY_VISIT, due_at=due_at))
        facts = excuse(self._facts)
        self.note(note(self._rule, self._facts, facts, now))
        self.change(facts)

    @override
    def is_excused(self, look: Look) -> bool:
        hub = self.hub
        return hub is not None and is_visited(self.hass, hub.entry, hub.facts, self.options[CONF_DEVICE_ID], look.at)


class GoneOutTrigger(DetectorTrigger):
    """Fires when somebody has gone out and not been seen inside since."""

    watch = GoneOutWatch
    detector = Detector(
        schema=vol.Schema(
            {
                vol.Required(CONF_OPTIONS): {
                    vol.Required(CONF_DOORS): vol.All(cv.entity_ids, vol.Length(min=1)),
                    **entities(CONF_HALL),
                    **entities(CONF_ROOMS),
                    **duration(CONF_DELAY, timedelta(minutes=20)),
                    **duration(CONF_SETTLE_TIME, timedelta(seconds=60)),
                    **WINDOW,
                    vol.Optional(CONF_ALREADY_OUT, default=False): cv.boolean,
                    vol.Optional(CONF_DEVICE_ID, default=list): vol.All(cv.ensure_list, [cv.string]),
                }
            }
        ),
        read=_read,
        facts=GoneOutFacts,
        begin=lambda _now: GoneOutFacts(),
        observe=lambda rule, facts, look, tz, excused: observe(rule, facts, _seen(look, excused=excused), tz),
        next_due_at=next_due_at,
        fired=lambda _rule, facts, due_at, _tz: fired(facts, due_at),
        explain=lambda rule, before, after, look, tz, excused: explain(
            rule, before, after, _seen(look, excused=excused), tz
        ),
        note=lambda rule, before, after, look: note(rule, before, after, look.at),
    )
