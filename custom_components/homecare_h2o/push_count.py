"""How many pushes each phone was sent today; remembered over a restart, give or take a few."""

from datetime import date

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.budget import LastPush, Spent, count_on, may_send, spend
from .core.messages import Message, MessageKind
from .facts import Facts
from .ports import Clock

WRITTEN_EVERY = 10
"""A restart may forget this many pushes; writing down each one would cost more than they are worth."""


class PushCount:
    """Counts pushes by phone and local day, and says which reminders wait."""

    def __init__(self, hass: HomeAssistant, facts: Facts, clock: Clock) -> None:
        """Keep what is needed."""
        self._hass = hass
        self._facts = facts
        self._clock = clock
        self._spent: dict[str, Spent] = {}
        self._last: dict[tuple[str, str], LastPush] = {}

    def may_send(self, message: Message) -> bool:
        """Return whether a message goes out now."""
        last = self._last.get((message.phone_id, message.alarm.alarm_id))
        return may_send(message, self.of(message.phone_id), last, self._clock.now())

    def note(self, message: Message) -> None:
        """Remember when a phone was told of an alarm, until it is over."""
        key = (message.phone_id, message.alarm.alarm_id)
        if message.kind is MessageKind.CLEAR:
            self._last.pop(key, None)
        else:
            self._last[key] = LastPush(at=self._clock.now(), alarm=message.alarm)

    def of(self, phone_id: str) -> int:
        """Return how many pushes a phone was sent today."""
        return count_on(self._known(phone_id), dt_util.as_local(self._clock.now()).date())

    def add(self, phone_id: str, remaining: int | None) -> None:
        """Count one more push; the push service knows best what remains."""
        before = self.of(phone_id)
        spent = spend(self._known(phone_id), dt_util.as_local(self._clock.now()).date(), remaining)
        self._spent[phone_id] = spent
        if spent.count // WRITTEN_EVERY != before // WRITTEN_EVERY:
            fact = {"day": spent.day.isoformat(), "count": spent.count}
            self._hass.async_create_background_task(
                self._facts.put(f"pushes.{phone_id}", fact), "homecare_h2o count pushes"
            )

    def _known(self, phone_id: str) -> Spent | None:
        """Return what was counted, in this run or the one before."""
        if (spent := self._spent.get(phone_id)) is None and (fact := self._facts.get(f"pushes.{phone_id}")):
            spent = self._spent[phone_id] = Spent(day=date.fromisoformat(str(fact["day"])), count=int(fact["count"]))
        return spent
