"""Led light: lamps that follow somebody who moves at night, and go off after (larmplan.md).

It raises nothing. A lamp that a hand has lit is the hand's, and only what the rule itself has lit goes off by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import isnan
from zoneinfo import ZoneInfo

from ..windows import Window
from . import BadRuleError

LIT_WITHIN = timedelta(seconds=10)
"""A lamp that does not answer within this time has not answered: what it does later, somebody else has done."""
STUCK_AFTER = timedelta(hours=4)
"""A sensor that has been on for longer is broken: it must not keep a lamp lit for ever."""


class OffAfterNotPositiveError(BadRuleError):
    """The lamp would go off in the moment that the motion ends."""

    translation_key = "off_after_not_positive"


class DarkBelowNotPositiveError(BadRuleError):
    """It is never so dark."""

    translation_key = "dark_below_not_positive"


class Role(StrEnum):
    """What a source tells about."""

    DAYLIGHT = "daylight"
    """On says that it is light without a lamp."""
    MOTION = "motion"
    LAMP = "lamp"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedLightConfig:
    """When motion lights the lamps, and how long after the last motion they go off."""

    window: Window
    off_after: timedelta = timedelta(minutes=20)


@dataclass(frozen=True, kw_only=True, slots=True)
class SensorFacts:
    """What is known of a motion sensor (UTC).

    on: what it last showed, None is no information. since_at: when the motion began that goes on. lost_at: when it was
    last heard of, if it has fallen silent since.
    """

    source: str
    on: bool | None = None
    since_at: datetime | None = None
    lost_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LampFacts:
    """What is known of a lamp (UTC).

    on: what it last showed. lit_at: when the rule lit it; None while it is off, or a hand's. wanted_at: the motion that
    it has not been lit for. asked_on_at, asked_off_at: when it was told to go on or off, until it has answered.
    """

    source: str
    on: bool | None = None
    lit_at: datetime | None = None
    wanted_at: datetime | None = None
    asked_on_at: datetime | None = None
    asked_off_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedLightFacts:
    """What is remembered over a restart (UTC): sensors and lamps, sorted.

    daylight: who says that it is light. dark_since_at: when the last of them said otherwise. last_motion_at: the end of
    the last motion that has ended.
    """

    sensors: tuple[SensorFacts, ...] = ()
    lamps: tuple[LampFacts, ...] = ()
    daylight: tuple[str, ...] = ()
    dark_since_at: datetime | None = None
    last_motion_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a source shows; None is no information.

    restored: the first that is shown after a start. by_hand: a person is known to have done it.
    """

    role: Role
    source: str
    on: bool | None
    at: datetime
    restored: bool = False
    by_hand: bool = False


def check(config: LedLightConfig) -> None:
    """Raise BadRuleError if the lamps would be dark as soon as somebody stands still."""
    if config.off_after <= timedelta():
        raise OffAfterNotPositiveError("The lamps must stay lit for some time after the last motion")


def check_dark_below(dark_below: float) -> None:
    """Raise BadRuleError if it never gets darker than this (lux)."""
    if not dark_below > 0:
        raise DarkBelowNotPositiveError("It is never darker than 0 lux")


def is_daylight(lux: float | None, dark_below: float) -> bool | None:
    """Return whether a light sensor says that it is light; None if it says nothing."""
    return None if lux is None or isnan(lux) else lux >= dark_below


def observe(facts: LedLightFacts, seen: Seen) -> LedLightFacts:
    """Return the new facts; take what is due by ``seen.at`` first."""
    match seen.role:
        case Role.DAYLIGHT:
            return _see_daylight(facts, seen)
        case Role.MOTION:
            return _see_motion(facts, seen)
        case _:
            known = next((each for each in facts.lamps if each.source == seen.source), LampFacts(source=seen.source))
            return _with_lamps(facts, _see_lamp(known, seen))


