"""Detected: fire, leak, motion or an open door, once it has lasted (larmplan.md, R010.2)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..windows import ALL_DAY, Window
from . import BadRuleError
from .notes import Note, Reason, Why, note_deadline, outside


class PersistenceNegativeError(BadRuleError):
    """An alarm cannot come before what it is about."""

    translation_key = "persistence_negative"


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectedConfig:
    """How long it must last, 0 allowed, and when it matters.

    edge_only (motion, door): it must be seen to begin, inside the window. Otherwise (fire, leak) what is on when it is
    discovered, or when the window opens, counts as well.
    """

    persistence: timedelta = timedelta(minutes=1)
    window: Window = ALL_DAY
    edge_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SensorFacts:
    """What is known of a sensor (UTC): on since when, None if off; due_at: its deadline until that is raised."""

    source: str
    on_since_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectedFacts:
    """What is remembered over a restart: each sensor that has been seen, sorted."""

    sensors: tuple[SensorFacts, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a sensor shows; None is no information.

    restored: the first that is shown after a start, when it began was not seen.
    """

    source: str
    on: bool | None
    at: datetime
    restored: bool = False


def check(config: DetectedConfig) -> None:
    """Raise BadRuleError if the persistence is negative."""
    if config.persistence < timedelta():
        raise PersistenceNegativeError("The time that it must last must not be negative")


def observe(config: DetectedConfig, facts: DetectedFacts, seen: Seen, tz: ZoneInfo) -> DetectedFacts:
    """Return the new facts; raise what is due by ``seen.at`` first, for a later off does not take it back.

    Unavailable changes nothing: a sensor that was on may have burnt.
    """
    if seen.on is None:
        return facts
    known = _find(facts, seen.source)
    others = [each for each in facts.sensors if each.source != seen.source]
    sensor = _turn_on(config, known, seen, tz) if seen.on else _turn_off(known, seen)
    return DetectedFacts(sensors=tuple(sorted([*others, sensor], key=lambda each: each.source)))


def next_due_at(config: DetectedConfig, facts: DetectedFacts, tz: ZoneInfo) -> datetime | None:
    """Return the first deadline of any sensor that is not raised; None if none is.

    It may lie past the window, or in the past if the hub was down: it is then raised at once, late (R010.5).
    """
    return min((each.due_at for each in facts.sensors if each.due_at is not None), default=None)


def sources(facts: DetectedFacts, due_at: datetime) -> tuple[str, ...]:
    """Return the sensors whose deadline this is; ask before ``fired``."""
    return tuple(each.source for each in facts.sensors if each.due_at is not None and each.due_at <= due_at)


def fired(facts: DetectedFacts, due_at: datetime) -> DetectedFacts:
    """Return the facts after the alarm: each of its sensors must go off before it is due again."""
    raised = sources(facts, due_at)
    return DetectedFacts(
        sensors=tuple(replace(each, due_at=None) if each.source in raised else each for each in facts.sensors)
    )


def explain(
    config: DetectedConfig, before: DetectedFacts, after: DetectedFacts, seen: Seen, tz: ZoneInfo
) -> Why | None:
    """Return why what was seen is no alarm; None if it may become one, or says nothing new."""
    was, now = _find(before, seen.source), _find(after, seen.source)
    if was is not None and was.due_at is not None:
        taken_back = now is not None and now.due_at is None
        return Why(reason=Reason.DID_NOT_LAST, due_at=was.due_at) if taken_back else None
    begins = now is not None and now.on_since_at is not None and (was is None or was.on_since_at is None)
    if now is None or now.due_at is not None or not begins:
        return None
    if was is None or seen.restored:
        return Why(reason=Reason.NOT_SEEN_TO_BEGIN)
    return outside(config.window, seen.at, tz)


def note(before: DetectedFacts, after: DetectedFacts, seen: Seen) -> Note | None:
    """Return what is to be journalled of what was seen (larmplan.md: at 0 s)."""
    was, now = _find(before, seen.source), _find(after, seen.source)
    return note_deadline(was.due_at if was else None, now.due_at if now else None, seen.at)


def _find(facts: DetectedFacts, source: str) -> SensorFacts | None:
    """Return what is known of a sensor."""
    return next((each for each in facts.sensors if each.source == source), None)


def _turn_off(known: SensorFacts | None, seen: Seen) -> SensorFacts:
    """Clear what was due, unless the off is only a restored one: that clears nothing."""
    return SensorFacts(source=seen.source, due_at=known.due_at if known and seen.restored else None)


def _turn_on(config: DetectedConfig, known: SensorFacts | None, seen: Seen, tz: ZoneInfo) -> SensorFacts:
    """Set the deadline if this is a new on; 100 blips of the same one are none."""
    if known is not None and known.on_since_at is not None:
        return known
    due_at = known.due_at if known else None
    counts = not config.edge_only or (known is not None and not seen.restored)
    if due_at is None and counts:
        due_at = _calc_due_at(config, seen, tz)
    return SensorFacts(source=seen.source, on_since_at=seen.at, due_at=due_at)


def _calc_due_at(config: DetectedConfig, seen: Seen, tz: ZoneInfo) -> datetime | None:
    """Return when it has lasted: at once if it was there at a start, for it may have lasted as long as the hub was down.

    Outside the window that is not before the window opens, or never if it had to begin inside.
    """
    lasted_at = seen.at if seen.restored else seen.at + config.persistence
    if config.window.contains(seen.at, tz):
        return lasted_at
    if config.edge_only:
        return None
    occurrences = config.window.occurrences_from(lasted_at, tz)
    return max(lasted_at, next(each.start_at for each in occurrences if each.start_at < each.end_at))
