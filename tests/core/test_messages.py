"""What each phone is to show, and whom an event makes show something untrue."""

from dataclasses import replace

import pytest

from custom_components.homecare_h2o.core.alarm import Alarm
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.commands import (
    acknowledge,
    advance,
    decline,
    repeat_alarm,
    report_done,
    report_false_alarm,
    resolve_alarm,
)
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmEvent,
    AnswerRefused,
    CallReason,
    NotificationFailed,
    Outcome,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
    ReceiversCalled,
    RefusalReason,
)
from custom_components.homecare_h2o.core.messages import Message, MessageKind, calc_kind, calc_messages, find_outdated

from .samples import DESK, P1, P2, ROTA, T0, after, minutes, new_alarm, request

RAISED = new_alarm()
DECLINED = after(RAISED, decline(RAISED, P2, minutes(1), ROTA))
TAKEN = after(RAISED, acknowledge(RAISED, P1, minutes(1)))
AT_THE_DESK = after(RAISED, acknowledge(RAISED, DESK, minutes(1)))
REPEATED = after(
    replace(TAKEN, alarm_type=AlarmType.FIRE),
    repeat_alarm(replace(TAKEN, alarm_type=AlarmType.FIRE), request(due_at=minutes(3)), minutes(3), ROTA),
)
REMINDED = after(TAKEN, advance(TAKEN, minutes(31), ROTA))
DONE = after(TAKEN, report_done(TAKEN, P1, minutes(2)))
CLOSED = after(RAISED, report_false_alarm(RAISED, P1, minutes(1)))


@pytest.mark.parametrize(
    ("alarm", "phone_id", "kind"),
    [
        (RAISED, "p1", MessageKind.CALL),
        (DECLINED, "p1", MessageKind.CALL),
        (DECLINED, "p2", MessageKind.CLEAR),
        (TAKEN, "p1", MessageKind.YOURS),
        (TAKEN, "p2", MessageKind.TAKEN),
        (AT_THE_DESK, "p1", MessageKind.TAKEN),
        (replace(TAKEN, acknowledged_by=None), "p1", MessageKind.TAKEN),
        (DONE, "p1", MessageKind.OUTCOME),
        (DONE, "p2", MessageKind.CLEAR),
        (CLOSED, "p1", MessageKind.CLEAR),
        (CLOSED, "p2", MessageKind.CLEAR),
    ],
)
def test_what_a_phone_is_to_show(alarm: Alarm, phone_id: str, kind: MessageKind) -> None:
    assert calc_kind(alarm, phone_id) is kind


def test_a_message_for_each_phone_in_their_order() -> None:
    assert calc_messages(TAKEN, ["p2", "p1"]) == [
        Message(kind=MessageKind.TAKEN, phone_id="p2", alarm=TAKEN),
        Message(kind=MessageKind.YOURS, phone_id="p1", alarm=TAKEN),
    ]


@pytest.mark.parametrize(
    ("alarm", "phone_id", "is_loud", "answers"),
    [
        (RAISED, "p1", True, (Answer.TAKING, Answer.DECLINE, Answer.FALSE_ALARM)),
        (TAKEN, "p1", False, (Answer.DONE, Answer.NEED_HELP)),
        (REPEATED, "p1", True, (Answer.DONE, Answer.NEED_HELP, Answer.TAKING)),
        (REMINDED, "p1", True, (Answer.DONE, Answer.NEED_HELP, Answer.TAKING)),
        (after(REMINDED, acknowledge(REMINDED, P1, minutes(32))), "p1", False, (Answer.DONE, Answer.NEED_HELP)),
        (TAKEN, "p2", False, ()),
        (REPEATED, "p2", False, ()),
        (DONE, "p1", False, (Answer.HELP_GIVEN, Answer.NO_HELP_NEEDED, Answer.FALSE_ALARM)),
        (DONE, "p2", False, ()),
        (CLOSED, "p1", False, ()),
    ],
)
def test_what_is_heard_and_what_can_be_answered(
    alarm: Alarm, phone_id: str, is_loud: bool, answers: tuple[Answer, ...]
) -> None:
    (message,) = calc_messages(alarm, [phone_id])
    assert (message.is_loud, message.answers) == (is_loud, answers)


