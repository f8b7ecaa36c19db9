"""Buttons that reach Home Assistant as device triggers of MQTT, as Zigbee2MQTT's do."""

from collections.abc import Callable, Iterable
from typing import Any

from homeassistant.components.device_automation import DeviceAutomationType, async_get_device_automations
from homeassistant.const import CONF_DEVICE_ID, CONF_DOMAIN
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers.trigger import async_initialize_triggers, async_validate_trigger_config
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..signals import Signal

MQTT = "mqtt"


async def async_attach_mqtt_buttons(
    hass: HomeAssistant, device_ids: Iterable[str], on_signal: Callable[[Signal], None]
) -> CALLBACK_TYPE:
    """Turn the MQTT device triggers of devices into signals; returns the way to stop that."""
    found = await async_get_device_automations(hass, DeviceAutomationType.TRIGGER, sorted(device_ids))
    configs = [config for listed in found.values() for config in listed if config[CONF_DOMAIN] == MQTT]
    stops = [await _async_attach(hass, config, on_signal) for config in configs]

    @callback
    def stop() -> None:
        for unsubscribe in filter(None, stops):
            unsubscribe()

    return stop


async def _async_attach(
    hass: HomeAssistant, config: dict[str, Any], on_signal: Callable[[Signal], None]
) -> CALLBACK_TYPE | None:
    """Attach one device trigger."""
    command = f"{config.get('type', '')} {config.get('subtype', '')}".strip()

    @callback
    def on_trigger(_variables: dict[str, Any], _context: Context | None = None) -> None:
        on_signal(Signal(device_id=config[CONF_DEVICE_ID], command=command, at=dt_util.utcnow()))

    bare = {key: value for key, value in config.items() if key != "metadata"}
    validated = await async_validate_trigger_config(hass, [bare])
    return await async_initialize_triggers(
        hass, validated, on_trigger, DOMAIN, "button", lambda level, msg, **kwargs: None
    )
