"""``quiet``: a device has said nothing for a time, whatever its state; blind is not quiet (R060.5)."""

from datetime import timedelta
from typing import Any, override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, Event, EventStateReportedData, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_track_state_report_event
import probatio as vol

from ..core.detection import quiet
from ..core.detection.quiet import QuietConfig, QuietFacts, Seen
from ..hub import Hub
from .detector import Detector, DetectorTrigger, DetectorWatch, Look, Roles, is_informative
from .options import TARGET
from .watch import find_entities

CONF_LIMIT = "limit"

SCHEMA = vol.Schema(
    {
        **TARGET,
        vol.Optional(CONF_OPTIONS, default=dict): {
            vol.Optional(CONF_LIMIT, default=quiet.BATTERY_LIMIT): vol.All(
                cv.positive_time_period, vol.Range(min=timedelta(minutes=1))
            )
        },
    }
)


def _observe(rule: QuietConfig, facts: QuietFacts, look: Look, tz: Any, _excused: bool) -> QuietFacts:  # noqa: FBT001
    """Show a report; what is unavailable, or was only looked up, is none."""
    if not look.reported or not is_informative(look.state):
        return facts
    return quiet.observe(rule, facts, Seen(source=look.source, at=look.at, restored=look.restored), tz)


class QuietWatch(DetectorWatch):
    """Listens to the devices of the target."""

    _stop_reports: CALLBACK_TYPE | None = None

    @override
    def find_roles(self) -> Roles:
        return dict.fromkeys(find_entities(self.hass, self.target, lambda _domain, _device_class: True), "device")

    @override
    def go_on(self, hub: Hub) -> None:
        """Leave out the time in which the hub was deaf."""
        run = hub.started_at.isoformat()
        if hub.previous_alive_at and self.memory.get("run") != run:
            rule = self._limits_of(self.find_roles())
            self._facts = quiet.listen_again(rule, self._facts, hub.previous_alive_at, hub.clock.now())
        self.memory["run"] = run

    def _limits_of(self, roles: Roles) -> QuietConfig:
        """Return how long each may be silent."""
        return QuietConfig(limits=dict.fromkeys(roles, self.options[CONF_LIMIT]))

    @override
    def end(self) -> None:
        """Stop listening."""
        super().end()
        if self._stop_reports:
            self._stop_reports()
            self._stop_reports = None

    @override
    def _follow(self, roles: Roles) -> None:
        """Listen to these devices, to unchanged reports as well."""
        self._rule = self._limits_of(roles)
        if self.hub:
            self.change(quiet.follow(self._rule, self._facts, self.hub.clock.now()))
        if self._stop_reports:
            self._stop_reports()
        self._stop_reports = async_track_state_report_event(self.hass, list(roles), self._on_report)
        super()._follow(roles)

    @callback
    def _on_report(self, event: Event[EventStateReportedData]) -> None:
        """Take up a report that changed nothing."""
        self.look(event.data["entity_id"], event.data["new_state"])


class QuietTrigger(DetectorTrigger):
    """Fires when a device has been silent for too long; once, until it is heard again."""

    watch = QuietWatch
    detector = Detector(
        schema=SCHEMA,
        read=lambda _options: QuietConfig(limits={}),
        facts=QuietFacts,
        begin=lambda _now: QuietFacts(),
        observe=_observe,
        next_due_at=quiet.next_due_at,
        fired=lambda rule, facts, due_at, _tz: quiet.fired(rule, facts, due_at),
        sources=lambda rule, facts, due_at, _tz: quiet.sources(rule, facts, due_at),
    )
