"""An alarm that is handed over is somebody's, and nobody who went home holds it in silence."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.alarm import Alarm, AlarmState, begin, evolve, fold
from custom_components.homecare_h2o.core.calling import Rota
from custom_components.homecare_h2o.core.commands import (
    acknowledge,
    advance,
    decline,
    raise_alarm,
    report_done,
    report_false_alarm,
)
from custom_components.homecare_h2o.core.duty import ReceiverGroup, Role, duty_window
from custom_components.homecare_h2o.core.errors import AlarmClosedError, UnknownGroupError
from custom_components.homecare_h2o.core.escalation import EscalationPlan
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmEvent,
    AlarmHandedOver,
    AlarmRaised,
    CallReason,
    HandoverReason,
    ReceiversCalled,
)
from custom_components.homecare_h2o.core.handover import change_shift, hand_over, next_due_at
from custom_components.homecare_h2o.core.messages import MessageKind, calc_kind
from custom_components.homecare_h2o.core.windows import Window

from .samples import BACKUP, BOSS, DESK, PLAN, STOCKHOLM, T0, after, group, request
from .strategies import instants, plans, rotas


def shift(group_id: str, role: Role, first: str, last: str, *phones: str) -> ReceiverGroup:
    """Return a group with duty hours, both minutes included."""
    window = duty_window(*(datetime.strptime(text, "%H:%M").time() for text in (first, last)))  # noqa: DTZ007
    return replace(group(group_id, role, *phones), duty=window)


DAY = shift("day", Role.STAFF, "06:46", "12:29", "d1", "d2")
NIGHT = shift("night", Role.STAFF, "12:30", "06:45", "n1")
EARLY_BOSS = shift("early", Role.LARMANSVARIG, "06:00", "12:29", "boss")
LATE_BOSS = shift("late", Role.LARMANSVARIG, "12:30", "05:59", "boss2")
ROTA = Rota(groups=(DAY, NIGHT, BACKUP), tz=STOCKHOLM)
BOSSES = Rota(groups=(group("staff", Role.STAFF, "d1"), EARLY_BOSS, LATE_BOSS), tz=STOCKHOLM)
D1, N1, B1 = (Actor(phone_id=phone, user_id=phone) for phone in ("d1", "n1", "b1"))
CHANGE_AT = T0 + timedelta(minutes=30)


def new(rota: Rota = ROTA, plan: EscalationPlan = PLAN, at: datetime = T0) -> Alarm:
    raised, events = raise_alarm(request(due_at=at), plan, "A1", "secret", at, rota)
    return after(begin(raised), events)


def taken(by: Actor, rota: Rota = ROTA) -> Alarm:
    return after(new(rota), acknowledge(new(rota), by, T0 + timedelta(minutes=10)))


RAISED = new()


def handover_in(events: list[AlarmEvent]) -> AlarmHandedOver:
    """Return the only handover."""
    (found,) = (event for event in events if isinstance(event, AlarmHandedOver))
    return found


def calls_in(events: list[AlarmEvent]) -> list[ReceiversCalled]:
    return [event for event in events if isinstance(event, ReceiversCalled)]


# --- change of shift ----------------------------------------------------------------------------


def test_nothing_is_handed_over_before_the_change() -> None:
    assert change_shift(RAISED, CHANGE_AT - timedelta.resolution, ROTA) == []


def test_who_comes_on_duty_is_called_and_the_schedule_goes_on() -> None:
    events = change_shift(RAISED, CHANGE_AT, ROTA)
    told = handover_in(events)
    assert (told.reason, told.from_groups, told.to_groups) == (HandoverReason.SHIFT, ("day",), ("night",))
    assert (told.released, told.due_at, told.late, told.by) == (False, CHANGE_AT, False, Actor())
    (call,) = calls_in(events)
    assert (call.phones, call.step, call.level, call.reason) == (("n1",), 1, 0, CallReason.HANDED_OVER)
    assert call.next_deadline_at == RAISED.next_deadline_at
    assert after(RAISED, events).state is AlarmState.RAISED


def test_a_change_is_handed_over_once() -> None:
    alarm = after(RAISED, change_shift(RAISED, CHANGE_AT, ROTA))
    assert change_shift(alarm, CHANGE_AT, ROTA) == change_shift(alarm, CHANGE_AT + timedelta(hours=1), ROTA) == []


def test_a_change_during_a_stop_is_handed_over_late() -> None:
    told = handover_in(change_shift(RAISED, CHANGE_AT + timedelta(hours=1), ROTA))
    assert (told.due_at, told.late) == (CHANGE_AT, True)


def test_another_days_people_are_called_after_a_stop_of_a_day() -> None:
    events = change_shift(RAISED, T0 + timedelta(days=1), ROTA)
    told = handover_in(events)
    assert (told.from_groups, told.to_groups) == (("day", "backup"), ("day", "backup"))
    assert [call.phones for call in calls_in(events)] == [("d1", "d2")]


def test_nobody_comes_on_duty_and_the_fallback_is_called() -> None:
    rota = Rota(groups=(DAY, BACKUP), tz=STOCKHOLM)
    events = change_shift(new(rota), CHANGE_AT, rota)
    assert [event.kind for event in events] == ["handed_over", "no_one_on_duty", "called"]
    assert (handover_in(events).from_groups, handover_in(events).to_groups) == (("day",), ())
    assert [call.phones for call in calls_in(events)] == [("b1",)]


def test_what_somebody_off_duty_had_is_nobodys_and_the_next_are_called() -> None:
    alarm = taken(D1)
    events = change_shift(alarm, CHANGE_AT, ROTA)
    (call,) = calls_in(events)
    assert handover_in(events).released
    assert (call.phones, call.level, call.base_at) == (("d1", "n1"), 0, CHANGE_AT)
    assert call.next_deadline_at == CHANGE_AT + timedelta(minutes=5)
    handed_over = after(alarm, events)
    assert handed_over.is_unacknowledged
    kinds = [calc_kind(handed_over, phone) for phone in ("d1", "d2", "n1")]
    assert kinds == [MessageKind.CALL, MessageKind.CLEAR, MessageKind.CALL]


def test_one_taken_at_the_desk_is_nobodys_after_the_change() -> None:
    assert [call.phones for call in calls_in(change_shift(taken(DESK), CHANGE_AT, ROTA))] == [("n1",)]


def test_who_is_still_on_duty_keeps_it_and_the_next_are_told() -> None:
    alarm = taken(B1)
    events = change_shift(alarm, CHANGE_AT, ROTA)
    assert (handover_in(events).released, handover_in(events).told, calls_in(events)) == (False, ("n1",), [])
    kept = after(alarm, events)
    assert (kept.state, kept.next_deadline_at) == (AlarmState.ACKNOWLEDGED, alarm.next_deadline_at)
    assert calc_kind(kept, "n1") is MessageKind.TAKEN
    assert kept.handed_over is HandoverReason.SHIFT


def test_a_phone_of_both_shifts_keeps_it() -> None:
    rota = Rota(groups=(DAY, replace(NIGHT, phones=("n1", "d1"))), tz=STOCKHOLM)
    events = change_shift(taken(D1, rota), CHANGE_AT, rota)
    assert (handover_in(events).released, handover_in(events).told) == (False, ("n1",))


def test_another_group_than_staff_is_called_if_the_plan_has_come_to_it() -> None:
    assert calls_in(change_shift(new(BOSSES), CHANGE_AT, BOSSES)) == []
    escalated = after(new(BOSSES), advance(new(BOSSES), T0 + timedelta(minutes=10), BOSSES))
    assert [call.phones for call in calls_in(change_shift(escalated, CHANGE_AT, BOSSES))] == [("boss2",)]


def test_what_a_larmansvarig_had_who_goes_off_duty_is_for_those_on_duty() -> None:
    (call,) = calls_in(change_shift(taken(BOSS, BOSSES), CHANGE_AT, BOSSES))
    assert call.phones == ("boss", "d1")


def test_who_has_it_keeps_it_when_others_come_that_were_never_asked() -> None:
    told = handover_in(change_shift(taken(D1, BOSSES), CHANGE_AT, BOSSES))
    assert (told.released, told.told) == (False, ())


def test_a_rota_that_was_changed_is_a_change_of_shift() -> None:
    edited = Rota(groups=(replace(DAY, duty=NIGHT.duty), replace(NIGHT, duty=DAY.duty)), tz=STOCKHOLM)
    told = handover_in(change_shift(RAISED, T0 + timedelta(minutes=1), edited))
    assert (told.due_at, told.late) == (T0 + timedelta(minutes=1), False)
    assert told.to_groups == ("night",)


def test_a_group_that_was_deleted_counts_as_staff() -> None:
    rota = Rota(groups=(group("new", Role.STAFF, "x1"),), tz=STOCKHOLM)
    assert [call.phones for call in calls_in(change_shift(RAISED, T0, rota))] == [("x1",)]


def test_an_alarm_of_an_older_version_is_handed_over_as_well() -> None:
    old = replace(RAISED, on_duty=None)
    assert change_shift(old, T0 + timedelta(minutes=1), ROTA) == []
    assert handover_in(change_shift(old, CHANGE_AT, ROTA)).from_groups == ("day",)


def test_what_is_done_or_closed_is_handed_over_to_nobody() -> None:
    done = after(taken(D1), report_done(taken(D1), D1, T0))
    closed = after(RAISED, report_false_alarm(RAISED, D1, T0))
    assert change_shift(done, CHANGE_AT, ROTA) == change_shift(closed, CHANGE_AT, ROTA) == []
    assert (next_due_at([done], ROTA), next_due_at([closed], ROTA)) == (done.next_deadline_at, None)


def test_the_change_is_a_deadline_of_its_own() -> None:
    assert next_due_at([RAISED], ROTA) == RAISED.next_deadline_at
    assert next_due_at([taken(D1)], ROTA) == CHANGE_AT
    assert next_due_at([], ROTA) is None


@given(st.lists(st.integers(0, 3 * 24 * 60), min_size=1, max_size=5))
def test_of_several_the_first_that_is_due_counts(raised_after: list[int]) -> None:
    alarms = [replace(taken(D1), shift_at=T0 + timedelta(minutes=late)) for late in raised_after]
    assert next_due_at(alarms, ROTA) == min(at for alarm in alarms if (at := next_due_at([alarm], ROTA)))


def test_a_level_that_is_due_at_the_change_is_called_as_well() -> None:
    events = advance(RAISED, CHANGE_AT, ROTA)
    assert [event.kind for event in events] == ["handed_over", "called", "escalated", "called"]
    assert [call.step for call in calls_in(events)] == [1, 2]
    assert calls_in(events)[-1].next_deadline_at > CHANGE_AT


@settings(max_examples=100)
@given(
    plan=plans(),
    groups=rotas(),
    now=instants,
    is_taken=st.booleans(),
    waits=st.lists(st.timedeltas(timedelta(0), timedelta(hours=30)), max_size=5),
)
def test_whatever_happens_an_open_alarm_has_a_deadline_that_is_yet_to_come(
    plan: EscalationPlan, groups: tuple[ReceiverGroup, ...], now: datetime, is_taken: bool, waits: list[timedelta]
) -> None:
    rota = Rota(groups=groups, tz=STOCKHOLM)
    taker = Actor(phone_id="p1", user_id="u1")
    raised, first = raise_alarm(request(due_at=now), plan, "A1", "secret", now, rota)
    start: list[AlarmEvent] = [raised, *first, *(acknowledge(fold([raised, *first]), taker, now) if is_taken else [])]

    def wake(history: list[AlarmEvent], wait: timedelta) -> list[AlarmEvent]:
        alarm = fold(history)
        at = max(history[-1].at, next_due_at([alarm], rota) or now) + wait
        events = advance(alarm, at, rota)
        later = reduce(evolve, events, alarm)
        assert events
        assert advance(later, at, rota) == []
        assert (next_due_at([later], rota) or now) > at
        return [*history, *events]

    history = reduce(wake, waits, start)
    steps = [event.step for event in history if isinstance(event, ReceiversCalled)]
    assert all(a < b for a, b in pairwise(steps))
    assert isinstance(history[0], AlarmRaised)


def test_levels_without_a_delay_are_handed_over_together() -> None:
    at_once = replace(PLAN, levels=(PLAN.levels[0], replace(PLAN.levels[1], delay=timedelta(0)), PLAN.levels[2]))
    alarm = after(new(plan=at_once), acknowledge(new(plan=at_once), D1, T0))
    (call,) = calls_in(change_shift(alarm, CHANGE_AT, ROTA))
    assert (call.phones, call.level) == (("d1", "n1", "b1"), 1)
    needs_help = calls_in(decline(alarm, D1, T0, ROTA))
    assert [(each.phones, each.level) for each in needs_help] == [(("d1", "d2", "b1"), 1)]


# --- by hand ------------------------------------------------------------------------------------


def test_an_alarm_is_handed_over_to_a_group_which_is_called_at_once() -> None:
    events = hand_over(RAISED, BACKUP, DESK, T0 + timedelta(minutes=1), ROTA)
    told = handover_in(events)
    assert (told.reason, told.by, told.from_groups, told.to_groups) == (
        *(HandoverReason.GROUP, DESK),
        *((), ("backup",)),
    )
    (call,) = calls_in(events)
    assert (call.phones, call.step, call.next_deadline_at) == (("b1",), 1, RAISED.next_deadline_at)
    handed_over = after(RAISED, events)
    assert [calc_kind(handed_over, phone) for phone in ("d1", "b1")] == [MessageKind.CALL, MessageKind.CALL]
    assert (handed_over.shift_at, handed_over.on_duty) == (RAISED.shift_at, RAISED.on_duty)


def test_whoever_had_it_has_it_no_more() -> None:
    alarm = taken(D1)
    events = hand_over(alarm, BACKUP, D1, T0 + timedelta(minutes=20), ROTA)
    assert (handover_in(events).from_groups, handover_in(events).released) == (("day",), True)
    handed_over = after(alarm, events)
    assert handed_over.is_unacknowledged
    assert handed_over.next_deadline_at == T0 + timedelta(minutes=25)
    assert [calc_kind(handed_over, phone) for phone in ("d1", "d2", "b1")] == [
        *(MessageKind.CLEAR, MessageKind.CLEAR),
        MessageKind.CALL,
    ]


def test_from_person_to_person_the_colleagues_are_called() -> None:
    events = hand_over(taken(D1), DAY, D1, T0 + timedelta(minutes=20), ROTA)
    assert handover_in(events).reason is HandoverReason.PERSON
    assert [call.phones for call in calls_in(events)] == [("d2",)]


def test_who_is_the_only_one_of_the_group_is_called_again() -> None:
    alarm = taken(B1)
    assert [call.phones for call in calls_in(hand_over(alarm, BACKUP, B1, T0, ROTA))] == [("b1",)]


def test_a_group_without_a_phone_leaves_it_to_the_fallback() -> None:
    empty = group("empty", Role.STAFF)
    rota = Rota(groups=(*ROTA.groups, empty), tz=STOCKHOLM)
    assert [call.phones for call in calls_in(hand_over(RAISED, empty, DESK, T0, rota))] == [("b1",)]


def test_a_closed_alarm_is_handed_over_to_nobody() -> None:
    with pytest.raises(AlarmClosedError):
        hand_over(after(RAISED, report_false_alarm(RAISED, D1, T0)), BACKUP, DESK, T0, ROTA)


@pytest.mark.parametrize("name", ["night", "Nattpatrullen", " nattpatrullen "])
def test_a_group_is_found_by_its_id_or_its_name(name: str) -> None:
    night = replace(NIGHT, name="Nattpatrullen", duty=Window(start=NIGHT.duty.start, end=NIGHT.duty.end))
    assert Rota(groups=(DAY, night), tz=STOCKHOLM).find_group(name) == night


def test_a_group_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownGroupError):
        ROTA.find_group("evening")
