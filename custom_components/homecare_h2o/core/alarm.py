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
    AlarmDone,
    AlarmEscalated,
    AlarmEvent,
    AlarmHandedOver,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    AnswerRefused,
    CallReason,
    FalseAlarmReported,
    HandoverReason,
    NoOneOnDuty,
    NoteAdded,
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
    DONE = "done"
    """Nothing is left to do but to say how it ended."""
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """An alarm as it is now.

    ``calls`` gives the newest step in which each phone was called: only that step's buttons are valid.
    ``shown`` are the phones that may show something of this alarm. A closed alarm has no next deadline.
    ``declined`` are those who have said no, or have had it taken from them, and were not called since.
    ``shift_at`` is when it was last seen who is ``on_duty``; None: an older version did not note it.
    ``is_alerting``: its taker is to hear of it; ``is_reminded``: because it was not closed in time.
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
    number: int | None = None
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
    shift_at: datetime
    on_duty: tuple[str, ...] | None = None
    handed_over: HandoverReason | None = None
    is_alerting: bool = False
    is_reminded: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.closed_at is None

    @property
    def is_unacknowledged(self) -> bool:
        """Whether it waits for somebody to take it."""
        return self.state in (AlarmState.RAISED, AlarmState.ESCALATED)

    @property
    def is_taken(self) -> bool:
        """Whether somebody has taken it and not let go of it."""
        return self.state in (AlarmState.ACKNOWLEDGED, AlarmState.DONE)

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody still has to go; one that is done only waits for its outcome."""
        return self.is_open and self.state is not AlarmState.DONE

    @property
    def taker_phone(self) -> str | None:
        """The phone that took it last, None if nobody did or it was taken in Home Assistant."""
        return self.acknowledged_by.phone_id if self.acknowledged_by else None

    @property
    def is_finished(self) -> bool:
        """Whether it is closed and no phone shows it any more."""
        return not self.is_open and not self.shown

    def is_taken_by(self, phone_id: str) -> bool:
        """Whether this phone has it."""
        return self.is_taken and self.taker_phone == phone_id

    def is_over_for(self, phone_id: str) -> bool:
        """Whether this phone is to show nothing of it."""
        if self.state is AlarmState.DONE:
            return not self.is_taken_by(phone_id)
        return not self.is_open or (self.is_unacknowledged and phone_id in self.declined)

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
        number=event.number,
        base_at=event.at,
        next_deadline_at=event.at,
        shift_at=event.at,
        on_duty=event.on_duty,
    )


def _called(alarm: Alarm, event: ReceiversCalled) -> Alarm:
    """Return the alarm with a new round of calls; while somebody has it, it is the taker who is called."""
    to_taker = alarm.state is AlarmState.ACKNOWLEDGED
    is_restart = event.reason is CallReason.RESTARTED
    before, now = dict(alarm.calls), dict.fromkeys(event.phones, event.step)
    is_new_round = not to_taker and not is_restart
    return replace(
        alarm,
        step=event.step,
        level=event.level,
        base_at=event.base_at,
        next_deadline_at=event.next_deadline_at,
        # A restart calls again what was called: the buttons that phones show go on being valid.
        calls=tuple((now | before if is_restart else before | now).items()),
        shown=alarm.shown | set(event.phones),
        declined=(alarm.declined & before.keys()) - now.keys() if is_new_round else alarm.declined,
        is_alerting=to_taker,
        is_reminded=to_taker and (alarm.is_reminded or event.reason is CallReason.REMINDED),
    )


def _handed_over(alarm: Alarm, event: AlarmHandedOver) -> Alarm:
    """Return the alarm as somebody else's; whoever showed it and is not called next shows it no more."""
    is_shift = event.reason is HandoverReason.SHIFT
    return replace(
        alarm,
        state=AlarmState.ESCALATED if event.released else alarm.state,
        handed_over=event.reason,
        shift_at=event.at if is_shift else alarm.shift_at,
        on_duty=event.on_duty if is_shift else alarm.on_duty,
        shown=alarm.shown | set(event.told),
        declined=alarm.declined | alarm.shown if event.released else alarm.declined,
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
            return replace(alarm, state=AlarmState.ESCALATED, acknowledged_at=None, handed_over=None)
        case AlarmAcknowledged():
            return replace(
                alarm,
                state=AlarmState.ACKNOWLEDGED,
                acknowledged_by=event.by,
                acknowledged_at=event.at,
                next_deadline_at=event.next_deadline_at,
                handed_over=None,
                is_alerting=False,
                is_reminded=False,
            )
        case AlarmHandedOver():
            return _handed_over(alarm, event)
        case AlarmDone():
            return replace(alarm, state=AlarmState.DONE, next_deadline_at=event.next_deadline_at, is_alerting=False)
        case AlarmDeclined():
            return replace(alarm, declined=alarm.declined | {event.by.phone_id or event.by.user_id or ""})
        case AlarmRepeated():
            return replace(alarm, repetitions=alarm.repetitions + 1)
        case AlarmResolved():
            return _closed(alarm, event.at, AlarmState.RESOLVED, event.outcome)
        case FalseAlarmReported():
            return _closed(alarm, event.at, AlarmState.FALSE_ALARM, Outcome.FALSE_ALARM)
        case PhoneCleared() if not alarm.is_over_for(event.phone_id):
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
        case NotificationFailed() | NoOneOnDuty() | NoteAdded():
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
