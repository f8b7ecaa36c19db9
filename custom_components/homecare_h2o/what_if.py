"""What the last days would have given with other values in a line of the handlingsplan; nothing is saved.

The triggers' own detectors are replayed over what Home Assistant's recorder has kept, with the values of now and with
the chosen ones, by the same blueprint and the same validation as when the line is loaded.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.automation import DATA_COMPONENT
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.const import CONF_CONDITIONS
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.recorder import DATA_INSTANCE, async_migration_in_progress
from homeassistant.util.hass_dict import HassKey
import probatio as vol

from .alarm_log import Choice, find_alarms
from .alarm_view import describe_source
from .core.alarm import fold
from .core.arming import Pause
from .core.errors import UnknownLineError
from .core.events import AlarmRepeated, HubStarted, Outcome, VisitEnded, VisitStarted
from .core.handlingsplan import BLUEPRINT, INPUTS, PATH
from .core.what_if import (
    BadValuesError,
    LineWithoutBlueprintError,
    NotReplayableError,
    Raised,
    RecorderMissingError,
    count_by_day,
)
from .devices import find_brukare
from .hub import Hub
from .mask import make_mask
from .plan import Line, LineTrigger, find_lines, read_triggers
from .settings import brukare_of
from .trigger import TRIGGERS
from .triggers.replay import NEEDS_ATTRIBUTES, Play, Record, Start, devices_of, prepare
from .triggers.watch import Watch, WatchTrigger

LONGEST = 31
"""Days at the most."""
RUN_IN = timedelta(days=1)
"""A rule is shown what was before the period, so that it does not begin it knowing nothing."""
MOST = 200
"""Alarms that are told one by one; all are counted."""
GAP = timedelta(minutes=5)
"""A shorter time in which the hub was off is not worth telling of."""

VISITS = (VisitStarted, VisitEnded)
_TRYING: HassKey[asyncio.Lock] = HassKey("homecare_h2o_what_if")

type Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """The triggers of a line with some values: their watches, and how those are replayed that can be."""

    watches: tuple[Watch, ...]
    plays: tuple[Play, ...]
    has_conditions: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """What is asked for, and from when on the recorder knows anything (UTC)."""

    asked_since: datetime
    since: datetime
    until: datetime
    tz: ZoneInfo


async def async_try_values(hass: HomeAssistant, hub: Hub, line: Line, inputs: Mapping[str, Any], days: int) -> Document:
    """Return what a line would have raised with its values and with others; raises an error that says why not."""
    now_config, then_config = await async_fill_in(hass, line, inputs)
    now, then = _read(hass, hub, now_config), _read(hass, hub, then_config)
    if not then.plays:
        raise NotReplayableError
    until = hub.clock.now()
    tz = ZoneInfo(hass.config.time_zone)
    # One after the other, whoever asks: each holds weeks of states in memory, and counts as fast as the hub can.
    async with hass.data.setdefault(_TRYING, asyncio.Lock()):
        record, known_since = await _async_read_record(hass, hub, (*now.watches, *then.watches), until, days)
        asked_since = until - timedelta(days=days)
        period = Period(asked_since=asked_since, since=max(asked_since, known_since), until=until, tz=tz)
        raised = await hass.async_add_executor_job(_play, (now, then), record, period)
    pauses = [
        pause
        for pause in (*hub.pauses.pauses.over, *hub.pauses.pauses.begun)
        if pause.covers(line.brukare_id, line.rule, line.alarm_type)
        and pause.until_at > period.since
        and pause.started_at < until
    ]
    return {
        "since": period.since.isoformat(),
        "until": until.isoformat(),
        "now": _describe(hass, hub, raised[0], period, pauses),
        "then": _describe(hass, hub, raised[1], period, pauses),
        "actual": await _async_count_actual(hub, line, period),
        "unknown": _find_unknown(hass, hub, (now, then), record, period, pauses),
    }


def find_line(hass: HomeAssistant, hub: Hub, rule: str | None, entity_id: str | None, brukare_id: str | None) -> Line:
    """Return the line that is meant, by its id or its automation; raises UnknownLineError."""
    for line in find_lines(hass, hub.entry):
        if (rule or line.rule, entity_id or line.entity_id) == (line.rule, line.entity_id) and brukare_id in (
            None,
            line.brukare_id,
        ):
            return line
    raise UnknownLineError


# --- the values -------------------------------------------------------------------------------------


async def async_fill_in(
    hass: HomeAssistant, line: Line, inputs: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the automation as the blueprint makes it of the values of now, and of those with others in their place.

    A value that is None is what the blueprint says. Raises LineWithoutBlueprintError, BadValuesError.
    """
    automation = next(each for each in hass.data[DATA_COMPONENT].entities if each.entity_id == line.entity_id)
    stored: Mapping[str, Any] = getattr(automation, "_blueprint_inputs", None) or {}
    if BLUEPRINT not in stored:
        raise LineWithoutBlueprintError
    used = stored[BLUEPRINT]
    given = {**used.get(INPUTS, {}), **inputs}
    wanted = {**used, INPUTS: {key: value for key, value in given.items() if value is not None}}
    blueprints = async_get_blueprints(hass)
    try:
        now = await blueprints.async_inputs_from_config(dict(stored))
        then = await blueprints.async_inputs_from_config({**stored, BLUEPRINT: wanted})
        filled_in = now.async_substitute(), then.async_substitute()
    except HomeAssistantError as err:
        raise BadValuesError(reason=str(err)) from err
    if unknown := inputs.keys() - then.blueprint.inputs.keys():
        raise BadValuesError(reason=f"{used[PATH]}: {', '.join(sorted(unknown))}")
    return filled_in


