"""What the triggers that wait for a deadline have in common: one timer, which is only a wake-up."""

from abc import abstractmethod
from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later

from .watch import Watch

MARGIN = timedelta(milliseconds=5)
"""A timer that runs a moment early would only have to be set again."""


class DeadlineWatch(Watch):
    """A watch that fires what is due, and keeps a timer at what is due next."""

    _cancel: CALLBACK_TYPE | None = None

    @abstractmethod
    def next_due_at(self) -> datetime | None:
        """Return the next deadline, perhaps in the past; None if there is none."""

    @abstractmethod
    def fire_due(self, due_at: datetime, now: datetime) -> None:
        """Fire a deadline; afterwards it is not the next one any more."""

    @callback
    def evaluate(self) -> None:
        """Fire what is due, and set the timer to what is due next."""
        if self.hub is None:
            return
        # A pause may end at the very instant at which something falls due.
        self.begin_anew()
        self.cancel_timer()
        while (due_at := self.next_due_at()) is not None and due_at <= self.hub.clock.now():
            self.fire_due(due_at, self.hub.clock.now())
        if due_at is not None:
            self._cancel = async_call_later(self.hass, due_at - self.hub.clock.now() + MARGIN, self._on_timer)

    @callback
    def cancel_timer(self) -> None:
        """Cancel the timer."""
        if self._cancel:
            self._cancel()
            self._cancel = None

    @callback
    def _on_timer(self, _now: datetime) -> None:
        """Fire what is due."""
        self._cancel = None
        self.evaluate()
