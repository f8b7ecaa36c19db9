"""Nights at work, fast-forward."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.homecare_h2o.core.alarm import AlarmState
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.duty import Role
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmEscalated,
    AlarmHandedOver,
    AnswerRefused,
    CallReason,
    NoOneOnDuty,
    NotificationFailed,
    Outcome,
    PhoneNotified,
    RefusalReason,
)
from custom_components.homecare_h2o.engine import RaiseOutcome

from .night import BOSS, DAY, NIGHT, Night, Nights, group, local

TAKING, DECLINE, FALSE_ALARM, DONE, NEED_HELP, HELP_GIVEN, NO_HELP_NEEDED = Answer


async def test_one_takes_it_the_other_sees_it_and_done_clears_both(night: Night) -> None:
    await night.alarm()
    assert night.shows("dag-1") == night.shows("dag-2") == "call"
    assert await night.press("dag-1", TAKING) is None
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("yours", "taken")
    await night.wait(10)
    assert await night.press("dag-1", DONE) is None
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("outcome", None)
    await night.wait(1)
    assert await night.press("dag-1", HELP_GIVEN) is None
    assert night.shows("dag-1") is None
    assert night.kinds() == [
        *("raised", "called", "notified", "notified", "acknowledged"),
        *("done", "cleared", "resolved", "cleared"),
    ]
    assert night.engine.alarms == {}
    assert night.engine.next_deadline_at is None


async def test_both_phones_are_dead_and_nobody_answers_for_an_hour(night: Night) -> None:
    night.phones.dead = {"dag-1", "dag-2"}
    await night.alarm()
    await night.wait(30)
    everyone = "dag-1 dag-2 reserv-1 chef"
    assert night.calls() == [
        "12:00:00 dag-1 dag-2",
        "12:05:00 dag-1 dag-2 reserv-1",
        "12:10:00 chef",
        f"12:15:00 {everyone}",
        f"12:20:00 {everyone}",
        f"12:25:00 {everyone}",
        f"12:30:00 {everyone}",
    ]
    assert (night.shows("dag-1"), night.shows("reserv-1"), night.shows("chef")) == (None, "call", "call")
    assert len(night.of(NotificationFailed)) == 12
    assert [night.wall(event.at) for event in night.of(PhoneNotified)][:2] == ["12:05:00", "12:10:00"]


async def test_re_notification_goes_on_for_days(night: Night) -> None:
    await night.alarm()
    await night.until("2026-11-05 12:00")
    changes_of_shift = 6
    assert len(night.calls()) == 3 * 24 * 12 + 1 + changes_of_shift
    assert night.engine.audit() == []


async def test_urgent_alarms_go_twice_as_fast(night: Night) -> None:
    await night.alarm(AlarmType.FIRE)
    await night.wait(5)
    assert night.calls() == ["12:00:00 dag-1 dag-2", "12:02:30 dag-1 dag-2 reserv-1", "12:05:00 chef"]


async def test_nobody_is_on_duty(nights: Nights) -> None:
    night = await nights("2026-11-02 23:00", DAY, BOSS)
    await night.alarm()
    assert night.calls() == ["23:00:00 chef"]
    assert [event.fallback for event in night.of(NoOneOnDuty)] == [("ansvarig",)]
    assert night.shows("chef") == "call"


async def test_relatives_are_told_if_the_plan_of_the_alarm_says_so(nights: Nights) -> None:
    night = await nights("2026-11-02 12:00", DAY, group("dotter", Role.RELATIVE, "dotter-1"))
    await night.alarm(AlarmType.LEAK)
    await night.alarm(AlarmType.DOOR, tell_relatives=True)
    assert night.calls() == ["12:00:00 dag-1 dag-2", "12:00:00 dag-1 dag-2 dotter-1"]


async def test_nobody_has_a_phone_until_somebody_gets_one(nights: Nights) -> None:
    night = await nights("2026-11-02 23:00", DAY)
    night.groups = ()
    await night.alarm()
    assert (night.calls(), night.kinds()) == (["23:00:00 "], ["raised", "no_one_on_duty", "called"])
    night.groups = (NIGHT,)
    await night.wait(5)
    assert night.shows("natt-1") == "call"


async def test_neither_has_time_so_the_next_level_is_told_at_once(night: Night) -> None:
    await night.alarm()
    await night.wait(1)
    await night.press("dag-1", DECLINE)
    assert (night.shows("dag-1"), night.shows("dag-2")) == (None, "call")
    await night.wait(1)
    await night.press("dag-2", DECLINE)
    await night.wait(10)
    assert night.calls() == [
        "12:00:00 dag-1 dag-2",
        "12:02:00 dag-1 dag-2 reserv-1",
        "12:07:00 chef",
        "12:12:00 dag-1 dag-2 reserv-1 chef",
    ]
    assert [event.reason for event in night.of(AlarmEscalated)] == [
        CallReason.DECLINED,
        CallReason.UNANSWERED,
        CallReason.UNANSWERED,
    ]


async def test_the_taker_goes_silent_and_the_alarm_comes_back(night: Night) -> None:
    await night.alarm()
    await night.wait(2)
    await night.press("dag-2", TAKING)
    await night.until("12:31:59")
    assert len(night.calls()) == 1
    await night.until("12:32:00")
    assert night.calls()[1:] == ["12:32:00 dag-2"]
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("taken", "yours")
    (reminder,) = night.phones.screens("dag-2")
    assert (reminder.is_loud, reminder.answers) == (True, (DONE, NEED_HELP, TAKING))
    await night.until("12:37")
    assert night.calls()[2:] == ["12:37:00 dag-2 dag-1"]
    assert night.shows("dag-1") == night.shows("dag-2") == "call"
    await night.until("12:47")
    assert night.calls()[3:] == ["12:42:00 dag-1 dag-2 reserv-1", "12:47:00 chef"]


async def test_the_taker_needs_help(night: Night) -> None:
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.wait(12)
    await night.press("dag-1", NEED_HELP)
    assert night.calls()[1:] == ["12:12:00 dag-1 dag-2"]
    assert night.shows("dag-1") == night.shows("dag-2") == "call"
    await night.press("dag-2", TAKING)
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("taken", "yours")


async def test_two_taps_at_the_same_moment_have_one_owner(night: Night) -> None:
    await night.alarm()
    taps = [night.engine.answer(night.button(phone, TAKING), "u", phone.__eq__) for phone in ("dag-1", "dag-2")]
    assert await asyncio.gather(*taps) == [None, RefusalReason.ALREADY_TAKEN]
    await night.settle()
    assert [event.by.phone_id for event in night.of(AlarmAcknowledged)] == ["dag-1"]
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("yours", "taken")


async def test_a_second_press_of_the_same_button_is_harmless(night: Night) -> None:
    await night.alarm()
    button = night.button("dag-1", TAKING)
    assert await night.send(button, "dag-1") is None
    before = night.kinds()
    assert await night.send(button, "dag-1") is None
    assert night.kinds() == before
    assert night.shows("dag-1") == "yours"


async def test_a_false_alarm_in_one_tap(night: Night) -> None:
    await night.alarm()
    await night.press("dag-1", FALSE_ALARM)
    assert night.shows("dag-1") is night.shows("dag-2") is None
    assert night.engine.alarms == {}


@pytest.mark.parametrize(
    ("button", "who", "reason"),
    [
        ("H2O~A1~0~taking~0000000000000000", "dag-1", RefusalReason.FORGED),
        ("H2O~A1~0~taking~\ud83d", "dag-1", RefusalReason.FORGED),
        ("H2O~A9~0~taking~0000000000000000", "dag-1", RefusalReason.FORGED),
        (f"H2O~{'x' * 1000}~0~taking~0", "dag-1", RefusalReason.FORGED),
        ("dag-1", "dag-2", RefusalReason.FOREIGN),
        ("dag-1", None, RefusalReason.FOREIGN),
    ],
    ids=["forged", "half_an_emoji", "no_such_alarm", "long", "of_another_phone", "of_an_automation"],
)
async def test_what_is_not_from_the_phone_changes_nothing_and_is_journalled_once(
    night: Night, button: str, who: str | None, reason: RefusalReason
) -> None:
    await night.alarm()
    text = night.button(button, TAKING) if button == "dag-1" else button
    before, kinds = night.the_alarm, night.kinds()
    senders = (who,) if who else ()
    assert {await night.send(text, *senders) for _ in range(50)} == {reason}
    assert night.kinds() == [*kinds, "refused"]
    assert night.the_alarm.state is before.state
    assert night.the_alarm.next_deadline_at == before.next_deadline_at
    assert len(night.phones.told) == 2


async def test_a_button_of_an_older_step_is_outdated_and_the_phone_gets_new_ones(night: Night) -> None:
    await night.alarm()
    old = night.button("dag-1", TAKING)
    await night.wait(5)
    assert {await night.send(old, "dag-1") for _ in range(50)} == {RefusalReason.OUTDATED}
    assert night.kinds().count("refused") == 1
    assert night.the_alarm.state is AlarmState.ESCALATED
    assert await night.press("dag-1", TAKING) is None


async def test_a_press_that_comes_after_the_end_changes_nothing_and_clears_the_phone(night: Night) -> None:
    await night.alarm()
    late = night.button("dag-2", TAKING)
    await night.press("dag-1", FALSE_ALARM)
    assert {await night.send(late, "dag-2") for _ in range(50)} == {RefusalReason.CLOSED}
    assert [event.reason for event in night.of(AnswerRefused)] == [RefusalReason.CLOSED]
    assert night.phones.heard("dag-2") == ["call", "clear", "clear"]
    assert night.engine.alarms == {}


async def test_who_declined_and_then_tries_to_take_it_is_cleared_in_the_end(night: Night) -> None:
    await night.alarm()
    kept = night.button("dag-2", TAKING)
    await night.press("dag-2", DECLINE)
    await night.press("dag-1", TAKING)
    assert await night.send(kept, "dag-2") is RefusalReason.ALREADY_TAKEN
    assert night.shows("dag-2") == "taken"
    await night.press("dag-1", DONE)
    assert night.shows("dag-2") is None
    assert night.kinds()[-2:] == ["done", "cleared"]


async def test_who_declined_is_called_anew_while_the_phone_is_still_being_cleared(night: Night) -> None:
    await night.alarm()
    button = night.button("dag-1", DECLINE)
    night.phones.hung = {"dag-1"}
    await night.send(button, "dag-1")
    await night.press("dag-2", DECLINE)
    await night.press("dag-2", FALSE_ALARM)
    night.phones.release()
    await night.settle()
    assert night.shows("dag-1") is None
    assert night.engine.alarms == {}


async def test_the_shift_changes_between_two_levels(nights: Nights) -> None:
    night = await nights("2026-11-02 21:29:50")
    await night.alarm()
    await night.wait(5)
    assert night.calls() == ["21:29:50 dag-1 dag-2", "21:30:00 natt-1", "21:34:50 natt-1 reserv-1"]
    assert night.of(NoOneOnDuty) == []


async def test_the_last_moment_of_the_day_belongs_to_the_day(nights: Nights) -> None:
    night = await nights("2026-11-02 21:29:59.999")
    await night.alarm(AlarmType.FIRE)
    await night.until("21:30")
    await night.alarm(AlarmType.LEAK)
    assert night.calls() == ["21:29:59 dag-1 dag-2", "21:30:00 natt-1", "21:30:00 natt-1"]
    assert [event.alarm_id for event in night.of(AlarmHandedOver)] == ["A1"]


async def test_an_october_night_has_an_hour_more(nights: Nights) -> None:
    night = await nights("2026-10-25 01:50")
    await night.alarm()
    await night.until("2026-10-25 06:50")
    called_at = [text.split()[0] for text in night.calls()]
    changes_of_shift = 1
    assert len(called_at) == 6 * 12 + 1 + changes_of_shift
    assert called_at.count("02:20:00") == 2
    assert night.calls()[-3:] == [
        "06:45:00 natt-1 reserv-1 chef",
        "06:46:00 dag-1 dag-2",
        "06:50:00 dag-1 dag-2 reserv-1 chef",
    ]


async def test_a_march_night_has_an_hour_less(nights: Nights) -> None:
    night = await nights("2027-03-28 01:50")
    await night.alarm()
    await night.until("2027-03-28 03:00")
    assert night.calls() == ["01:50:00 natt-1", "01:55:00 natt-1 reserv-1", "03:00:00 chef"]


async def test_the_safety_button_is_pressed_again_while_the_alarm_is_open(night: Night) -> None:
    first = await night.alarm(AlarmType.SAFETY_BUTTON)
    await night.wait(1)
    second = await night.alarm(AlarmType.SAFETY_BUTTON)
    assert (second.alarm_id, second.outcome) == (first.alarm_id, RaiseOutcome.REPEATED)
    assert night.calls() == ["12:00:00 dag-1 dag-2", "12:01:00 dag-1 dag-2"]
    assert night.phones.heard("dag-1") == ["call", "call"]
    assert night.the_alarm.repetitions == 1
    assert night.engine.next_deadline_at == local("2026-11-02 12:02:30")


async def test_the_safety_button_is_pressed_again_while_help_is_on_its_way(night: Night) -> None:
    await night.alarm(AlarmType.SAFETY_BUTTON)
    await night.press("dag-1", TAKING)
    await night.wait(1)
    await night.alarm(AlarmType.SAFETY_BUTTON)
    assert night.phones.heard("dag-1") == ["call", "yours", "yours"]
    assert night.phones.heard("dag-2") == ["call", "taken"]
    assert [message.is_loud for message in night.phones.told if message.phone_id == "dag-1"] == [True, False, True]
    assert night.engine.next_deadline_at == local("2026-11-02 12:15")
    assert [event.phone_id for event in night.of(PhoneNotified)] == ["dag-1", "dag-2", "dag-1"]


async def test_a_rule_that_is_open_does_not_call_again(night: Night) -> None:
    await night.alarm()
    await night.wait(1)
    assert (await night.alarm()).outcome is RaiseOutcome.REPEATED
    assert night.phones.heard("dag-1") == ["call"]


async def test_the_same_deadline_raises_once_also_after_a_restart(night: Night) -> None:
    due_at = night.clock.at
    first = await night.alarm(due_at=due_at)
    await night.wait(1)
    again = [await night.alarm(due_at=due_at)]
    await night.restart(after=timedelta(minutes=1))
    again.append(await night.alarm(due_at=due_at))
    await night.press("dag-1", FALSE_ALARM)
    again.append(await night.alarm(due_at=due_at))
    await night.restart()
    again.append(await night.alarm(due_at=due_at))
    assert [(result.alarm_id, result.outcome) for result in again] == [(first.alarm_id, RaiseOutcome.DUPLICATE)] * 4
    assert night.kinds().count("raised") == 1
    assert night.kinds().count("repeated") == 0


async def test_a_repetition_is_repeated_once_also_after_a_restart(night: Night) -> None:
    await night.alarm()
    await night.wait(1)
    due_at = night.clock.at
    assert (await night.alarm(due_at=due_at)).outcome is RaiseOutcome.REPEATED
    assert (await night.alarm(due_at=due_at)).outcome is RaiseOutcome.DUPLICATE
    await night.restart()
    assert (await night.alarm(due_at=due_at)).outcome is RaiseOutcome.DUPLICATE
    assert night.kinds().count("repeated") == 1


async def test_a_power_cut_before_anybody_answered(night: Night) -> None:
    await night.alarm()
    old = night.button("dag-1", TAKING)
    deadline_at = night.engine.next_deadline_at
    await night.restart(after=timedelta(minutes=2))
    assert night.calls() == ["12:00:00 dag-1 dag-2", "12:02:00 dag-1 dag-2"]
    assert night.phones.heard("dag-1") == ["call", "call"]
    assert night.engine.next_deadline_at == deadline_at
    assert await night.send(old, "dag-1") is None
    assert night.the_alarm.acknowledged_by == Actor(phone_id="dag-1", user_id="dag-1-user")


async def test_a_power_cut_before_the_phones_were_told(night: Night) -> None:
    night.phones.hung = {"dag-1", "dag-2"}
    await night.alarm()
    night.phones.hung = set()
    await night.restart()
    assert night.shows("dag-1") == night.shows("dag-2") == "call"


async def test_a_power_cut_while_somebody_is_on_the_way(night: Night) -> None:
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.restart(after=timedelta(minutes=10))
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("yours", "taken")
    assert len(night.calls()) == 1
    await night.until("12:35")
    assert night.shows("dag-2") == "call"


async def test_a_power_cut_between_the_end_and_the_clearing(night: Night) -> None:
    await night.alarm()
    night.phones.hung = {"dag-2"}
    await night.press("dag-1", FALSE_ALARM)
    assert night.shows("dag-2") == "call"
    night.phones.hung = set()
    await night.restart()
    assert night.shows("dag-2") is None
    await night.restart()
    assert night.phones.heard("dag-2") == ["call", "clear"]


async def test_a_call_that_failed_after_the_end_may_have_arrived_and_is_cleared_also_after_a_power_cut(
    night: Night,
) -> None:
    night.phones.hung = {"dag-1"}
    await night.alarm()
    await night.press("dag-2", FALSE_ALARM)
    night.phones.give_up()
    await night.settle()
    night.phones.hung = set()
    await night.restart()
    assert night.phones.heard("dag-1") == ["clear"]


async def test_what_fell_due_during_a_power_cut_happens_at_once_and_late(night: Night) -> None:
    await night.alarm()
    await night.restart(after=timedelta(minutes=12))
    (escalated,) = night.of(AlarmEscalated)
    assert (escalated.level, escalated.late, night.wall(escalated.due_at)) == (2, True, "12:05:00")
    assert night.calls() == ["12:00:00 dag-1 dag-2", "12:12:00 dag-1 dag-2 reserv-1 chef"]
    assert night.engine.next_deadline_at == local("2026-11-02 12:15")


async def test_who_declined_before_a_power_cut_is_left_alone(night: Night) -> None:
    await night.alarm()
    await night.press("dag-1", DECLINE)
    await night.restart()
    assert (night.shows("dag-1"), night.shows("dag-2")) == (None, "call")
    await night.press("dag-2", DECLINE)
    assert night.shows("reserv-1") == "call"


@pytest.mark.usefixtures("impatient")
async def test_a_phone_that_hangs_does_not_delay_the_others(night: Night) -> None:
    night.phones.hung = {"dag-1"}
    await night.alarm()
    assert (night.shows("dag-1"), night.shows("dag-2")) == (None, "call")
    assert await night.press("dag-2", TAKING) is None
    await asyncio.sleep(0.05)
    await night.settle()
    assert [(event.phone_id, event.error) for event in night.of(NotificationFailed)] == [("dag-1", "timeout")]


async def test_two_alarms_do_not_disturb_each_other(night: Night) -> None:
    await night.alarm(AlarmType.FIRE)
    await night.wait(1)
    await night.alarm(AlarmType.PASSIVITY)
    await night.engine.acknowledge("A1", Actor(user_id="desk"))
    await night.engine.resolve("A1", Actor(user_id="desk"), Outcome.EXTERNAL_CONTACT, "112", report=True)
    await night.settle()
    assert list(night.engine.alarms) == ["A2"]
    assert night.engine.next_deadline_at == local("2026-11-02 12:06")


async def test_taken_at_the_desk_every_phone_sees_it(night: Night) -> None:
    await night.alarm()
    await night.engine.acknowledge("A1", Actor(user_id="desk"))
    await night.settle()
    assert night.shows("dag-1") == night.shows("dag-2") == "taken"


async def test_the_only_one_on_duty_needs_help_and_somebody_else_is_told_at_once(nights: Nights) -> None:
    alone = group("dag", Role.STAFF, "dag-1")
    night = await nights("2026-11-02 12:00", alone, BOSS)
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.press("dag-1", NEED_HELP)
    assert night.calls()[1:] == ["12:00:00 chef"]


async def test_nobody_who_said_no_is_all_that_the_next_level_has(nights: Nights) -> None:
    alone = group("dag", Role.STAFF, "dag-1")
    night = await nights("2026-11-02 12:00", alone, BOSS)
    await night.alarm()
    await night.press("dag-1", DECLINE)
    assert night.calls()[1:] == ["12:00:00 chef"]


async def test_the_only_phone_there_is_says_no_and_is_called_again(nights: Nights) -> None:
    night = await nights("2026-11-02 12:00", group("dag", Role.STAFF, "dag-1"))
    await night.alarm()
    await night.press("dag-1", DECLINE)
    assert night.calls()[1:] == ["12:00:00 dag-1"]


async def test_the_safety_button_is_pressed_again_while_nobody_with_a_phone_has_it(night: Night) -> None:
    await night.alarm(AlarmType.SAFETY_BUTTON)
    await night.engine.acknowledge(night.the_alarm.alarm_id, Actor(user_id="desk"))
    await night.settle()
    await night.wait(1)
    await night.alarm(AlarmType.SAFETY_BUTTON)
    assert night.calls()[1:] == ["12:01:00 dag-1 dag-2"]
    assert night.the_alarm.is_unacknowledged


async def test_a_taker_who_presses_again_is_shown_what_may_have_been_lost(night: Night) -> None:
    await night.alarm()
    button = night.button("dag-1", TAKING)
    await night.press("dag-1", TAKING)
    assert await night.engine.answer(button, "u", "dag-1".__eq__) is None
    await night.settle()
    assert night.phones.heard("dag-1") == ["call", "yours", "yours"]
