"""Gone out: the outer door opens and nobody is in the home afterwards (larmplan.md, R010.1)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from ..windows import Window
from . import BadRuleError
from .notes import Note, Reason, Why, note_deadline, outside

# A change of the clock can skip the window on one day, never on a whole week.
_OCCURRENCES_AHEAD = 8


class DelayNotPositiveError(BadRuleError):
    """No time at all to be seen inside would make every opening an alarm."""

    translation_key = "delay_not_positive"


class SettleTimeNegativeError(BadRuleError):
    """Motion in the hall cannot count from before the door was moved."""

    translation_key = "settle_time_negative"


class Role(StrEnum):
    """What a sensor tells about."""

    DOOR = "door"
    """An outer door; on is open."""
    HALL = "hall"
    """Motion where somebody who leaves is seen."""
    ROOM = "room"
    """Motion in an inner room, where nobody who left is seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GoneOutConfig:
    """When an opening matters, and how long somebody has to be seen inside; already_out: also at the window's start.

    A window that is open all day has no start, there ``already_out`` means nothing.
    """

    window: Window
    delay: timedelta = timedelta(minutes=20)
    settle_time: timedelta = timedelta(seconds=60)
    already_out: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class GoneOutFacts:
    """What is remembered over a restart (UTC).

    off: the sensors last known to be off. opened_at: the first opening of the episode. out_since_at: the first opening
    at any time after which nobody was seen inside.
    """

    off: tuple[str, ...] = ()
    opened_at: datetime | None = None
    door_changed_at: datetime | None = None
    out_since_at: datetime | None = None
    last_due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a sensor shows; None is no information.

    restored: shown at a start, its beginning was not seen. suppressed: a visit excuses an opening now.
    """

    role: Role
    source: str
    on: bool | None
    at: datetime
    restored: bool = False
    suppressed: bool = False


def check(config: GoneOutConfig) -> None:
    """Raise BadRuleError if the delay is not positive or the settle time negative."""
    if config.delay <= timedelta():
        raise DelayNotPositiveError("The time to be seen inside must be longer than nothing")
    if config.settle_time < timedelta():
        raise SettleTimeNegativeError("The settle time must not be negative")


def observe(config: GoneOutConfig, facts: GoneOutFacts, seen: Seen, tz: ZoneInfo) -> GoneOutFacts:
    """Return the new facts; raise what is due by ``seen.at`` first, for later motion does not take it back.

    A door that was closed, then unavailable, then open was opened. Motion that comes back with a sensor is none.
    """
    if seen.on is None:
        return facts if seen.role is Role.DOOR else _learn(facts, seen)
    changed = (seen.source in facts.off) is seen.on
    facts = _learn(facts, seen)
    if seen.restored or not changed:
        return facts
    match seen.role:
        case Role.DOOR:
            return _move_door(config, facts, seen, tz)
        case Role.HALL if facts.door_changed_at and seen.at < facts.door_changed_at + config.settle_time:
            # The hall sees the person leave.
            return facts
        case _:
            return excuse(facts) if seen.on else facts


def excuse(facts: GoneOutFacts) -> GoneOutFacts:
    """Return the facts without the episode: somebody is inside, or it was staff who opened."""
    return replace(facts, opened_at=None, out_since_at=None, last_due_at=None)


def next_due_at(config: GoneOutConfig, facts: GoneOutFacts, tz: ZoneInfo) -> datetime | None:
    """Return the deadline of the episode, or of being out already when the window opens; None if neither is.

    It may lie past the window, or in the past if the hub was down: it is then raised at once, late (R010.5).
    """
    opened_at, out_since_at = facts.opened_at, facts.out_since_at
    due_at = None if opened_at is None else opened_at + config.delay
    if not config.already_out or config.window.all_day or out_since_at is None:
        return due_at
    floor_at = out_since_at if facts.last_due_at is None else max(out_since_at, facts.last_due_at - config.delay)
    starts = [
        each.start_at + config.delay
        for each in islice(config.window.occurrences_from(floor_at, tz), _OCCURRENCES_AHEAD)
        if floor_at < each.start_at < each.end_at
    ]
    return min([*starts, *([due_at] if due_at else [])], default=None)


def fired(facts: GoneOutFacts, due_at: datetime) -> GoneOutFacts:
    """Return the facts after the alarm: the next opening, or the next window's start, begins another episode."""
    return replace(facts, opened_at=None, last_due_at=due_at)


def explain(config: GoneOutConfig, before: GoneOutFacts, after: GoneOutFacts, seen: Seen, tz: ZoneInfo) -> Why | None:
    """Return why what was seen is no alarm; None if it may become one, or says nothing new."""
    due_at = next_due_at(config, before, tz)
    if due_at is not None or next_due_at(config, after, tz) is not None:
        taken_back = next_due_at(config, after, tz) is None
        return Why(reason=Reason.SEEN_INSIDE, due_at=due_at) if taken_back else None
    if seen.role is not Role.DOOR or not seen.on:
        return None
    if seen.restored:
        return Why(reason=Reason.NOT_SEEN_TO_BEGIN)
    if seen.source not in before.off:
        return None
    if not config.window.contains(seen.at, tz):
        return outside(config.window, seen.at, tz)
    return Why(reason=Reason.EXCUSED_BY_VISIT, due_at=seen.at + config.delay)


def note(config: GoneOutConfig, before: GoneOutFacts, after: GoneOutFacts, at: datetime) -> Note | None:
    """Return what is to be journalled of an episode that began or was taken back at an instant."""

    def due_at(facts: GoneOutFacts) -> datetime | None:
        return None if facts.opened_at is None else facts.opened_at + config.delay

    return note_deadline(due_at(before), due_at(after), at)


def _move_door(config: GoneOutConfig, facts: GoneOutFacts, seen: Seen, tz: ZoneInfo) -> GoneOutFacts:
    """Begin an episode if the door opens in the window.

    Each later change of a door restarts the settle time, but none moves the deadline: never later than promised.
    """
    facts = replace(facts, door_changed_at=seen.at)
    if not seen.on or seen.suppressed:
        return facts
    begins = facts.opened_at is None and config.window.contains(seen.at, tz)
    return replace(
        facts,
        opened_at=seen.at if begins else facts.opened_at,
        out_since_at=facts.out_since_at or seen.at,
    )


def _learn(facts: GoneOutFacts, seen: Seen) -> GoneOutFacts:
    """Remember whether a sensor is known to be off."""
    off = {*facts.off} - {seen.source} | ({seen.source} if seen.on is False else set())
    return replace(facts, off=tuple(sorted(off)))
