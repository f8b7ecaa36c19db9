"""The actions: what automations, staff and the larmansvarig may ask for."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio as vol

from . import arming_services, consent_services, plan_services
from .action import Action, Handler, actor_of, ask_hub, brukare_id_of
from .chain_test import describe_report
from .const import DOMAIN
from .core.alarm import Alarm
from .core.commands import RaiseRequest
from .core.escalation import AlarmType
from .core.events import DeviationStatus, Outcome
from .core.roles import Permission
from .deviation_view import describe as describe_deviation
from .devices import find_brukare
from .export import EXPORT_SCHEMA, NO_SCHEMA, PERIOD_SCHEMA, async_export, async_verify
from .history import describe_alarm
from .hub import Hub
from .replies import describe_answered
from .roles import async_require
from .statistics import async_calc_statistics

ATTR_ALARM_ID = "alarm_id"
ATTR_ALARM_NUMBER = "alarm_number"
ATTR_ALARM_TYPE = "alarm_type"
ATTR_COMMENT = "comment"
ATTR_DEVIATION_ID = "deviation_id"
ATTR_DUE_AT = "due_at"
ATTR_LATE = "late"
ATTR_LIMIT = "limit"
ATTR_MESSAGE = "message"
ATTR_NOTE = "note"
ATTR_OPEN_ONLY = "open_only"
ATTR_OUTCOME = "outcome"
ATTR_RECEIVER_GROUP = "receiver_group"
ATTR_REPORT = "report"
ATTR_RESPONSE = "response"
ATTR_RULE = "rule"
ATTR_SENDER = "sender"
ATTR_SOURCES = "sources"
ATTR_STATUS = "status"
ATTR_TELL_RELATIVES = "tell_relatives"
ATTR_TEXT = "text"
ATTR_TELL_STAFF = "tell_staff"
ATTR_TIMEOUT = "timeout"

LONGEST_MESSAGE = 1000
LONGEST_NOTE = 4000
LONGEST_RULE = 255


def _cut(length: int) -> vol.All[Any]:
    """Return a text that is cut: an alarm must not be refused for the length of its text."""
    return vol.All(cv.string, lambda text: text[:length])


_TEXT = _cut(LONGEST_MESSAGE)
_ALARM: dict[Any, Any] = {vol.Required(ATTR_ALARM_ID): vol.All(cv.string, vol.Length(min=1, max=64))}

RAISE_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Required(ATTR_ALARM_TYPE): vol.Coerce(AlarmType),
        vol.Optional(ATTR_MESSAGE): vol.Any(None, _TEXT),
        vol.Optional(ATTR_RESPONSE): vol.Any(None, _TEXT),
        vol.Optional(ATTR_TELL_RELATIVES, default=False): cv.boolean,
        vol.Optional(ATTR_TELL_STAFF, default=True): cv.boolean,
        vol.Optional(ATTR_SOURCES, default=list): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_RULE): vol.Any(None, _cut(LONGEST_RULE)),
        vol.Optional(ATTR_DUE_AT): vol.Any(None, cv.datetime),
        vol.Optional(ATTR_LATE, default=False): cv.boolean,
    }
)
ALARM_SCHEMA = vol.Schema(_ALARM)
RESOLVE_SCHEMA = vol.Schema(
    {
        **_ALARM,
        vol.Required(ATTR_OUTCOME): vol.All(vol.Coerce(Outcome), vol.In(set(Outcome) - {Outcome.NOT_STATED})),
        vol.Optional(ATTR_NOTE): vol.Any(None, vol.All(cv.string, vol.Length(max=LONGEST_NOTE))),
        vol.Optional(ATTR_REPORT, default=False): cv.boolean,
    }
)
REPLY_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_SENDER): vol.All(cv.string, vol.Length(min=1, max=255)),
        vol.Required(ATTR_TEXT): cv.string,
        vol.Optional(ATTR_ALARM_NUMBER): vol.Any(None, vol.Coerce(int)),
    }
)
TEST_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_TIMEOUT, default=60): vol.All(vol.Coerce(int), vol.Range(min=5, max=300)),
    }
)
HAND_OVER_SCHEMA = vol.Schema({**_ALARM, vol.Required(ATTR_RECEIVER_GROUP): cv.string})
NOTE_SCHEMA = vol.Schema({**_ALARM, vol.Required(ATTR_NOTE): vol.All(cv.string, vol.Length(min=1, max=LONGEST_NOTE))})
BRUKARE_SCHEMA = vol.Schema({vol.Required(ATTR_DEVICE_ID): cv.string})
GET_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_OPEN_ONLY, default=False): cv.boolean,
        vol.Optional(ATTR_LIMIT, default=20): vol.All(vol.Coerce(int), vol.Range(min=1, max=500)),
    }
)

UPDATE_DEVIATION_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_DEVIATION_ID): cv.string,
        vol.Optional(ATTR_STATUS): vol.Any(None, vol.Coerce(DeviationStatus)),
        vol.Optional(ATTR_COMMENT): vol.Any(None, vol.All(cv.string, vol.Length(max=LONGEST_NOTE))),
    }
)
GET_DEVIATIONS_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_STATUS): vol.All(cv.ensure_list, [vol.Coerce(DeviationStatus)]),
    }
)


def _due_at(value: datetime | None, hub: Hub) -> datetime:
    """Return a deadline in UTC; now if there is none, or none that a calendar knows."""
    with suppress(OverflowError):
        return dt_util.as_utc(value) if value else hub.clock.now()
    return hub.clock.now()


async def _raise_alarm(call: ServiceCall) -> ServiceResponse:
    """Raise an alarm; the same rule and deadline again is a duplicate."""
    data = call.data
    alarm_type: AlarmType = data[ATTR_ALARM_TYPE]

    async def ask(hub: Hub) -> ServiceResponse:
        due_at = _due_at(data.get(ATTR_DUE_AT), hub)
        rule: str = data.get(ATTR_RULE) or alarm_type
        if find_brukare(call.hass, hub.entry, data[ATTR_DEVICE_ID]) is None:
            await hub.async_tell_lost_rule(rule)
        request = RaiseRequest(
            brukare_id=brukare_id_of(call, hub),
            alarm_type=alarm_type,
            rule=rule,
            due_at=due_at,
            late=data[ATTR_LATE],
            message=data.get(ATTR_MESSAGE) or None,
            response=data.get(ATTR_RESPONSE) or None,
            tell_relatives=data[ATTR_TELL_RELATIVES],
            tell_staff=data[ATTR_TELL_STAFF],
            sources=tuple(data[ATTR_SOURCES]),
        )
        result = await hub.engine.raise_alarm(request)
        return {"alarm_id": result.alarm_id, "outcome": result.outcome}

    return await ask_hub(call, ask)


async def _acknowledge_alarm(call: ServiceCall) -> ServiceResponse:
    """Take an alarm."""
    return _state(await ask_hub(call, lambda hub: hub.engine.acknowledge(call.data[ATTR_ALARM_ID], actor_of(call))))


async def _decline_alarm(call: ServiceCall) -> ServiceResponse:
    """Leave an alarm to a colleague."""
    return _state(await ask_hub(call, lambda hub: hub.engine.decline(call.data[ATTR_ALARM_ID], actor_of(call))))


async def _resolve_alarm(call: ServiceCall) -> ServiceResponse:
    """Close an alarm with its outcome."""
    data = call.data
    return _state(
        await ask_hub(
            call,
            lambda hub: hub.engine.resolve(
                data[ATTR_ALARM_ID], actor_of(call), data[ATTR_OUTCOME], data.get(ATTR_NOTE), report=data[ATTR_REPORT]
            ),
        )
    )


async def _report_false_alarm(call: ServiceCall) -> ServiceResponse:
    """Close an alarm as a false one."""
    return _state(
        await ask_hub(call, lambda hub: hub.engine.report_false_alarm(call.data[ATTR_ALARM_ID], actor_of(call)))
    )


async def _hand_over_alarm(call: ServiceCall) -> ServiceResponse:
    """Hand an alarm over to a receiver group."""
    alarm_id, group = call.data[ATTR_ALARM_ID], call.data[ATTR_RECEIVER_GROUP]
    return _state(await ask_hub(call, lambda hub: hub.engine.hand_over(alarm_id, group, actor_of(call))))


async def _add_note(call: ServiceCall) -> ServiceResponse:
    """Write a note on an alarm."""
    alarm_id, note = call.data[ATTR_ALARM_ID], call.data[ATTR_NOTE]
    return _state(await ask_hub(call, lambda hub: hub.engine.add_note(alarm_id, note, actor_of(call))))


async def _process_reply(call: ServiceCall) -> ServiceResponse:
    """Take an answer in plain text; one that changes nothing is told in words."""
    data = call.data
    sender, text, number = data[ATTR_SENDER], data[ATTR_TEXT], data.get(ATTR_ALARM_NUMBER)
    answered = await ask_hub(call, lambda hub: hub.replies.process(sender, text, number, call.context.user_id))
    return describe_answered(answered)


async def _start_visit(call: ServiceCall) -> ServiceResponse:
    """Register that staff came."""
    expires_at = await ask_hub(call, lambda hub: hub.visits.start(brukare_id_of(call, hub), actor_of(call)))
    return {"expires_at": expires_at.isoformat()}


async def _end_visit(call: ServiceCall) -> ServiceResponse:
    """Register that staff leaves."""
    await ask_hub(call, lambda hub: hub.visits.end(brukare_id_of(call, hub), actor_of(call)))
    return None


async def _get_alarms(call: ServiceCall) -> ServiceResponse:
    """Return alarms with their timelines, newest first; the open ones also if the journal cannot be written."""

    async def ask(hub: Hub) -> ServiceResponse:
        brukare_id = brukare_id_of(call, hub) if ATTR_DEVICE_ID in call.data else None
        chosen = [a for a in hub.engine.alarms.values() if brukare_id in (None, a.brukare_id)]
        histories = {alarm.alarm_id: await hub.engine.load_history(alarm.alarm_id) for alarm in reversed(chosen)}
        if not call.data[ATTR_OPEN_ONLY]:
            for history in await hub.journal.load_alarms(brukare_id, limit=call.data[ATTR_LIMIT]):
                histories.setdefault(history[0].alarm_id, list(history))
        newest = sorted(histories.values(), key=lambda history: history[0].at, reverse=True)
        return {"alarms": [describe_alarm(call.hass, hub, history) for history in newest[: call.data[ATTR_LIMIT]]]}

    return await ask_hub(call, ask)


def _chosen(call: ServiceCall, hub: Hub) -> str | None:
    """Return the brukare that the call is about, None if it is about all of them."""
    return brukare_id_of(call, hub) if ATTR_DEVICE_ID in call.data else None


async def _export_journal(call: ServiceCall) -> ServiceResponse:
    """Return the journal of a period."""
    return await ask_hub(call, lambda hub: async_export(call.hass, hub, call.data, _chosen(call, hub)))


async def _verify_journal(call: ServiceCall) -> ServiceResponse:
    """Return whether the journal is as it was written."""
    return await ask_hub(call, async_verify)


async def _get_statistics(call: ServiceCall) -> ServiceResponse:
    """Return the figures of a period."""
    return await ask_hub(call, lambda hub: async_calc_statistics(call.hass, hub, call.data, _chosen(call, hub)))


async def _update_deviation(call: ServiceCall) -> ServiceResponse:
    """Work on something in the larmansvarig's inbox."""

    async def ask(hub: Hub) -> ServiceResponse:
        data = call.data
        item = await hub.deviations.update(
            data[ATTR_DEVIATION_ID], actor_of(call), status=data.get(ATTR_STATUS), comment=data.get(ATTR_COMMENT)
        )
        return {"deviation_id": item.deviation_id, "status": item.status}

    return await ask_hub(call, ask)


