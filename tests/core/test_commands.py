"""Commands decide, and refuse what an alarm's state does not allow."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from itertools import accumulate
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.alarm import Alarm, AlarmState, fold
from custom_components.homecare_h2o.core.calling import Rota
from custom_components.homecare_h2o.core.commands import (
    acknowledge,
    add_note,
    advance,
    call_again,
    decline,
    raise_alarm,
    repeat_alarm,
    report_done,
    report_false_alarm,
    resolve_alarm,
)
from custom_components.homecare_h2o.core.duty import Receiver, ReceiverGroup, Role
from custom_components.homecare_h2o.core.errors import AlarmClosedError, AlreadyTakenError, NotAcknowledgedError
from custom_components.homecare_h2o.core.escalation import AlarmType, EscalationPlan, Level
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmEscalated,
    AlarmEvent,
    AlarmRaised,
    CallReason,
    NoOneOnDuty,
    Outcome,
    ReceiversCalled,
)

from .samples import (
    BACKUP,
    BOSS,
    BOSSES,
    DESK,
    P1,
    P2,
    PLAN,
    ROTA,
    STAFF,
    STOCKHOLM,
    T0,
    after,
    group,
    minutes,
    new_alarm,
    request,
)
from .strategies import instants, plans, rotas

RAISED = new_alarm()
SOS = new_alarm(alarm_type=AlarmType.SAFETY_BUTTON)


def take(alarm: Alarm, by: Actor = P1, at: float = 1) -> Alarm:
    return after(alarm, acknowledge(alarm, by, minutes(at)))


def close(alarm: Alarm) -> Alarm:
    return after(alarm, report_false_alarm(alarm, P1, minutes(2)))


def leave(alarm: Alarm, by: Actor = P1, at: float = 2) -> list[AlarmEvent]:
    return decline(alarm, by, minutes(at), ROTA)


def kinds(events: list[AlarmEvent]) -> list[str]:
    return [event.kind for event in events]


def call_in(events: list[AlarmEvent]) -> ReceiversCalled:
    """Return the only call."""
    (call,) = (event for event in events if isinstance(event, ReceiversCalled))
    return call


def escalation_in(events: list[AlarmEvent]) -> AlarmEscalated:
    """Return the only escalation."""
    (escalated,) = (event for event in events if isinstance(event, AlarmEscalated))
    return escalated


# --- raise ------------------------------------------------------------------------------------


def first_round(plan: EscalationPlan = PLAN, rota: Rota = ROTA, **changes: Any) -> tuple[AlarmRaised, list[AlarmEvent]]:
    return raise_alarm(request(**changes), plan, "A1", "secret", T0, rota)


def test_both_phones_on_duty_are_called_at_once() -> None:
    raised, events = first_round(message="text", sources=("a",))
    assert (raised.alarm_id, raised.message, raised.sources, raised.plan) == ("A1", "text", ("a",), PLAN)
    assert kinds(events) == ["called"]
    call = call_in(events)
    assert (call.phones, call.groups, call.reason) == (("p1", "p2"), ("staff",), CallReason.RAISED)
    assert (call.step, call.level, call.base_at, call.next_deadline_at) == (0, 0, T0, minutes(5))


@pytest.mark.parametrize(
    ("said", "due", "late"), [(False, 0, False), (True, 0, True), (False, -1, True), (False, 1, False)]
)
def test_what_was_due_before_is_late(said: bool, due: float, late: bool) -> None:
    assert first_round(late=said, due_at=minutes(due))[0].late is late


def test_levels_without_delay_are_called_together() -> None:
    now = timedelta(0)
    levels = (Level(delay=now, receivers=("on_duty",)), Level(delay=now, receivers=("backup",)), PLAN.levels[2])
    call = call_in(first_round(replace(PLAN, levels=levels))[1])
    assert (call.phones, call.level, call.next_deadline_at) == (("p1", "p2", "b1"), 1, minutes(10))


def test_that_nobody_was_on_duty_is_told_with_who_was_called_instead() -> None:
    _, events = first_round(rota=Rota(groups=(BACKUP, BOSSES), tz=STOCKHOLM))
    assert events[0] == NoOneOnDuty(at=T0, alarm_id="A1", step=0, fallback=("backup",))
    assert call_in(events).phones == ("b1",)


def test_an_alarm_that_reaches_no_phone_at_all_has_a_deadline_all_the_same() -> None:
    _, events = first_round(rota=Rota(groups=(), tz=STOCKHOLM))
    assert kinds(events) == ["no_one_on_duty", "called"]
    assert (call_in(events).phones, call_in(events).next_deadline_at) == ((), minutes(5))


# --- repeat and call again --------------------------------------------------------------------


def repeated(alarm: Alarm, **changes: Any) -> list[AlarmEvent]:
    return repeat_alarm(alarm, request(due_at=minutes(3), **changes), minutes(3), ROTA)


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        (RAISED, ["repeated"]),
        (SOS, ["repeated", "called"]),
        (new_alarm(alarm_type=AlarmType.FIRE), ["repeated", "called"]),
        (take(SOS), ["repeated", "called"]),
        (take(SOS, DESK), ["repeated", "escalated", "called"]),
    ],
    ids=["normal", "safety_button", "fire", "taken", "taken_at_the_desk"],
)
def test_urgent_alarms_call_again_when_they_repeat(alarm: Alarm, expected: list[str]) -> None:
    assert kinds(repeated(alarm)) == expected


def test_a_repetition_calls_in_the_same_step_and_moves_no_deadline() -> None:
    call = call_in(repeated(SOS))
    assert (call.step, call.reason, call.phones) == (0, CallReason.REPEATED, ("p1", "p2"))
    assert call.next_deadline_at == SOS.next_deadline_at


def test_a_repetition_calls_those_again_who_declined() -> None:
    assert after(SOS, leave(SOS), repeated(SOS)).declined == frozenset()


def test_a_call_again_keeps_those_whose_duty_has_ended() -> None:
    changed = Rota(groups=(group("night", Role.STAFF, "n1"),), tz=STOCKHOLM)
    assert call_in(call_again(RAISED, CallReason.RESTARTED, minutes(1), changed)).phones == ("p1", "p2", "n1")


def test_a_call_again_after_a_restart_leaves_those_alone_who_declined() -> None:
    alarm = after(RAISED, leave(RAISED))
    again = call_again(alarm, CallReason.RESTARTED, minutes(1), Rota(groups=(BACKUP,), tz=STOCKHOLM))
    assert call_in(again).phones == ("p2", "b1")
    assert after(alarm, again).declined == {"p1"}


def test_a_restart_does_not_say_that_it_called_who_declined() -> None:
    alarm = after(RAISED, leave(RAISED))
    assert call_in(call_again(alarm, CallReason.RESTARTED, minutes(1), ROTA)).phones == ("p2",)


@pytest.mark.parametrize("alarm", [take(RAISED), close(RAISED)], ids=["taken", "closed"])
def test_what_waits_for_nobody_is_not_called_again(alarm: Alarm) -> None:
    assert call_again(alarm, CallReason.RESTARTED, minutes(5), ROTA) == []


# --- acknowledge ------------------------------------------------------------------------------


def test_the_first_one_takes_it_for_the_response_time() -> None:
    alarm = take(RAISED)
    assert (alarm.state, alarm.acknowledged_by, alarm.next_deadline_at) == (AlarmState.ACKNOWLEDGED, P1, minutes(31))


@pytest.mark.parametrize("other", [P2, DESK, Actor()])
def test_the_second_one_is_told_that_it_is_taken(other: Actor) -> None:
    with pytest.raises(AlreadyTakenError):
        acknowledge(take(RAISED), other, minutes(2))


def test_taking_it_twice_changes_nothing() -> None:
    assert acknowledge(take(RAISED), P1, minutes(2)) == []


def test_a_phone_is_the_same_taker_whoever_holds_it() -> None:
    assert acknowledge(take(RAISED), Actor(phone_id="p1", user_id="substitute"), minutes(2)) == []


# --- decline ----------------------------------------------------------------------------------


def test_one_who_has_no_time_leaves_it_to_the_other() -> None:
    events = leave(RAISED)
    assert kinds(events) == ["declined"]
    assert after(RAISED, events).next_deadline_at == minutes(5)


def test_declining_twice_is_once() -> None:
    assert leave(after(RAISED, leave(RAISED))) == []


def test_when_nobody_has_time_the_next_level_is_told_at_once() -> None:
    alarm = after(RAISED, leave(RAISED, P1, 1))
    events = leave(alarm, P2, 2)
    assert kinds(events) == ["declined", "escalated", "called"]
    assert (escalation_in(events).level, escalation_in(events).reason) == (1, CallReason.DECLINED)
    call = call_in(events)
    assert (call.step, call.level, call.phones) == (1, 1, ("p1", "p2", "b1"))
    assert call.next_deadline_at == minutes(7)


def test_the_later_levels_follow_from_there() -> None:
    alarm = after(RAISED, leave(RAISED, P1, 1))
    alarm = after(alarm, leave(alarm, P2, 2))
    alarm = after(alarm, advance(alarm, minutes(7), ROTA))
    assert (alarm.level, alarm.next_deadline_at) == (2, minutes(12))


def test_a_user_without_a_phone_cannot_decline_for_the_phones() -> None:
    assert kinds(leave(RAISED, DESK)) == ["declined"]


def test_with_no_phone_called_any_decline_escalates() -> None:
    nobody = new_alarm(rota=Rota(groups=(), tz=STOCKHOLM))
    assert kinds(leave(nobody, DESK)) == ["declined", "escalated", "called"]


def test_levels_go_on_when_everybody_always_declines() -> None:
    alarm = after(RAISED, advance(RAISED, minutes(60), ROTA))
    everybody = (P1, P2, Actor(phone_id="b1"), BOSS)
    alarm = reduce(lambda alarm, by: after(alarm, leave(alarm, by, 61)), everybody, alarm)
    assert (alarm.level, alarm.next_deadline_at) == (13, minutes(66))


def test_the_taker_who_needs_help_has_the_level_called_again() -> None:
    events = leave(take(RAISED))
    assert kinds(events) == ["declined", "escalated", "called"]
    alarm = after(take(RAISED), events)
    assert (alarm.state, alarm.level, alarm.step, alarm.declined) == (AlarmState.ESCALATED, 0, 1, frozenset())
    assert alarm.next_deadline_at == minutes(7)


@pytest.mark.parametrize("other", [P2, DESK])
def test_another_than_the_taker_cannot_give_it_back(other: Actor) -> None:
    with pytest.raises(AlreadyTakenError):
        leave(take(RAISED), other)


def test_the_takers_phone_gives_it_back_whoever_holds_it() -> None:
    assert "escalated" in kinds(leave(take(RAISED), Actor(phone_id="p1", user_id="substitute")))


def test_who_had_declined_may_take_it_and_decline_again() -> None:
    alarm = take(after(RAISED, leave(RAISED)))
    assert kinds(leave(alarm)) == ["declined", "escalated", "called"]


# --- close ------------------------------------------------------------------------------------


def resolve(alarm: Alarm, by: Actor = P1) -> list[AlarmEvent]:
    return resolve_alarm(alarm, by, Outcome.HELP_GIVEN, "note", minutes(9), report=True)


@pytest.mark.parametrize("by", [P1, P2, DESK])
def test_anyone_may_write_how_it_ended(by: Actor) -> None:
    alarm = after(take(RAISED), resolve(take(RAISED), by))
    assert (alarm.state, alarm.outcome, alarm.next_deadline_at) == (AlarmState.RESOLVED, Outcome.HELP_GIVEN, None)


def test_what_nobody_took_cannot_be_resolved() -> None:
    with pytest.raises(NotAcknowledgedError):
        resolve(RAISED)


@pytest.mark.parametrize("alarm", [RAISED, take(RAISED)], ids=["raised", "taken"])
def test_a_false_alarm_is_closed_in_one_tap(alarm: Alarm) -> None:
    assert close(alarm).state is AlarmState.FALSE_ALARM


@pytest.mark.parametrize(
    "command",
    [lambda alarm: acknowledge(alarm, P1, T0), leave, resolve, close],
    ids=["acknowledge", "decline", "resolve", "false_alarm"],
)
@pytest.mark.parametrize("closed", [close(RAISED), after(take(RAISED), resolve(take(RAISED)))], ids=["false", "done"])
def test_a_closed_alarm_stays_closed(closed: Alarm, command: Callable[[Alarm], object]) -> None:
    with pytest.raises(AlarmClosedError):
        command(closed)


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("alarm", [RAISED, take(RAISED), close(RAISED)], ids=["raised", "taken", "closed"])
def test_nothing_happens_before_its_time(alarm: Alarm) -> None:
    assert advance(alarm, minutes(4.999), ROTA) == []


def test_a_closed_alarm_is_never_due() -> None:
    assert advance(close(RAISED), minutes(10_000), ROTA) == []


@pytest.mark.parametrize(
    ("at", "level", "phones", "late", "next_at"),
    [
        (5, 1, ("p1", "p2", "b1"), False, 10),
        (5.03, 1, ("p1", "p2", "b1"), False, 10),
        (5.04, 1, ("p1", "p2", "b1"), True, 10),
        (10, 2, ("p1", "p2", "b1", "boss"), True, 15),
        (17, 3, ("p1", "p2", "b1", "boss"), True, 20),
        (1439, 287, ("p1", "p2", "b1", "boss"), True, 1440),
    ],
)
def test_all_levels_that_fell_due_are_told_in_one_round(
    at: float, level: int, phones: tuple[str, ...], late: bool, next_at: float
) -> None:
    events = advance(RAISED, minutes(at), ROTA)
    assert (escalation_in(events).level, escalation_in(events).late) == (level, late)
    assert escalation_in(events).due_at == minutes(5)
    assert (call_in(events).phones, call_in(events).step, call_in(events).next_deadline_at) == (
        phones,
        1,
        minutes(next_at),
    )


def test_the_third_level_is_the_larmansvarig_alone() -> None:
    alarm = after(RAISED, advance(RAISED, minutes(5), ROTA))
    assert call_in(advance(alarm, minutes(10), ROTA)).phones == ("boss",)


def test_a_taken_alarm_that_is_not_closed_in_time_comes_back_to_the_first_level_and_the_taker() -> None:
    alarm = after(RAISED, advance(RAISED, minutes(10), ROTA))
    alarm = take(alarm, BOSS, 11)
    reminder = advance(alarm, minutes(41), ROTA)
    assert (kinds(reminder), call_in(reminder).phones) == (["called"], ("boss",))
    assert (call_in(reminder).reason, call_in(reminder).next_deadline_at) == (CallReason.REMINDED, minutes(46))
    events = advance(after(alarm, reminder), minutes(46), ROTA)
    assert (escalation_in(events).level, escalation_in(events).reason) == (0, CallReason.RESPONSE_OVERDUE)
    assert (escalation_in(events).due_at, escalation_in(events).late) == (minutes(46), False)
    assert (call_in(events).phones, call_in(events).next_deadline_at) == (("boss", "p1", "p2"), minutes(51))


def test_the_taker_is_reminded_once_and_not_at_all_after_a_long_stop() -> None:
    alarm = take(RAISED)
    assert kinds(advance(alarm, minutes(36), ROTA)) == ["escalated", "called"]
    reminded = after(alarm, advance(alarm, minutes(35.9), ROTA))
    assert reminded.next_deadline_at == minutes(36)
    assert (reminded.state, reminded.is_reminded) == (AlarmState.ACKNOWLEDGED, True)
    again = after(reminded, repeat_alarm(replace(reminded, alarm_type=AlarmType.FIRE), request(), minutes(35.95), ROTA))
    assert (again.is_reminded, again.next_deadline_at) == (True, minutes(36))


def test_a_taker_who_was_reminded_may_say_that_it_is_still_being_done() -> None:
    reminded = after(take(RAISED), advance(take(RAISED), minutes(31), ROTA))
    renewed = take(reminded, P1, 33)
    assert (renewed.next_deadline_at, renewed.is_alerting, renewed.is_reminded) == (minutes(63), False, False)
    assert acknowledge(renewed, P1, minutes(34)) == []
    with pytest.raises(AlreadyTakenError):
        acknowledge(reminded, P2, minutes(33))


def test_one_taken_at_the_desk_comes_back_to_those_on_duty() -> None:
    assert call_in(advance(take(RAISED, DESK), minutes(31), ROTA)).phones == ("p1", "p2")


# --- done -------------------------------------------------------------------------------------


DONE = after(take(RAISED), report_done(take(RAISED), P1, minutes(9)))


def test_what_is_done_waits_for_its_outcome_for_ten_minutes() -> None:
    assert (DONE.state, DONE.is_open, DONE.needs_somebody) == (AlarmState.DONE, True, False)
    assert (DONE.is_unacknowledged, DONE.next_deadline_at) == (False, minutes(19))
    assert advance(DONE, minutes(18.999), ROTA) == []
    closed = after(DONE, advance(DONE, minutes(19), ROTA))
    assert (closed.state, closed.outcome, closed.next_deadline_at) == (AlarmState.RESOLVED, Outcome.NOT_STATED, None)


def test_the_outcome_of_what_is_done_may_be_stated_by_anyone() -> None:
    assert after(DONE, resolve(DONE, DESK)).outcome is Outcome.HELP_GIVEN
    assert close(DONE).state is AlarmState.FALSE_ALARM


def test_only_the_taker_says_that_it_is_done_and_once() -> None:
    assert report_done(DONE, P1, minutes(10)) == []
    assert acknowledge(DONE, P1, minutes(10)) == []
    with pytest.raises(AlreadyTakenError):
        report_done(take(RAISED), P2, minutes(10))
    with pytest.raises(NotAcknowledgedError):
        report_done(RAISED, P1, minutes(10))
    with pytest.raises(AlreadyTakenError):
        acknowledge(DONE, P2, minutes(10))


def test_who_needs_help_after_all_is_helped() -> None:
    assert kinds(leave(DONE, P1, 10)) == ["declined", "escalated", "called"]


def test_a_note_changes_nothing() -> None:
    assert after(RAISED, add_note(RAISED, P1, "n", minutes(1))) == RAISED
    assert after(close(RAISED), add_note(close(RAISED), DESK, "n", minutes(9))) == close(RAISED)


# --- always -----------------------------------------------------------------------------------


@settings(max_examples=100)
@given(
    plan=plans(),
    groups=rotas(),
    now=instants,
    waits=st.lists(st.timedeltas(timedelta(0), timedelta(days=3)), max_size=4),
)
def test_every_round_reaches_a_phone_if_there_is_one_and_has_a_later_deadline(
    plan: EscalationPlan, groups: tuple[ReceiverGroup, ...], now: datetime, waits: list[timedelta]
) -> None:
    rota = Rota(groups=groups, tz=STOCKHOLM)
    raised, first = raise_alarm(request(due_at=now), plan, "A1", "secret", now, rota)

    def wait_on(events: list[AlarmEvent], wait: timedelta) -> list[AlarmEvent]:
        alarm = fold([raised, *events])
        return [*events, *advance(alarm, (alarm.next_deadline_at or now) + wait, rota)]

    *_, events = accumulate(waits, wait_on, initial=first)
    calls = [event for event in events if isinstance(event, ReceiversCalled)]
    has_phones = any(group.phones for group in groups)
    assert {bool(call.phones) for call in calls} == {has_phones}
    rounds = [call for call in calls if call.reason is not CallReason.HANDED_OVER]
    assert len(rounds) == len(waits) + 1
    assert all(call.next_deadline_at > call.at for call in rounds)


def test_the_fallback_is_told_when_a_level_names_a_group_that_is_gone() -> None:
    plan = replace(PLAN, levels=(Level(delay=timedelta(0), receivers=("deleted",)),))
    _, events = first_round(plan, Rota(groups=(STAFF,), tz=STOCKHOLM))
    assert kinds(events) == ["no_one_on_duty", "called"]
    assert call_in(events).phones == ("p1", "p2")
    assert Receiver.ON_DUTY not in plan.levels[0].receivers