def test_a_message_knows_its_step() -> None:
    escalated = after(RAISED, advance(RAISED, minutes(10), ROTA))
    messages = calc_messages(escalated, ["p1", "boss", "stranger"])
    assert [message.step for message in messages] == [1, 1, 0]


def outdated(alarm: Alarm, events: list[AlarmEvent]) -> list[str]:
    return find_outdated(after(alarm, events), events)


def test_those_called_are_told_in_their_order() -> None:
    assert outdated(RAISED, advance(RAISED, minutes(5), ROTA)) == ["p1", "p2", "b1"]


def test_an_unanswered_call_leaves_the_others_as_they_are() -> None:
    later = after(RAISED, advance(RAISED, minutes(5), ROTA))
    assert outdated(later, advance(later, minutes(10), ROTA)) == ["boss"]


@pytest.mark.parametrize(
    "events",
    [
        acknowledge(RAISED, P1, minutes(1)),
        acknowledge(RAISED, DESK, minutes(1)),
        report_false_alarm(RAISED, P1, minutes(1)),
    ],
    ids=["taken", "taken_at_the_desk", "false_alarm"],
)
def test_all_who_show_it_are_told(events: list[AlarmEvent]) -> None:
    assert outdated(RAISED, events) == ["p1", "p2"]


def test_all_who_show_it_are_told_of_its_end() -> None:
    events = resolve_alarm(TAKEN, P1, Outcome.HELP_GIVEN, None, minutes(9), report=False)
    assert outdated(TAKEN, events) == ["p1", "p2"]


@pytest.mark.parametrize(
    "events",
    [decline(TAKEN, P1, minutes(2), ROTA), advance(TAKEN, minutes(36), ROTA)],
    ids=["needs_help", "overdue"],
)
def test_all_who_show_who_took_it_are_told_that_it_is_back(events: list[AlarmEvent]) -> None:
    assert sorted(outdated(TAKEN, events)) == ["p1", "p2"]


def test_each_phone_is_told_once() -> None:
    assert sorted(outdated(DECLINED, decline(DECLINED, P1, minutes(2), ROTA))) == ["b1", "p1", "p2"]


def test_who_declines_has_it_taken_away() -> None:
    assert outdated(RAISED, decline(RAISED, P2, minutes(1), ROTA)) == ["p2"]
    assert outdated(RAISED, decline(RAISED, DESK, minutes(1), ROTA)) == []


@pytest.mark.parametrize(("by", "told"), [(P2, ["p2"]), (DESK, [])])
def test_whose_answer_is_refused_is_shown_what_is_true(by: Actor, told: list[str]) -> None:
    refused = AnswerRefused(at=T0, alarm_id="A1", by=by, answer="H2O~x", reason=RefusalReason.ALREADY_TAKEN)
    assert outdated(TAKEN, [refused]) == told


@pytest.mark.parametrize(
    ("alarm", "told"),
    [
        (replace(TAKEN, alarm_type=AlarmType.SAFETY_BUTTON), ["p1"]),
        (replace(TAKEN, alarm_type=AlarmType.FIRE), ["p1"]),
        (TAKEN, []),
        (RAISED, []),
    ],
    ids=["safety_button", "fire", "not_urgent", "not_taken"],
)
def test_the_taker_is_told_when_it_is_urgent_and_repeats(alarm: Alarm, told: list[str]) -> None:
    assert outdated(alarm, repeat_alarm(alarm, request(due_at=minutes(3)), minutes(3), ROTA))[:1] == told


@pytest.mark.parametrize(
    "event",
    [
        PhoneNotified(at=T0, alarm_id="A1", phone_id="p1", step=0),
        PhoneReceived(at=T0, alarm_id="A1", phone_id="p1", step=0),
        PhoneCleared(at=T0, alarm_id="A1", phone_id="p1"),
        NotificationFailed(at=T0, alarm_id="A1", phone_id="p1", step=0, error="timeout"),
    ],
    ids=lambda event: event.kind,
)
def test_what_a_phone_did_makes_no_new_message(event: AlarmEvent) -> None:
    assert outdated(RAISED, [event]) == []


def test_a_call_to_nobody_tells_nobody() -> None:
    call = ReceiversCalled(
        at=T0,
        alarm_id="A1",
        step=1,
        level=1,
        reason=CallReason.UNANSWERED,
        groups=(),
        phones=(),
        base_at=T0,
        next_deadline_at=minutes(10),
    )
    assert outdated(RAISED, [call]) == []
