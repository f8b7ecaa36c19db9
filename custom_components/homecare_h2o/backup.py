"""Keeps a backup of Home Assistant, taken while it runs, consistent."""

from homeassistant.core import HomeAssistant

from .const import DOMAIN


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Put a sound copy beside the journal: its files may change while the backup reads them."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await entry.runtime_data.journal.prepare_backup()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Take the copy away."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await entry.runtime_data.journal.finish_backup()
