"""The pauses of a home: journalled, ended by themselves, and told to all that watch (R010.6).

What is paused is data, folded from the journal; the timer only wakes, and a sweep finds what a moved clock has ended.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.event import async_call_later
from homeassistant.util import ulid as ulid_util

from .const import SIGNAL_PAUSES, SIGNAL_SWEEP
from .core.alarm import Alarm
from .core.arming import Pause, Suppression, find_suppression
from .core.commands import RaiseRequest
from .core.errors import EngineStoppedError, NotPausedError
from .core.escalation import AlarmType
from .core.events import Actor, Event
from .core.pauses import OF_PAUSES, Pauses, Subject, end, evolve, start
from .engine import Engine
from .outbox import Spawn
from .ports import Clock, Journal

MARGIN = timedelta(milliseconds=5)
"""A timer that runs a moment early would only have to be set again."""


class PauseKeeper:
    """Keeps what is paused; one pause of each subject, of which the newest end counts."""

    def __init__(self, hass: HomeAssistant, engine: Engine, journal: Journal, clock: Clock, spawn: Spawn) -> None:
        """Know of no pause yet."""
        self._hass = hass
        self._engine = engine
        self._journal = journal
        self._clock = clock
        self._spawn = spawn
        self._lock = asyncio.Lock()
        self._cancel_timer: CALLBACK_TYPE | None = None
        self.pauses = Pauses()

    # --- what can be seen -----------------------------------------------------------------------

    def find(self, subject: Subject) -> Pause | None:
        """Return the pause of exactly this subject that lasts now."""
        return self.pauses.find(subject, self._clock.now())

    def find_covering(self, brukare_id: str, rule: str, alarm_type: AlarmType) -> Pause | None:
        """Return the pause that keeps a rule silent now, of several the longest."""
        current = self.pauses.current(self._clock.now())
        covering = (pause for pause in current if pause.covers(brukare_id, rule, alarm_type))
        return max(covering, key=lambda pause: pause.until_at, default=None)

    def last_end_at(self, brukare_id: str, rule: str, alarm_type: AlarmType) -> datetime | None:
        """Return when the last pause ended that a rule was silent by; None if there was none."""
        return self.pauses.last_end_at(brukare_id, rule, alarm_type, self._clock.now())

    def find_suppression(
        self, request: RaiseRequest, now: datetime, without_consent: Collection[str]
    ) -> Suppression | None:
        """Return why a rule must not raise an alarm now, None if it may.

        What fell due during a pause is nobody's alarm either when it is told late: the hub was down, or its clock slow.
        """
        due_at = min(request.due_at, now)
        return next(
            filter(
                None,
                (
                    find_suppression(
                        request.brukare_id,
                        request.rule,
                        request.alarm_type,
                        at,
                        pauses=pauses,
                        without_consent=without_consent,
                    )
                    for at, pauses in ((now, self.pauses.begun), (due_at, self.pauses.lasting_at(due_at)))
                ),
            ),
            None,
        )

    # --- start and stop -------------------------------------------------------------------------

    async def async_load(self) -> None:
        """Read what is paused from the journal, before anything is written; raises JournalUnavailableError."""
        rows = await self._journal.load_kinds({event.kind for event in OF_PAUSES})
        for event in (*(row.event for row in rows), *self._engine.unwritten.events):
            self.pauses = evolve(self.pauses, event)

    @callback
    def async_start(self) -> Callable[[], None]:
        """Follow what is journalled, and end what is due; returns the way to stop."""
        stops = [
            self._engine.subscribe(self._on_event),
            async_dispatcher_connect(self._hass, SIGNAL_SWEEP, self._on_due),
        ]
        self._set_timer()

        def stop() -> None:
            for each in stops:
                each()
            self._clear_timer()

        return stop

    # --- commands -------------------------------------------------------------------------------

    async def start(self, subject: Subject, reason: str, until_at: datetime, by: Actor) -> Pause:
        """Pause something, or give its pause another end; the same once more changes nothing.

        Raises PauseReasonMissingError, PauseEndMissedError and PauseTooLongError.
        """
        async with self._lock:
            now = self._clock.now()
            event = start(subject, reason, until_at, by, now, ulid_util.ulid_now())
            before = self.pauses.find(subject, now)
            if before is not None and (before.reason, before.until_at) == (event.reason, event.until_at):
                return before
            await self._engine.record(event)
            return self.pauses.begun[-1]

    async def resume(self, subject: Subject, by: Actor) -> Pause:
        """End a pause before its time; raises NotPausedError."""
        async with self._lock:
            now = self._clock.now()
            if (pause := self.pauses.find(subject, now)) is None:
                raise NotPausedError
            await self._engine.record(end(pause, by, now))
            return pause

    async def expire(self) -> None:
        """Journal the end of each pause whose time is up."""
        async with self._lock:
            now = self._clock.now()
            for pause in self.pauses.due(now):
                await self._engine.record(end(pause, Actor(), now))

    # --- how ------------------------------------------------------------------------------------

    @callback
    def _on_event(self, event: Event, _alarm: Alarm | None) -> None:
        """Take up what is journalled."""
        if isinstance(event, OF_PAUSES):
            self.pauses = evolve(self.pauses, event)
            self._set_timer()
            async_dispatcher_send(self._hass, SIGNAL_PAUSES)

    @callback
    def _on_due(self, _now: datetime | None = None) -> None:
        """End what is due."""
        if self.pauses.due(self._clock.now()):
            self._spawn(self._async_expire(), "homecare_h2o end of a pause")
        else:
            self._set_timer()

    async def _async_expire(self) -> None:
        """End what is due; a hub that is being closed does it at its next start."""
        with suppress(EngineStoppedError):
            await self.expire()

    @callback
    def _set_timer(self) -> None:
        """Wake up at the next end."""
        self._clear_timer()
        if end_at := self.pauses.next_end_at():
            wait = max(end_at - self._clock.now(), timedelta()) + MARGIN
            self._cancel_timer = async_call_later(self._hass, wait, self._on_due)

    @callback
    def _clear_timer(self) -> None:
        """Wake up no more."""
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None
