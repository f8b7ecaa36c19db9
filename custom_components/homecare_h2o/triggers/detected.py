"""``detected``: smoke, water, motion or an open door, once it has lasted (fire, leak, motion, door)."""

from datetime import timedelta
from typing import override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR, BinarySensorDeviceClass
from homeassistant.const import CONF_OPTIONS
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.detection.detected import (
    DetectedConfig,
    DetectedFacts,
    Seen,
    check,
    explain,
    fired,
    next_due_at,
    note,
    observe,
    sources,
)
from ..hub import Hub
from .detector import Detector, DetectorTrigger, DetectorWatch, Look, Roles, as_on
from .options import PURPOSE, TARGET, WINDOW, duration, window_of
from .watch import find_entities

CONF_PERSISTENCE = "persistence"
CONF_EDGE_ONLY = "edge_only"
SETTLED_WITHIN = timedelta(minutes=2)
"""After a start the first that a sensor says within this time may be older than the start."""
CONF_DEVICE_CLASSES = "device_classes"
NOT_SENSING = frozenset({"battery", "battery_charging", "connectivity", "problem", "tamper", "update"})


def _read(options: ConfigType) -> DetectedConfig:
    """Return the rule."""
    rule = DetectedConfig(
        persistence=options[CONF_PERSISTENCE], window=window_of(options), edge_only=options[CONF_EDGE_ONLY]
    )
    check(rule)
    return rule


def _seen(look: Look) -> Seen:
    """Return what a sensor shows."""
    return Seen(source=look.source, on=as_on(look.state), at=look.at, restored=look.restored)


class DetectedWatch(DetectorWatch):
    """Watches the sensors of the target."""

    _heard: set[str]
    _was_down = False

    @override
    def begin(self, hub: Hub) -> None:
        """Begin with no sensor heard since the start."""
        self._heard = set()
        self._was_down = "facts" in self.memory and not self.resumed
        super().begin(hub)

    @override
    def find_roles(self) -> Roles:
        chosen = self.options.get(CONF_DEVICE_CLASSES)

        def is_sensing(domain: str, device_class: str | None) -> bool:
            fits = device_class in chosen if chosen else device_class not in NOT_SENSING
            return domain == BINARY_SENSOR and fits

        return dict.fromkeys(find_entities(self.hass, self.target, is_sensing), "sensor")

    @override
    def may_be_older(self, source: str) -> bool:
        """Return whether smoke that is told of so soon after a start may have been there before it.

        A radio network first shows what it remembers, and only then what the detector says now.
        """
        if self.hub is None or not self._was_down or self.options[CONF_EDGE_ONLY] or source in self._heard:
            return False
        self._heard.add(source)
        return self.hub.clock.now() - self.hub.started_at < SETTLED_WITHIN


class DetectedTrigger(DetectorTrigger):
    """Fires when a sensor has been on for a time; also when it is discovered on after a start."""

    watch = DetectedWatch
    detector = Detector(
        schema=vol.Schema(
            {
                **TARGET,
                vol.Optional(CONF_OPTIONS, default=dict): {
                    **duration(CONF_PERSISTENCE, timedelta(minutes=1)),
                    **WINDOW,
                    vol.Optional(CONF_EDGE_ONLY, default=False): cv.boolean,
                    vol.Optional(CONF_DEVICE_CLASSES): vol.All(
                        cv.ensure_list, [vol.In([str(kind) for kind in BinarySensorDeviceClass])]
                    ),
                    **PURPOSE,
                },
            }
        ),
        read=_read,
        facts=DetectedFacts,
        begin=lambda _now: DetectedFacts(),
        observe=lambda rule, facts, look, tz, _excused: observe(rule, facts, _seen(look), tz),
        next_due_at=next_due_at,
        fired=lambda _rule, facts, due_at, _tz: fired(facts, due_at),
        sources=lambda _rule, facts, due_at, _tz: sources(facts, due_at),
        explain=lambda rule, before, after, look, tz, _excused: explain(rule, before, after, _seen(look), tz),
        note=lambda _rule, before, after, look: note(before, after, _seen(look)),
    )
