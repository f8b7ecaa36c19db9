"""What each phone is to show of an alarm; a newer message replaces the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .alarm import Alarm, AlarmState
from .answers import CALL_ANSWERS, OUTCOME_ANSWERS, TAKER_ANSWERS, Answer
from .events import (
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmDone,
    AlarmEscalated,
    AlarmEvent,
    AlarmHandedOver,
    AlarmResolved,
    AnswerRefused,
    CallReason,
    FalseAlarmReported,
    ReceiversCalled,
)


class MessageKind(StrEnum):
    """What a phone shows of an alarm."""

    CALL = "call"
    YOURS = "yours"
    TAKEN = "taken"
    OUTCOME = "outcome"
    """How did it end?"""
    CLEAR = "clear"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What one phone is to show of one alarm now."""

    kind: MessageKind
    phone_id: str
    alarm: Alarm

    @property
    def step(self) -> int:
        """The newest step in which this phone was called."""
        return self.alarm.step_of(self.phone_id) or 0

    @property
    def is_loud(self) -> bool:
        """Whether it is to be heard, not only read."""
        return self.kind is MessageKind.CALL or (self.kind is MessageKind.YOURS and self.alarm.is_alerting)

    @property
    def rings_through(self) -> bool:
        """Whether it is to be heard also on a phone that is silent, as the level says."""
        return self.is_loud and self.alarm.plan.is_loud(self.alarm.level)

    @property
    def answers(self) -> Sequence[Answer]:
        """The buttons; three at the most, for Android shows no more."""
        match self.kind:
            case MessageKind.CALL:
                return CALL_ANSWERS
            case MessageKind.YOURS:
                # Who is called again may say that it is still being done.
                return (*TAKER_ANSWERS, Answer.TAKING) if self.alarm.is_alerting else TAKER_ANSWERS
            case MessageKind.OUTCOME:
                return OUTCOME_ANSWERS
            case _:
                return ()


def calc_kind(alarm: Alarm, phone_id: str) -> MessageKind:
    """Return what a phone should show of an alarm now."""
    if alarm.is_over_for(phone_id):
        return MessageKind.CLEAR
    if alarm.state is AlarmState.DONE:
        return MessageKind.OUTCOME
    if alarm.is_taken:
        return MessageKind.YOURS if alarm.is_taken_by(phone_id) else MessageKind.TAKEN
    return MessageKind.CALL


def calc_messages(alarm: Alarm, phones: Iterable[str]) -> list[Message]:
    """Return the messages that bring these phones up to date."""
    return [Message(kind=calc_kind(alarm, phone_id), phone_id=phone_id, alarm=alarm) for phone_id in phones]


def find_outdated(alarm: Alarm, events: Sequence[AlarmEvent]) -> list[str]:
    """Return the phones that show something untrue after these events, in the order they are called."""
    return list(dict.fromkeys(phone_id for event in events for phone_id in _touched(alarm, event)))


def _touched(alarm: Alarm, event: AlarmEvent) -> Iterable[str]:
    """Return the phones whose message one event changes."""
    match event:
        case ReceiversCalled():
            return event.phones
        case AlarmEscalated(reason=CallReason.UNANSWERED):
            return ()
        case AlarmHandedOver(released=False):
            return event.told
        case (
            AlarmAcknowledged()
            | AlarmEscalated()
            | AlarmHandedOver()
            | AlarmDone()
            | AlarmResolved()
            | FalseAlarmReported()
        ):
            return sorted(alarm.shown)
        case AlarmDeclined(by=by) | AnswerRefused(by=by) if by.phone_id:
            return [by.phone_id]
        case _:
            return ()
