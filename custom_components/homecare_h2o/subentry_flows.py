"""Adding, changing and removing a brukare or a receiver group later on."""

from abc import abstractmethod
from typing import Any, override

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
import probatio as vol

from .consent_flow import async_register, consent_schema, find_hub
from .const import CONF_CODE, CONF_NAME
from .forms import (
    Errors,
    Input,
    brukare_schema,
    check_brukare,
    check_receiver_group,
    phone_choices,
    receiver_group_input,
    receiver_group_schema,
    suggest_code,
)


class _FormFlow(ConfigSubentryFlow):
    """One form, for adding and for changing."""

    title_key: str

    @abstractmethod
    def make_schema(self) -> vol.Schema:
        """Return the form."""

    @abstractmethod
    def check(self, user_input: Input, but: str | None) -> tuple[Input, Errors]:
        """Return the data, and what is wrong with it."""

    @abstractmethod
    def suggest(self, data: Input | None) -> Input:
        """Return what the form shows at first."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add one."""
        errors: Errors = {}
        if user_input is not None:
            data, errors = self.check(user_input, None)
            if not errors:
                return self.async_create_entry(title=data[self.title_key], data=data)
        return self._show("user", user_input or self.suggest(None), errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change one."""
        return self._change("reconfigure", user_input)

    def _change(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        """Show what is to be changed, and change it."""
        subentry = self._get_reconfigure_subentry()
        errors: Errors = {}
        if user_input is not None:
            data, errors = self.check(user_input, subentry.subentry_id)
            if not errors:
                return self.async_update_and_abort(self._get_entry(), subentry, title=data[self.title_key], data=data)
        return self._show(step_id, user_input or self.suggest(subentry.data), errors)

    def _show(self, step_id: str, shown: Input, errors: Errors) -> SubentryFlowResult:
        """Show the form."""
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(self.make_schema(), shown), errors=errors
        )


class BrukareFlow(_FormFlow):
    """A brukare; the title is the code, never the person."""

    title_key = CONF_CODE

    @override
    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change who it is, or what is agreed to."""
        return self.async_show_menu(step_id="reconfigure", menu_options=["details", "consent"])

    async def async_step_details(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change who it is."""
        return self._change("details", user_input)

    async def async_step_consent(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Register a consent, or that it is withdrawn (S.1, S.2)."""
        hub = find_hub(self._get_entry())
        if hub is None:
            return self.async_abort(reason="hub_not_loaded")
        errors: Errors = {}
        if user_input is not None:
            errors = await async_register(hub, self._get_reconfigure_subentry().subentry_id, user_input)
            if not errors:
                return self.async_abort(reason="consent_registered")
        schema = self.add_suggested_values_to_schema(consent_schema(hub.consents.today), user_input)
        return self.async_show_form(
            step_id="consent",
            data_schema=schema,
            errors=errors,
            description_placeholders={"registered": hub.consents.describe(self._reconfigure_subentry_id)},
        )

    @override
    def make_schema(self) -> vol.Schema:
        return brukare_schema()

    @override
    def check(self, user_input: Input, but: str | None) -> tuple[Input, Errors]:
        return check_brukare(user_input, self._get_entry(), but)

    @override
    def suggest(self, data: Input | None) -> Input:
        return data or {CONF_CODE: suggest_code(self._get_entry())}


class ReceiverGroupFlow(_FormFlow):
    """A receiver group."""

    title_key = CONF_NAME

    @override
    def make_schema(self) -> vol.Schema:
        return receiver_group_schema(phone_choices(self.hass))

    @override
    def check(self, user_input: Input, but: str | None) -> tuple[Input, Errors]:
        return check_receiver_group(self.hass, user_input, self._get_entry(), but)

    @override
    def suggest(self, data: Input | None) -> Input:
        return receiver_group_input(self.hass, data) if data else {}
