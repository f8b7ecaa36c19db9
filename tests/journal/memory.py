"""A journal in memory, for tests of what stands on one; the contract tests hold it to what the file does."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import override

from custom_components.homecare_h2o import journal_chain, journal_rows as rows
from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import (
    AlarmEvent,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    Event,
    FalseAlarmReported,
    JournalPurged,
    PurgedRows,
)
from custom_components.homecare_h2o.core.lasting import LASTING
from custom_components.homecare_h2o.ports import Extent, Journal, RaiseKey, Recorded


class MemoryJournal(Journal):
    """Survives a ``restart`` as a file does; with ``is_broken`` it is a full disk."""

    def __init__(self) -> None:
        self.is_broken = False
        self.recorded: list[Recorded] = []
        self.finished: set[str] = set()
        self._is_closed = False

    @property
    def events(self) -> list[Event]:
        """All that was written."""
        return [row.event for row in self.recorded]

    def restart(self) -> MemoryJournal:
        """Return what the next process would open."""
        journal = MemoryJournal()
        journal.recorded = list(self.recorded)
        journal.finished = set(self.finished)
        return journal

    @override
    async def append(self, events: Sequence[Event], *, finished: Collection[str] = ()) -> None:
        self._require()
        head = rows.Head(self.recorded[-1].seq, self.recorded[-1].digest) if self.recorded else rows.Head()
        written: list[Recorded] = []
        for event in events:
            row = rows.write_row(head, event)
            # As a restart would read it.
            read = codec.decode(row.kind, row.version, row.data)
            written.append(Recorded(seq=row.seq, event=read, digest=row.digest))
            head = rows.Head(row.seq, row.digest)
        self.recorded += written
        self.finished |= set(finished)

    @override
    async def append_raise(self, events: Sequence[Event], key: RaiseKey) -> str | None:
        if known := await self.find_raise(*key):
            return known
        await self.append(events)
        return None

    @override
    async def load_unfinished(self) -> Sequence[Sequence[AlarmEvent]]:
        self._require()
        return [self._history(raised.alarm_id) for raised in self._raised() if raised.alarm_id not in self.finished]

    @override
    async def find_raise(self, brukare_id: str, rule: str, due_at: datetime) -> str | None:
        self._require()
        for event in self.events:
            if isinstance(event, AlarmRaised | AlarmRepeated) and (event.brukare_id, event.rule, event.due_at) == (
                brukare_id,
                rule,
                due_at,
            ):
                return event.alarm_id
        return None

    @override
    async def load_alarm(self, alarm_id: str) -> Sequence[AlarmEvent]:
        self._require()
        return self._history(alarm_id)

    @override
    async def load_alarms(
        self, brukare_id: str | None = None, *, since: datetime | None = None, limit: int = 100
    ) -> Sequence[Sequence[AlarmEvent]]:
        self._require()
        first_at = since or datetime.min.replace(tzinfo=UTC)
        newest = [
            raised.alarm_id
            for raised in reversed(list(self._raised()))
            if brukare_id in (None, raised.brukare_id) and raised.at >= first_at
        ]
        return [self._history(alarm_id) for alarm_id in newest[:limit]]

    @override
    async def read(
        self, after: int = 0, limit: int = 1000, *, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Recorded]:
        self._require()
        first_at, end_at = since or datetime.min.replace(tzinfo=UTC), until or datetime.max.replace(tzinfo=UTC)
        return [row for row in self.recorded if row.seq > after and first_at <= row.event.at < end_at][:limit]

    @override
    async def load_kinds(self, kinds: Collection[str]) -> Sequence[Recorded]:
        self._require()
        return [row for row in self.recorded if row.event.kind in kinds and not isinstance(row.event, AlarmEvent)]

    @override
    async def load_last_at(self) -> datetime | None:
        self._require()
        return self.recorded[-1].event.at if self.recorded else None

    @override
    async def load_extent(self) -> Extent:
        self._require()
        removed = sum(gap.last - gap.first + 1 for gap in self._gaps())
        return Extent(
            rows=len(self.recorded),
            removed=removed,
            first_at=self.recorded[0].event.at if self.recorded else None,
            last_at=await self.load_last_at(),
            digest=self.recorded[-1].digest if self.recorded else journal_chain.GENESIS,
        )

    @override
    async def verify(self) -> int:
        self._require()
        return self.recorded[-1].seq if self.recorded else 0

    @override
    async def purge(self, before: datetime, now: datetime) -> int:
        self._require()
        gone = [row for row in takewhile(lambda row: row.event.at < before, self.recorded) if self._may_go(row, before)]
        newest = [row for row in self.recorded if isinstance(row.event, JournalPurged)][-1:]
        superseded = [row for row in newest if gone and row not in gone]
        if gone:
            gaps = journal_chain.join_gaps(self._gaps(), map(self._gap, [*gone, *superseded]))
            await self.append([JournalPurged(at=now, before_at=before, gaps=gaps)])
            self.recorded = [row for row in self.recorded if row not in (*gone, *superseded)]
        return len(gone)

    def _gaps(self) -> tuple[PurgedRows, ...]:
        """Return what was removed, as the newest row says that is about it."""
        return next((event.gaps for event in reversed(self.events) if isinstance(event, JournalPurged)), ())

    def _gap(self, row: Recorded) -> PurgedRows:
        """Return the gap that a row leaves."""
        digests = {gap.last: gap.digest for gap in self._gaps()} | {0: journal_chain.GENESIS}
        digests |= {known.seq: known.digest for known in self.recorded}
        return PurgedRows(first=row.seq, last=row.seq, before=digests[row.seq - 1], digest=row.digest)

    def _may_go(self, row: Recorded, before: datetime) -> bool:
        """Return whether a row belongs to no alarm, or to one that is closed and older as a whole."""
        history = self._history(row.event.alarm_id) if isinstance(row.event, AlarmEvent) else []
        begun = [event for event in history if isinstance(event, AlarmRaised | AlarmRepeated)]
        ended = any(isinstance(event, AlarmResolved | FalseAlarmReported) for event in history)
        is_finished = ended and history[0].alarm_id in self.finished
        is_older = all(at < before for at in [*(e.at for e in history), *(e.due_at for e in begun)])
        is_kept = isinstance(row.event, LASTING) or any(isinstance(event, AlarmRaised) for event in history)
        return not is_kept or (is_finished and is_older)

    @override
    async def close(self) -> None:
        self._is_closed = True

    def _require(self) -> None:
        """Fail as a file would that cannot be read or written now."""
        if self.is_broken or self._is_closed:
            raise JournalUnavailableError("broken")

    def _raised(self) -> Iterator[AlarmRaised]:
        return (event for event in self.events if isinstance(event, AlarmRaised))

    def _history(self, alarm_id: str) -> list[AlarmEvent]:
        return [event for event in self.events if isinstance(event, AlarmEvent) and event.alarm_id == alarm_id]
