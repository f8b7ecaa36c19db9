"""Who answers for the home, and the home from there."""

from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .steps import settle


class HomeAtHand:
    """A home and the larmansvarig, from whose desk it is looked after."""

    def __init__(self, hass: HomeAssistant, home: MockConfigEntry, device_id: str, user_id: str) -> None:
        self.hass = hass
        self.home = home
        self.device_id = device_id
        self.user_id = user_id

    async def restart(self) -> None:
        """Load the hub anew."""
        assert await self.hass.config_entries.async_reload(self.home.entry_id)
        await settle(self.hass)


async def employ_larmansvarig(hass: HomeAssistant) -> str:
    """Let there be a larmansvarig, who is not the owner of Home Assistant; return the user."""
    await hass.auth.async_create_user("Owner", group_ids=[GROUP_ID_ADMIN])
    return (await hass.auth.async_create_user("Larmansvarig", group_ids=[GROUP_ID_ADMIN])).id
