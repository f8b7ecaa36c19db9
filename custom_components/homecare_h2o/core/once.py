"""Something that keeps coming is journalled once an hour: the journal must not be filled by what changed nothing."""

from collections.abc import Hashable
from datetime import datetime, timedelta

ONCE_IN = timedelta(hours=1)
MOST = 1000


class OncePerHour[Key: Hashable]:
    """Remembers what was told within the hour."""

    def __init__(self) -> None:
        """Know nothing."""
        self._told: dict[Key, datetime] = {}

    def is_new(self, key: Key, now: datetime) -> bool:
        """Return whether something is to be told now, and remember that it was."""
        told_at = self._told.get(key)
        # A clock that was set back must not silence anything.
        if told_at is not None and told_at <= now < told_at + ONCE_IN:
            return False
        self._told.pop(key, None)
        self._told[key] = now
        if len(self._told) > MOST:
            del self._told[next(iter(self._told))]
        return True