def resume(facts: LedLightFacts, gone_at: datetime, still_on: Collection[str]) -> LedLightFacts:
    """Return the facts after nobody watched since ``gone_at``: what the lamps show is not known yet.

    A sensor that is not ``still_on`` was last heard of then. A lamp that was told to go on just before may have been lit
    by it; if it was not, it is told again.
    """
    sensors = tuple(
        replace(each, lost_at=max(gone_at, each.since_at))
        if each.since_at and not each.lost_at and each.source not in still_on
        else each
        for each in facts.sensors
    )
    lamps = []
    for each in facts.lamps:
        asked_at = each.asked_on_at if _is_answer(each.asked_on_at, gone_at) else None
        lamps.append(replace(each, on=None, asked_on_at=asked_at, wanted_at=asked_at or each.wanted_at))
    return replace(facts, sensors=sensors, lamps=tuple(lamps))


def next_due_at(config: LedLightConfig, facts: LedLightFacts, tz: ZoneInfo) -> datetime | None:
    """Return when a lamp is next to go on or off, perhaps in the past; None if none is."""
    dues = [next_on_at(config, facts, tz), next_off_at(config, facts)]
    return min((due_at for due_at in dues if due_at is not None), default=None)


def next_on_at(config: LedLightConfig, facts: LedLightFacts, tz: ZoneInfo) -> datetime | None:
    """Return when a lamp that is off is to go on for a motion that goes on: in the window, once it is dark."""
    dues = (_calc_on_at(config, facts, each, tz) for each in facts.lamps)
    return min((due_at for due_at in dues if due_at is not None), default=None)


def next_off_at(config: LedLightConfig, facts: LedLightFacts) -> datetime | None:
    """Return when lamps that the rule lit are to go off, in the window or past it."""
    dues = (_calc_off_at(config, facts, each) for each in facts.lamps)
    return min((due_at for due_at in dues if due_at is not None), default=None)


def take_on(
    config: LedLightConfig, facts: LedLightFacts, now: datetime, tz: ZoneInfo
) -> tuple[LedLightFacts, tuple[str, ...]]:
    """Return the facts after what was due to go on by now, and the lamps to light.

    None if it comes too late: the window has closed, or the motion turns out to be a broken sensor's.
    """
    dues = ((each, _calc_on_at(config, facts, each, tz)) for each in facts.lamps)
    due = [each for each, due_at in dues if due_at is not None and due_at <= now]
    timely = config.window.contains(now, tz) and bool(moving(facts, now))
    taken = [replace(each, wanted_at=None, asked_on_at=now if timely else None, asked_off_at=None) for each in due]
    return _with_lamps(facts, *taken), tuple(each.source for each in taken if timely)


def take_off(config: LedLightConfig, facts: LedLightFacts, now: datetime) -> tuple[LedLightFacts, tuple[str, ...]]:
    """Return the facts after what was due to go off by now, and the lamps to turn off."""
    dues = ((each, _calc_off_at(config, facts, each)) for each in facts.lamps)
    due = [each for each, due_at in dues if due_at is not None and due_at <= now]
    taken = [replace(each, wanted_at=None, asked_off_at=now) for each in due]
    return _with_lamps(facts, *taken), tuple(each.source for each in taken)


def moving(facts: LedLightFacts, at: datetime) -> tuple[str, ...]:
    """Return the sensors that see motion, without those that are broken or have fallen silent."""
    return tuple(
        each.source
        for each in facts.sensors
        if each.since_at is not None and each.lost_at is None and at < each.since_at + STUCK_AFTER
    )


def _see_daylight(facts: LedLightFacts, seen: Seen) -> LedLightFacts:
    """Remember who says that it is light; who says nothing does not keep anybody in the dark."""
    said = {*facts.daylight} - {seen.source} | ({seen.source} if seen.on else set())
    darkens = bool(facts.daylight) and not said
    return replace(facts, daylight=tuple(sorted(said)), dark_since_at=seen.at if darkens else facts.dark_since_at)


