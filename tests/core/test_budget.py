"""A phone's pushes of a day: first calls always go out, mere reminders wait when the day runs short."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from custom_components.homecare_h2o.core.budget import (
    LastPush,
    Spent,
    calc_pause,
    count_on,
    is_reminder,
    may_send,
    spend,
)
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import RefusalReason
from custom_components.homecare_h2o.core.messages import Message, MessageKind

from .samples import PLAN, T0, minutes, new_alarm

TODAY, TOMORROW = date(2026, 11, 2), date(2026, 11, 3)
BEYOND = len(PLAN.levels)


def reminder(
    kind: MessageKind = MessageKind.CALL, level: int = BEYOND, alarm_type: AlarmType = AlarmType.PASSIVITY
) -> Message:
    """Return a message of an alarm that nobody has answered on any level."""
    return Message(kind=kind, phone_id="p1", alarm=replace(new_alarm(), level=level, alarm_type=alarm_type))


def last(message: Message) -> LastPush:
    """Return that the phone was told the same at the beginning."""
    return LastPush(at=T0, alarm=message.alarm)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (reminder(), True),
        (reminder(alarm_type=AlarmType.TECHNICAL), True),
        (reminder(level=BEYOND - 1), False),
        (reminder(alarm_type=AlarmType.FIRE), False),
        (reminder(alarm_type=AlarmType.SAFETY_BUTTON), False),
        (reminder(MessageKind.TAKEN), False),
        (reminder(MessageKind.YOURS), False),
        (reminder(MessageKind.CLEAR), False),
    ],
)
def test_only_what_every_level_was_told_already_is_a_reminder(message: Message, expected: bool) -> None:
    assert is_reminder(message) is expected


@pytest.mark.parametrize(("count", "pause"), [(0, 0), (299, 0), (300, 15), (399, 15), (400, 30), (450, 60), (900, 60)])
def test_reminders_are_further_apart_the_less_is_left(count: int, pause: int) -> None:
    assert calc_pause(count) == timedelta(minutes=pause)


@pytest.mark.parametrize(
    ("message", "count", "after", "expected"),
    [
        (reminder(), 299, 0, True),
        (reminder(), 300, 14, False),
        (reminder(), 300, 15, True),
        (reminder(), 499, 59, False),
        (reminder(), 499, 60, True),
        (reminder(level=0), 499, 1, True),
        (reminder(alarm_type=AlarmType.FIRE), 499, 1, True),
        (reminder(MessageKind.TAKEN), 499, 1, True),
    ],
)
def test_reminders_wait_when_the_day_runs_short(message: Message, count: int, after: int, expected: bool) -> None:
    assert may_send(message, count, last(message), minutes(after)) is expected


def test_a_phone_that_was_told_nothing_yet_is_told_at_once() -> None:
    assert may_send(reminder(), 499, None, T0)


def test_who_has_just_answered_an_older_message_is_shown_the_newest_at_once() -> None:
    message = reminder()
    answered = replace(message.alarm, refused=frozenset({("H2O~A1~0~taking~x", RefusalReason.OUTDATED)}))
    assert may_send(replace(message, alarm=answered), 499, last(message), minutes(1))


def test_a_new_day_begins_at_nothing() -> None:
    assert (count_on(None, TODAY), count_on(Spent(day=TODAY, count=7), TODAY)) == (0, 7)
    assert count_on(Spent(day=TODAY, count=7), TOMORROW) == 0


@pytest.mark.parametrize(
    ("spent", "remaining", "count"),
    [
        (None, None, 1),
        (Spent(day=TODAY, count=7), None, 8),
        (Spent(day=date(2026, 11, 1), count=7), None, 1),
        (Spent(day=TODAY, count=7), 190, 310),
    ],
)
def test_each_push_is_counted_and_the_push_service_knows_best(
    spent: Spent | None, remaining: int | None, count: int
) -> None:
    assert spend(spent, TODAY, remaining) == Spent(day=TODAY, count=count)
