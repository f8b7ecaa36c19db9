"""Buttons that reach Home Assistant as device triggers of MQTT, as Zigbee2MQTT's do."""

from collections.abc import Callable, Iterable
import logging
from typing import Any

from homeassistant.components.device_automation import DeviceAutomationType, async_get_device_automations
from homeassistant.const import CONF_DEVICE_ID, CONF_DOMAIN
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.trigger import async_initialize_triggers, async_validate_trigger_config
from homeassistant.util import dt as dt_util
import probatio as vol

from ..const import DOMAIN
from ..signals import Signal

_LOGGER = logging.getLogger(__name__)

MQTT = "mqtt"


class MqttButtons:
    """The MQTT device triggers of some devices, as signals.

    They may come at any time: Zigbee2MQTT tells of one when the button is first pressed, and MQTT after each start.
    """

    def __init__(self, hass: HomeAssistant, on_signal: Callable[[Signal], None]) -> None:
        """Begin with none."""
        self._hass = hass
        self._on_signal = on_signal
        self._stops: dict[tuple[str, str], CALLBACK_TYPE] = {}
        self._stopped = False

    async def async_refresh(self, device_ids: Iterable[str]) -> None:
        """Attach the triggers that are new; one that cannot be attached now is tried again with the next."""
        registry = dr.async_get(self._hass)
        known = sorted(device_id for device_id in device_ids if registry.async_get(device_id))
        # Asked about no device, Home Assistant would tell of all.
        if not known or MQTT not in self._hass.config.components:
            return
        try:
            found = await async_get_device_automations(self._hass, DeviceAutomationType.TRIGGER, known)
            for config in (config for listed in found.values() for config in listed if config[CONF_DOMAIN] == MQTT):
                await self._async_attach(config)
        except (HomeAssistantError, vol.Invalid) as err:
            _LOGGER.warning("The buttons of MQTT could not be listened to: %s", err)

    @callback
    def stop(self) -> None:
        """Detach all."""
        self._stopped = True
        while self._stops:
            self._stops.popitem()[1]()

    async def _async_attach(self, config: dict[str, Any]) -> None:
        """Attach one device trigger, unless it is."""
        device_id: str = config[CONF_DEVICE_ID]
        command = f"{config.get('type', '')} {config.get('subtype', '')}".strip()
        if (device_id, command) in self._stops:
            return

        @callback
        def on_trigger(_variables: dict[str, Any], _context: Context | None = None) -> None:
            self._on_signal(Signal(device_id=device_id, command=command, at=dt_util.utcnow()))

        bare = {key: value for key, value in config.items() if key != "metadata"}
        validated = await async_validate_trigger_config(self._hass, [bare])
        stop = await async_initialize_triggers(self._hass, validated, on_trigger, DOMAIN, "button", _LOGGER.log)
        if stop and (self._stopped or (device_id, command) in self._stops):
            stop()
        elif stop:
            self._stops[device_id, command] = stop
