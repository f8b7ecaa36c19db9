"""The hub's clock: the wall clock, but never back past what the journal has seen.

A hub without a battery clock boots in 1970, and a clock may be set back. Time then goes on from the last
known instant by the monotonic clock, so that nothing that is due stands still and nothing happens twice.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import time


def _wall() -> datetime:
    """Return what the wall clock says (UTC)."""
    return datetime.now(UTC)


CLEARLY = timedelta(minutes=1)
"""A time server moves the clock by less."""


class HubClock:
    """A clock that never goes back."""

    def __init__(self, wall: Callable[[], datetime] = _wall, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start from the wall clock."""
        self._wall = wall
        self._monotonic = monotonic
        self._floor_at = datetime.min.replace(tzinfo=UTC)
        self._floor_mark = monotonic()

    def never_before(self, at: datetime | None) -> None:
        """Keep the clock from showing an instant before this one."""
        if at is not None and at > self.now():
            self._floor_at = at
            self._floor_mark = self._monotonic()

    @property
    def is_behind(self) -> bool:
        """Whether the wall clock shows clearly less than what is known to have passed."""
        return self._floor_at - self._wall() > CLEARLY

    def now(self) -> datetime:
        """Return the time now (UTC)."""
        mark, wall = self._monotonic(), self._wall()
        floor = self._floor_at + timedelta(seconds=mark - self._floor_mark) if wall < self._floor_at else self._floor_at
        now = max(wall, floor)
        self._floor_at, self._floor_mark = now, mark
        return now
