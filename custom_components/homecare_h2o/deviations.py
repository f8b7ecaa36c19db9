"""The larmansvarig's inbox, as the journal has it; a snapshot in the facts spares a start from reading all of it.

Whatever was journalled and not filed, because the hub was killed in between, is filed when the rows since the snapshot
are read: at the start, and once an hour.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import ulid as ulid_util

from .const import SIGNAL_DEVIATIONS
from .core.alarm import Alarm
from .core.codec import from_plain, to_plain
from .core.deviations import (
    FILED_WITHIN,
    Deviation,
    Inbox,
    Snapshot,
    calc_filing,
    evolve,
    file_again,
    forget,
    is_source,
    make_deviation_id,
    update,
)
from .core.errors import EngineStoppedError, HomeCareError, JournalUnavailableError, UnknownDeviationError
from .core.events import (
    Actor,
    AlarmEvent,
    DeviationFiled,
    DeviationKind,
    DeviationsReminded,
    DeviationStatus,
    DeviationUpdated,
    Event,
)
from .engine import Engine
from .facts import Facts
from .outbox import Spawn
from .ports import Clock, Journal

_LOGGER = logging.getLogger(__name__)

KEY = "deviations"
CATCH_UP_EVERY = timedelta(hours=1)
CHUNK = 1000
"""Rows that are read at a time."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
OF_THE_INBOX = (DeviationFiled, DeviationUpdated, DeviationsReminded)


