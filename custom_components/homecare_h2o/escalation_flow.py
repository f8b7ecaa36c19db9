"""Options: who is told after how long, for ordinary and for urgent alarms (R012.2)."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.helpers import selector
import probatio as vol

from .const import CONF_DELAY, CONF_LEVELS, CONF_RECEIVERS, CONF_REPEAT_EVERY, CONF_RESPONSE_TIME
from .core.duty import Receiver
from .core.escalation import BadPlanError, Priority
from .settings import groups_of, options_from_plan, plan_from_options, plan_of

_DURATION = selector.DurationSelector(selector.DurationSelectorConfig(enable_day=False))


def _schema(entry: ConfigEntry[Any]) -> vol.Schema:
    """Return the form of a plan: any number of levels."""
    receivers = [*Receiver, *(group.group_id for group in groups_of(entry))]
    names = {group.group_id: group.name for group in groups_of(entry)}
    whom = selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=[selector.SelectOptionDict(value=value, label=names.get(value, value)) for value in receivers],
            multiple=True,
            translation_key="receiver",
        )
    )
    levels = selector.ObjectSelector(
        selector.ObjectSelectorConfig(
            fields={
                CONF_DELAY: {"selector": _DURATION, "required": True},
                CONF_RECEIVERS: {"selector": whom, "required": True},
            },
            multiple=True,
            label_field=CONF_DELAY,
            description_field=CONF_RECEIVERS,
            translation_key="level",
        )
    )
    return vol.Schema(
        {
            vol.Required(CONF_LEVELS): levels,
            vol.Required(CONF_REPEAT_EVERY): _DURATION,
            vol.Required(CONF_RESPONSE_TIME): _DURATION,
        }
    )


class EscalationFlow(OptionsFlow):
    """Change the escalation plans; alarms that are open keep theirs."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose which plan."""
        return self.async_show_menu(step_id="init", menu_options=list(Priority))

    async def async_step_normal(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the plan of ordinary alarms."""
        return self._step(Priority.NORMAL, user_input)

    async def async_step_urgent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the plan of fire and the safety button."""
        return self._step(Priority.URGENT, user_input)

    def _step(self, priority: Priority, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        """Show a plan, and take the changed one."""
        entry = self.config_entry
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                plan = plan_from_options(user_input)
            except BadPlanError as err:
                errors["base"] = err.translation_key
            else:
                return self.async_create_entry(data={**entry.options, priority: options_from_plan(plan)})
        shown = user_input or options_from_plan(plan_of(entry, priority))
        return self.async_show_form(
            step_id=priority,
            data_schema=self.add_suggested_values_to_schema(_schema(entry), shown),
            errors=errors,
            last_step=True,
        )
