"""``inactive``: no sign of life for a time, within a window (passivity)."""

from datetime import datetime, time, timedelta
from typing import override
from zoneinfo import ZoneInfo

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerConfig, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..activity import Activity
from ..core.detection.inactive import InactiveConfig, InactiveFacts, check, next_due_at
from ..core.errors import BadSettingError
from ..core.windows import ALL_DAY, Window
from ..hub import Hub
from .watch import TARGET, Watch, find_entities

CONF_THRESHOLD = "threshold"
CONF_ALL_DAY = "all_day"
CONF_FROM = "from"
CONF_TO = "to"

SEES_PEOPLE = frozenset({"door", "garage_door", "motion", "moving", "occupancy", "opening", "presence", "window"})
"""Kinds of binary sensor that tell of people; of a device or an area no other entity counts."""


def _window(options: ConfigType) -> Window:
    """Return the window; both ends missing or ``all_day`` is all day."""
    start: time | None = options.get(CONF_FROM)
    end: time | None = options.get(CONF_TO)
    return ALL_DAY if options.get(CONF_ALL_DAY) or (start is None and end is None) else Window(start=start, end=end)


def rule_of(options: ConfigType) -> InactiveConfig:
    """Return the rule; raises vol.Invalid for one that could never fire."""
    try:
        rule = InactiveConfig(threshold=options[CONF_THRESHOLD], window=_window(options))
        check(rule)
    except BadSettingError as err:
        raise vol.Invalid(str(err)) from err
    return rule


def sees_people(domain: str, device_class: str | None) -> bool:
    """Return whether an entity that nobody named is likely to see somebody move."""
    return domain == BINARY_SENSOR and device_class in SEES_PEOPLE


SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TARGET): TARGET,
        vol.Required(CONF_OPTIONS): {
            vol.Required(CONF_THRESHOLD): cv.positive_time_period,
            vol.Optional(CONF_ALL_DAY, default=False): cv.boolean,
            vol.Optional(CONF_FROM): vol.Any(None, cv.time),
            vol.Optional(CONF_TO): vol.Any(None, cv.time),
        },
    }
)


class InactiveTrigger(Trigger):
    """Fires at the deadline of a passivity rule, exactly once, late if the hub was down."""

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep the configuration."""
        super().__init__(hass, config)
        self._config = config

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate, and refuse a rule that could never fire."""
        validated: ConfigType = SCHEMA(config)
        rule_of(validated[CONF_OPTIONS])
        return validated

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Attach."""
        return await InactiveWatch(self._hass, self._config, run_action, did_not_trigger).async_attach()


class InactiveWatch(Watch):
    """Watches sensors for a passivity rule."""

    _stop_following: CALLBACK_TYPE | None = None
    _cancel_timer: CALLBACK_TYPE | None = None
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
        self._activity = Activity(self.hass, hub.facts, self._evaluate, hub.clock.now)
        self._alive_until = hub.previous_alive_at
        is_new = "armed_since_at" not in self.memory
        if is_new:
            self.remember(armed_since_at=hub.clock.now().isoformat())
        self._follow(self._find_sensors(), first=is_new)

    @override
    def end(self) -> None:
        """Stop following."""
        for stop in (self._stop_following, self._cancel_timer):
            if stop:
                stop()
        self._stop_following = self._cancel_timer = None

    @override
    def sweep(self) -> None:
        """Follow the sensors that the target names now, and look at what is due."""
        sensors = self._find_sensors()
        if sensors != self._sensors:
            self._follow(sensors)
        self._evaluate()

    def _follow(self, sensors: list[str], *, first: bool = False) -> None:
        """Follow these sensors instead of those before."""
        if self._stop_following:
            self._stop_following()
        self._sensors = sensors
        self._stop_following = self._activity.async_follow(sensors, self._alive_until, first=first)
        self._evaluate()

    def _find_sensors(self) -> list[str]:
        """Return the sensors that the target names now."""
        return find_entities(self.hass, self.target, sees_people)

    @callback
    def _evaluate(self) -> None:
        """Fire what is due, and set the timer to what is due next."""
        if self.hub is None:
            return
        self._cancel()
        while (due_at := self._next_due_at()) is not None and due_at <= self.hub.clock.now():
            self.fire(due_at, self._sensors, last_due_at=due_at.isoformat())
        if due_at is not None:
            wait = due_at - self.hub.clock.now() + timedelta(milliseconds=5)
            self._cancel_timer = async_call_later(self.hass, wait, self._on_timer)

    @callback
    def _on_timer(self, _now: datetime) -> None:
        """Fire what is due."""
        self._cancel_timer = None
        self._evaluate()

    @callback
    def _cancel(self) -> None:
        """Cancel the timer."""
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    def _next_due_at(self) -> datetime | None:
        """Return the next deadline."""
        last_due = self.memory.get("last_due_at")
        facts = InactiveFacts(
            armed_since_at=datetime.fromisoformat(self.memory["armed_since_at"]),
            last_activity_at=self._activity.last_at,
            active=self._activity.is_active,
            last_due_at=datetime.fromisoformat(last_due) if last_due else None,
        )
        return next_due_at(self._rule, facts, ZoneInfo(self.hass.config.time_zone))