class Deviations:
    """Files what the larmansvarig must look at, once, and lets it be worked on."""

    def __init__(
        self, hass: HomeAssistant, journal: Journal, engine: Engine, facts: Facts, clock: Clock, spawn: Spawn
    ) -> None:
        """Take up the snapshot; what has happened since then is read after ``async_start``."""
        self._hass = hass
        self._journal = journal
        self._engine = engine
        self._facts = facts
        self._clock = clock
        self._spawn = spawn
        self._lock = asyncio.Lock()
        self._snapshot = self._load_snapshot()
        self._live: list[Event] = []
        """What happened since the journal was last read, and may not be in it yet."""
        self.inbox = self._snapshot.inbox
        self.is_ready = False
        """Whether the inbox is known to be whole."""

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Start filing; returns the way to stop that."""
        stops = [
            self._engine.subscribe(self._on_event),
            async_track_time_interval(
                self._hass, self._async_refresh, CATCH_UP_EVERY, name="HomeCare H2O inbox", cancel_on_shutdown=True
            ),
        ]

        @callback
        def stop() -> None:
            for each in stops:
                each()

        return stop

    @callback
    def async_read(self) -> None:
        """Read what has been journalled since the snapshot; nothing waits for it."""
        self._spawn(self._async_refresh(), "homecare_h2o inbox")

    async def file(
        self,
        brukare_id: str,
        kind: DeviationKind,
        text: str | None,
        alarm_id: str | None = None,
        source: str | None = None,
        *,
        comment: str | None = None,
        by: Actor | None = None,
        deviation_id: str | None = None,
    ) -> str:
        """Put something into the inbox and return its id, which is there once; so is each kind of an alarm's."""
        with suppress(JournalUnavailableError):
            await self._ready()
        now = self._clock.now()
        filed = DeviationFiled(
            at=now,
            deviation_id=deviation_id or (make_deviation_id(alarm_id, kind) if alarm_id else ulid_util.ulid_now()),
            brukare_id=brukare_id,
            deviation=kind,
            happened_at=now,
            alarm_id=alarm_id,
            alarm_type=None,
            text=text,
            comment=comment,
            by=by or Actor(),
            source=source,
        )
        async with self._lock:
            await self._file_once(filed)
        return filed.deviation_id

    async def forget(self, brukare_id: str) -> None:
        """Forget what is about a brukare who is erased; the journal has been rewritten before (S.2)."""
        async with self._lock:
            self._live = [event for event in self._live if getattr(event, "brukare_id", None) != brukare_id]
            self._snapshot = replace(self._snapshot, inbox=forget(self._snapshot.inbox, brukare_id))
            self._show(forget(self.inbox, brukare_id))
            await self._facts.put(KEY, to_plain(self._snapshot))

    async def load(self) -> Sequence[Deviation]:
        """Return the inbox, oldest first; raises JournalUnavailableError if it is not known."""
        await self._ready()
        return self.inbox.items

    async def update(
        self, deviation_id: str, by: Actor, *, status: DeviationStatus | None = None, comment: str | None = None
    ) -> Deviation:
        """Work on something; raises UnknownDeviationError, and JournalUnavailableError if the inbox is not known."""
        await self._ready()
        async with self._lock:
            item = self.find(deviation_id)
            for event in update(item, by, self._clock.now(), status=status, comment=comment):
                await self._engine.record(event)
            return self.find(deviation_id)

    def find(self, deviation_id: str) -> Deviation:
        """Return something in the inbox; raises UnknownDeviationError."""
        if item := self.inbox.find(deviation_id):
            return item
        raise UnknownDeviationError

    # --- while it happens -----------------------------------------------------------------------

    @callback
    def _on_event(self, event: Event, alarm: Alarm | None) -> None:
        """Take up what is journalled."""
        if isinstance(event, OF_THE_INBOX):
            self._live.append(event)
            self._show(evolve(self.inbox, event))
        elif alarm is not None and isinstance(event, AlarmEvent) and is_source(event):
            self._spawn(self._async_file(event, alarm), "homecare_h2o file a deviation")

    async def _async_file(self, event: AlarmEvent, alarm: Alarm) -> None:
        """File what has just happened to an alarm; a hub that is being closed does it at its next start."""
        if filed := calc_filing(event, alarm, self._clock.now()):
            with suppress(EngineStoppedError):
                async with self._lock:
                    await self._file_once(filed)

    async def _file_once(self, filed: DeviationFiled) -> None:
        """Journal what is filed unless it is in the inbox already."""
        if self.inbox.find(filed.deviation_id) is None:
            await self._engine.record(filed)

    @callback
    def _show(self, inbox: Inbox) -> None:
        """Let everyone see the inbox as it is now."""
        self.inbox = inbox
        async_dispatcher_send(self._hass, SIGNAL_DEVIATIONS)

    # --- what the journal says ------------------------------------------------------------------

    def _load_snapshot(self) -> Snapshot:
        """Return the inbox as the facts have it; an empty one, which the whole journal fills, if they cannot say."""
        known = self._facts.get(KEY)
        try:
            return from_plain(Snapshot, known) if known else Snapshot()
        except KeyError, TypeError, ValueError:
            _LOGGER.warning("What is remembered of the inbox cannot be read; the whole journal is")
            return Snapshot()

    async def _ready(self) -> None:
        """Read the journal unless it has been; raises JournalUnavailableError."""
        if not self.is_ready:
            await self._catch_up()

    async def _async_refresh(self, _now: datetime | None = None) -> None:
        """Read what is new in the journal; what cannot be read now is read the next time."""
        try:
            await self._catch_up()
        except HomeCareError:
            if not self._engine.is_stopped:
                _LOGGER.warning("The inbox could not be read from the journal", exc_info=True)

    async def _catch_up(self) -> None:
        """Fold what has been journalled since the snapshot, file what nobody has filed, and take a new snapshot."""
        async with self._lock:
            if not self._engine.is_journal_behind:
                self._live.clear()
            before = self._snapshot
            is_same_journal = await self._is_snapshot_of_this_journal()
            events, snapshot = await self._fold(before if is_same_journal else Snapshot(inbox=before.inbox))
            # What was journalled while it was read may or may not have been seen: twice does no harm.
            self.is_ready = True
            self._show(reduce(evolve, self._live, snapshot.inbox))
            if not is_same_journal:
                await self._file_again(before.inbox, events)
            has_seen_all = before.seq and is_same_journal
            await self._file_missing(events, since=LONG_AGO if has_seen_all else self._clock.now() - FILED_WITHIN)
            if not self._engine.is_journal_behind:
                self._snapshot = snapshot
                await self._facts.put(KEY, to_plain(snapshot))

    async def _is_snapshot_of_this_journal(self) -> bool:
        """Return whether the row that the snapshot ends with is in the journal: a damaged one is replaced."""
        seq = self._snapshot.seq
        rows = await self._journal.read(seq - 1, 1) if seq else ()
        return not seq or (bool(rows) and rows[0].digest == self._snapshot.digest)

    async def _fold(self, snapshot: Snapshot) -> tuple[list[Event], Snapshot]:
        """Return the snapshot at the end of the journal, and what it met on the way that matters."""
        events: list[Event] = []
        while rows := await self._journal.read(snapshot.seq, CHUNK):
            inbox = reduce(evolve, (row.event for row in rows), snapshot.inbox)
            snapshot = Snapshot(inbox=inbox, seq=rows[-1].seq, digest=rows[-1].digest)
            events += [row.event for row in rows if isinstance(row.event, OF_THE_INBOX) or is_source(row.event)]
        return events, snapshot

    async def _file_missing(self, events: Sequence[Event], since: datetime) -> None:
        """File what was journalled and not filed: the hub was killed in between."""
        known = _filed_in(events)
        for event in events:
            if not isinstance(event, AlarmEvent) or event.at < since:
                continue
            try:
                filed = calc_filing(event, await self._engine.load(event.alarm_id), self._clock.now())
            except HomeCareError:
                _LOGGER.exception("An alarm cannot be read, and is not in the inbox")
                continue
            if filed and filed.deviation_id not in known:
                await self._file_once(filed)

    async def _file_again(self, inbox: Inbox, events: Sequence[Event]) -> None:
        """Journal anew what waits, when the journal that had it was replaced."""
        known = _filed_in(events)
        for item in inbox.waiting:
            if item.deviation_id not in known:
                for event in file_again(item, self._clock.now()):
                    await self._engine.record(event)


def _filed_in(events: Sequence[Event]) -> set[str]:
    """Return what these events have filed, also what the inbox has forgotten since."""
    return {event.deviation_id for event in events if isinstance(event, DeviationFiled)}
