"""Left on: a plug that is on for too long, or outside the hours in which it may be on (larmplan.md, R010.2)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from math import isnan
from zoneinfo import ZoneInfo

from ..windows import Window
from . import BadRuleError
from .notes import Reason, Why

_DAY = timedelta(days=1)
_TWO_DAYS = 2 * _DAY
# A change of the clock can make the time outside too short on one day, never on a whole week.
_OCCURRENCES_AHEAD = 10


class NoLimitError(BadRuleError):
    """Neither too long nor outside any hours: it may be on for ever."""

    translation_key = "left_on_without_limit"


class LongestNotPositiveError(BadRuleError):
    """It would be left on too long as soon as it is on."""

    translation_key = "left_on_time_not_positive"


class OutsideDelayOutOfRangeError(BadRuleError):
    """It would be allowed again before it has been on outside its hours for this time."""

    translation_key = "outside_delay_out_of_range"


class PowerLimitsCrossedError(BadRuleError):
    """The power at which it counts as off is above the one at which it counts as on."""

    translation_key = "power_limits_crossed"


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOnConfig:
    """How long it may be on, and the hours in which; None is without limit, one of the two must be given.

    outside_delay: how long it may be on outside the allowed hours, 0 allowed.
    """

    longest: timedelta | None = None
    allowed: Window | None = None
    outside_delay: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlugFacts:
    """What is known of a plug (UTC).

    on: what it last showed. on_since_at: kept if off was only shown at a start, which clears nothing.
    """

    source: str
    on: bool
    on_since_at: datetime | None = None
    last_due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOnFacts:
    """What is remembered over a restart: each plug that has been seen, sorted."""

    plugs: tuple[PlugFacts, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a plug shows; None is no information; restored: the first that is shown after a start."""

    source: str
    on: bool | None
    at: datetime
    restored: bool = False


def check(config: LeftOnConfig) -> None:
    """Raise BadRuleError if nothing limits how long it may be on, or a limit can never be passed."""
    if config.longest is None and (config.allowed is None or config.allowed.all_day):
        raise NoLimitError("There must be a longest time or hours in which it may be on")
    if config.longest is not None and config.longest <= timedelta():
        raise LongestNotPositiveError("The longest time must be longer than nothing")
    outside = _DAY if config.allowed is None else _DAY - config.allowed.ordinary_length
    if not timedelta() <= config.outside_delay <= outside:
        raise OutsideDelayOutOfRangeError("It is allowed again before this time outside the hours has passed")


def check_power(on_above: float, off_below: float) -> None:
    """Raise BadRuleError unless off_below <= on_above (watts)."""
    if not off_below <= on_above:
        raise PowerLimitsCrossedError("It must count as off at less power than as on")


def power_is_on(watts: float | None, was_on: bool | None, *, on_above: float, off_below: float) -> bool | None:  # noqa: FBT001 - what was known
    """Return whether a power means on: between the limits (watts) as before, None if that or the power is not known."""
    if watts is None or isnan(watts):
        return None
    if watts > on_above:
        return True
    return False if watts < off_below else was_on


def observe(config: LeftOnConfig, facts: LeftOnFacts, seen: Seen, tz: ZoneInfo) -> LeftOnFacts:
    """Return the new facts; raise what is due by ``seen.at`` first, for a later off does not take it back.

    Unavailable changes nothing. A plug that is on when it is discovered counts from then.
    """
    if seen.on is None:
        return facts
    known = next((each for each in facts.plugs if each.source == seen.source), None)
    others = [each for each in facts.plugs if each.source != seen.source]
    plug = _turn(known or PlugFacts(source=seen.source, on=False), seen, on=seen.on)
    return LeftOnFacts(plugs=tuple(sorted([*others, plug], key=lambda each: each.source)))


def next_due_at(config: LeftOnConfig, facts: LeftOnFacts, tz: ZoneInfo) -> datetime | None:
    """Return the first deadline of any plug that has not been raised; None if none is.

    Being on too long is due once, being on outside the hours once each time that they end. It may lie in the past, if
    the hub was down: it is then raised at once, late (R010.5).
    """
    dues = [_calc_due_at(config, each, tz) for each in facts.plugs]
    return min((due_at for due_at in dues if due_at is not None), default=None)


def sources(config: LeftOnConfig, facts: LeftOnFacts, due_at: datetime, tz: ZoneInfo) -> tuple[str, ...]:
    """Return the plugs whose deadline this is; ask before ``fired``."""
    return tuple(each.source for each in facts.plugs if _calc_due_at(config, each, tz) == due_at)


def fired(facts: LeftOnFacts, due_at: datetime) -> LeftOnFacts:
    """Return the facts after the alarm of this deadline, the first of all plugs'."""
    return LeftOnFacts(plugs=tuple(replace(each, last_due_at=due_at) for each in facts.plugs))


def explain(config: LeftOnConfig, before: LeftOnFacts, after: LeftOnFacts, seen: Seen, tz: ZoneInfo) -> Why | None:
    """Return that a plug was turned off before its deadline, if it was."""

    def due_at(facts: LeftOnFacts) -> datetime | None:
        dues = [_calc_due_at(config, each, tz) for each in facts.plugs if each.source == seen.source]
        return dues[0] if dues else None

    before_at = due_at(before)
    if before_at is None or due_at(after) is not None:
        return None
    return Why(reason=Reason.TURNED_OFF_IN_TIME, due_at=before_at)


def _turn(plug: PlugFacts, seen: Seen, *, on: bool) -> PlugFacts:
    """Follow a plug; what is shown at a start does not end the time that it was on before."""
    if seen.restored and plug.on_since_at is not None:
        return replace(plug, on=on)
    if on and plug.on:
        return plug
    return PlugFacts(source=plug.source, on=on, on_since_at=seen.at if on else None)


def _calc_due_at(config: LeftOnConfig, plug: PlugFacts, tz: ZoneInfo) -> datetime | None:
    """Return a plug's first deadline that has not been raised."""
    if plug.on_since_at is None:
        return None
    dues = [] if config.longest is None else [plug.on_since_at + config.longest]
    if config.allowed is not None and not config.allowed.all_day:
        dues += _outside_dues(config.allowed, config.outside_delay, plug.on_since_at, plug.last_due_at, tz)
    return min((due_at for due_at in dues if plug.last_due_at is None or due_at > plug.last_due_at), default=None)


def _outside_dues(
    allowed: Window, delay: timedelta, on_since_at: datetime, last_due_at: datetime | None, tz: ZoneInfo
) -> list[datetime]:
    """Return deadlines max(on since, end of the hours) + delay, not later than the hours begin again."""
    dues = []
    # Far enough back that a stretch which began before the search was due before the last deadline.
    search_at = on_since_at if last_due_at is None else max(on_since_at, last_due_at - _TWO_DAYS)
    outside_at = on_since_at
    for occurrence in islice(allowed.occurrences_from(search_at, tz), _OCCURRENCES_AHEAD):
        if occurrence.start_at == occurrence.end_at:
            # The clock skipped all of it.
            continue
        if outside_at < occurrence.start_at and outside_at + delay <= occurrence.start_at:
            dues.append(outside_at + delay)
        outside_at = max(outside_at, occurrence.end_at)
    return dues
