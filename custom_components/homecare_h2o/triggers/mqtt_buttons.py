"""Buttons that reach Home Assistant as device triggers of MQTT, as Zigbee2MQTT's do."""

import asyncio
from collections.abc import Iterable
import logging
from typing import Any

from homeassistant.components.device_automation import DeviceAutomationType, async_get_device_automations
from homeassistant.const import CONF_DEVICE_ID, CONF_DOMAIN
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.trigger import async_initialize_triggers, async_validate_trigger_config
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
import probatio as vol

from ..const import DOMAIN
from ..signals import Signal, async_tell_signal

_LOGGER = logging.getLogger(__name__)

MQTT = "mqtt"
_BUTTONS: HassKey[MqttButtons] = HassKey("homecare_h2o_mqtt_buttons")


@callback
def mqtt_buttons_of(hass: HomeAssistant) -> MqttButtons:
    """Return the one who listens to MQTT for all rules."""
    return hass.data.setdefault(_BUTTONS, MqttButtons(hass))


class MqttButtons:
    """The MQTT device triggers of the buttons that some rule has named, as signals.

    They may come at any time: Zigbee2MQTT tells of one when the button is first pressed, and MQTT after each start.
    Once attached they stay so until Home Assistant stops: a press while a rule is being loaded anew is heard.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with none."""
        self._hass = hass
        self._attached: set[tuple[str, str]] = set()
        self._looking = asyncio.Lock()

    async def async_refresh(self, device_ids: Iterable[str]) -> None:
        """Attach the triggers that are new; one that cannot be attached now is tried again with the next."""
        registry = dr.async_get(self._hass)
        known = sorted(device_id for device_id in device_ids if self._is_of_mqtt(registry.async_get(device_id)))
        # Asked about no device, Home Assistant would tell of all.
        if not known or MQTT not in self._hass.config.components:
            return
        async with self._looking:
            try:
                found = await async_get_device_automations(self._hass, DeviceAutomationType.TRIGGER, known)
                for config in (config for listed in found.values() for config in listed if config[CONF_DOMAIN] == MQTT):
                    await self._async_attach(config)
            except (HomeAssistantError, vol.Invalid) as err:
                _LOGGER.warning("The buttons of MQTT could not be listened to: %s", err)
            except Exception:
                # The rule has other buttons, too: they must work.
                _LOGGER.exception("The buttons of MQTT could not be listened to")

    def _is_of_mqtt(self, device: dr.AnyDeviceEntry | None) -> bool:
        """Return whether a device is MQTT's; another integration, asked while it starts, would refuse for all."""
        entry = self._hass.config_entries.async_get_entry(device.config_entry_id) if device else None
        return entry is not None and entry.domain == MQTT

    async def _async_attach(self, config: dict[str, Any]) -> None:
        """Attach one device trigger, unless it is."""
        device_id: str = config[CONF_DEVICE_ID]
        command = f"{config.get('type', '')} {config.get('subtype', '')}".strip()
        if (device_id, command) in self._attached:
            return

        @callback
        def on_trigger(_variables: dict[str, Any], _context: Context | None = None) -> None:
            async_tell_signal(self._hass, Signal(device_id=device_id, command=command, at=dt_util.utcnow()))

        bare = {key: value for key, value in config.items() if key != "metadata"}
        validated = await async_validate_trigger_config(self._hass, [bare])
        if await async_initialize_triggers(self._hass, validated, on_trigger, DOMAIN, "button", _LOGGER.log):
            self._attached.add((device_id, command))
