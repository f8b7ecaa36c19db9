"""Whether sensors are alive: what Home Assistant, the radio networks and their own silence say of them (R060.5)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util

from .activity import LASTING, stuck_after
from .core.watching import Fault

ZWAVE = "zwave_js"
SILENT_NETWORKS = frozenset({ZWAVE, "mqtt"})
"""Integrations that show the last state of a sensor for ever, also of one that is gone."""
_NODE_STATUS = "node_status"
_LAST_SEEN = "last_seen"


@callback
def device_of_source(hass: HomeAssistant, source: str) -> str | None:
    """Return the device of an entity, or the source itself if it is one; None if it belongs to none."""
    if "." not in source:
        return source
    entry = er.async_get(hass).async_get(source)
    return entry.device_id if entry else None


@callback
def find_fault(hass: HomeAssistant, source: str, now: datetime) -> Fault | None:
    """Return what is wrong with an entity or a device now, its silence left out."""
    if "." not in source:
        return _find_device_fault(hass, source)
    state = hass.states.get(source)
    if state is None:
        return Fault.MISSING
    if state.state == STATE_UNAVAILABLE:
        return Fault.UNAVAILABLE
    device_id = device_of_source(hass, source)
    if device_id and _is_dead(hass, device_id):
        return Fault.DEAD
    return Fault.STUCK if _is_stuck(state, now) else None


@callback
def _find_device_fault(hass: HomeAssistant, device_id: str) -> Fault | None:
    """Return what is wrong with a device that has nothing but events; its battery tells whether it is there."""
    device = dr.async_get(hass).async_get(device_id)
    if device is None or device.disabled:
        return Fault.MISSING
    if _is_dead(hass, device_id):
        return Fault.DEAD
    states = [state.state for _, state in _entities(hass, device_id)]
    return Fault.UNAVAILABLE if states and set(states) == {STATE_UNAVAILABLE} else None


def _is_stuck(state: State, now: datetime) -> bool:
    """Return whether a sensor has seen motion for hours on end, which nobody can keep up."""
    device_class = state.attributes.get(ATTR_DEVICE_CLASS)
    if state.domain != "binary_sensor" or state.state != STATE_ON or device_class not in LASTING - {None}:
        return False
    return now - state.last_changed >= stuck_after(device_class)


def _is_dead(hass: HomeAssistant, device_id: str) -> bool:
    """Return whether Z-Wave has given up a node; its entities go on showing their last states."""
    return any(
        state.state == "dead"
        for entry, state in _entities(hass, device_id)
        if entry.platform == ZWAVE and entry.unique_id.endswith(_NODE_STATUS)
    )


def _entities(hass: HomeAssistant, device_id: str) -> Iterator[tuple[er.RegistryEntry, State]]:
    """Yield the entities of a device that have a state."""
    for entry in er.async_entries_for_device(er.async_get(hass), device_id):
        if state := hass.states.get(entry.entity_id):
            yield entry, state


@callback
def is_in_silent_network(hass: HomeAssistant, device_id: str) -> bool:
    """Return whether nobody else tells that a device has gone silent."""
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    return any(entry.platform in SILENT_NETWORKS for entry in entries)


@callback
def find_last_seen_at(hass: HomeAssistant, device_id: str, not_before: datetime) -> datetime | None:
    """Return when a device was last heard (UTC), None if that is not known.

    What was shown before ``not_before`` may only have been restored at the start.
    """
    node_seen_at = _find_node_seen_at(hass, device_id)
    if node_seen_at is not None:
        return node_seen_at
    heard: list[datetime] = []
    for entry, state in _entities(hass, device_id):
        if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            continue
        if entry.unique_id.endswith(_LAST_SEEN) and (seen_at := dt_util.parse_datetime(state.state)):
            return dt_util.as_utc(seen_at)
        if state.last_reported >= not_before and not _is_made_up(state):
            heard.append(state.last_reported)
    return max(heard, default=None)


def _is_made_up(state: State) -> bool:
    """Return whether Home Assistant reports a state by itself, without having heard the device."""
    return (
        state.domain in ("update", "button") or state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TIMESTAMP
    )


def _find_node_seen_at(hass: HomeAssistant, device_id: str) -> datetime | None:
    """Return when a node of a Z-Wave network was last heard; no entity shows it by default."""
    device = dr.async_get(hass).async_get(device_id)
    if device is None or not (node_id := _find_node_id(device.identifiers)):
        return None
    for entry in hass.config_entries.async_loaded_entries(ZWAVE):
        if entry.entry_id != device.config_entry_id:
            continue
        driver = entry.runtime_data.client.driver
        node = driver.controller.nodes.get(node_id) if driver else None
        if node is not None and node.last_seen is not None:
            return dt_util.as_utc(node.last_seen)
    return None


def _find_node_id(identifiers: Iterable[tuple[str, str]]) -> int | None:
    """Return the number of a device's Z-Wave node, None if it is none.

    A node has two identifiers in no order: ``<home>-<node>``, and the same with its product's numbers behind.
    """
    numbers = (name.rpartition("-")[2] for domain, name in identifiers if domain == ZWAVE)
    return next((int(number) for number in numbers if number.isdecimal()), None)
