"""What each phone is to show of an alarm; a newer message replaces the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .alarm import Alarm, AlarmState
from .escalation import URGENT_TYPES
from .events import (
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmEscalated,
    AlarmEvent,
    AlarmRepeated,
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


def calc_kind(alarm: Alarm, phone_id: str) -> MessageKind:
    """Return what a phone should show of an alarm now."""
    if not alarm.is_open:
        return MessageKind.CLEAR
    if alarm.state is AlarmState.ACKNOWLEDGED:
        mine = alarm.acknowledged_by is not None and alarm.acknowledged_by.phone_id == phone_id
        return MessageKind.YOURS if mine else MessageKind.TAKEN
    return MessageKind.CLEAR if phone_id in alarm.declined else MessageKind.CALL


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
        case AlarmAcknowledged() | AlarmEscalated() | AlarmResolved() | FalseAlarmReported():
            return sorted(alarm.shown)
        case AlarmRepeated() if alarm.alarm_type in URGENT_TYPES and alarm.acknowledged_by:
            return [alarm.acknowledged_by.phone_id] if alarm.acknowledged_by.phone_id else []
        case AlarmDeclined(by=by) | AnswerRefused(by=by) if by.phone_id:
            return [by.phone_id]
        case _:
            return ()
