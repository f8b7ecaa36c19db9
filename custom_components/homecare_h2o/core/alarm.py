"""One alarm: what it is now, folded from what happened to it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import UnknownAlarmError
from .escalation import AlarmType, EscalationPlan
from .events import (
    Actor,
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmEscalated,
    AlarmEvent,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    AnswerRefused,
    CallReason,
    FalseAlarmReported,
    NoOneOnDuty,
    NotificationFailed,
    Outcome,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
    ReceiversCalled,
    RefusalReason,
)

LATE_AFTER = timedelta(seconds=2)
"""A timer is a few milliseconds late and a busy hub a second; more than this is told as late."""


def is_late(due_at: datetime, now: datetime) -> bool:
    """Return whether what was due is being done late."""
    return now - due_at > LATE_AFTER


class AlarmState(StrEnum):
    """Where an alarm is on its way."""

    RAISED = "raised"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """An alarm as it is now.

    ``calls`` gives the newest step in which each phone was called: only that step's buttons are valid.
    ``shown`` are the phones that may show something of this alarm. A closed alarm has no next deadline.
    """

    alarm_id: str
    brukare_id: str
    alarm_type: AlarmType
    rule: str
    due_at: datetime
    raised_at: datetime
    late: bool
    message: str | None
    sources: tuple[str, ...]
    plan: EscalationPlan
    secret: str
    response: str | None = None
    state: AlarmState = AlarmState.RAISED
    step: int = 0
    level: int = 0
    base_at: datetime
    next_deadline_at: datetime | None = None
    calls: tuple[tuple[str, int], ...] = ()
    shown: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    acknowledged_by: Actor | None = None
    acknowledged_at: datetime | None = None
    repetitions: int = 0
    refused: frozenset[tuple[str, RefusalReason]] = frozenset()
    received: frozenset[tuple[str, int]] = frozenset()
    closed_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.closed_at is None

    @property
    def is_unacknowledged(self) -> bool:
        """Whether it waits for somebody to take it."""
        return self.state in (AlarmState.RAISED, AlarmState.ESCALATED)

    @property
    def is_finished(self) -> bool:
        """Whether it is closed and no phone shows it any more."""
        return not self.is_open and not self.shown

    def is_declined_by(self, phone_id: str) -> bool:
        """Whether it waits for somebody else than this phone."""
        return self.is_unacknowledged and phone_id in self.declined

    def step_of(self, phone_id: str) -> int | None:
        """Return the newest step in which a phone was called."""
        return dict(self.calls).get(phone_id)


def begin(event: AlarmRaised) -> Alarm:
    """Return a new alarm."""
    return Alarm(
        alarm_id=event.alarm_id,
        brukare_id=event.brukare_id,
        alarm_type=event.alarm_type,
        rule=event.rule,
        due_at=event.due_at,
        raised_at=event.at,
        late=event.late,
        message=event.message,
        sources=event.sources,
        plan=event.plan,
        secret=event.secret,
        response=event.response,
        base_at=event.at,
        next_deadline_at=event.at,
    )


def _called(alarm: Alarm, event: ReceiversCalled) -> Alarm:
    """Return the alarm with a new round of calls."""
    return replace(
        alarm,
        step=event.step,
        level=event.level,
        base_at=event.base_at,
        next_deadline_at=event.next_deadline_at,
        calls=tuple((dict(alarm.calls) | dict.fromkeys(event.phones, event.step)).items()),
        shown=alarm.shown | set(event.phones),
        declined=alarm.declined if event.reason is CallReason.RESTARTED else frozenset(),
    )


def _closed(alarm: Alarm, at: datetime, state: AlarmState, outcome: Outcome) -> Alarm:
    """Return the alarm closed."""
    return replace(alarm, state=state, closed_at=at, outcome=outcome, next_deadline_at=None)


def evolve(alarm: Alarm, event: AlarmEvent) -> Alarm:  # noqa: C901, PLR0911, PLR0912 - an exhaustive match is a table
    """Return the alarm after an event; the only way in which an alarm changes."""
    match event:
        case AlarmRaised():
            return begin(event)
        case ReceiversCalled():
            return _called(alarm, event)
        case AlarmEscalated():
            return replace(alarm, state=AlarmState.ESCALATED, acknowledged_at=None)
        case AlarmAcknowledged():
            return replace(
                alarm,
                state=AlarmState.ACKNOWLEDGED,
                acknowledged_by=event.by,
                acknowledged_at=event.at,
                next_deadline_at=event.next_deadline_at,
            )
        case AlarmDeclined():
            return replace(alarm, declined=alarm.declined | {event.by.phone_id or event.by.user_id or ""})
        case AlarmRepeated():
            return replace(alarm, repetitions=alarm.repetitions + 1)
        case AlarmResolved():
            return _closed(alarm, event.at, AlarmState.RESOLVED, event.outcome)
        case FalseAlarmReported():
            return _closed(alarm, event.at, AlarmState.FALSE_ALARM, Outcome.FALSE_ALARM)
        case PhoneCleared() if alarm.is_open and not alarm.is_declined_by(event.phone_id):
            # It was told anew while the older message was being taken away.
            return alarm
        case PhoneCleared():
            return replace(alarm, shown=alarm.shown - {event.phone_id})
        case NotificationFailed() if not alarm.is_open:
            return replace(alarm, shown=alarm.shown - {event.phone_id})
        case AnswerRefused():
            told = {event.by.phone_id} if alarm.is_open and event.by.phone_id else set()
            return replace(alarm, refused=alarm.refused | {(event.answer, event.reason)}, shown=alarm.shown | told)
        case PhoneReceived():
            return replace(alarm, received=alarm.received | {(event.phone_id, event.step)})
        case PhoneNotified():
            return replace(alarm, shown=alarm.shown | {event.phone_id})
        case NotificationFailed() | NoOneOnDuty():
            return alarm
        case _:
            raise TypeError(f"nothing known of {event.kind}")


def fold(events: Iterable[AlarmEvent]) -> Alarm:
    """Return the alarm that a history makes; raises UnknownAlarmError for one without a beginning."""
    history = iter(events)
    first = next(history, None)
    if not isinstance(first, AlarmRaised):
        raise UnknownAlarmError
    alarm = begin(first)
    for event in history:
        alarm = evolve(alarm, event)
    return alarm
