"""What is known of each call to a phone: sent is not received, and received is not answered (R012.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from .events import (
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmDone,
    AlarmEvent,
    AlarmResolved,
    FalseAlarmReported,
    NotificationFailed,
    PhoneNotified,
    PhoneReceived,
    ReceiversCalled,
)


class Progress(StrEnum):
    """How far a call is known to have come."""

    PENDING = "pending"
    CALLED = "called"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    """It was sent to a phone that cannot tell whether it was received."""
    RECEIVED = "received"
    ANSWERED = "answered"


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """One call to one phone, and when each thing about it was known."""

    phone_id: str
    step: int
    called_at: datetime
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None
    received_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str | None = None

    def progress(self, *, can_confirm: bool) -> Progress:
        """Return how far it came; what a phone that cannot confirm is said to have received counts for nothing."""
        if self.answered_at:
            return Progress.ANSWERED
        if self.received_at and can_confirm:
            return Progress.RECEIVED
        if self.sent_at:
            return Progress.CALLED if can_confirm else Progress.UNVERIFIED
        return Progress.FAILED if self.failed_at else Progress.PENDING


def calc_receipts(history: Iterable[AlarmEvent]) -> tuple[Receipt, ...]:
    """Return what is known of each call of an alarm, in the order in which they were decided."""
    known: dict[tuple[str, int], Receipt] = {}
    newest: dict[str, int] = {}
    for event in history:
        match event:
            case ReceiversCalled():
                for phone_id in event.phones:
                    newest[phone_id] = event.step
                    # Called again in the same step, as after a start: what the phone has said stands.
                    known.setdefault(
                        (phone_id, event.step), Receipt(phone_id=phone_id, step=event.step, called_at=event.at)
                    )
            case PhoneNotified() | NotificationFailed() | PhoneReceived():
                key = (event.phone_id, event.step)
                if key in known:
                    known[key] = _told(known[key], event)
            case AlarmAcknowledged() | AlarmDeclined() | AlarmDone() | AlarmResolved() | FalseAlarmReported():
                key = (event.by.phone_id or "", newest.get(event.by.phone_id or "", 0))
                if key in known and known[key].answered_at is None:
                    known[key] = replace(known[key], answered_at=event.at, answer=event.kind)
            case _:
                pass
    return tuple(known.values())


def _told(receipt: Receipt, event: PhoneNotified | NotificationFailed | PhoneReceived) -> Receipt:
    """Return a receipt with what has become known of it."""
    match event:
        case PhoneNotified():
            return replace(receipt, sent_at=event.at)
        case NotificationFailed():
            return replace(receipt, failed_at=event.at, error=event.error)
        case PhoneReceived():  # pragma: no branch - mypy knows that no event is left
            return replace(receipt, received_at=event.at)
