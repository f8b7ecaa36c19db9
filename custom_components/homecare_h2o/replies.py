"""Answers in plain text: whatever brings an SMS or a chat to Home Assistant may feed them (R012.1).

An answer counts as the one phone's that its sender is registered for, and goes the way of that phone's buttons.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.notify import DOMAIN as NOTIFY
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .core.alarm import Alarm
from .core.answers import make_button_id
from .core.events import RefusalReason, ReplyRefused
from .core.once import OncePerHour
from .core.telephone import mask, normalise_number
from .core.text_replies import ACCEPTED, REFUSED, Reply, ReplyOutcome, find_meant, parse_reply
from .engine import Engine
from .phones import ENTITY, SERVICE, phone_name
from .ports import Clock
from .roles import async_may_answer
from .settings import groups_of, numbers_of
from .wording import Wording


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What became of a reply, the words to send back, and the alarm it was about."""

    outcome: ReplyOutcome
    text: str
    alarm_id: str | None = None


def find_sender(entry: ConfigEntry[Any], sender: str) -> str | None:
    """Return the phone that a sender is, None for a stranger.

    An app's phone id is never believed: its answers come with its user, or from its registered number.
    """
    if number := normalise_number(sender):
        return numbers_of(entry).get(number)
    name = sender.strip()
    bare = name.removeprefix(f"{NOTIFY}.")
    named = {name, f"{ENTITY}{name}", f"{SERVICE}{bare}"}
    known = [phone for group in groups_of(entry) for phone in group.phones if phone.startswith((ENTITY, SERVICE))]
    return next((phone for phone in known if phone in named), None)


class Replies:
    """Takes answers in plain text."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        engine: Engine,
        clock: Clock,
        wording: Wording,
        code_of: Callable[[str], str],
    ) -> None:
        """Keep what is needed; ``code_of`` gives a brukare's code."""
        self._hass = hass
        self._entry = entry
        self._engine = engine
        self._clock = clock
        self._wording = wording
        self._code_of = code_of
        self._once: OncePerHour[tuple[str, ReplyOutcome]] = OncePerHour()

    async def process(self, sender: str, text: str, number: int | None, user_id: str | None) -> Answered:
        """Do what a text says; ``number`` is the alarm's where the text names none."""
        phone_id = find_sender(self._entry, sender)
        if phone_id is None:
            return await self._refuse(sender, mask(sender), ReplyOutcome.UNKNOWN_SENDER)
        if not await async_may_answer(self._hass, phone_id):
            return await self._refuse(phone_id, phone_id, ReplyOutcome.NOT_ALLOWED)
        reply = parse_reply(text)
        if reply is None:
            return await self._refuse(phone_id, phone_id, ReplyOutcome.NOT_UNDERSTOOD)
        if reply.number is None:
            reply = Reply(answer=reply.answer, number=number)
        chosen = find_meant(self._engine.alarms.values(), phone_id, reply)
        if len(chosen) > 1:
            numbers = ", ".join(f"{alarm.number} ({self._title(alarm)})" for alarm in chosen)
            return await self._refuse(phone_id, phone_id, ReplyOutcome.AMBIGUOUS, numbers=numbers)
        if not chosen:
            outcome = ReplyOutcome.NO_ALARM if reply.number is None else ReplyOutcome.UNKNOWN_NUMBER
            return await self._refuse(phone_id, phone_id, outcome, number=str(reply.number))
        return await self._answer(chosen[0], phone_id, reply, user_id)

    async def _answer(self, alarm: Alarm, phone_id: str, reply: Reply, user_id: str | None) -> Answered:
        """Press the phone's button for it: the engine decides, refuses and journals as it does for any other."""
        reason = await self._press(alarm, phone_id, reply, user_id)
        if reason is RefusalReason.OUTDATED and (called_again := self._engine.alarms.get(alarm.alarm_id)):
            # It was called again just now; a text knows no steps.
            reason = await self._press(called_again, phone_id, reply, user_id)
        outcome = ACCEPTED[reply.answer] if reason is None else REFUSED.get(reason, ReplyOutcome.UNKNOWN_NUMBER)
        latest = self._engine.alarms.get(alarm.alarm_id, alarm)
        return Answered(outcome=outcome, text=self._say(outcome, latest), alarm_id=alarm.alarm_id)

    async def _press(self, alarm: Alarm, phone_id: str, reply: Reply, user_id: str | None) -> RefusalReason | None:
        """Press a button of the phone's newest message."""
        return await self._engine.answer(
            make_button_id(alarm, phone_id, reply.answer), user_id, lambda answering: answering == phone_id
        )

    def _say(self, outcome: ReplyOutcome, alarm: Alarm) -> str:
        """Return what to send back about an alarm; never a name or an address (R010.7)."""
        taker = alarm.acknowledged_by.phone_id if alarm.acknowledged_by else None
        name = phone_name(self._hass, taker) if taker else None
        values = {"number": str(alarm.number), "title": self._title(alarm), "taker": self._wording.taker(name)}
        return self._wording.reply(outcome, values)

    def _title(self, alarm: Alarm) -> str:
        """Return which alarm it is, as its messages say."""
        return self._wording.title(self._code_of(alarm.brukare_id), alarm)

    async def _refuse(self, key: str, sender: str, outcome: ReplyOutcome, **values: str) -> Answered:
        """Journal once that a text changed nothing, and tell its sender why; a stranger is told nothing."""
        now = self._clock.now()
        if self._once.is_new((key, outcome), now):
            await self._engine.record(ReplyRefused(at=now, sender=sender, reason=outcome))
        text = "" if outcome is ReplyOutcome.UNKNOWN_SENDER else self._wording.reply(outcome, values)
        return Answered(outcome=outcome, text=text)


def describe_answered(answered: Answered) -> dict[str, Any]:
    """Return what became of a reply as plain data."""
    told: Mapping[str, str | None] = {
        "outcome": answered.outcome,
        "reply": answered.text,
        "alarm_id": answered.alarm_id,
    }
    return {key: value for key, value in told.items() if value is not None}
