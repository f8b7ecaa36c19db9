"""The actions: what automations, staff and the larmansvarig may ask for."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio as vol

from .const import DOMAIN
from .core.alarm import Alarm
from .core.commands import RaiseRequest
from .core.errors import CommandRefusedError, HomeCareError
from .core.escalation import AlarmType
from .core.events import Actor, Outcome
from .devices import find_brukare
from .history import describe_alarm
from .hub import Hub

ATTR_ALARM_ID = "alarm_id"
ATTR_ALARM_TYPE = "alarm_type"
ATTR_DUE_AT = "due_at"
ATTR_LATE = "late"
ATTR_LIMIT = "limit"
ATTR_MESSAGE = "message"
ATTR_NOTE = "note"
ATTR_OPEN_ONLY = "open_only"
ATTR_OUTCOME = "outcome"
ATTR_REPORT = "report"
ATTR_RULE = "rule"
ATTR_SOURCES = "sources"

LONGEST_MESSAGE = 1000
LONGEST_NOTE = 4000

_TEXT = vol.All(cv.string, vol.Length(max=LONGEST_MESSAGE))
_ALARM: dict[Any, Any] = {vol.Required(ATTR_ALARM_ID): vol.All(cv.string, vol.Length(min=1, max=64))}

RAISE_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Required(ATTR_ALARM_TYPE): vol.Coerce(AlarmType),
        vol.Optional(ATTR_MESSAGE): vol.Any(None, _TEXT),
        vol.Optional(ATTR_SOURCES, default=list): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_RULE): vol.Any(None, vol.All(cv.string, vol.Length(max=255))),
        vol.Optional(ATTR_DUE_AT): vol.Any(None, cv.datetime),
        vol.Optional(ATTR_LATE, default=False): cv.boolean,
    }
)
ALARM_SCHEMA = vol.Schema(_ALARM)
RESOLVE_SCHEMA = vol.Schema(
    {
        **_ALARM,
        vol.Required(ATTR_OUTCOME): vol.Coerce(Outcome),
        vol.Optional(ATTR_NOTE): vol.Any(None, vol.All(cv.string, vol.Length(max=LONGEST_NOTE))),
        vol.Optional(ATTR_REPORT, default=False): cv.boolean,
    }
)
GET_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_OPEN_ONLY, default=False): cv.boolean,
        vol.Optional(ATTR_LIMIT, default=20): vol.All(vol.Coerce(int), vol.Range(min=1, max=500)),
    }
)


def _hub(hass: HomeAssistant) -> Hub:
    """Return the home's hub; raises ServiceValidationError while it is not set up."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        hub: Hub = entry.runtime_data
        return hub
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="hub_not_loaded")


def _brukare_id(call: ServiceCall, hub: Hub) -> str:
    """Return the brukare that the call is about; raises ServiceValidationError."""
    brukare_id = find_brukare(call.hass, hub.entry, call.data[ATTR_DEVICE_ID])
    if brukare_id is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_brukare")
    return brukare_id


async def _refusing[T](work: Awaitable[T]) -> T:
    """Wait for work, with our errors translated: a refusal is the caller's, anything else is ours."""
    try:
        return await work
    except HomeCareError as err:
        kind = ServiceValidationError if isinstance(err, CommandRefusedError) else HomeAssistantError
        raise kind(
            translation_domain=DOMAIN,
            translation_key=err.translation_key,
            translation_placeholders=err.placeholders,
        ) from err


def _by(call: ServiceCall) -> Actor:
    """Return who calls."""
    return Actor(user_id=call.context.user_id)


def _due_at(value: datetime | None, hub: Hub) -> datetime:
    """Return a deadline in UTC; now if there is none."""
    return dt_util.as_utc(value) if value else hub.clock.now()


