"""Sets the sensors up without a question."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult

from . import DOMAIN


class ChaosConfigFlow(ConfigFlow, domain=DOMAIN):
    """One home, no questions."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Make the entry."""
        return self.async_create_entry(title="Chaos home", data={})
