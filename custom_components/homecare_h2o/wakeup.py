"""Wakes the engine when something is due. A timer is only a wake-up: what is due is data in the journal."""

from datetime import datetime, timedelta
import logging

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later, async_track_time_interval

from .const import SIGNAL_SWEEP, SWEEP_INTERVAL
from .core.alarm import Alarm
from .core.events import Event
from .engine import Engine
from .ports import Clock

_LOGGER = logging.getLogger(__name__)

_MARGIN = timedelta(milliseconds=5)
"""A timer that runs a moment early would only have to be set again."""


class Wakeup:
    """Keeps one timer at the engine's next deadline, and sweeps in case the clock was moved."""

    def __init__(self, hass: HomeAssistant, engine: Engine, clock: Clock) -> None:
        """Prepare."""
        self._hass = hass
        self._engine = engine
        self._clock = clock
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._set_for: datetime | None = None
        self._stops: list[CALLBACK_TYPE] = []

    @callback
    def async_start(self) -> None:
        """Start waking the engine."""
        self._stops = [
            self._engine.subscribe(self._on_event),
            async_track_time_interval(
                self._hass, self._async_sweep, SWEEP_INTERVAL, name="HomeCare H2O sweep", cancel_on_shutdown=True
            ),
        ]
        self._schedule()

    @callback
    def async_stop(self) -> None:
        """Stop waking the engine."""
        for stop in self._stops:
            stop()
        self._stops = []
        self._cancel()

    @callback
    def _cancel(self) -> None:
        """Cancel the timer."""
        if self._cancel_timer:
            self._cancel_timer()
        self._cancel_timer = self._set_for = None

    @callback
    def _on_event(self, event: Event, alarm: Alarm | None) -> None:
        """Look at the next deadline again when something has happened."""
        self._schedule()

    @callback
    def _schedule(self) -> None:
        """Set the timer to the next deadline."""
        deadline_at = self._engine.next_deadline_at
        if deadline_at == self._set_for:
            return
        self._cancel()
        if deadline_at is None or not self._stops:
            return
        self._set_for = deadline_at
        wait = max(timedelta(0), deadline_at - self._clock.now()) + _MARGIN
        self._cancel_timer = async_call_later(
            self._hass, wait, HassJob(self._async_wake, "HomeCare H2O wake-up", cancel_on_shutdown=True)
        )

    async def _async_wake(self, _now: datetime) -> None:
        """Have what is due done."""
        self._cancel_timer = self._set_for = None
        await self._async_wake_engine()
        deadline_at = self._engine.next_deadline_at
        if deadline_at is None or deadline_at > self._clock.now():
            self._schedule()
        # Else something could not be done: the sweep tries again, not the next moment.

    async def _async_sweep(self, _now: datetime) -> None:
        """Have what is due done, also by those who watch sensors."""
        await self._async_wake_engine()
        async_dispatcher_send(self._hass, SIGNAL_SWEEP)

    async def _async_wake_engine(self) -> None:
        """Wake the engine; its trouble must not keep anybody else from looking."""
        try:
            await self._engine.wake()
        except Exception:
            _LOGGER.exception("The engine could not do what is due")
