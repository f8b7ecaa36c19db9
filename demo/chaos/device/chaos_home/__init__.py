"""Sensors and buttons that outlive Home Assistant, as real ones do: what they show is in a file beside it.

``POST /api/chaos_home`` with ``{"name": …, "on": …}`` is a device that speaks. Only
the chaos run loads this, on loopback.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import override

from aiohttp import web
from homeassistant.components.http import HomeAssistantView
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.device_registry import DeviceEntry, DeviceInfo
from homeassistant.util import dt as dt_util

DOMAIN = "chaos_home"
PLATFORMS = [Platform.BINARY_SENSOR, Platform.EVENT]
DEVICES = "chaos_home.json"
"""In the configuration folder: the sensors that are on, by name; written by whoever plays the home."""


@dataclass(slots=True)
class Home:
    """The entities that are there now, by name, as functions that take what a device says and return the state."""

    entities: dict[str, Callable[[bool], State | None]] = field(default_factory=dict)


type ChaosConfigEntry = ConfigEntry[Home]


def device_of(name: str) -> DeviceInfo:
    """Return the device of an entity; each has its own."""
    return DeviceInfo(identifiers={(DOMAIN, name)}, name=name, manufacturer="Chaos", model="Sensor")


def read_devices(hass: HomeAssistant) -> dict[str, bool]:
    """Return what the devices show, also of what happened while Home Assistant was down."""
    path = Path(hass.config.path(DEVICES))
    shown: dict[str, bool] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return shown


class DeviceView(HomeAssistantView):
    """Where the devices speak."""

    url = "/api/chaos_home"
    name = "api:chaos_home"
    requires_auth = False

    @override
    def __init__(self, hass: HomeAssistant, home: Home) -> None:
        """Prepare."""
        self.hass = hass
        self.home = home

    async def post(self, request: web.Request) -> web.Response:
        """Let a device speak; 404 where nobody listens to it."""
        said = await request.json()
        speak = self.home.entities.get(said["name"])
        if speak is None or (state := speak(said["on"])) is None:
            return self.json({"error": "unknown"}, status_code=404)
        changed, now = state.last_changed.isoformat(), dt_util.utcnow().isoformat()
        return self.json({"state": state.state, "changed": changed, "now": now})


async def async_setup_entry(hass: HomeAssistant, entry: ChaosConfigEntry) -> bool:
    """Set up the entities, then listen to the devices."""
    entry.runtime_data = Home()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    hass.http.register_view(DeviceView(hass, entry.runtime_data))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ChaosConfigEntry) -> bool:
    """Take the entities away."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_config_entry_device(hass: HomeAssistant, entry: ChaosConfigEntry, device: DeviceEntry) -> bool:
    """Let any device be removed."""
    return True
