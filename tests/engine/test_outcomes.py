"""Nights that end with what became of the alarm (P001.5)."""

from datetime import timedelta

import pytest

from custom_components.homecare_h2o.core.alarm import AlarmState
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmResolved,
    FalseAlarmReported,
    Outcome,
    RefusalReason,
)
from custom_components.homecare_h2o.engine import RaiseOutcome

from .night import Night, local

TAKING, DECLINE, FALSE_ALARM, DONE, NEED_HELP, HELP_GIVEN, NO_HELP_NEEDED = Answer


async def done(night: Night, alarm_type: AlarmType = AlarmType.PASSIVITY) -> None:
    """See an alarm to the point where only its outcome is missing."""
    await night.alarm(alarm_type)
    await night.press("dag-1", TAKING)
    await night.press("dag-1", DONE)


@pytest.mark.parametrize(
    ("answer", "outcome"), [(HELP_GIVEN, Outcome.HELP_GIVEN), (NO_HELP_NEEDED, Outcome.NO_HELP_NEEDED)]
)
async def test_the_taker_says_how_it_ended(night: Night, answer: Answer, outcome: Outcome) -> None:
    await done(night)
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("outcome", None)
    assert await night.press("dag-1", answer) is None
    assert night.shows("dag-1") is None
    (resolved,) = night.of(AlarmResolved)
    assert (resolved.outcome, resolved.by.phone_id) == (outcome, "dag-1")
    assert night.engine.alarms == {}


async def test_it_was_a_false_alarm_after_all(night: Night) -> None:
    await done(night)
    await night.press("dag-1", FALSE_ALARM)
    assert [event.by.phone_id for event in night.of(FalseAlarmReported)] == ["dag-1"]
    assert night.engine.alarms == {}


@pytest.mark.parametrize("down", [None, 1, 9, 30])
async def test_nobody_says_how_it_ended_and_it_is_closed_all_the_same(night: Night, down: int | None) -> None:
    await done(night)
    assert night.engine.next_deadline_at == local("2026-11-02 12:10")
    await night.restart(after=timedelta(minutes=down or 0))
    await night.until(max(night.clock.at, local("2026-11-02 12:10")))
    (resolved,) = night.of(AlarmResolved)
    assert (resolved.outcome, resolved.by) == (Outcome.NOT_STATED, Actor())
    assert night.shows("dag-1") is None
    assert night.engine.alarms == {}
    await night.restart()
    assert len(night.of(AlarmResolved)) == 1


async def test_a_power_cut_leaves_the_question_on_the_takers_phone(night: Night) -> None:
    await done(night)
    await night.restart()
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("outcome", None)
    assert await night.press("dag-1", NO_HELP_NEEDED) is None


async def test_the_desk_may_say_more_about_what_is_done(night: Night) -> None:
    await done(night)
    await night.engine.resolve("A1", Actor(user_id="desk"), Outcome.EXTERNAL_CONTACT, "112", report=True)
    await night.settle()
    assert night.shows("dag-1") is None


@pytest.mark.parametrize("alarm_type", [AlarmType.SAFETY_BUTTON, AlarmType.PASSIVITY])
async def test_what_happens_after_it_was_done_is_a_new_alarm_for_everyone(night: Night, alarm_type: AlarmType) -> None:
    await done(night, alarm_type)
    await night.wait(1)
    assert (await night.alarm(alarm_type)).outcome is RaiseOutcome.RAISED
    assert night.shows("dag-2") == "call"
    assert [alarm.state for alarm in night.engine.alarms.values()] == [AlarmState.DONE, AlarmState.RAISED]
    await night.wait(10)
    assert [alarm.alarm_id for alarm in night.engine.alarms.values()] == ["A2"]


async def test_the_deadline_that_raised_what_is_done_raises_nothing_more(night: Night) -> None:
    due_at = night.clock.at
    await night.alarm(due_at=due_at)
    await night.press("dag-1", TAKING)
    await night.press("dag-1", DONE)
    assert (await night.alarm(due_at=due_at)).outcome is RaiseOutcome.DUPLICATE


async def test_who_needs_help_after_all_is_helped(night: Night) -> None:
    await night.alarm()
    await night.press("dag-1", TAKING)
    help_wanted = night.button("dag-1", NEED_HELP)
    await night.press("dag-1", DONE)
    assert await night.send(help_wanted, "dag-1") is None
    assert night.shows("dag-2") == "call"
    assert night.the_alarm.is_unacknowledged


async def test_the_others_are_too_late(night: Night) -> None:
    await night.alarm()
    late = night.button("dag-2", TAKING)
    await night.press("dag-1", TAKING)
    await night.press("dag-1", DONE)
    assert await night.send(late, "dag-2") is RefusalReason.CLOSED
    assert night.shows("dag-2") is None


async def test_who_is_reminded_says_that_it_is_still_being_done(night: Night) -> None:
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.until("12:31")
    await night.press("dag-1", TAKING)
    (shown,) = night.phones.screens("dag-1")
    assert (shown.kind.value, shown.is_loud) == ("yours", False)
    await night.until("13:00")
    assert night.shows("dag-2") == "taken"
    assert night.engine.next_deadline_at == local("2026-11-02 13:01")


async def test_an_old_press_does_not_answer_the_reminder(night: Night) -> None:
    await night.alarm()
    old = night.button("dag-1", TAKING)
    await night.press("dag-1", TAKING)
    await night.until("12:30")
    assert await night.send(old, "dag-1") is RefusalReason.OUTDATED
    await night.until("12:35")
    assert night.shows("dag-2") == "call"


@pytest.mark.parametrize(("down", "shown"), [(30, "taken"), (34, "taken"), (35, "call"), (90, "call")])
async def test_a_power_cut_does_not_make_the_group_wait_longer(night: Night, down: int, shown: str) -> None:
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.restart(after=timedelta(minutes=down))
    assert night.shows("dag-2") == shown
    await night.until(max(night.clock.at, local("2026-11-02 12:35")))
    assert night.shows("dag-2") == "call"
