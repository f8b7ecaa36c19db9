"""Keeps a backup of Home Assistant, taken while it runs, consistent."""

from homeassistant.core import HomeAssistant

from .const import DOMAIN


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Let the journal's files be copied one after the other while it goes on."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await entry.runtime_data.journal.prepare_backup()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Let the journal tidy up after itself again."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await entry.runtime_data.journal.finish_backup()