async def _get_deviations(call: ServiceCall) -> ServiceResponse:
    """Return what is in the larmansvarig's inbox, oldest first."""

    async def ask(hub: Hub) -> ServiceResponse:
        brukare_id = brukare_id_of(call, hub) if ATTR_DEVICE_ID in call.data else None
        chosen = call.data.get(ATTR_STATUS) or list(DeviationStatus)
        items = [
            item
            for item in await hub.deviations.load()
            if brukare_id in (None, item.brukare_id) and item.status in chosen
        ]
        return {"deviations": [describe_deviation(call.hass, hub, item) for item in items]}

    return await ask_hub(call, ask)


async def _test_alarm_chain(call: ServiceCall) -> ServiceResponse:
    """Ring every phone as a test, and return what each of them answered."""

    async def ask(hub: Hub) -> ServiceResponse:
        code = hub.code_of(brukare_id_of(call, hub))
        reports = await hub.chain.async_test_loudly(code, call.data[ATTR_TIMEOUT])
        return {"phones": [describe_report(call.hass, report) for report in reports]}

    return await ask_hub(call, ask)


def _state(alarm: Alarm) -> ServiceResponse:
    """Return what became of an alarm."""
    return {"alarm_id": alarm.alarm_id, "state": alarm.state}


ACTIONS: dict[str, Action] = {
    "raise_alarm": (_raise_alarm, RAISE_SCHEMA, SupportsResponse.OPTIONAL, Permission.RAISE),
    "acknowledge_alarm": (_acknowledge_alarm, ALARM_SCHEMA, SupportsResponse.OPTIONAL, Permission.HANDLE),
    "decline_alarm": (_decline_alarm, ALARM_SCHEMA, SupportsResponse.OPTIONAL, Permission.HANDLE),
    "resolve_alarm": (_resolve_alarm, RESOLVE_SCHEMA, SupportsResponse.OPTIONAL, Permission.HANDLE),
    "report_false_alarm": (_report_false_alarm, ALARM_SCHEMA, SupportsResponse.OPTIONAL, Permission.HANDLE),
    "hand_over_alarm": (_hand_over_alarm, HAND_OVER_SCHEMA, SupportsResponse.OPTIONAL, Permission.HANDLE),
    "add_note": (_add_note, NOTE_SCHEMA, SupportsResponse.OPTIONAL, Permission.HANDLE),
    "process_reply": (_process_reply, REPLY_SCHEMA, SupportsResponse.OPTIONAL, Permission.RELAY),
    "start_visit": (_start_visit, BRUKARE_SCHEMA, SupportsResponse.OPTIONAL, Permission.VISIT),
    "end_visit": (_end_visit, BRUKARE_SCHEMA, SupportsResponse.NONE, Permission.VISIT),
    "export_journal": (_export_journal, EXPORT_SCHEMA, SupportsResponse.ONLY, Permission.EXPORT),
    "verify_journal": (_verify_journal, NO_SCHEMA, SupportsResponse.ONLY, Permission.EXPORT),
    "get_statistics": (_get_statistics, PERIOD_SCHEMA, SupportsResponse.ONLY, Permission.EXPORT),
    "get_alarms": (_get_alarms, GET_SCHEMA, SupportsResponse.ONLY, Permission.READ),
    "update_deviation": (
        _update_deviation,
        UPDATE_DEVIATION_SCHEMA,
        SupportsResponse.OPTIONAL,
        Permission.DEVIATIONS,
    ),
    "get_deviations": (_get_deviations, GET_DEVIATIONS_SCHEMA, SupportsResponse.ONLY, Permission.DEVIATIONS),
    **arming_services.ACTIONS,
    **consent_services.ACTIONS,
    **plan_services.ACTIONS,
    "test_alarm_chain": (_test_alarm_chain, TEST_SCHEMA, SupportsResponse.OPTIONAL, Permission.TEST_CHAIN),
}


def _guard(handler: Handler, permission: Permission) -> Handler:
    """Return an action that asks first whether its caller may."""

    async def guarded(call: ServiceCall) -> ServiceResponse:
        await async_require(call.hass, call.context, permission)
        return await handler(call)

    return guarded


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions; they are there, and say why they refuse, also while no hub is set up."""
    for name, (handler, schema, supports_response, permission) in ACTIONS.items():
        hass.services.async_register(DOMAIN, name, _guard(handler, permission), schema, supports_response)
