"""Adding, changing and removing a brukare or a receiver group later on."""

from abc import abstractmethod
from typing import Any, override

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
import probatio as vol

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
        subentry = self._get_reconfigure_subentry()
        errors: Errors = {}
        if user_input is not None:
            data, errors = self.check(user_input, subentry.subentry_id)
            if not errors:
                return self.async_update_and_abort(self._get_entry(), subentry, title=data[self.title_key], data=data)
        return self._show("reconfigure", user_input or self.suggest(subentry.data), errors)

    def _show(self, step_id: str, shown: Input, errors: Errors) -> SubentryFlowResult:
        """Show the form."""
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(self.make_schema(), shown), errors=errors
        )


class BrukareFlow(_FormFlow):
    """A brukare; the title is the code, never the person."""

    title_key = CONF_CODE

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
