"""Passivity: no sign of life for a time inside a window (larmplan.md, R010.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from ..windows import Window
from . import BadRuleError

# A change of the clock can make the window too short on one day, never on a whole week.
_OCCURRENCES_AHEAD = 8


class ThresholdNotPositiveError(BadRuleError):
    """No time at all without activity would always be an alarm."""

    translation_key = "threshold_not_positive"


class ThresholdLongerThanWindowError(BadRuleError):
    """The window closes before the time without activity could pass."""

    translation_key = "threshold_longer_than_window"


@dataclass(frozen=True, kw_only=True, slots=True)
class InactiveConfig:
    """How long without activity, and when that matters."""

    threshold: timedelta
    window: Window


@dataclass(frozen=True, kw_only=True, slots=True)
class InactiveFacts:
    """What is remembered over a restart (UTC): since when the rule is armed, and when somebody last moved.

    While a sensor is on, ``last_activity_at`` is when that began, and ``masked_until_at`` when it counts as stuck: a
    sensor that is on for hours on end tells of a fault, not of somebody who moves.
    """

    armed_since_at: datetime
    last_activity_at: datetime | None = None
    masked_until_at: datetime | None = None
    last_due_at: datetime | None = None


def check(config: InactiveConfig) -> None:
    """Raise BadRuleError if the threshold is not positive, or longer than the window on an ordinary day."""
    if config.threshold <= timedelta():
        raise ThresholdNotPositiveError("The time without activity must be longer than nothing")
    if config.threshold > config.window.ordinary_length:
        raise ThresholdLongerThanWindowError("The time without activity is longer than the window")


def next_due_at(config: InactiveConfig, facts: InactiveFacts, tz: ZoneInfo) -> datetime | None:
    """Return the first deadline that has neither fired nor passed before arming; None if none is.

    While a sensor is on it is the deadline if that one turns out to be stuck. It may lie in the past, if the hub was
    down: it is then raised at once, late. It depends on no clock, so a restart at any instant leads to the same one
    (R010.5).
    """
    if config.window.all_day:
        return _next_due_all_day(config.threshold, facts)
    floor_at = facts.armed_since_at if facts.last_due_at is None else max(facts.armed_since_at, facts.last_due_at)
    activity_at = facts.last_activity_at
    search_at = floor_at if activity_at is None else max(floor_at, activity_at)
    for occurrence in islice(config.window.occurrences_from(search_at, tz), _OCCURRENCES_AHEAD):
        quiet_since_at = occurrence.start_at if activity_at is None else max(occurrence.start_at, activity_at)
        due_at = _unmasked(facts, quiet_since_at + config.threshold)
        if floor_at < due_at <= occurrence.end_at:
            return due_at
    return None


def _next_due_all_day(threshold: timedelta, facts: InactiveFacts) -> datetime | None:
    """Return the deadline of a window that never closes: one for each stretch without activity, over any midnight."""
    quiet_since_at = facts.last_activity_at
    if quiet_since_at is None or quiet_since_at + threshold <= facts.armed_since_at:
        # The stretch was due before arming. Watch from there, or a home that stays quiet would never alarm.
        quiet_since_at = facts.armed_since_at
    due_at = _unmasked(facts, quiet_since_at + threshold)
    return due_at if facts.last_due_at is None or due_at > facts.last_due_at else None


def _unmasked(facts: InactiveFacts, due_at: datetime) -> datetime:
    """Return a deadline, moved to when a sensor that is on would count as stuck."""
    return due_at if facts.masked_until_at is None else max(due_at, facts.masked_until_at)