def _read(hass: HomeAssistant, hub: Hub, config: Mapping[str, Any]) -> Setting:
    """Return the triggers of an automation; raises BadSettingError, BadValuesError."""
    watches = tuple(_look_at(hass, each) for each in read_triggers(config))
    tz = ZoneInfo(hass.config.time_zone)
    plays = tuple(play for watch in watches if (play := prepare(watch, tz)))
    return Setting(
        watches=watches,
        plays=plays,
        has_conditions=bool(config.get(CONF_CONDITIONS) or config.get("condition")),
    )


def _look_at(hass: HomeAssistant, trigger: LineTrigger) -> Watch:
    """Return what a trigger would watch."""
    kind = TRIGGERS.get(trigger.key)
    if kind is None or not issubclass(kind, WatchTrigger):
        raise NotReplayableError
    try:
        return kind.look_at(hass, trigger.key, dict(trigger.config))
    except vol.Invalid as err:
        raise BadValuesError(reason=str(err)) from err


# --- what was recorded ------------------------------------------------------------------------------


async def _async_read_record(
    hass: HomeAssistant, hub: Hub, watches: Sequence[Watch], until: datetime, days: int
) -> tuple[Record, datetime]:
    """Return what was recorded, and from when on anything is; raises RecorderMissingError."""
    if DATA_INSTANCE not in hass.data or async_migration_in_progress(hass):
        raise RecorderMissingError
    # Whoever runs without a recorder has none of what it is made of.
    from .what_if_history import async_read_history  # noqa: PLC0415

    sources = sorted({source for watch in watches for source in watch.find_sources()})
    since = until - timedelta(days=days) - RUN_IN
    needs_attributes = any(isinstance(watch, NEEDS_ATTRIBUTES) for watch in watches)
    history = await async_read_history(hass, sources, since, until, needs_attributes=needs_attributes)
    known_since = max(since, history.since) if history.since else until
    told = [row.event for row in await hub.journal.load_kinds([each.kind for each in (HubStarted, *VISITS)])]
    brukare = _visited(hass, hub, watches)
    record = Record(
        since=known_since,
        states=history.states,
        starts=tuple(
            _find_starts(history.runs, [event for event in told if isinstance(event, HubStarted)], known_since)
        ),
        visits=tuple(
            event
            for event in told
            if isinstance(event, VISITS) and event.brukare_id in brukare and event.at > known_since - RUN_IN
        ),
    )
    return record, known_since


def _visited(hass: HomeAssistant, hub: Hub, watches: Iterable[Watch]) -> frozenset[str]:
    """Return whose visits count; without devices those to anybody of the home."""
    devices = [device_id for watch in watches for device_id in devices_of(watch)]
    found = {find_brukare(hass, hub.entry, device_id) for device_id in devices} - {None}
    return frozenset(filter(None, found)) or frozenset(each.subentry_id for each in brukare_of(hub.entry))


