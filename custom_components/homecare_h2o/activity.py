"""When each sensor last saw activity; remembered over restarts.

A motion sensor that is on is activity until it goes off. Any other sensor is active in the moment it changes.
``unknown``, ``unavailable`` and what is there at a start are no information.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_state_change_event

from .const import SIGNAL_ACTIVITY
from .facts import Facts

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


def last_activity_at(facts: Facts) -> datetime | None:
    """Return when anything last moved in the home (UTC)."""
    last = facts.get(LAST)
    return datetime.fromisoformat(str(last["at"])) if last else None


def _is_lasting(state: State) -> bool:
    """Return whether a sensor stays on while the activity goes on."""
    return state.domain == "binary_sensor" and state.attributes.get(ATTR_DEVICE_CLASS) in LASTING


class Activity:
    """The activity of some sensors, as one rule sees it."""

    def __init__(self, hass: HomeAssistant, facts: Facts, changed: Callable[[], None]) -> None:
        """Keep the facts; ``changed`` is called after each start and end of activity."""
        self._hass = hass
        self._facts = facts
        self._changed = changed
        self._sensors: dict[str, dict[str, Any]] = {}

    @callback
    def async_follow(self, entity_ids: Iterable[str], alive_until: datetime | None) -> Callable[[], None]:
        """Follow these sensors; returns the way to stop that.

        ``alive_until`` is the last sign of life of the run before: activity that was going on ended then at least.
        """
        sensors = list(entity_ids)
        self._sensors = {entity_id: self._recall(entity_id, alive_until) for entity_id in sensors}
        return async_track_state_change_event(self._hass, sensors, self._on_change)

    @property
    def is_active(self) -> bool:
        """Whether some sensor sees activity right now."""
        return any(sensor["active"] for sensor in self._sensors.values())

    @property
    def last_at(self) -> datetime | None:
        """The end of the last activity (UTC)."""
        ends = [datetime.fromisoformat(sensor["at"]) for sensor in self._sensors.values() if sensor["at"]]
        return max(ends, default=None)

    def _recall(self, entity_id: str, alive_until: datetime | None) -> dict[str, Any]:
        """Return what is known of a sensor, from before or from its state."""
        state = self._hass.states.get(entity_id)
        known = self._facts.get(PREFIX + entity_id)
        if known is None:
            first_at = state.last_changed.isoformat() if state and state.state == STATE_OFF else None
            return {"active": False, "at": first_at}
        sensor = dict(known)
        if not sensor["active"] or self._goes_on(state, sensor):
            return sensor
        ended_at = max(filter(None, (datetime.fromisoformat(sensor["at"]), alive_until)))
        return {"active": False, "at": ended_at.isoformat()}

    @staticmethod
    def _goes_on(state: State | None, sensor: dict[str, Any]) -> bool:
        """Return whether an activity simply went on while nobody looked, as over a reload."""
        if state is None or state.state != STATE_ON:
            return False
        return state.last_changed - datetime.fromisoformat(sensor["at"]) < timedelta(seconds=1)

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        """Take up a change of a sensor's state."""
        old, new = event.data["old_state"], event.data["new_state"]
        if old is None or old.state in SILENT or (new is not None and old.state == new.state):
            return
        sensor = self._sensors[event.data["entity_id"]]
        at = new.last_changed if new else event.time_fired
        if sensor["active"]:
            self._note(event.data["entity_id"], at, active=False)
        elif new is not None and new.state not in SILENT and self._begins(new):
            self._note(event.data["entity_id"], at, active=_is_lasting(new))

    @staticmethod
    def _begins(new: State) -> bool:
        """Return whether a change is a sign of life, not the end of an activity that was not seen to begin."""
        return not _is_lasting(new) or new.state == STATE_ON

    @callback
    def _note(self, entity_id: str, at: datetime, *, active: bool) -> None:
        """Remember the activity of a sensor."""
        sensor = {"active": active, "at": at.isoformat()}
        self._sensors[entity_id] = sensor
        for key, value in ((PREFIX + entity_id, sensor), (LAST, {"at": at.isoformat()})):
            self._hass.async_create_background_task(self._facts.put(key, value), f"homecare_h2o {key}")
        async_dispatcher_send(self._hass, SIGNAL_ACTIVITY)
        self._changed()
