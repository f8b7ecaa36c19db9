"""Instants, wall clocks, and when something cannot be seen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Europe/Stockholm")

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def wall(day: date, hours: float) -> datetime:
    """Return the instant (UTC) at which the home's clock shows so many hours on a day; 25.5 is 01:30 the day after."""
    at = datetime.combine(day, time()) + timedelta(hours=hours)
    return at.replace(tzinfo=HOME, microsecond=0).astimezone(UTC)


def shown(at: datetime) -> time:
    """Return what the home's clock shows."""
    return at.astimezone(HOME).time()


def is_night(at: datetime) -> bool:
    """Return whether it is between 22:00 and 06:00."""
    return shown(at) >= time(22) or shown(at) < time(6)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Span:
    """A stretch of time, [start_at, end_at) in UTC."""

    start_at: datetime
    end_at: datetime

    def __contains__(self, at: datetime) -> bool:
        """Return whether an instant lies in it."""
        return self.start_at <= at < self.end_at

    def meets(self, other: Span, gap: timedelta = timedelta()) -> bool:
        """Return whether the two overlap, or lie closer than the gap."""
        return self.start_at < other.end_at + gap and other.start_at < self.end_at + gap


def lasting(start_at: datetime, length: timedelta) -> Span:
    """Return the span that begins here."""
    return Span(start_at=start_at, end_at=start_at + length)


def merge(spans: Iterable[Span]) -> Iterator[Span]:
    """Return the spans in order, those that touch made one."""
    last: Span | None = None
    for span in sorted(spans):
        if last is None or span.start_at > last.end_at:
            if last is not None:
                yield last
            last = span
        else:
            last = Span(start_at=last.start_at, end_at=max(last.end_at, span.end_at))
    if last is not None:
        yield last


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """When the hub had no power, and when it could not see a sensor (coming back after the cut included)."""

    cuts: tuple[Span, ...]
    blind: Mapping[str, tuple[Span, ...]]

    def is_up(self, at: datetime) -> bool:
        """Return whether the hub had power."""
        return not any(at in cut for cut in self.cuts)

    def up_from(self, at: datetime) -> datetime:
        """Return the instant, or the next at which the hub has power."""
        return next((cut.end_at for cut in self.cuts if at in cut), at)

    def sees(self, sensor: str, at: datetime) -> bool:
        """Return whether the hub could see what a sensor showed."""
        return not any(at in span for span in self.blind.get(sensor, ()))

    def seen_from(self, sensor: str, at: datetime) -> datetime:
        """Return the instant, or the next at which the hub sees the sensor."""
        return next((span.end_at for span in self.blind.get(sensor, ()) if at in span), at)

    def was_cut(self, span: Span) -> bool:
        """Return whether the hub was without power at some time of it."""
        return any(cut.meets(span) for cut in self.cuts)
