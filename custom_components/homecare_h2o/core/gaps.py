"""The time in which the hub was not running: when it is a gap that people must know of (R010.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .events import Event
from .hub_events import MonitoringGap
from .watching import TELL_AFTER

SHORTEST = timedelta(minutes=2)
"""A reload is shorter, and so is a quick restart: the sign of life may be a minute old when the hub stops."""
ALARM_FROM = TELL_AFTER
"""A gap as long as this is told at once; a shorter one waits in the inbox."""
NEWEST = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A time (UTC) in which nothing was watched."""

    from_at: datetime
    to_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.to_at - self.from_at

    @property
    def is_long(self) -> bool:
        """Whether the larmansvarig must be told at once."""
        return self.length >= ALARM_FROM


def find_gap(alive_at: datetime | None, now: datetime) -> Gap | None:
    """Return the gap since the last sign of life; None if there was none before, or it is too short to tell."""
    if alive_at is None or now - alive_at < SHORTEST:
        return None
    return Gap(from_at=alive_at, to_at=now)


def calc_newest(events: Iterable[Event]) -> tuple[Gap, ...]:
    """Return the newest gaps of the journal, newest first."""
    found = [Gap(from_at=event.from_at, to_at=event.to_at) for event in events if isinstance(event, MonitoringGap)]
    return tuple(reversed(found[-NEWEST:]))
