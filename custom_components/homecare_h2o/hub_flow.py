"""Options of the hub itself: what shows its mains power, and who outside watches it (R010.5)."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, selector
import probatio as vol

from .const import CONF_HEARTBEAT_TOPIC, CONF_HEARTBEAT_URL, CONF_POWER_ENTITY, CONF_POWER_INVERTED
from .core.power import Mains
from .heartbeat import Way
from .power import read_mains

POWER = "power"
HEARTBEAT = "heartbeat"
LONGEST_TOPIC = 250

_POWER = vol.Schema(
    {
        vol.Optional(CONF_POWER_ENTITY): selector.EntitySelector(
            selector.EntitySelectorConfig(domain=["binary_sensor", "sensor"])
        ),
        vol.Required(CONF_POWER_INVERTED, default=False): bool,
    }
)
_HEARTBEAT = vol.Schema(
    {
        # It may hold the secret by which the watcher knows the hub.
        vol.Optional(CONF_HEARTBEAT_URL): selector.TextSelector(
            selector.TextSelectorConfig(type=selector.TextSelectorType.PASSWORD, autocomplete="off")
        ),
        vol.Optional(CONF_HEARTBEAT_TOPIC): selector.TextSelector(),
    }
)


class HubFlow(OptionsFlow):
    """The steps of the options that are about the hub."""

    async def async_step_power(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change what shows the mains power."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if error := _find_power_error(self.hass, user_input):
                errors[CONF_POWER_ENTITY] = error
            else:
                return self._keep(_POWER, user_input)
        return self._ask(POWER, _POWER, user_input, errors)

    async def async_step_heartbeat(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change who outside is told that the hub lives."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = {key: text for key, value in user_input.items() if (text := value.strip())}
            errors = _find_heartbeat_errors(self.hass, user_input)
            if not errors:
                return self._keep(_HEARTBEAT, user_input)
        return self._ask(HEARTBEAT, _HEARTBEAT, user_input, errors)

    def _keep(self, schema: vol.Schema, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Keep what was chosen; what was left empty is no more."""
        others = {key: value for key, value in self.config_entry.options.items() if key not in schema.schema}
        return self.async_create_entry(data={**others, **user_input})

    def _ask(
        self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None, errors: dict[str, str]
    ) -> ConfigFlowResult:
        """Show what is chosen."""
        shown = self.config_entry.options if user_input is None else user_input
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            last_step=True,
        )


def _find_power_error(hass: HomeAssistant, user_input: dict[str, Any]) -> str | None:
    """Return what is wrong with an entity that is to show the mains; one that says nothing now may do so later."""
    entity_id = user_input.get(CONF_POWER_ENTITY)
    state = hass.states.get(entity_id) if entity_id else None
    if state is None or state.state in ("unavailable", "unknown"):
        return None
    return "not_a_power_sensor" if read_mains(state) is Mains.UNKNOWN else None


def _find_heartbeat_errors(hass: HomeAssistant, user_input: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with an address and a topic."""
    errors: dict[str, str] = {}
    try:
        cv.url(user_input.get(CONF_HEARTBEAT_URL, "https://example.test"))
    except vol.Invalid:
        errors[CONF_HEARTBEAT_URL] = "bad_url"
    topic = user_input.get(CONF_HEARTBEAT_TOPIC, "")
    if set(topic) & set("+#\0") or len(topic) > LONGEST_TOPIC:
        errors[CONF_HEARTBEAT_TOPIC] = "bad_topic"
    elif topic and not hass.config_entries.async_entries(Way.MQTT):
        errors[CONF_HEARTBEAT_TOPIC] = "mqtt_missing"
    return errors
