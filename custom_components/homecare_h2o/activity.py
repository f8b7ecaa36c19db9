"""When each sensor last saw activity; remembered over restarts.

A motion sensor that is on is activity until it goes off. Any other sensor is active in the moment it changes.
``unknown``, ``unavailable`` and what is there at a start are no information.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_state_change_event

from .const import SIGNAL_ACTIVITY
from .facts import Fact, Facts

PREFIX = "activity."
LAST = "last_activity"
SILENT = (STATE_UNAVAILABLE, STATE_UNKNOWN)
LASTING = frozenset(
    {
        None,
        BinarySensorDeviceClass.MOTION,
        BinarySensorDeviceClass.MOVING,
        BinarySensorDeviceClass.OCCUPANCY,
        BinarySensorDeviceClass.PRESENCE,
    }
)
"""Kinds of binary sensor that are on for as long as somebody moves; an open door says nothing after it opened."""
STILL_SEEN = frozenset({BinarySensorDeviceClass.OCCUPANCY, BinarySensorDeviceClass.PRESENCE})
"""Kinds that are on for as long as somebody is there, also asleep."""


def stuck_after(device_class: str | None) -> timedelta:
    """Return how long a sensor may be on before that is a fault of the sensor (larmplan.md, passivity)."""
    return timedelta(hours=12) if device_class in STILL_SEEN else timedelta(hours=4)


def last_activity_at(facts: Facts) -> datetime | None:
    """Return when anything last moved in the home (UTC)."""
    last = facts.get(LAST)
    return datetime.fromisoformat(str(last["at"])) if last else None


def _is_lasting(state: State) -> bool:
    """Return whether a sensor stays on while the activity goes on."""
    # A state out of the recorder has no domain of its own.
    return state.entity_id.startswith("binary_sensor.") and state.attributes.get(ATTR_DEVICE_CLASS) in LASTING


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """The activity of a sensor: whether it goes on, and when it began or, if it does not, ended (UTC)."""

    active: bool = False
    at: datetime | None = None


def calc_stuck_at(begun_at: datetime, state: State | None) -> datetime:
    """Return when a sensor that has been on since its activity began counts as stuck."""
    return begun_at + stuck_after(state.attributes.get(ATTR_DEVICE_CLASS) if state else None)


def take_up(known: Moved, old: State | None, new: State | None, now: datetime) -> Moved | None:
    """Return the activity of a sensor after a change of its state; None if that says nothing of it.

    That a stuck sensor lets go is no sign of life.
    """
    if old is None or old.state in SILENT or (new is not None and old.state == new.state):
        return None
    if known.active and known.at:
        return Moved(at=now if now < calc_stuck_at(known.at, new) else known.at)
    if new is None or new.state in SILENT or not _begins(new):
        return None
    return Moved(active=_is_lasting(new), at=now)


def _begins(new: State) -> bool:
    """Return whether a change is a sign of life, not the end of an activity that was not seen to begin."""
    return not _is_lasting(new) or new.state == STATE_ON


class Activity:
    """The activity of some sensors, as one rule sees it."""

    def __init__(
        self, hass: HomeAssistant, facts: Facts, changed: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        """Keep the facts; ``changed`` is called after each start and end of activity, ``now`` is the hub's clock."""
        self._hass = hass
        self._facts = facts
        self._changed = changed
        self._now = now
        self._sensors: dict[str, dict[str, Any]] = {}
        self._before_at: datetime | None = None

    @callback
    def async_follow(
        self, entity_ids: Iterable[str], alive_until: datetime | None, *, first: bool = False
    ) -> Callable[[], None]:
        """Follow these sensors instead of those before; returns the way to stop that.

        ``alive_until`` is the last sign of life of the run before: activity that was going on ended then at least.
        ``first`` is for a rule that was just made: then a sensor that is off has been so since somebody moved. At any
        other time it may only have been restored, or have been given another name.
        """
        sensors = list(entity_ids)
        self._before_at = self.last_at
        self._sensors = {entity_id: self._recall(entity_id, alive_until, first=first) for entity_id in sensors}
        return async_track_state_change_event(self._hass, sensors, self._on_change)

    @property
    def masked_until_at(self) -> datetime | None:
        """When the sensors that see activity right now will count as stuck (UTC); None if none sees any."""
        active = [entity_id for entity_id, sensor in self._sensors.items() if sensor["active"]]
        return max(map(self._stuck_at, active), default=None)

    @property
    def last_at(self) -> datetime | None:
        """The end of the last activity, or the start of one that goes on (UTC); also of sensors followed before."""
        ends = [datetime.fromisoformat(sensor["at"]) for sensor in self._sensors.values() if sensor["at"]]
        return max([*ends, self._before_at] if self._before_at else ends, default=None)

    def _recall(self, entity_id: str, alive_until: datetime | None, *, first: bool) -> dict[str, Any]:
        """Return what is known of a sensor from before, and remember what that comes to now."""
        state = self._hass.states.get(entity_id)
        known = dict(self._facts.get(PREFIX + entity_id) or {"active": False, "at": None})
        if known["active"] and self._goes_on(state, known):
            return known
        ends = [datetime.fromisoformat(known["at"])] if known["at"] else []
        if known["active"] and alive_until:
            ends.append(alive_until)
        if first and state and state.state == STATE_OFF:
            ends.append(state.last_changed)
        sensor = {"active": False, "at": max(ends).isoformat() if ends else None}
        if sensor != known:
            self._put(PREFIX + entity_id, sensor)
        return sensor

    @staticmethod
    def _goes_on(state: State | None, sensor: dict[str, Any]) -> bool:
        """Return whether an activity simply went on while nobody looked, as over a reload."""
        if state is None or state.state != STATE_ON:
            return False
        return abs(state.last_changed - datetime.fromisoformat(sensor["at"])) < timedelta(seconds=1)

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        """Take up a change of a sensor's state, by the hub's clock: the wall clock may have been set back."""
        entity_id, now = event.data["entity_id"], self._now()
        sensor = self._sensors[entity_id]
        known = Moved(active=sensor["active"], at=datetime.fromisoformat(sensor["at"]) if sensor["at"] else None)
        moved = take_up(known, event.data["old_state"], event.data["new_state"], now)
        if moved is None or moved.at is None:
            return
        self._sensors[entity_id] = {"active": moved.active, "at": moved.at.isoformat()}
        self._put(PREFIX + entity_id, self._sensors[entity_id])
        if moved.at == now:
            self._put(LAST, {"at": now.isoformat()})
            async_dispatcher_send(self._hass, SIGNAL_ACTIVITY)
        self._changed()

    def _stuck_at(self, entity_id: str) -> datetime:
        """Return when a sensor that sees activity counts as stuck."""
        return calc_stuck_at(datetime.fromisoformat(self._sensors[entity_id]["at"]), self._hass.states.get(entity_id))

    def _put(self, key: str, value: Fact) -> None:
        """Write a fact."""
        self._hass.async_create_background_task(self._facts.put(key, value), f"homecare_h2o {key}", eager_start=True)