def _see_motion(facts: LedLightFacts, seen: Seen) -> LedLightFacts:
    """Follow a sensor; only an off that turns into an on is somebody who begins to move.

    A sensor that falls silent in the middle of a motion, and comes back on, saw the same motion.
    """
    known = next((each for each in facts.sensors if each.source == seen.source), SensorFacts(source=seen.source))
    begins = seen.on is True and known.on is False and not seen.restored
    ended_at = None
    if begins:
        sensor = replace(known, on=True, since_at=seen.at)
    elif known.since_at is None:
        sensor = replace(known, on=seen.on)
    elif seen.on is None:
        sensor = replace(known, on=None, lost_at=known.lost_at or seen.at)
    elif seen.on:
        sensor = replace(known, on=True, lost_at=None)
    else:
        ended_at = min(known.lost_at or seen.at, known.since_at + STUCK_AFTER)
        sensor = SensorFacts(source=seen.source, on=False)
    others = [each for each in facts.sensors if each.source != seen.source]
    return replace(
        facts,
        sensors=tuple(sorted([*others, sensor], key=lambda each: each.source)),
        lamps=tuple(replace(each, wanted_at=seen.at) for each in facts.lamps) if begins else facts.lamps,
        last_motion_at=max((at for at in (facts.last_motion_at, ended_at) if at), default=None),
    )


def _see_lamp(lamp: LampFacts, seen: Seen) -> LampFacts:
    """Follow a lamp, and tell apart who lit it."""
    if seen.on is None:
        return replace(lamp, on=None)
    if not seen.on:
        return _turn_off(lamp, seen)
    if lamp.on:
        # Whoever sets a lamp that is lit already wants to have it lit.
        return replace(lamp, lit_at=None if seen.by_hand else lamp.lit_at)
    is_answer = lamp.asked_on_at is not None and (seen.restored or _is_answer(lamp.asked_on_at, seen.at))
    was_lit_at = lamp.lit_at if lamp.on is None else None
    lit_at = None if seen.by_hand else was_lit_at or (seen.at if is_answer else None)
    return replace(lamp, on=True, lit_at=lit_at, asked_on_at=None, asked_off_at=None)


def _turn_off(lamp: LampFacts, seen: Seen) -> LampFacts:
    """Follow a lamp that is off; one that a hand has turned off stays off until somebody begins to move again."""
    was_lit = lamp.on or lamp.lit_at is not None
    by_rule = lamp.asked_off_at is not None and not seen.by_hand and _is_answer(lamp.asked_off_at, seen.at)
    wanted_at = None if was_lit and not by_rule else lamp.wanted_at
    return replace(lamp, on=False, lit_at=None, wanted_at=wanted_at, asked_off_at=None)


def _is_answer(asked_at: datetime | None, at: datetime) -> bool:
    """Return whether what was asked may still be answered at an instant."""
    return asked_at is not None and at - asked_at <= LIT_WITHIN


def _with_lamps(facts: LedLightFacts, *lamps: LampFacts) -> LedLightFacts:
    """Return the facts with these lamps instead of what was known of them."""
    changed = {each.source for each in lamps}
    others = [each for each in facts.lamps if each.source not in changed]
    return replace(facts, lamps=tuple(sorted([*others, *lamps], key=lambda each: each.source)))


def _calc_on_at(config: LedLightConfig, facts: LedLightFacts, lamp: LampFacts, tz: ZoneInfo) -> datetime | None:
    """Return when a lamp is to go on: at the motion or, if that goes on, when the window opens or it gets dark."""
    if lamp.on is not False or lamp.wanted_at is None or facts.daylight:
        return None
    dark_at = facts.dark_since_at
    begin_at = lamp.wanted_at if dark_at is None else max(lamp.wanted_at, dark_at)
    openings = (each.start_at for each in config.window.occurrences_from(begin_at, tz) if each.start_at < each.end_at)
    due_at = max(begin_at, next(openings))
    return due_at if moving(facts, due_at) else None


def _calc_off_at(config: LedLightConfig, facts: LedLightFacts, lamp: LampFacts) -> datetime | None:
    """Return when a lamp that the rule lit is to go off, unless it has been told to."""
    if not lamp.on or lamp.lit_at is None:
        return None
    goes_on = [(each.lost_at, each.since_at + STUCK_AFTER) for each in facts.sensors if each.since_at is not None]
    ends = [min(lost_at or stuck_at, stuck_at) for lost_at, stuck_at in goes_on]
    ended = [] if facts.last_motion_at is None else [facts.last_motion_at]
    due_at = max([*ended, *ends], default=lamp.lit_at) + config.off_after
    return due_at if lamp.asked_off_at is None or due_at > lamp.asked_off_at else None
