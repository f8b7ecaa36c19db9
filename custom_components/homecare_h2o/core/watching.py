"""Whether a line of the handlingsplan is watched: blind is not quiet (R010.5, R060.5)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

TELL_AFTER = timedelta(minutes=10)
"""A trouble that lasts for this long is told to the larmansvarig; a restart or a re-paired sensor takes less."""
SETTLED_AFTER = timedelta(minutes=5)
"""All must have been well for this long before a trouble is over: a sensor that drops out and comes back is one."""
DAYS_KEPT = 35

type Essential = tuple[frozenset[str], ...]
"""Groups of sources; a rule that has lost every source of a group can raise no alarm any more."""


class Fault(StrEnum):
    """What is wrong with a source, or with the line itself."""

    MISSING = "missing"
    """It does not exist, or not any more."""
    UNAVAILABLE = "unavailable"
    DEAD = "dead"
    """The radio network has given it up, though its entities still show a state."""
    SILENT = "silent"
    """It has not been heard for longer than it may be silent."""
    STUCK = "stuck"
    """It has shown motion for hours on end."""
    TURNED_OFF = "turned_off"
    """The line is turned off."""
    BROKEN = "broken"
    """Home Assistant does not accept the line."""


OF_THE_LINE = frozenset({Fault.TURNED_OFF, Fault.BROKEN})
"""Faults that leave nothing of a line."""


class Coverage(StrEnum):
    """How much of a line is watched."""

    WATCHED = "watched"
    PARTLY = "partly_watched"
    NOT = "not_watched"


_WORSE = (Coverage.WATCHED, Coverage.PARTLY, Coverage.NOT)


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFault:
    """A source, and what is wrong with it."""

    source: str
    fault: Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Since when a line has not been watched as it should be, how bad it was at worst, and all that was wrong (UTC).

    worse_since_at: when it became as bad as it is, or another fault was found. well_since_at: nothing has been wrong
    since then, None while something is. told: the larmansvarig knows all of it.
    """

    since_at: datetime
    worse_since_at: datetime
    coverage: Coverage
    faults: tuple[SourceFault, ...]
    well_since_at: datetime | None = None
    told: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """For how long a line was watched, and for how long not, on a day of the home's time zone."""

    date: str
    watched: timedelta = timedelta()
    not_watched: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchFacts:
    """What is remembered of a line over a restart; the time until ``counted_until_at`` (UTC) is in ``days``.

    is_armed: whether an alarm of the line would be raised, and reach somebody.
    """

    counted_until_at: datetime
    trouble: Trouble | None = None
    days: tuple[Day, ...] = ()
    is_armed: bool = True

    @property
    def coverage(self) -> Coverage:
        """How much of the line is watched; as long as a trouble is not over, its worst."""
        return self.trouble.coverage if self.trouble else Coverage.WATCHED

    @property
    def is_watched(self) -> bool:
        """Whether the time that passes counts as watched."""
        return self.is_armed and self.coverage is not Coverage.NOT


def calc_coverage(essential: Essential, faults: Collection[SourceFault]) -> Coverage:
    """Return how much is watched with these faults."""
    faulty = {each.source for each in faults}
    if any(each.fault in OF_THE_LINE for each in faults) or any(group <= faulty for group in essential):
        return Coverage.NOT
    return Coverage.PARTLY if faulty else Coverage.WATCHED


def observe(
    facts: WatchFacts,
    coverage: Coverage,
    faults: Collection[SourceFault],
    now: datetime,
    tz: ZoneInfo,
    *,
    is_armed: bool = True,
) -> WatchFacts:
    """Return the new facts; the time until now is counted as it was before."""
    facts = replace(count(facts, now, tz, is_watched=facts.is_watched), is_armed=is_armed)
    trouble = facts.trouble
    if coverage is Coverage.WATCHED:
        if trouble is None:
            return facts
        well_since_at = trouble.well_since_at or now
        over = now - well_since_at >= SETTLED_AFTER
        return replace(facts, trouble=None if over else replace(trouble, well_since_at=well_since_at))
    if trouble is None:
        begun = Trouble(since_at=now, worse_since_at=now, coverage=coverage, faults=_sorted(faults))
        return replace(facts, trouble=begun)
    worst = max(trouble.coverage, coverage, key=_WORSE.index)
    seen = _sorted({*trouble.faults, *faults})
    if (worst, seen) == (trouble.coverage, trouble.faults):
        return replace(facts, trouble=replace(trouble, well_since_at=None))
    # Whoever knows of one lost sensor does not know of the next.
    worse = replace(trouble, worse_since_at=now, coverage=worst, faults=seen, well_since_at=None, told=False)
    return replace(facts, trouble=worse)


def pause(facts: WatchFacts, now: datetime, tz: ZoneInfo) -> WatchFacts:
    """Return the facts of a line that is paused now: what is wrong with it is judged anew when that is over (R010.6)."""
    return replace(count(facts, now, tz, is_watched=facts.is_watched), trouble=None, is_armed=False)


def is_due(facts: WatchFacts, now: datetime) -> bool:
    """Return whether the larmansvarig must be told now: of what lasts, or comes back after it has lasted so long."""
    trouble = facts.trouble
    if trouble is None or trouble.told or trouble.well_since_at is not None:
        return False
    return now >= trouble.worse_since_at + TELL_AFTER


def tell(facts: WatchFacts) -> WatchFacts:
    """Return the facts after the larmansvarig has been told."""
    return facts if facts.trouble is None else replace(facts, trouble=replace(facts.trouble, told=True))


def count(facts: WatchFacts, until_at: datetime, tz: ZoneInfo, *, is_watched: bool) -> WatchFacts:
    """Return the facts with the time until an instant counted; time that has been counted is not counted again."""
    days = {day.date: day for day in facts.days}
    at = facts.counted_until_at
    while at < until_at:
        local = at.astimezone(tz)
        end_at = min(until_at, _next_midnight(local).astimezone(UTC))
        day = days.get(f"{local:%Y-%m-%d}", Day(date=f"{local:%Y-%m-%d}"))
        days[day.date] = (
            replace(day, watched=day.watched + (end_at - at))
            if is_watched
            else replace(day, not_watched=day.not_watched + (end_at - at))
        )
        at = end_at
    kept = tuple(days[date] for date in sorted(days)[-DAYS_KEPT:])
    return replace(facts, counted_until_at=max(at, facts.counted_until_at), days=kept)


def _next_midnight(local: datetime) -> datetime:
    """Return the start of the next day, which is 23, 24 or 25 hours after this one's."""
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _sorted(faults: Collection[SourceFault]) -> tuple[SourceFault, ...]:
    """Return faults in an order that does not change."""
    return tuple(sorted(faults, key=lambda each: (each.source, each.fault)))
