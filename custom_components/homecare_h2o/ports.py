"""What the engine needs of the world: a journal, phones and a clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .core.events import AlarmEvent, Event
from .core.messages import Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """An event in the journal; ``seq`` counts from 1, ``digest`` is chained to the row before, removed or not."""

    seq: int
    event: Event
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """How far a journal reaches: the rows that are there, those that were removed, and the end of the chain."""

    rows: int
    removed: int
    first_at: datetime | None
    last_at: datetime | None
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Damage:
    """A journal that was set aside at start because it was not what had been written."""

    file: str
    reason: str


type RaiseKey = tuple[str, str, datetime]
"""What a raise is known by: the brukare, the rule, and the instant at which it fell due."""


class Journal(Protocol):
    """An append-only record of events that survives ``kill -9``; all of it or nothing of an append.

    Every method raises JournalUnavailableError when the journal cannot be read or written.
    """

    async def append(self, events: Sequence[Event], *, finished: Collection[str] = ()) -> None:
        """Write events in one transaction; when it returns they are on disk.

        ``finished`` are alarms that need not be loaded at the next start.
        """

    async def append_raise(self, events: Sequence[Event], key: RaiseKey) -> str | None:
        """Write a new alarm's events, unless its deadline has raised already: return that alarm, and write nothing."""

    async def load_unfinished(self) -> Sequence[Sequence[AlarmEvent]]:
        """Return the whole history of every alarm that has not been said to be finished, oldest first."""

    async def find_raise(self, brukare_id: str, rule: str, due_at: datetime) -> str | None:
        """Return the alarm that this deadline of a rule raised or repeated, None if it never did."""

    async def load_alarm(self, alarm_id: str) -> Sequence[AlarmEvent]:
        """Return the whole history of one alarm, nothing if there is none."""

    async def load_alarms(
        self, brukare_id: str | None = None, *, since: datetime | None = None, limit: int = 100
    ) -> Sequence[Sequence[AlarmEvent]]:
        """Return the histories of the newest alarms, newest first."""

    async def read(
        self, after: int = 0, limit: int = 1000, *, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Recorded]:
        """Return rows in order, from an instant on and before another."""

    async def load_kinds(self, kinds: Collection[str]) -> Sequence[Recorded]:
        """Return every row of some kinds that concern no alarm, in order."""

    async def load_last_at(self) -> datetime | None:
        """Return the instant of the newest row, None if there is none."""

    async def load_extent(self) -> Extent:
        """Return how far the journal reaches."""

    async def verify(self) -> int:
        """Return how many rows the chain has, with those removed; raises JournalDamagedError where it breaks."""

    async def purge(self, before: datetime, now: datetime) -> int:
        """Remove what is older than an instant, and journal that; return how many rows that were.

        An alarm goes whole or not at all, and never while it is open. Raises JournalDamagedError, and removes no more,
        where the chain breaks.
        """

    async def close(self) -> None:
        """Finish what is being written."""


class Notifier(Protocol):
    """Puts a message on a phone."""

    async def send(self, message: Message) -> None:
        """Hand a message over for delivery; raises NotificationError if that failed.

        That it returns means called, not delivered.
        """


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the time now (UTC)."""
