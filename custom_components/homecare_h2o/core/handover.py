"""An alarm that is not carried out is handed over, without being lost (P001.6, R013.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .alarm import Alarm, is_late
from .calling import Rota, Round, call
from .duty import ReceiverGroup, calc_incoming
from .errors import AlarmClosedError
from .events import Actor, AlarmEvent, AlarmHandedOver, CallReason, HandoverReason


def next_due_at(alarms: Iterable[Alarm], rota: Rota) -> datetime | None:
    """Return the next instant at which something is due for one of these: a deadline, or a change of shift.

    The rota is asked once, for no shift that begins later changes earlier: hundreds may be open at a time.
    """
    known = tuple(alarms)
    shift_at = min((alarm.shift_at for alarm in known if alarm.needs_somebody), default=None)
    change_at = rota.next_change_at(shift_at) if shift_at else None
    return min((at for at in (*(alarm.next_deadline_at for alarm in known), change_at) if at is not None), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shift:
    """A change of shift: who went, who came, and who of them an alarm is for."""

    due_at: datetime
    left: tuple[str, ...]
    came: tuple[str, ...]
    on_duty: tuple[str, ...]
    receivers: tuple[str, ...]


def _find_shift(alarm: Alarm, now: datetime, rota: Rota) -> _Shift | None:
    """Return the change of shift that an alarm has not been handed over at yet.

    The rota itself may have been changed meanwhile, so who is on duty counts as well as the hour.
    """
    before = rota.on_duty(alarm.shift_at) if alarm.on_duty is None else alarm.on_duty
    on_duty = rota.on_duty(now)
    change_at = rota.next_change_at(alarm.shift_at)
    is_past = change_at is not None and change_at <= now
    is_same = set(before) == set(on_duty)
    if not is_past and is_same:
        return None
    # After a long stop the same group may have come back: it is another day's people.
    came = tuple(group_id for group_id in on_duty if is_same or group_id not in before)
    left = tuple(group_id for group_id in before if is_same or group_id not in on_duty)
    asked = alarm.plan.calc_receivers(0, alarm.level)
    return _Shift(
        due_at=change_at if change_at is not None and is_past else now,
        left=left,
        came=came,
        on_duty=on_duty,
        receivers=calc_incoming(rota.groups, left, came, asked),
    )


def change_shift(alarm: Alarm, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Hand an open alarm over to whoever comes on duty, once for each change (R013.2).

    Unacknowledged: they are called, and the schedule goes on. Acknowledged: a taker whose phone is on duty still
    keeps it, and they are told; anybody else may have gone home, so it is theirs to take, and the schedule
    begins anew. One taken in Home Assistant, without a phone, is not known to be on duty.
    """
    shift = _find_shift(alarm, now, rota) if alarm.needs_somebody else None
    if shift is None:
        return []
    taker = alarm.taker_phone
    is_kept = alarm.is_taken and rota.is_on_duty(taker, now)
    is_released = alarm.is_taken and not is_kept
    told = rota.resolve(shift.receivers, now).phones if is_kept and shift.receivers else ()
    handed_over = AlarmHandedOver(
        at=now,
        alarm_id=alarm.alarm_id,
        by=Actor(),
        reason=HandoverReason.SHIFT,
        from_groups=shift.left,
        to_groups=shift.came,
        released=is_released,
        due_at=shift.due_at,
        late=is_late(shift.due_at, now),
        on_duty=shift.on_duty,
        told=tuple(phone for phone in told if phone != taker),
    )
    receivers = shift.receivers or (alarm.plan.calc_receivers(0, 0) if is_released else ())
    if is_kept or not receivers:
        return [handed_over]
    also = (taker,) if is_released and taker else ()
    return [handed_over, *_call(alarm, receivers, now, rota, also=also)]


def hand_over(alarm: Alarm, group: ReceiverGroup, by: Actor, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Hand an alarm over to a group, which is called at once (P001.6).

    Within the taker's own group it is from person to person: whoever had it is not called, unless nobody else is
    there. An unacknowledged alarm's schedule goes on; that of one that was taken begins anew.
    """
    if not alarm.is_open:
        raise AlarmClosedError
    taker = alarm.taker_phone
    is_within = alarm.is_taken and taker in group.phones
    handed_over = AlarmHandedOver(
        at=now,
        alarm_id=alarm.alarm_id,
        by=by,
        reason=HandoverReason.PERSON if is_within else HandoverReason.GROUP,
        from_groups=tuple(each.group_id for each in rota.groups if taker in each.phones) if alarm.is_taken else (),
        to_groups=(group.group_id,),
        released=alarm.is_taken,
        due_at=now,
        late=False,
    )
    colleagues = set(group.phones) - {taker}
    except_for = frozenset({taker}) if is_within and taker and colleagues else frozenset()
    return [handed_over, *_call(alarm, (group.group_id,), now, rota, except_for=except_for)]


def _call(
    alarm: Alarm,
    receivers: tuple[str, ...],
    now: datetime,
    rota: Rota,
    *,
    also: tuple[str, ...] = (),
    except_for: frozenset[str] = frozenset(),
) -> list[AlarmEvent]:
    """Return the call of those who are handed an alarm; the deadline is never a later one."""
    level, base_at = alarm.level, alarm.base_at
    if alarm.is_taken:
        level, base_at = alarm.plan.calc_level(now, now), now
        # Levels without a delay are called together.
        receivers = (*receivers, *alarm.plan.calc_receivers(1, level))
    wanted = Round(
        alarm_id=alarm.alarm_id,
        step=alarm.step + 1,
        level=level,
        reason=CallReason.HANDED_OVER,
        base_at=base_at,
        receivers=receivers,
        plan=alarm.plan,
        also=also,
        except_for=except_for,
    )
    return call(wanted, now, rota)
