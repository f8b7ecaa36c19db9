"""What the user has set up, as the engine knows it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from .const import (
    CONF_CODE,
    CONF_DEFAULT,
    CONF_DELAY,
    CONF_DUTY_FROM,
    CONF_DUTY_TO,
    CONF_LEVELS,
    CONF_LOUD,
    CONF_NAME,
    CONF_NUMBERS,
    CONF_OWN_PLANS,
    CONF_PHONES,
    CONF_RECEIVERS,
    CONF_REPEAT_EVERY,
    CONF_RESPONSE_TIME,
    CONF_ROLE,
    CONF_SILENCE,
    CONF_TELEPHONE,
    SUBENTRY_BRUKARE,
    SUBENTRY_RECEIVER_GROUP,
)
from .core.calling import Rota
from .core.duty import Receiver, ReceiverGroup, Role, duty_window
from .core.errors import BadSettingError
from .core.escalation import AlarmType, EscalationPlan, Level, Priority
from .engine import Settings

type Duration = Mapping[str, float]

DEFAULT_SILENCE = timedelta(hours=25)
"""A sensor on a battery speaks once a day at the latest."""


def as_duration(value: Duration) -> timedelta:
    """Return a duration from what the duration selector gives."""
    return timedelta(**value)


def as_selected(value: timedelta) -> dict[str, float]:
    """Return a duration as the duration selector gives it."""
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return {"hours": hours, "minutes": minutes, "seconds": seconds}


def _default_plan(pace: timedelta, response_time: timedelta) -> EscalationPlan:
    """Return the plan of R012.2 with ``pace`` between the levels."""
    return EscalationPlan(
        levels=(
            Level(delay=timedelta(0), receivers=(Receiver.ON_DUTY,)),
            Level(delay=pace, receivers=(Receiver.ON_DUTY, Receiver.BACKUP)),
            Level(delay=2 * pace, receivers=(Receiver.LARMANSVARIG,)),
        ),
        repeat_every=pace,
        response_time=response_time,
    )


DEFAULT_PLANS: Mapping[Priority, EscalationPlan] = {
    Priority.NORMAL: _default_plan(timedelta(minutes=5), timedelta(minutes=30)),
    Priority.URGENT: _default_plan(timedelta(minutes=2, seconds=30), timedelta(minutes=15)),
    Priority.TECHNICAL: EscalationPlan(
        levels=(
            Level(delay=timedelta(0), receivers=(Receiver.LARMANSVARIG,)),
            Level(delay=timedelta(minutes=30), receivers=(Receiver.LARMANSVARIG, Receiver.ON_DUTY)),
        ),
        repeat_every=timedelta(minutes=30),
        response_time=timedelta(hours=8),
    ),
}


def plan_from_options(options: Mapping[str, Any]) -> EscalationPlan:
    """Return the plan that the user has set; raises BadPlanError if it could leave an alarm unanswered."""
    return EscalationPlan(
        levels=tuple(
            Level(
                delay=as_duration(level[CONF_DELAY]),
                receivers=tuple(level[CONF_RECEIVERS]),
                loud=level.get(CONF_LOUD, True),
            )
            for level in options[CONF_LEVELS]
        ),
        repeat_every=as_duration(options[CONF_REPEAT_EVERY]),
        response_time=as_duration(options[CONF_RESPONSE_TIME]),
    )


def options_from_plan(plan: EscalationPlan) -> dict[str, Any]:
    """Return a plan as the options flow shows it."""
    return {
        CONF_LEVELS: [
            {CONF_DELAY: as_selected(level.delay), CONF_RECEIVERS: list(level.receivers), CONF_LOUD: level.loud}
            for level in plan.levels
        ],
        CONF_REPEAT_EVERY: as_selected(plan.repeat_every),
        CONF_RESPONSE_TIME: as_selected(plan.response_time),
    }


def plan_of(entry: ConfigEntry[Any], priority: Priority) -> EscalationPlan:
    """Return the plan of a priority: the user's, else the default."""
    options = entry.options.get(priority)
    # An alarm must not be lost for options that an older version took and this one refuses.
    with suppress(BadSettingError, KeyError, OverflowError, TypeError, ValueError):
        return plan_from_options(options) if options else DEFAULT_PLANS[priority]
    return DEFAULT_PLANS[priority]


