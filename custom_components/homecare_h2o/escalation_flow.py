"""Options: who is told after how long (R012.2), how long a sensor may be silent (R060.5), and the journal is kept."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_DEVICE_ID, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import device_registry as dr, selector
import probatio as vol

from .const import (
    CONF_DEFAULT,
    CONF_DELAY,
    CONF_LEVELS,
    CONF_LIMIT,
    CONF_LOUD,
    CONF_OWN_PLANS,
    CONF_RECEIVERS,
    CONF_REPEAT_EVERY,
    CONF_RESPONSE_TIME,
    CONF_RETENTION,
    CONF_RETENTION_DAYS,
    CONF_SILENCE,
)
from .core.duty import Receiver
from .core.escalation import AlarmType, BadPlanError, Priority, calc_priority
from .escalation_preview import preview_plan
from .hub_flow import HEARTBEAT, POWER, HubFlow
from .retention import LONGEST_DAYS, SHORTEST_DAYS, retention_of
from .settings import (
    DEFAULT_SILENCE,
    Duration,
    as_duration,
    as_selected,
    groups_of,
    options_from_plan,
    own_plans_of,
    plan_from_options,
    plan_of,
)

ATTR_ALARM_TYPE = "alarm_type"
CONF_AT = "at"
CONF_FOLLOW = "follow"

LEVELS = tuple(f"level_{number}" for number in range(1, 7))
"""The form has as many; a level without receivers is not used."""

OTHERS = (ATTR_ALARM_TYPE, "preview", CONF_SILENCE, CONF_RETENTION, POWER, HEARTBEAT)
"""What else can be changed or seen, after the plans of the priorities."""

_ALARM_TYPE = selector.SelectSelector(
    selector.SelectSelectorConfig(options=list(AlarmType), translation_key=ATTR_ALARM_TYPE)
)
_CHOICE = vol.Schema({vol.Required(ATTR_ALARM_TYPE): _ALARM_TYPE})
_PREVIEW = vol.Schema({vol.Required(ATTR_ALARM_TYPE): _ALARM_TYPE, vol.Required(CONF_AT): selector.TimeSelector()})
_DURATION = selector.DurationSelector(selector.DurationSelectorConfig(enable_day=False))


def _schema(entry: ConfigEntry[Any], used: int) -> vol.Schema:
    """Return the form of a plan, with the levels that are used open."""
    names = {group.group_id: group.name for group in groups_of(entry)}
    options = [selector.SelectOptionDict(value=value, label=names.get(value, value)) for value in (*Receiver, *names)]
    whom = selector.SelectSelector(
        selector.SelectSelectorConfig(options=options, multiple=True, translation_key="receiver")
    )
    level = vol.Schema(
        {
            vol.Optional(CONF_DELAY): _DURATION,
            vol.Optional(CONF_RECEIVERS): whom,
            vol.Optional(CONF_LOUD, default=True): bool,
        }
    )
    return vol.Schema(
        {
            **{vol.Required(name): section(level, {"collapsed": number >= used}) for number, name in enumerate(LEVELS)},
            vol.Required(CONF_REPEAT_EVERY): _DURATION,
            vol.Required(CONF_RESPONSE_TIME): _DURATION,
        }
    )


_SILENCE = vol.Schema({vol.Optional(CONF_DEVICE_ID): selector.DeviceSelector(), vol.Required(CONF_LIMIT): _DURATION})

_RETENTION = vol.Schema(
    {
        vol.Required(CONF_RETENTION_DAYS): selector.NumberSelector(
            selector.NumberSelectorConfig(
                min=SHORTEST_DAYS,
                max=LONGEST_DAYS,
                mode=selector.NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfTime.DAYS,
            )
        )
    }
)


def _describe_limits(hass: HomeAssistant, limits: Mapping[str, Duration]) -> str:
    """Return the devices that have a limit of their own, and which."""
    registry = dr.async_get(hass)
    devices = {device_id: registry.async_get(device_id) for device_id in limits}
    return ", ".join(
        f"{device.name_by_user or device.name}: {as_duration(limits[device_id])}"
        for device_id, device in devices.items()
        if device
    )


def _from_form(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan's options from its form; raises BadPlanError for a level that lacks its time."""
    levels = [user_input[name] for name in LEVELS if user_input[name].get(CONF_RECEIVERS)]
    if not all(level.get(CONF_DELAY) is not None for level in levels):
        raise BadPlanError("a level lacks its time")
    return {**user_input, CONF_LEVELS: levels}


