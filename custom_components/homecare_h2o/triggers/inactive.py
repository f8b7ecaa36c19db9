"""``inactive``: no sign of life for a time, within a window (passivity)."""

from datetime import datetime
from typing import override
from zoneinfo import ZoneInfo

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import TriggerActionRunner, TriggerConfig, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..activity import Activity
from ..core.detection.inactive import InactiveConfig, InactiveFacts, check, next_due_at
from ..hub import Hub
from .deadline import DeadlineWatch
from .options import WINDOW, window_of
from .watch import TARGET, WatchTrigger, find_entities

CONF_THRESHOLD = "threshold"

SEES_PEOPLE = frozenset({"door", "garage_door", "motion", "moving", "occupancy", "opening", "presence", "window"})
"""Kinds of binary sensor that tell of people; of a device or an area no other entity counts."""


def rule_of(options: ConfigType) -> InactiveConfig:
    """Return the rule; raises BadSettingError for one that could never fire."""
    rule = InactiveConfig(threshold=options[CONF_THRESHOLD], window=window_of(options))
    check(rule)
    return rule


def sees_people(domain: str, device_class: str | None) -> bool:
    """Return whether an entity that nobody named is likely to see somebody move."""
    return domain == BINARY_SENSOR and device_class in SEES_PEOPLE


SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TARGET): TARGET,
        vol.Required(CONF_OPTIONS): {
            vol.Required(CONF_THRESHOLD): cv.positive_time_period,
            **WINDOW,
        },
    }
)


class InactiveWatch(DeadlineWatch):
    """Watches sensors for a passivity rule."""

    _stop_following: CALLBACK_TYPE | None = None
    _activity: Activity
    _alive_until: datetime | None = None
    _rule: InactiveConfig

    def __init__(
        self,
        hass: HomeAssistant,
        config: TriggerConfig,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        """Begin with no sensors."""
        super().__init__(hass, config, run_action, did_not_trigger)
        self._sensors: list[str] = []

    @override
    def begin(self, hub: Hub) -> None:
        """Follow the sensors and set the timer."""
        self._rule = rule_of(self.options)
        self._activity = Activity(self.hass, hub.facts, self.evaluate, hub.clock.now)
        self._alive_until = hub.previous_alive_at
        is_new = "armed_since_at" not in self.memory
        if is_new:
            self.remember(armed_since_at=(self.since_at or hub.clock.now()).isoformat())
        self._follow(self.find_sources(), first=is_new and self.since_at is None)

    @override
    def end(self) -> None:
        """Stop following."""
        self.cancel_timer()
        if self._stop_following:
            self._stop_following()
            self._stop_following = None

    @override
    def sweep(self) -> None:
        """Follow the sensors that the target names now, and look at what is due."""
        sensors = self.find_sources()
        if sensors != self._sensors:
            self._follow(sensors)
        self.evaluate()

    @override
    def find_sources(self) -> list[str]:
        """Return the sensors that the target names now."""
        return find_entities(self.hass, self.target, sees_people)

    def _follow(self, sensors: list[str], *, first: bool = False) -> None:
        """Follow these sensors instead of those before."""
        if self._stop_following:
            self._stop_following()
        self._sensors = sensors
        self._stop_following = self._activity.async_follow(sensors, self._alive_until, first=first)
        self.evaluate()

    @override
    def fire_due(self, due_at: datetime, now: datetime) -> None:
        """Fire a deadline."""
        self.fire(due_at, self._sensors, last_due_at=due_at.isoformat())

    @override
    def next_due_at(self) -> datetime | None:
        """Return the next deadline."""
        last_due = self.memory.get("last_due_at")
        facts = InactiveFacts(
            armed_since_at=datetime.fromisoformat(self.memory["armed_since_at"]),
            # Whoever was away counts as seen when the pause ended.
            last_activity_at=max(filter(None, (self._activity.last_at, self.since_at)), default=None),
            masked_until_at=self._activity.masked_until_at,
            last_due_at=datetime.fromisoformat(last_due) if last_due else None,
        )
        return next_due_at(self._rule, facts, ZoneInfo(self.hass.config.time_zone))


class InactiveTrigger(WatchTrigger):
    """Fires at the deadline of a passivity rule, exactly once, late if the hub was down."""

    watch = InactiveWatch

    @override
    @classmethod
    def validate(cls, config: ConfigType) -> ConfigType:
        validated: ConfigType = SCHEMA(config)
        rule_of(validated[CONF_OPTIONS])
        return validated