def own_plans_of(entry: ConfigEntry[Any]) -> dict[AlarmType, EscalationPlan]:
    """Return the plans of the larmtyper that do not follow the plan of their priority."""
    plans: dict[AlarmType, EscalationPlan] = {}
    for alarm_type, options in entry.options.get(CONF_OWN_PLANS, {}).items():
        with suppress(BadSettingError, KeyError, OverflowError, TypeError, ValueError):
            plans[AlarmType(alarm_type)] = plan_from_options(options)
    return plans


def _time(value: str | None) -> time | None:
    """Return a time of day from what the time selector gives."""
    return time.fromisoformat(value) if value else None


def group_from_data(group_id: str, data: Mapping[str, Any]) -> ReceiverGroup:
    """Return a receiver group; raises BadWindowError for duty hours that never begin."""
    return ReceiverGroup(
        group_id=group_id,
        name=data[CONF_NAME],
        role=Role(data[CONF_ROLE]),
        duty=duty_window(_time(data.get(CONF_DUTY_FROM)), _time(data.get(CONF_DUTY_TO))),
        phones=tuple(data[CONF_PHONES]),
    )


def groups_of(entry: ConfigEntry[Any]) -> tuple[ReceiverGroup, ...]:
    """Return the receiver groups."""
    return tuple(
        group_from_data(subentry.subentry_id, subentry.data)
        for subentry in entry.get_subentries_of_type(SUBENTRY_RECEIVER_GROUP)
    )


def numbers_of(entry: ConfigEntry[Any], but: str | None = None) -> dict[str, str]:
    """Return the phones by their telephone numbers, without those of one group; a number is one phone's."""
    return {
        number: phone_id
        for subentry in entry.get_subentries_of_type(SUBENTRY_RECEIVER_GROUP)
        if subentry.subentry_id != but
        for phone_id, number in subentry.data.get(CONF_NUMBERS, {}).items()
    }


def brukare_of(entry: ConfigEntry[Any]) -> Sequence[ConfigSubentry]:
    """Return the brukare of the home."""
    return list(entry.get_subentries_of_type(SUBENTRY_BRUKARE))


def telephone_of(entry: ConfigEntry[Any], brukare_id: str) -> str | None:
    """Return the number that whoever has taken a brukare's alarm may ring; None if none is to leave the hub."""
    subentry = entry.subentries.get(brukare_id)
    return subentry.data.get(CONF_TELEPHONE) or None if subentry else None


def code_of(entry: ConfigEntry[Any], brukare_id: str) -> str | None:
    """Return a brukare's code; the only thing about the person that may leave the hub (R010.7)."""
    subentry = entry.subentries.get(brukare_id)
    return subentry.data[CONF_CODE] if subentry else None


def silence_limit_of(entry: ConfigEntry[Any], device_id: str, *, is_in_silent_network: bool) -> timedelta | None:
    """Return how long a device may be silent; None if it may be so for ever, or others tell of it (R060.5)."""
    limits: Mapping[str, Duration] = entry.options.get(CONF_SILENCE, {})
    own = limits.get(device_id) or (limits.get(CONF_DEFAULT) if is_in_silent_network else None)
    if own is not None:
        return as_duration(own) or None
    return DEFAULT_SILENCE if is_in_silent_network else None


def settings_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Settings:
    """Return everything the engine asks for, as it is now."""
    return Settings(
        rota=Rota(groups=groups_of(entry), tz=ZoneInfo(hass.config.time_zone)),
        plans={priority: plan_of(entry, priority) for priority in Priority},
        own_plans=own_plans_of(entry),
    )