def _to_form(entry: ConfigEntry[Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan's options as its form shows them, without groups that have been removed."""
    there = {*Receiver, *(group.group_id for group in groups_of(entry))}
    levels = [
        {**level, CONF_RECEIVERS: [name for name in level[CONF_RECEIVERS] if name in there]}
        for level in options[CONF_LEVELS]
    ]
    return {**options, **dict(zip(LEVELS, levels, strict=False))}


class EscalationFlow(HubFlow):
    """Change the escalation plans, of which open alarms keep theirs, and all else that can be chosen for a home."""

    _alarm_type: AlarmType

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose what to change."""
        return self.async_show_menu(step_id="init", menu_options=[*Priority, *OTHERS])

    async def async_step_normal(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the plan of ordinary alarms."""
        return self._step(Priority.NORMAL, user_input)

    async def async_step_urgent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the plan of fire and the safety button."""
        return self._step(Priority.URGENT, user_input)

    async def async_step_technical(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the plan of technical alarms."""
        return self._step(Priority.TECHNICAL, user_input)

    async def async_step_alarm_type(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose a larmtyp that is to have a plan of its own."""
        if user_input is not None:
            self._alarm_type = AlarmType(user_input[ATTR_ALARM_TYPE])
            return await self.async_step_own_plan()
        return self.async_show_form(step_id=ATTR_ALARM_TYPE, data_schema=_CHOICE, last_step=False)

    async def async_step_own_plan(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the plan of one larmtyp, or have it follow the plan of its priority again."""
        entry = self.config_entry
        own = dict(entry.options.get(CONF_OWN_PLANS, {}))
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                own[self._alarm_type] = options_from_plan(plan_from_options(_from_form(user_input)))
            except BadPlanError as err:
                errors["base"] = err.translation_key
            else:
                if user_input[CONF_FOLLOW]:
                    del own[self._alarm_type]
                return self.async_create_entry(data={**entry.options, CONF_OWN_PLANS: own})
        present = own_plans_of(entry).get(self._alarm_type) or plan_of(entry, calc_priority(self._alarm_type))
        schema = _schema(entry, len(present.levels)).extend({vol.Required(CONF_FOLLOW, default=False): bool})
        return self.async_show_form(
            step_id="own_plan",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or _to_form(entry, options_from_plan(present))
            ),
            errors=errors,
            last_step=True,
        )

    async def async_step_preview(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show who would be told when; nothing is changed."""
        chosen = user_input or {ATTR_ALARM_TYPE: AlarmType.SAFETY_BUTTON, CONF_AT: "21:29:00"}
        alarm_type, at = AlarmType(chosen[ATTR_ALARM_TYPE]), time.fromisoformat(chosen[CONF_AT])
        return self.async_show_form(
            step_id="preview",
            data_schema=self.add_suggested_values_to_schema(_PREVIEW, chosen),
            description_placeholders={"preview": preview_plan(self.hass, self.config_entry, alarm_type, at)},
            last_step=False,
        )

    async def async_step_silence(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change how long a device may be silent before that is told, or all of those without a limit of their own."""
        entry = self.config_entry
        limits = entry.options.get(CONF_SILENCE, {})
        if user_input is not None:
            limits = {**limits, user_input.get(CONF_DEVICE_ID, CONF_DEFAULT): user_input[CONF_LIMIT]}
            return self.async_create_entry(data={**entry.options, CONF_SILENCE: limits})
        present = {CONF_LIMIT: limits.get(CONF_DEFAULT, as_selected(DEFAULT_SILENCE))}
        return self.async_show_form(
            step_id=CONF_SILENCE,
            data_schema=self.add_suggested_values_to_schema(_SILENCE, present),
            description_placeholders={"limits": _describe_limits(self.hass, limits)},
            last_step=True,
        )

    async def async_step_retention(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change how long the journal is kept."""
        entry = self.config_entry
        if user_input is not None:
            days = int(user_input[CONF_RETENTION_DAYS])
            return self.async_create_entry(data={**entry.options, CONF_RETENTION_DAYS: days})
        return self.async_show_form(
            step_id=CONF_RETENTION,
            data_schema=self.add_suggested_values_to_schema(
                _RETENTION, {CONF_RETENTION_DAYS: retention_of(entry).days}
            ),
            last_step=True,
        )

    def _step(self, priority: Priority, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        """Show a plan, and take the changed one."""
        entry = self.config_entry
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                plan = plan_from_options(_from_form(user_input))
            except BadPlanError as err:
                errors["base"] = err.translation_key
            else:
                return self.async_create_entry(data={**entry.options, priority: options_from_plan(plan)})
        present = plan_of(entry, priority)
        return self.async_show_form(
            step_id=priority,
            data_schema=self.add_suggested_values_to_schema(
                _schema(entry, len(present.levels)), user_input or _to_form(entry, options_from_plan(present))
            ),
            errors=errors,
            last_step=True,
        )
