"""Setting up a home: the hub, its first brukare and its first receiver group, all of it or nothing."""

from collections.abc import Mapping
import re
import secrets
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.helpers import selector
import probatio as vol

from .const import CONF_CODE, CONF_NAME, CONF_SERIAL_NUMBER, DOMAIN, SUBENTRY_BRUKARE, SUBENTRY_RECEIVER_GROUP
from .escalation_flow import EscalationFlow
from .forms import (
    Errors,
    brukare_schema,
    check_brukare,
    check_receiver_group,
    phone_choices,
    receiver_group_schema,
    suggest_code,
)
from .subentry_flows import BrukareFlow, ReceiverGroupFlow

SERIAL_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")
HUB_SCHEMA = vol.Schema({vol.Required(CONF_SERIAL_NUMBER): selector.TextSelector()})


class HomeCareConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up a home."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Begin with nothing."""
        self._serial_number = ""
        self._brukare: Mapping[str, Any] = {}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow for the escalation levels."""
        return EscalationFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what a home consists of."""
        return {SUBENTRY_BRUKARE: BrukareFlow, SUBENTRY_RECEIVER_GROUP: ReceiverGroupFlow}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the hub's serial number."""
        errors: Errors = {}
        if user_input is not None:
            serial_number = user_input[CONF_SERIAL_NUMBER].strip().upper()
            if SERIAL_NUMBER.fullmatch(serial_number):
                await self.async_set_unique_id(serial_number)
                self._abort_if_unique_id_configured()
                self._serial_number = serial_number
                return await self.async_step_brukare()
            errors[CONF_SERIAL_NUMBER] = "bad_serial_number"
        shown = user_input or {CONF_SERIAL_NUMBER: f"H2O-{secrets.token_hex(3).upper()}"}
        return self._show("user", HUB_SCHEMA, shown, errors)

    async def async_step_brukare(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask who is watched over."""
        errors: Errors = {}
        if user_input is not None:
            self._brukare, errors = check_brukare(user_input, None)
            if not errors:
                return await self.async_step_receiver_group()
        return self._show("brukare", brukare_schema(), user_input or {CONF_CODE: suggest_code(None)}, errors)

    async def async_step_receiver_group(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask who is told first."""
        errors: Errors = {}
        if user_input is not None:
            group, errors = check_receiver_group(self.hass, user_input)
            if not errors:
                return self._create(group)
        return self._show("receiver_group", receiver_group_schema(phone_choices(self.hass)), user_input or {}, errors)

    def _create(self, group: Mapping[str, Any]) -> ConfigFlowResult:
        """Create the home."""
        return self.async_create_entry(
            title=f"Hub {self._serial_number}",
            data={CONF_SERIAL_NUMBER: self._serial_number},
            subentries=[
                ConfigSubentryData(
                    subentry_type=SUBENTRY_BRUKARE,
                    title=self._brukare[CONF_CODE],
                    unique_id=None,
                    data=self._brukare,
                ),
                ConfigSubentryData(
                    subentry_type=SUBENTRY_RECEIVER_GROUP, title=group[CONF_NAME], unique_id=None, data=group
                ),
            ],
        )

    def _show(self, step_id: str, schema: vol.Schema, shown: Mapping[str, Any], errors: Errors) -> ConfigFlowResult:
        """Show a form."""
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(schema, shown), errors=errors
        )
