"""Wall-clock windows, over midnight and over the changes to and from summer time (HP.3, larmplan.md)."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, dropwhile
from zoneinfo import ZoneInfo

from .errors import BadSettingError

_DAY = timedelta(days=1)


class BadWindowError(BadSettingError, ValueError):
    """A window that never opens, or has only one end."""

    translation_key = "bad_window"


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One opening of a window: [start_at, end_at) in UTC; empty if the clock skipped all of it."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Wall-clock [start, end) of every day, over midnight if end < start; both None = all day.

    Raises BadWindowError for start == end (all day is its own value) and for only one of the two.
    """

    start: time | None = None
    end: time | None = None

    def __post_init__(self) -> None:
        """Refuse what could be meant as all day or as never."""
        if (self.start is None) != (self.end is None):
            raise BadWindowError("A window needs both a start and an end, or neither")
        if self.start is not None and self.start == self.end:
            raise BadWindowError("A window that starts when it ends is neither all day nor never")

    @property
    def all_day(self) -> bool:
        """Whether the window never closes (HP.3)."""
        return self.start is None

    @property
    def ordinary_length(self) -> timedelta:
        """How long the window is open on a day without a change of the clock."""
        if self.start is None or self.end is None:
            return _DAY
        return (datetime.combine(date.min, self.end) - datetime.combine(date.min, self.start)) % _DAY

    def covers(self, wall: time) -> bool:
        """Whether a wall clock that shows this time is inside, on a day without a change of the clock."""
        if self.start is None or self.end is None:
            return True
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def contains(self, at: datetime, tz: ZoneInfo) -> bool:
        """Whether some occurrence covers the instant.

        That is ``covers`` of the wall clock, but for the repeated hour in autumn: a window that starts or ends inside
        it stays open between the first showing of its start and the second of its end, so nothing goes unwatched.
        """
        return next(self.occurrences_from(at, tz)).start_at <= at

    def occurrence(self, day: date, tz: ZoneInfo) -> Occurrence:
        """Return the occurrence that starts on this local day; all day: from its midnight to the next day's."""
        if self.start is None or self.end is None:
            return Occurrence(
                start_at=_first_showing(day, time.min, tz), end_at=_first_showing(day + _DAY, time.min, tz)
            )
        end_day = day if self.start < self.end else day + _DAY
        return Occurrence(start_at=_first_showing(day, self.start, tz), end_at=_last_showing(end_day, self.end, tz))

    def occurrences_from(self, at: datetime, tz: ZoneInfo) -> Iterator[Occurrence]:
        """Return all occurrences that end after the instant, in order, endlessly; one that is skipped is empty."""
        # Two days back: one for midnight, one for clocks that are set back over midnight.
        first_day = at.astimezone(tz).date() - 2 * _DAY
        occurrences = (self.occurrence(first_day + days * _DAY, tz) for days in count())
        return dropwhile(lambda occurrence: occurrence.end_at <= at, occurrences)


ALL_DAY = Window()


def elapsed(occurrence: Occurrence) -> timedelta:
    """Return how long the occurrence really lasts, an hour less or more over a change of the clock."""
    return occurrence.end_at - occurrence.start_at


def _first_showing(day: date, wall: time, tz: ZoneInfo) -> datetime:
    """Return the first instant at which the clock shows this or, if it is skipped, later."""
    return _showing(datetime.combine(day, wall, tzinfo=tz).replace(fold=0))


def _last_showing(day: date, wall: time, tz: ZoneInfo) -> datetime:
    """Return the last instant at which the clock shows this or, if it is skipped, the first of later."""
    return _showing(datetime.combine(day, wall, tzinfo=tz).replace(fold=1))


def _showing(local: datetime) -> datetime:
    """Return the instant in UTC of a local time, moved to the end of the gap if it lies in one."""
    at = local.astimezone(UTC)
    wall = local.replace(tzinfo=None)
    if at.astimezone(local.tzinfo).replace(tzinfo=None) == wall:
        return at
    # Python reads a skipped time with either offset (PEP 495); the clock was changed between the two readings.
    before_at = local.replace(fold=1).astimezone(UTC).replace(microsecond=0)
    after_at = local.replace(fold=0).astimezone(UTC)

    def is_past(seconds: int) -> bool:
        shown = (before_at + timedelta(seconds=seconds)).astimezone(local.tzinfo)
        return shown.replace(tzinfo=None) > wall

    seconds = range((after_at - before_at) // timedelta(seconds=1))
    return before_at + timedelta(seconds=bisect_left(seconds, 1, key=is_past))
