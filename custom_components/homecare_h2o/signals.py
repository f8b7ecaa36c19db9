"""Buttons that have no state, only an event when pressed.

Somebody listens from the first moment, and remembers for a quarter of an hour: a press while an automation is
being reloaded, or before Home Assistant has started, would be lost otherwise.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

SIGNAL_BUTTON = "homecare_h2o_button"
SOURCES = ("zha_event", "zwave_js_notification", "zwave_js_value_notification")
NO_PRESS = frozenset({"attribute_updated"})
"""ZHA sends this beside the command itself, and for reports that nobody pressed for."""
ABOUT_THE_DEVICE = frozenset({7, 8, 9})
"""Types of Z-Wave notifications that no button sends: tampering, batteries, the device itself."""
REMEMBERED = timedelta(minutes=15)
_RECENT: HassKey[deque[Signal]] = HassKey("homecare_h2o_signals")


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """A button's event: which device, what it said, when (UTC)."""

    device_id: str
    command: str
    at: datetime


def _command(data: Mapping[str, Any]) -> str | None:
    """Return what an event says was done with a button; None if nothing was, as when ZHA has lost a device."""
    if data.get("type") in ABOUT_THE_DEVICE:
        return None
    told = (data.get(key) for key in ("command", "event_label", "event_type_label", "value"))
    command = next((str(value) for value in told if value not in (None, "")), None)
    return None if command in NO_PRESS else command


@callback
def async_listen_to_signals(hass: HomeAssistant) -> None:
    """Start listening, for as long as Home Assistant runs."""
    hass.data[_RECENT] = deque()

    @callback
    def on_event(event: Event) -> None:
        device_id, command = event.data.get("device_id"), _command(event.data)
        if not device_id or command is None:
            return
        async_tell_signal(hass, Signal(device_id=device_id, command=command, at=event.time_fired))

    for source in SOURCES:
        hass.bus.async_listen(source, on_event)


@callback
def async_tell_signal(hass: HomeAssistant, signal: Signal) -> None:
    """Remember a signal, and tell the rules."""
    hass.data[_RECENT].append(signal)
    _forget_old(hass)
    async_dispatcher_send(hass, SIGNAL_BUTTON, signal)


@callback
def recent_signals(hass: HomeAssistant) -> list[Signal]:
    """Return the signals of the last quarter of an hour, oldest first."""
    _forget_old(hass)
    recent = hass.data[_RECENT]
    return list(recent)


@callback
def _forget_old(hass: HomeAssistant) -> None:
    """Forget what is older than any start or reload takes."""
    recent = hass.data[_RECENT]
    while recent and recent[0].at < dt_util.utcnow() - REMEMBERED:
        recent.popleft()
