"""What the panel asks the hub over the websocket: each command is asked of the role table first (R030.2).

Who a brukare is and where is given by one command alone, and journalled before it is given.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
import probatio as vol

from .action import async_find_hub
from .alarm_log import Choice, describe_log, export_log
from .alarm_view import AlarmView, by_urgency, describe_person, find_actor
from .const import (
    DOMAIN,
    SIGNAL_CONSENT,
    SIGNAL_DEVIATIONS,
    SIGNAL_PAUSES,
    SIGNAL_PHONES,
    SIGNAL_VISIT,
    SIGNAL_WATCHING,
)
from .core.access_events import PersonalDataOpened
from .core.alarm import Alarm
from .core.errors import EngineStoppedError, HomeCareError, UnknownAlarmError
from .core.escalation import AlarmType
from .core.events import Actor, Outcome
from .core.roles import Permission, is_allowed
from .deviation_view import describe as describe_deviation
from .export import PERIOD, Format, period_of
from .feed import Build, Feed
from .hub import Hub
from .overview import describe_overview, describe_rota
from .plan_services import REMARK, RESTORE
from .roles import async_require, role_of_user
from .settings import brukare_of
from .translated import as_hass_error
from .websocket_plan import (
    LINE,
    PLAN,
    PRINT,
    SAVE,
    comment_change,
    follow_plan,
    print_plan,
    restore_line,
    save_values,
    set_line,
)
from .websocket_statistics import STATISTICS, read_statistics
from .websocket_what_if import WHAT_IF, async_what_if
from .wording import Wording

LONGEST_ID = 64
LONGEST_NOTE = 4000
LANGUAGES = ("sv", "en")
NEEDED = {"resolve": "outcome", "hand_over": "group", "note": "note"}
"""What must be said with some of the acts."""

_LANGUAGE = {vol.Optional("language"): vol.Any(None, cv.string)}
_ALARM_ID = vol.All(cv.string, vol.Length(min=1, max=LONGEST_ID))
_NOTE = vol.Any(None, vol.All(cv.string, vol.Length(max=LONGEST_NOTE)))
_LOG: dict[Any, Any] = {
    **{key: value for key, value in PERIOD.items() if str(key) in ("from", "to")},
    vol.Optional("alarm_type"): vol.Any(None, vol.Coerce(AlarmType)),
    vol.Optional("outcome"): vol.Any(None, vol.Coerce(Outcome)),
    vol.Optional("group"): vol.Any(None, cv.string),
    **_LANGUAGE,
}

type Message = dict[str, Any]
type Ask = Callable[[HomeAssistant, Hub, ActiveConnection, Message], Awaitable[Any]]
type MakeBuild = Callable[[HomeAssistant, ActiveConnection, Message, Wording], Build]


# --- what is asked once -----------------------------------------------------------------------------


async def _open_person(hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Journal that somebody opens who a brukare is, and only then tell it."""
    alarm = await hub.engine.load(msg["alarm_id"]) if "alarm_id" in msg else None
    brukare_id = alarm.brukare_id if alarm else msg.get("brukare_id")
    if alarm is None or not alarm.is_open:
        await async_require(hass, connection.context(msg), Permission.ANY_PERSON)
    if brukare_id is None or brukare_id not in {subentry.subentry_id for subentry in brukare_of(hub.entry)}:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_brukare")
    opened = PersonalDataOpened(
        at=hub.clock.now(),
        brukare_id=brukare_id,
        alarm_id=alarm.alarm_id if alarm else None,
        by=Actor(user_id=connection.user.id),
    )
    await hub.engine.record(opened)
    return describe_person(hub, brukare_id, alarm.rule if alarm else None)


