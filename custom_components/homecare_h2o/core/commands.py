"""What may be done with an alarm: commands decide, and return what then happened.

Nothing here changes anything. A command that the alarm's state does not allow raises an error of the tree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from .alarm import Alarm, AlarmState, evolve, is_late
from .calling import Rota, Round, call
from .errors import AlarmClosedError, AlreadyTakenError, NotAcknowledgedError
from .escalation import URGENT_TYPES, AlarmType, EscalationPlan
from .events import (
    Actor,
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmDone,
    AlarmEscalated,
    AlarmEvent,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    CallReason,
    FalseAlarmReported,
    NoteAdded,
    Outcome,
    ReceiversCalled,
)
from .handover import change_shift

OUTCOME_WITHIN = timedelta(minutes=10)
"""An alarm that is done is closed without an outcome when nobody has stated one for so long (P001.5)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RaiseRequest:
    """What a rule says when it comes true; ``due_at`` and ``rule`` make it idempotent."""

    brukare_id: str
    alarm_type: AlarmType
    rule: str
    due_at: datetime
    late: bool = False
    message: str | None = None
    response: str | None = None
    tell_relatives: bool = False
    tell_staff: bool = True
    sources: tuple[str, ...] = ()


def raise_alarm(
    request: RaiseRequest, plan: EscalationPlan, alarm_id: str, secret: str, now: datetime, rota: Rota
) -> tuple[AlarmRaised, list[AlarmEvent]]:
    """Raise a new alarm, and call the levels that are due at once (P001.1)."""
    raised = AlarmRaised(
        at=now,
        alarm_id=alarm_id,
        brukare_id=request.brukare_id,
        alarm_type=request.alarm_type,
        rule=request.rule,
        due_at=request.due_at,
        late=request.late or is_late(request.due_at, now),
        message=request.message,
        sources=request.sources,
        plan=plan,
        secret=secret,
        response=request.response,
        on_duty=rota.on_duty(now),
    )
    level = plan.calc_level(now, now)
    first = Round(
        alarm_id=alarm_id,
        step=0,
        level=level,
        reason=CallReason.RAISED,
        base_at=now,
        receivers=plan.calc_receivers(0, level),
        plan=plan,
    )
    return raised, call(first, now, rota)


