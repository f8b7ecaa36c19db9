"""The handlingsplan as one document: its head, its lines, and every change with who made it and why (HP.1, HP.2)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio as vol

from .const import DOMAIN
from .core.duty import Receiver
from .core.escalation import AlarmType, EscalationPlan
from .core.events import Actor
from .core.handlingsplan import LineChange, LineHistory
from .core.plan_events import PlannedLine
from .core.roles import UserRole
from .devices import device_of
from .history import describe_line
from .hub import Hub
from .phones import phone_name
from .plan import WatchedLine, find_calls
from .plan_values import find_entities, say_duration, say_time
from .plan_words import PlanWords, Selector, config_of
from .roles import async_role_of
from .settings import settings_of
from .wording import Wording

type Document = dict[str, Any]
type Options = Mapping[str, tuple[Selector, Any]]
"""What a line is set to: how each value is chosen, and the value."""

ROLES = (UserRole.LARMANSVARIG, UserRole.STAFF)
"""The roles that have a name of their own."""


async def async_describe_plan(
    hass: HomeAssistant, hub: Hub, brukare_id: str, wording: Wording | None = None, *, latest: int = 0
) -> Document:
    """Return a brukare's handlingsplan as plain data, without a name or an address.

    ``wording``: the texts of whoever reads it, by default the hub's; ``latest``: so many changes of each line, 0 for all.
    """
    histories, wording = hub.plan.lines_of(brukare_id), wording or hub.wording
    changes = [change for history in histories for change in history.changes]
    told = [change for history in histories for change in history.changes[-latest:]]
    words = await PlanWords.async_load(
        hass, hub, [line for change in told for line in (change.before, change.after)], wording
    )
    view = _View(hass, hub, words, await _async_name_people(hass, wording, changes), wording, latest)
    watched = {each.line.rule: each for each in hub.lines_of(brukare_id)}
    by_rule = {history.rule: history for history in histories if history.line}
    first = min(changes, key=lambda change: change.at, default=None)
    return {
        "code": hub.code_of(brukare_id),
        "device_id": device_of(hass, hub.entry, brukare_id),
        "created_at": _local(first.at) if first else None,
        "created_by": view.who(first.by) if first else None,
        "printed_at": _local(hub.clock.now()),
        "lines": [
            view.line(watched.get(rule), by_rule.get(rule)) for rule in dict.fromkeys((*sorted(watched), *by_rule))
        ],
        "deleted": [view.deleted(history, last) for history in histories if (last := _last_of(history))],
    }


async def _async_name_people(hass: HomeAssistant, wording: Wording, changes: Iterable[LineChange]) -> dict[str, str]:
    """Return what the users are called that have changed something, with their role of today."""
    actors = [actor for change in changes for actor in (change.by, change.comment_by) if actor]
    found = {}
    for user_id in {actor.user_id for actor in actors if actor.user_id}:
        user, role = await hass.auth.async_get_user(user_id), await async_role_of(hass, user_id)
        called = wording.role(role) if role in ROLES else None
        name = (user.name if user else None) or wording.plan("unknown_user")
        found[user_id] = f"{name} ({called})" if called and called != name else name
    return found


class _View:
    """Describes lines."""

    def __init__(
        self,
        hass: HomeAssistant,
        hub: Hub,
        words: PlanWords,
        people: Mapping[str, str],
        wording: Wording,
        latest: int,
    ) -> None:
        """Take what is needed to name things."""
        self._hass = hass
        self._hub = hub
        self._words = words
        self._people = people
        self._wording = wording
        self._latest = latest

    def who(self, by: Actor) -> str:
        """Return who did something."""
        if by.user_id:
            return self._people[by.user_id]
        return self._words.mask(phone_name(self._hass, by.phone_id) if by.phone_id else self._plan("system"))

    def line(self, watched: WatchedLine | None, history: LineHistory | None) -> Document:
        """Return a line: how it is watched, what it is set to, and what has become of it."""
        planned = history.line if history else None
        seen = describe_line(watched) if watched else {}
        if planned is None or history is None:
            return {**seen, "name": self._words.mask(seen["name"]), "changes": []}
        return {
            "rule": planned.rule,
            "alarm_type": planned.alarm_type,
            "on": planned.is_on,
            "broken": planned.is_broken,
            **seen,
            "name": self._words.mask(planned.name),
            **self._history(history),
            **self._settings(planned),
        }

    def deleted(self, history: LineHistory, last: PlannedLine) -> Document:
        """Return a line that is not there any more, as it was last."""
        return {
            "rule": history.rule,
            "name": self._words.mask(last.name),
            "alarm_type": last.alarm_type,
            "deleted_at": _local(history.changes[-1].at),
            **self._history(history),
        }

    def _history(self, history: LineHistory) -> Document:
        """Return when a line was made, by whom, and every change, the newest first."""
        return {
            "created_at": _local(history.created_at),
            "created_by": self.who(history.created_by),
            "changes": [self._change(change) for change in reversed(history.changes[-self._latest :])],
        }

    def _change(self, change: LineChange) -> Document:
        """Return a change of a line (R011.3)."""
        values = self._words.changes(change)
        return {
            "change_id": change.change_id,
            "at": _local(change.at),
            "by": self.who(change.by),
            "user_id": change.by.user_id,
            "change": change.change,
            "text": self._words.what(change),
            "values": [{"key": each.key, "name": each.name, "old": each.old, "new": each.new} for each in values],
            "comment": self._words.mask(change.comment) if change.comment else None,
            "comment_by": self.who(change.comment_by) if change.comment_by else None,
            "comment_at": _local(change.comment_at) if change.comment_at else None,
            "restored_from": change.restored_from,
        }

    def _settings(self, line: PlannedLine) -> Document:
        """Return what a line is set to, in the words of the plan (HP.1)."""
        options = self._words.inputs(line) or _options_of(line)
        calls = next(find_calls(config_of(line)), {})
        given = {key: value for key, (_, value) in options.items()}
        plan = self._plan_of(line.alarm_type, {**calls, **given})
        response = str(given.get("response") or calls.get("response") or "")
        return {
            "sensors": self._sensors(line, options),
            "time": self._time(line, given),
            "active": self._active(line.alarm_type, given),
            "placement": self._words.mask(str(given.get("placement") or "")),
            "adaptation": self._words.mask(str(given.get("adaptation") or "")),
            "response": self._words.mask(response) or self._wording.response(line.alarm_type),
            "response_time": say_duration(plan.response_time),
            "told": [self._level(plan, level) for level in range(len(plan.levels))],
            "values": [{"key": each.key, "name": each.name, "value": each.value} for each in self._words.values(line)],
        }

    def _sensors(self, line: PlannedLine, options: Options) -> list[str]:
        """Return what a line listens to."""
        chosen = [self._words.names(selector, value) for key, (selector, value) in options.items() if key != "brukare"]
        found = [name for names in chosen for name in names]
        if not found:
            entities = list(find_entities(config_of(line).get("triggers")))
            found = list(self._words.names({"entity": {}}, entities))
        return list(dict.fromkeys(found))

    def _time(self, line: PlannedLine, given: Mapping[str, Any]) -> list[str]:
        """Return the spans of time of a line, and when something may be on."""
        inputs = self._words.inputs(line)
        spans = [
            f"{each.name} {each.value}"
            for each in self._words.values(line)
            if each.key in inputs and "duration" in inputs[each.key][0]
        ]
        if line.alarm_type is AlarmType.POWER_ON and inputs:
            spans.append(self._plan("may_be_on", hours=self._window(given) or "–"))
        return spans

    def _active(self, alarm_type: AlarmType, given: Mapping[str, Any]) -> str | None:
        """Return when a line is active, None if that cannot be told (HP.3)."""
        if alarm_type is AlarmType.POWER_ON:
            return self._plan("all_day")
        return self._window(given)

    def _window(self, given: Mapping[str, Any]) -> str | None:
        """Return a window of time, None if there is none to tell of."""
        if given.get("all_day") is True or (given and not {"from", "to"} & given.keys()):
            return self._plan("all_day")
        try:
            return f"{say_time(given['from'])}–{say_time(given['to'])}"
        except KeyError, TypeError, ValueError:
            return None

    def _plan_of(self, alarm_type: AlarmType, given: Mapping[str, Any]) -> EscalationPlan:
        """Return the escalation plan of a line's alarms."""
        plan = settings_of(self._hass, self._hub.entry).plan_for(alarm_type)
        if _is(given.get("tell_relatives"), default=False):
            plan = plan.telling(Receiver.RELATIVE)
        return plan if _is(given.get("tell_staff"), default=True) else plan.not_telling_first(Receiver.ON_DUTY)

    def _level(self, plan: EscalationPlan, level: int) -> str:
        """Return who is told on a level, and when."""
        names = {group.group_id: group.name for group in self._hub.rota.groups}
        receivers = plan.levels[level].receivers
        told = ", ".join(names.get(each) or self._wording.receiver(each) for each in receivers)
        delay = plan.delay_of(level)
        when = self._plan("after", time=say_duration(delay)) if delay > timedelta(0) else self._plan("at_once")
        return self._words.mask(f"{when}: {told}")

    def _plan(self, key: str, **values: str) -> str:
        """Return a word of the plan."""
        return self._wording.plan(key, **values)


def _last_of(history: LineHistory) -> PlannedLine | None:
    """Return how a line was when it was deleted; None if it is there, or nothing is known of how it was."""
    return None if history.line else history.changes[-1].before


def _options_of(line: PlannedLine) -> Options:
    """Return the options of our own triggers of an automation that was made by hand."""
    found: dict[str, tuple[Selector, Any]] = {}
    for trigger in config_of(line).get("triggers") or ():
        if isinstance(trigger, Mapping) and str(trigger.get("trigger", "")).startswith(f"{DOMAIN}."):
            found |= {key: ({}, value) for key, value in (trigger.get("options") or {}).items()}
    return found


def _is(value: Any, *, default: bool) -> bool:
    """Return what a flag says; the default where it is left out, or a template tells only when it is raised."""
    try:
        return default if value is None else cv.boolean(value)
    except vol.Invalid:
        return default


def _local(instant: datetime) -> str:
    """Return an instant in the home's time zone as text."""
    return dt_util.as_local(instant).isoformat(timespec="seconds")