async def _act(hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Do what somebody presses in the panel."""
    alarm_id, engine = msg["alarm_id"], hub.engine
    if (needed := NEEDED.get(msg["act"])) and not msg.get(needed):
        raise vol.Invalid(f"{msg['act']} needs {needed}")
    by = find_actor(hass, await engine.load(alarm_id), connection.user.id)
    alarm: Alarm
    match msg["act"]:
        case "acknowledge":
            alarm = await engine.acknowledge(alarm_id, by)
        case "decline":
            alarm = await engine.decline(alarm_id, by)
        case "false_alarm":
            alarm = await engine.report_false_alarm(alarm_id, by)
        case "resolve":
            alarm = await engine.resolve(alarm_id, by, msg["outcome"], msg.get("note") or None, report=msg["report"])
        case "hand_over":
            alarm = await engine.hand_over(alarm_id, msg["group"], by)
        case _:
            alarm = await engine.add_note(alarm_id, msg["note"], by)
    return {"state": alarm.state}


async def _read_log(hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Return the chosen alarms of a period."""
    view = AlarmView(hass, hub, await _wording(hass, msg), connection.user.id)
    return await describe_log(hub, view, _choice(msg))


async def _export_log(hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Return the chosen alarms of a period as a file."""
    return {"content": await export_log(hass, hub, _choice(msg), msg["format"])}


def _choice(msg: Message) -> Choice:
    """Return which alarms are asked for; raises BadPeriodError."""
    since, until = period_of(msg)
    return Choice(
        since=since,
        until=until,
        alarm_type=msg.get("alarm_type"),
        outcome=msg.get("outcome"),
        group_id=msg.get("group"),
    )


async def _wording(hass: HomeAssistant, msg: Message) -> Wording:
    """Return the texts in the language of whoever asks, else in English."""
    language = str(msg.get("language") or hass.config.language).partition("-")[0]
    return await Wording.async_load(hass, language if language in LANGUAGES else "en")


# --- what is followed -------------------------------------------------------------------------------


def _follow_alarms(hass: HomeAssistant, connection: ActiveConnection, _msg: Message, wording: Wording) -> Build:
    """Follow the open alarms, the most urgent first, and what this user may do."""

    async def build(hub: Hub) -> Message:
        view = AlarmView(hass, hub, wording, connection.user.id)
        alarms = by_urgency(hub.engine.alarms.values())
        rota = describe_rota(hub.rota, hub.clock.now())
        role = role_of_user(connection.user)
        return {
            "may": [permission for permission in Permission if is_allowed(role, permission)],
            "alarms": [await view.summary(alarm) for alarm in alarms],
            "groups": rota["groups"],
            "on_duty": rota["on_duty"],
        }

    return build


def _follow_alarm(hass: HomeAssistant, connection: ActiveConnection, msg: Message, wording: Wording) -> Build:
    """Follow one alarm, open or closed, and its timeline."""

    async def build(hub: Hub) -> Message:
        history = await hub.engine.load_history(msg["alarm_id"])
        if not history:
            raise UnknownAlarmError
        return await AlarmView(hass, hub, wording, connection.user.id).detail(history)

    return build


def _follow_overview(hass: HomeAssistant, _connection: ActiveConnection, _msg: Message, _wording: Wording) -> Build:
    """Follow how everything stands."""

    async def build(hub: Hub) -> Message:
        return describe_overview(hass, hub)

    return build


def _follow_deviations(hass: HomeAssistant, _connection: ActiveConnection, _msg: Message, _wording: Wording) -> Build:
    """Follow the larmansvarig's inbox, newest first."""

    async def build(hub: Hub) -> Message:
        items = [describe_deviation(hass, hub, item) for item in await hub.deviations.load()]
        return {"deviations": items[::-1]}

    return build


# --- how --------------------------------------------------------------------------------------------


COMMANDS: dict[str, tuple[Ask, dict[Any, Any], Permission]] = {
    "person": (
        _open_person,
        {vol.Exclusive("alarm_id", "of"): _ALARM_ID, vol.Exclusive("brukare_id", "of"): cv.string},
        Permission.PERSON,
    ),
    "act": (
        _act,
        {
            vol.Required("alarm_id"): _ALARM_ID,
            vol.Required("act"): vol.In(("acknowledge", "decline", "false_alarm", "resolve", "hand_over", "note")),
            vol.Optional("outcome"): vol.All(vol.Coerce(Outcome), vol.In(set(Outcome) - {Outcome.NOT_STATED})),
            vol.Optional("note"): _NOTE,
            vol.Optional("report", default=False): cv.boolean,
            vol.Optional("group"): cv.string,
        },
        Permission.HANDLE,
    ),
    "log": (_read_log, _LOG, Permission.EXPORT),
    "statistics": (read_statistics, STATISTICS, Permission.EXPORT),
    "export_log": (
        _export_log,
        {**_LOG, vol.Required("format"): vol.All(vol.Coerce(Format), vol.In((Format.CSV, Format.JSON)))},
        Permission.EXPORT,
    ),
    "comment_plan_change": (comment_change, REMARK, Permission.RESTORE),
    "restore_plan_line": (restore_line, RESTORE, Permission.RESTORE),
    "save_plan_values": (save_values, SAVE, Permission.RESTORE),
    "set_plan_line": (set_line, LINE, Permission.PLAN),
    "print_plan": (print_plan, PRINT, Permission.PLAN),
    "what_if": (async_what_if, WHAT_IF, Permission.PLAN),
}

FEEDS: dict[str, tuple[MakeBuild, dict[Any, Any], Permission, tuple[str, ...]]] = {
    "alarms": (_follow_alarms, {}, Permission.READ, ()),
    "alarm": (_follow_alarm, {vol.Required("alarm_id"): _ALARM_ID}, Permission.READ, ()),
    "overview": (
        _follow_overview,
        {},
        Permission.OVERSEE,
        (SIGNAL_WATCHING, SIGNAL_PHONES, SIGNAL_VISIT, SIGNAL_PAUSES, SIGNAL_CONSENT),
    ),
    "plan": (follow_plan, PLAN, Permission.PLAN, (SIGNAL_WATCHING, SIGNAL_PAUSES)),
    "deviations": (_follow_deviations, {}, Permission.DEVIATIONS, (SIGNAL_DEVIATIONS,)),
}


def _refuse(connection: ActiveConnection, msg: Message, err: HomeAssistantError) -> None:
    """Say why not, in words that the browser translates."""
    connection.send_error(
        msg["id"],
        websocket_api.const.ERR_HOME_ASSISTANT_ERROR,
        str(err),
        translation_key=err.translation_key,
        translation_domain=err.translation_domain,
        translation_placeholders=err.translation_placeholders,
    )


@callback
def _register(
    hass: HomeAssistant, name: str, schema: dict[Any, Any], permission: Permission, handle: Callable[..., Any]
) -> None:
    """Register a command that asks first whether its caller may."""

    @websocket_api.async_response
    async def guarded(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
        try:
            await async_require(hass, Context(user_id=connection.user.id), permission)
            await handle(hass, connection, msg)
        except HomeCareError as err:
            _refuse(connection, msg, as_hass_error(err))
        except HomeAssistantError as err:
            _refuse(connection, msg, err)

    kind = f"{DOMAIN}/{name}"
    full = {vol.Required("type"): kind, **schema}
    websocket_api.async_register_command(hass, kind, guarded, websocket_api.BASE_COMMAND_MESSAGE_SCHEMA.extend(full))


def _answer(ask: Ask) -> Callable[..., Any]:
    """Return what answers a command; a hub that is being loaded anew is asked again."""

    async def answer(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
        try:
            result = await ask(hass, await async_find_hub(hass), connection, msg)
        except EngineStoppedError:
            result = await ask(hass, await async_find_hub(hass), connection, msg)
        connection.send_result(msg["id"], result)

    return answer


def _subscribe(make: MakeBuild, permission: Permission, signals: tuple[str, ...]) -> Callable[..., Any]:
    """Return what begins a feed."""

    async def subscribe(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
        build = make(hass, connection, msg, await _wording(hass, msg))
        feed = Feed(hass, connection, msg["id"], permission, build)
        connection.send_result(msg["id"])
        connection.subscriptions[msg["id"]] = feed.async_start(signals)

    return subscribe


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands; they are there, and say why they refuse, also while no hub is set up."""
    for name, (ask, schema, permission) in COMMANDS.items():
        _register(hass, name, schema, permission, _answer(ask))
    for name, (make, schema, permission, signals) in FEEDS.items():
        _register(hass, name, {**schema, **_LANGUAGE}, permission, _subscribe(make, permission, signals))
