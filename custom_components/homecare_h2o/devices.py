"""The devices: one for the hub, one for each brukare."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import CONF_CODE, CONF_SERIAL_NUMBER, DOMAIN, SUBENTRY_BRUKARE
from .settings import brukare_of


@callback
def async_update_devices(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Register the devices of a home; a brukare's is named by the code, never by the person."""
    registry = dr.async_get(hass)
    hub = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        manufacturer="HomeCare H2O",
        model="Hub",
        name=entry.title,
        serial_number=entry.data[CONF_SERIAL_NUMBER],
    )
    for subentry in brukare_of(entry):
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry.subentry_id,
            identifiers={(DOMAIN, subentry.subentry_id)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer="HomeCare H2O",
            model="Brukare",
            name=subentry.data[CONF_CODE],
            via_device_id=hub.id,
        )


@callback
def find_brukare(hass: HomeAssistant, entry: ConfigEntry[Any], device_id: str) -> str | None:
    """Return the brukare that a device stands for, None if it stands for none."""
    device = dr.async_get(hass).async_get(device_id)
    if device is None:
        return None
    found = (name for domain, name in device.identifiers if domain == DOMAIN)
    return next((name for name in found if _is_brukare(entry, name)), None)


@callback
def is_hub(hass: HomeAssistant, entry: ConfigEntry[Any], device_id: str) -> bool:
    """Return whether a device stands for a home's hub."""
    device = dr.async_get(hass).async_get(device_id)
    return device is not None and (DOMAIN, entry.entry_id) in device.identifiers


@callback
def device_of(hass: HomeAssistant, entry: ConfigEntry[Any], brukare_id: str) -> str | None:
    """Return the device of a brukare, None while it has none."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, brukare_id), entry.entry_id)
    return device.id if device else None


def _is_brukare(entry: ConfigEntry[Any], name: str) -> bool:
    """Return whether a subentry is a brukare of this home."""
    subentry = entry.subentries.get(name)
    return subentry is not None and subentry.subentry_type == SUBENTRY_BRUKARE