async def _raise_alarm(call: ServiceCall) -> ServiceResponse:
    """Raise an alarm; the same rule and deadline again is a duplicate."""
    hub = _hub(call.hass)
    alarm_type: AlarmType = call.data[ATTR_ALARM_TYPE]
    due_at = _due_at(call.data.get(ATTR_DUE_AT), hub)
    request = RaiseRequest(
        brukare_id=_brukare_id(call, hub),
        alarm_type=alarm_type,
        rule=call.data.get(ATTR_RULE) or alarm_type,
        due_at=due_at,
        late=call.data[ATTR_LATE],
        message=call.data.get(ATTR_MESSAGE) or None,
        sources=tuple(call.data[ATTR_SOURCES]),
    )
    result = await _refusing(hub.engine.raise_alarm(request))
    return {"alarm_id": result.alarm_id, "outcome": result.outcome}


async def _acknowledge_alarm(call: ServiceCall) -> ServiceResponse:
    """Take an alarm."""
    engine = _hub(call.hass).engine
    return _state(await _refusing(engine.acknowledge(call.data[ATTR_ALARM_ID], _by(call))))


async def _decline_alarm(call: ServiceCall) -> ServiceResponse:
    """Leave an alarm to a colleague."""
    engine = _hub(call.hass).engine
    return _state(await _refusing(engine.decline(call.data[ATTR_ALARM_ID], _by(call))))


async def _resolve_alarm(call: ServiceCall) -> ServiceResponse:
    """Close an alarm with its outcome."""
    engine = _hub(call.hass).engine
    data = call.data
    work = engine.resolve(
        data[ATTR_ALARM_ID], _by(call), data[ATTR_OUTCOME], data.get(ATTR_NOTE), report=data[ATTR_REPORT]
    )
    return _state(await _refusing(work))


async def _report_false_alarm(call: ServiceCall) -> ServiceResponse:
    """Close an alarm as a false one."""
    engine = _hub(call.hass).engine
    return _state(await _refusing(engine.report_false_alarm(call.data[ATTR_ALARM_ID], _by(call))))


async def _get_alarms(call: ServiceCall) -> ServiceResponse:
    """Return alarms with their timelines, newest first."""
    hub = _hub(call.hass)
    brukare_id = _brukare_id(call, hub) if ATTR_DEVICE_ID in call.data else None
    histories = await _refusing(hub.journal.load_alarms(brukare_id, limit=call.data[ATTR_LIMIT]))
    alarms = [describe_alarm(call.hass, hub, history) for history in histories]
    return {"alarms": [alarm for alarm in alarms if alarm["open"] or not call.data[ATTR_OPEN_ONLY]]}


def _state(alarm: Alarm) -> ServiceResponse:
    """Return what became of an alarm."""
    return {"alarm_id": alarm.alarm_id, "state": alarm.state}


type Handler = Callable[[ServiceCall], Awaitable[ServiceResponse]]

ACTIONS: dict[str, tuple[Handler, vol.Schema, SupportsResponse]] = {
    "raise_alarm": (_raise_alarm, RAISE_SCHEMA, SupportsResponse.OPTIONAL),
    "acknowledge_alarm": (_acknowledge_alarm, ALARM_SCHEMA, SupportsResponse.OPTIONAL),
    "decline_alarm": (_decline_alarm, ALARM_SCHEMA, SupportsResponse.OPTIONAL),
    "resolve_alarm": (_resolve_alarm, RESOLVE_SCHEMA, SupportsResponse.OPTIONAL),
    "report_false_alarm": (_report_false_alarm, ALARM_SCHEMA, SupportsResponse.OPTIONAL),
    "get_alarms": (_get_alarms, GET_SCHEMA, SupportsResponse.ONLY),
}


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions; they are there, and say why they refuse, also while no hub is set up."""
    for name, (handler, schema, supports_response) in ACTIONS.items():
        hass.services.async_register(DOMAIN, name, _as_job(handler), schema, supports_response)


def _as_job(handler: Handler) -> Callable[[ServiceCall], Any]:
    """Return a handler as Home Assistant takes it."""

    async def handle(call: ServiceCall) -> ServiceResponse:
        return await handler(call)

    return handle