def repeat_alarm(alarm: Alarm, request: RaiseRequest, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Note that the rule of an open alarm came true again; fire and the safety button call again."""
    repeated = AlarmRepeated(
        at=now,
        alarm_id=alarm.alarm_id,
        brukare_id=alarm.brukare_id,
        rule=request.rule,
        due_at=request.due_at,
        late=request.late or is_late(request.due_at, now),
        sources=request.sources,
    )
    if alarm.alarm_type not in URGENT_TYPES:
        return [repeated]
    if alarm.state is AlarmState.ACKNOWLEDGED:
        if alarm.taker_phone and alarm.next_deadline_at:
            return [repeated, _call_taker(alarm, CallReason.REPEATED, alarm.taker_phone, alarm.next_deadline_at, now)]
        # Whoever took it in Home Assistant has no phone that could tell of this.
        return [repeated, *_escalate(alarm, CallReason.REPEATED, alarm.level, now, now, rota)]
    return [repeated, *call_again(alarm, CallReason.REPEATED, now, rota)]


def call_again(alarm: Alarm, reason: CallReason, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Call the present level again in the same step; its deadline stands."""
    if not alarm.is_unacknowledged:
        return []
    again = Round(
        alarm_id=alarm.alarm_id,
        step=alarm.step,
        level=alarm.level,
        reason=reason,
        base_at=alarm.base_at,
        receivers=alarm.plan.calc_receivers(alarm.level, alarm.level),
        plan=alarm.plan,
        also=tuple(phone for phone, step in alarm.calls if step == alarm.step and phone not in alarm.declined),
        except_for=alarm.declined if reason is CallReason.RESTARTED else frozenset(),
    )
    return call(again, now, rota)


def acknowledge(alarm: Alarm, by: Actor, now: datetime) -> list[AlarmEvent]:
    """Take the alarm; the first one wins (R012.1). Taking it twice changes nothing, unless it was called again."""
    _require_open(alarm)
    if alarm.is_taken:
        if not _is_taker(alarm, by):
            raise AlreadyTakenError
        if not alarm.is_alerting:
            return []
    deadline = now + alarm.plan.response_time
    return [AlarmAcknowledged(at=now, alarm_id=alarm.alarm_id, by=by, next_deadline_at=deadline)]


def decline(alarm: Alarm, by: Actor, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Say that a colleague must take it; when everyone called says so, the next level is told at once."""
    _require_open(alarm)
    if alarm.is_taken and not _is_taker(alarm, by):
        raise AlreadyTakenError
    if alarm.is_unacknowledged and (by.phone_id or by.user_id or "") in alarm.declined:
        return []
    declined = AlarmDeclined(at=now, alarm_id=alarm.alarm_id, by=by)
    unwilling = alarm.declined | {by.phone_id or ""}
    if alarm.is_taken:
        level = _find_helping_level(alarm, alarm.level, unwilling, now, rota)
        return [declined, *_escalate(alarm, CallReason.DECLINED, level, now, now, rota)]
    if {phone for phone, step in alarm.calls if step == alarm.step} - unwilling:
        return [declined]
    level = _find_helping_level(alarm, alarm.level + 1, unwilling, now, rota)
    return [declined, *_escalate(alarm, CallReason.DECLINED, level, now, now, rota)]


def _find_helping_level(alarm: Alarm, level: int, unwilling: frozenset[str], now: datetime, rota: Rota) -> int:
    """Return the first level from this one on that reaches somebody else than those who have said no."""
    while level < len(alarm.plan.levels):
        if set(rota.resolve(alarm.plan.calc_receivers(level, level), now).phones) - unwilling:
            break
        level += 1
    return level


def report_done(alarm: Alarm, by: Actor, now: datetime) -> list[AlarmEvent]:
    """Say that it is done; how it ended is to be said within a while (P001.5). Saying it twice changes nothing."""
    _require_open(alarm)
    if not alarm.is_taken:
        raise NotAcknowledgedError
    if not _is_taker(alarm, by):
        raise AlreadyTakenError
    if alarm.state is AlarmState.DONE:
        return []
    return [AlarmDone(at=now, alarm_id=alarm.alarm_id, by=by, next_deadline_at=now + OUTCOME_WITHIN)]


def add_note(alarm: Alarm, by: Actor, note: str, now: datetime) -> list[AlarmEvent]:
    """Write something down about an alarm, open or closed."""
    return [NoteAdded(at=now, alarm_id=alarm.alarm_id, by=by, note=note)]


def resolve_alarm(
    alarm: Alarm, by: Actor, outcome: Outcome, note: str | None, now: datetime, *, report: bool
) -> list[AlarmEvent]:
    """Close an alarm that somebody has taken, with its outcome (P001.5)."""
    _require_open(alarm)
    if not alarm.is_taken:
        raise NotAcknowledgedError
    return [AlarmResolved(at=now, alarm_id=alarm.alarm_id, by=by, outcome=outcome, note=note, report=report)]


def report_false_alarm(alarm: Alarm, by: Actor, now: datetime) -> list[AlarmEvent]:
    """Close an alarm as a false one, in one tap (R011.1)."""
    _require_open(alarm)
    return [FalseAlarmReported(at=now, alarm_id=alarm.alarm_id, by=by)]


def advance(alarm: Alarm, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Do what is due: a change of shift, the next level, or what was not closed in time.

    After a stop every level that fell due is told in one round, and the schedule goes on as it was.
    """
    handed_over = change_shift(alarm, now, rota)
    return [*handed_over, *_advance(reduce(evolve, handed_over, alarm), now, rota)]


def _advance(alarm: Alarm, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Do what an alarm's own deadline asks for."""
    due_at = alarm.next_deadline_at
    if due_at is None or now < due_at:
        return []
    if alarm.state is AlarmState.DONE:
        return resolve_alarm(alarm, Actor(), Outcome.NOT_STATED, None, now, report=False)
    if alarm.state is AlarmState.ACKNOWLEDGED:
        return _come_back(alarm, due_at, now, rota)
    level = alarm.plan.calc_level(alarm.base_at, now)
    return _escalate(alarm, CallReason.UNANSWERED, level, due_at, now, rota)


def _come_back(alarm: Alarm, due_at: datetime, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Remind the taker of what was not closed in time; after one interval the group is called from the start."""
    taker, group_at = alarm.taker_phone, due_at + alarm.plan.repeat_every
    if taker and not alarm.is_reminded and now < group_at:
        return [_call_taker(alarm, CallReason.REMINDED, taker, group_at, now)]
    return _escalate(alarm, CallReason.RESPONSE_OVERDUE, 0, due_at, now, rota)


def _call_taker(
    alarm: Alarm, reason: CallReason, taker: str, next_deadline_at: datetime, now: datetime
) -> ReceiversCalled:
    """Return the call of whoever has the alarm; a new step, so that an old press cannot answer it."""
    return ReceiversCalled(
        at=now,
        alarm_id=alarm.alarm_id,
        step=alarm.step + 1,
        level=alarm.level,
        reason=reason,
        groups=(),
        phones=(taker,),
        base_at=alarm.base_at,
        next_deadline_at=next_deadline_at,
    )


def _escalate(
    alarm: Alarm, reason: CallReason, level: int, due_at: datetime, now: datetime, rota: Rota
) -> list[AlarmEvent]:
    """Return the events that take an alarm to a level, and to those without a delay after it."""
    by_schedule = reason is CallReason.UNANSWERED
    first = alarm.level + 1 if by_schedule else level
    base_at = alarm.base_at if by_schedule else now - alarm.plan.delay_of(level)
    level = alarm.plan.calc_level(base_at, now)
    escalated = AlarmEscalated(
        at=now, alarm_id=alarm.alarm_id, level=level, reason=reason, due_at=due_at, late=is_late(due_at, now)
    )
    taker = alarm.taker_phone if reason is CallReason.RESPONSE_OVERDUE else None
    wanted = Round(
        alarm_id=alarm.alarm_id,
        step=alarm.step + 1,
        level=level,
        reason=reason,
        base_at=base_at,
        receivers=alarm.plan.calc_receivers(first, level),
        plan=alarm.plan,
        also=(taker,) if taker else (),
    )
    return [escalated, *call(wanted, now, rota)]


def _is_taker(alarm: Alarm, by: Actor) -> bool:
    """Return whether it was this one who took the alarm; a phone is the same whoever holds it."""
    taker = alarm.acknowledged_by
    return taker == by or (taker is not None and by.phone_id is not None and taker.phone_id == by.phone_id)


def _require_open(alarm: Alarm) -> None:
    """Raise AlarmClosedError for an alarm that is closed."""
    if not alarm.is_open:
        raise AlarmClosedError
