"""Missed: something that is done every day is not done, such as opening the medicine cabinet (larmplan.md)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from ..events import NoteKind
from ..windows import Window
from . import BadRuleError
from .notes import Note, Reason, Why

_DAY = timedelta(days=1)


class AlarmDelayOutsideWindowError(BadRuleError):
    """The alarm would come with the window's start, or after its end."""

    translation_key = "alarm_delay_outside_window"


class ReminderNotBeforeAlarmError(BadRuleError):
    """The reminder would come before the window, or leave no time before the alarm."""

    translation_key = "reminder_not_before_alarm"


class GraceOutOfRangeError(BadRuleError):
    """The time before the window would be negative, or reach back to yesterday's alarm."""

    translation_key = "grace_out_of_range"


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedConfig:
    """When it is to be done, and how long after the window's start the reminder and the alarm come.

    grace: how long before the window counts, too. Several doses a day are several rules.
    """

    window: Window
    reminder_delay: timedelta = timedelta()
    alarm_delay: timedelta = timedelta(minutes=30)
    grace: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedFacts:
    """What is remembered over a restart (UTC).

    closed: the contacts last known to be closed. last_repeat_at: the last opening that was not the first of its window.
    settled_due_at: the last deadline that was met or raised.
    """

    armed_since_at: datetime
    closed: tuple[str, ...] = ()
    last_opening_at: datetime | None = None
    last_repeat_at: datetime | None = None
    settled_due_at: datetime | None = None
    last_reminder_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a contact shows: on is open, None is no information; restored: shown at a start, no opening."""

    source: str
    on: bool | None
    at: datetime
    restored: bool = False


def check(config: MissedConfig) -> None:
    """Raise BadRuleError unless reminder and alarm come in this order inside the window of an ordinary day."""
    if not timedelta() < config.alarm_delay <= config.window.ordinary_length:
        raise AlarmDelayOutsideWindowError("The alarm must come inside the window")
    if not timedelta() <= config.reminder_delay < config.alarm_delay:
        raise ReminderNotBeforeAlarmError("The reminder must come inside the window and before the alarm")
    if not timedelta() <= config.grace <= _DAY - config.alarm_delay:
        raise GraceOutOfRangeError("The time before the window must not reach back to the alarm of the day before")


def observe(config: MissedConfig, facts: MissedFacts, seen: Seen, tz: ZoneInfo) -> MissedFacts:
    """Return the new facts; raise what is due by ``seen.at`` first, for a later opening does not take it back.

    An opening is closed → open, also with unavailable between, and counts from the grace before the window.
    """
    if seen.on is None:
        return facts
    opens = seen.on and not seen.restored and seen.source in facts.closed
    closed = {*facts.closed} - {seen.source} | (set() if seen.on else {seen.source})
    facts = replace(facts, closed=tuple(sorted(closed)))
    return _open(config, facts, seen.at, tz) if opens else facts


def next_due_at(config: MissedConfig, facts: MissedFacts, tz: ZoneInfo) -> datetime:
    """Return the first deadline later than arming that is neither met nor raised.

    It may lie in the past, if the hub was down: it is then raised at once, late (R010.5). A window that a change of
    the clock shortens or skips has its deadline all the same, for the medicine is to be taken that day, too.
    """
    floor_at = _floor_at(facts.armed_since_at, facts.settled_due_at)
    dues = (
        each.start_at + config.alarm_delay for each in config.window.occurrences_from(_before(config, floor_at), tz)
    )
    return next(due_at for due_at in dues if due_at > floor_at)


def next_reminder_at(config: MissedConfig, facts: MissedFacts, tz: ZoneInfo) -> datetime:
    """Return when to remind next: never before arming, nor twice, nor for a deadline that is met or raised.

    Raise what is due first: after the alarm the reminder would only come too late.
    """
    floor_at = _floor_at(facts.armed_since_at, facts.last_reminder_at)
    due_at = next_due_at(config, facts, tz)
    starts = (each.start_at for each in config.window.occurrences_from(_before(config, due_at), tz))
    return next(
        start_at + config.reminder_delay
        for start_at in starts
        if start_at + config.alarm_delay >= due_at and start_at + config.reminder_delay > floor_at
    )


def fired(facts: MissedFacts, due_at: datetime) -> MissedFacts:
    """Return the facts after the alarm of this deadline."""
    return replace(facts, settled_due_at=due_at)


def reminded(facts: MissedFacts, reminder_at: datetime) -> MissedFacts:
    """Return the facts after this reminder."""
    return replace(facts, last_reminder_at=reminder_at)


def explain(before: MissedFacts, after: MissedFacts) -> Why | None:
    """Return that it was done in time; None if nothing was met by what was seen."""
    if after.settled_due_at == before.settled_due_at:
        return None
    return Why(reason=Reason.DONE_IN_TIME, due_at=after.settled_due_at)


def note(before: MissedFacts, after: MissedFacts) -> Note | None:
    """Return that it was done once more in the same window, if it was."""
    return None if after.last_repeat_at == before.last_repeat_at else Note(kind=NoteKind.REPEATED)


def _open(config: MissedConfig, facts: MissedFacts, at: datetime, tz: ZoneInfo) -> MissedFacts:
    """Take the opening for the next deadline if it is time for that, and tell whether it is not the first."""
    due_at = next_due_at(config, facts, tz)
    meets = due_at - config.alarm_delay - config.grace <= at < due_at
    return replace(
        facts,
        last_opening_at=at,
        last_repeat_at=at if _is_repeat(config, facts, at, tz) else facts.last_repeat_at,
        settled_due_at=due_at if meets else facts.settled_due_at,
    )


def _is_repeat(config: MissedConfig, facts: MissedFacts, at: datetime, tz: ZoneInfo) -> bool:
    """Return whether there was an opening before in the same window, the grace before it included."""
    if facts.last_opening_at is None:
        return False
    occurrences = config.window.occurrences_from(_before(config, at), tz)
    spans = (
        (each.start_at - config.grace, max(each.end_at, each.start_at + config.alarm_delay)) for each in occurrences
    )
    begun = takewhile(lambda span: span[0] <= at, spans)
    return any(from_at <= facts.last_opening_at <= at < to_at for from_at, to_at in begun)


def _before(config: MissedConfig, at: datetime) -> datetime:
    """Return an instant from which on a search finds every window whose deadline is later than this one."""
    return at - config.alarm_delay - timedelta(microseconds=1)


def _floor_at(armed_since_at: datetime, last_at: datetime | None) -> datetime:
    """Return the later of the two."""
    return armed_since_at if last_at is None else max(armed_since_at, last_at)