def _find_starts(runs: Iterable[datetime], hubs: Sequence[HubStarted], since: datetime) -> Iterable[Start]:
    """Yield the starts of Home Assistant, and the hub's last sign of life before each."""
    for run_at in sorted(runs):
        if run_at <= since:
            continue
        hub = next((each for each in hubs if each.at >= run_at), None)
        lost_at = hub.last_alive_at if hub and hub.last_alive_at else run_at
        yield Start(lost_at=max(min(lost_at, run_at), since), at=run_at)


def _play(settings: Iterable[Setting], record: Record, period: Period) -> list[list[Raised]]:
    """Return what would have been raised in the period by each setting, each deadline once."""
    # With the same sensors both settings see the same, and reading it costs more than replaying it.
    streams: dict[Any, Sequence[Any]] = {}
    answers = []
    for setting in settings:
        found: dict[datetime, Raised] = {}
        for play in setting.plays:
            key = (play.read, play.sources)
            if key not in streams:
                streams[key] = play.read(record, play.sources)
            raised = play.run(streams[key], record.since, period.until)
            found |= {each.due_at: each for each in raised if each.due_at >= period.since}
        answers.append([found[due_at] for due_at in sorted(found)])
    return answers


# --- what is told -----------------------------------------------------------------------------------


def _describe(
    hass: HomeAssistant, hub: Hub, raised: Sequence[Raised], period: Period, pauses: Sequence[Pause]
) -> Document:
    """Return the alarms of one setting; what falls into a pause is nobody's alarm."""
    counted = [each for each in raised if not any(p.started_at <= each.due_at < p.until_at for p in pauses)]
    days = count_by_day((each.due_at for each in counted), period.since, period.until, period.tz)
    mask = make_mask(hub.entry)
    return {
        "count": len(counted),
        "paused": len(raised) - len(counted),
        "days": [{"date": day.isoformat(), "count": number} for day, number in days.items()],
        "alarms": [
            {"at": each.due_at.isoformat(), "sources": [_name(hass, mask, source) for source in each.sources]}
            for each in counted[:MOST]
        ],
    }


def _name(hass: HomeAssistant, mask: Any, source: str) -> str:
    """Return what a source is called, without a name or an address."""
    found = describe_source(hass, source)
    return str(mask(f"{found['area']}, {found['name']}" if found["area"] else found["name"]))


async def _async_count_actual(hub: Hub, line: Line, period: Period) -> Document:
    """Return how many alarms the journal has of a line, and how many of them were false (R011.1)."""
    choice = Choice(since=period.since, until=period.until + timedelta(seconds=1), alarm_type=line.alarm_type)
    histories, is_cut = await find_alarms(hub, choice)
    own = [(fold(history), history) for history in histories]
    own = [(alarm, history) for alarm, history in own if (alarm.rule, alarm.brukare_id) == (line.rule, line.brukare_id)]
    return {
        "count": len(own),
        "repeated": sum(isinstance(event, AlarmRepeated) for _, history in own for event in history),
        "false": sum(alarm.outcome is Outcome.FALSE_ALARM for alarm, _ in own),
        "cut": is_cut,
    }


def _find_unknown(
    hass: HomeAssistant,
    hub: Hub,
    settings: Sequence[Setting],
    record: Record,
    period: Period,
    pauses: Iterable[Pause],
) -> list[Document]:
    """Return what the answer does not know, each with its kind and what it is about."""
    mask = make_mask(hub.entry)
    told: list[Document] = []
    if period.since > period.asked_since:
        told.append({"kind": "recorded_since", "from": period.since.isoformat()})
    sources = {source for setting in settings for watch in setting.watches for source in watch.find_sources()}
    if without := sorted(source for source in sources if not record.states.get(source)):
        told.append({"kind": "no_history", "sources": [_name(hass, mask, source) for source in without]})
    if not any(watch.find_sources() for watch in settings[-1].watches):
        told.append({"kind": "no_sources"})
    told += [
        {"kind": "hub_off", "from": start.lost_at.isoformat(), "to": start.at.isoformat()}
        for start in record.starts
        if start.at - start.lost_at >= GAP and start.at > period.since
    ]
    told += [
        {"kind": "paused", "from": pause.started_at.isoformat(), "to": min(pause.until_at, period.until).isoformat()}
        for pause in pauses
    ]
    if any(setting.has_conditions for setting in settings):
        told.append({"kind": "conditions"})
    return told
