"""What an alarm is, folded from what happened to it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from custom_components.homecare_h2o.core.alarm import Alarm, AlarmState, begin, evolve, fold, is_late
from custom_components.homecare_h2o.core.errors import UnknownAlarmError
from custom_components.homecare_h2o.core.events import (
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
    NoteAdded,
    NotificationFailed,
    Outcome,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
    ReceiversCalled,
    RefusalReason,
)

from .samples import DESK, P1, PLAN, T0, minutes, new_alarm

RAISED = AlarmRaised(
    at=T0,
    alarm_id="A1",
    brukare_id="K1",
    alarm_type=new_alarm().alarm_type,
    rule="passivity",
    due_at=minutes(-1),
    late=True,
    message="text",
    sources=("binary_sensor.hall",),
    plan=PLAN,
    secret="secret",
)
RESOLVED = AlarmResolved(at=minutes(9), alarm_id="A1", by=P1, outcome=Outcome.HELP_GIVEN, note="n", report=True)
FALSE = FalseAlarmReported(at=minutes(9), alarm_id="A1", by=P1)
TAKEN = AlarmAcknowledged(at=minutes(1), alarm_id="A1", by=P1, next_deadline_at=minutes(31))
CLEARED = PhoneCleared(at=minutes(9), alarm_id="A1", phone_id="p1")
FAILED = NotificationFailed(at=minutes(9), alarm_id="A1", phone_id="p1", step=0, error="timeout")


def called(*phones: str, step: int = 0, reason: CallReason = CallReason.RAISED) -> ReceiversCalled:
    return ReceiversCalled(
        at=minutes(step),
        alarm_id="A1",
        step=step,
        level=step,
        reason=reason,
        groups=("staff",),
        phones=phones,
        base_at=T0,
        next_deadline_at=minutes(step + 5),
    )


@pytest.mark.parametrize(("seconds", "late"), [(-60, False), (0, False), (2, False), (2.001, True), (3600, True)])
def test_two_seconds_are_not_late(seconds: float, late: bool) -> None:
    assert is_late(T0, T0 + timedelta(seconds=seconds)) is late


def test_new_alarm_is_due_at_once() -> None:
    alarm = begin(RAISED)
    assert alarm.next_deadline_at == alarm.base_at == alarm.raised_at == T0
    assert alarm.state is AlarmState.RAISED
    assert (alarm.is_open, alarm.is_unacknowledged, alarm.is_finished) == (True, True, False)
    assert (alarm.due_at, alarm.late, alarm.message, alarm.sources) == (
        minutes(-1),
        True,
        "text",
        ("binary_sensor.hall",),
    )


def test_the_beginning_may_come_again() -> None:
    assert evolve(fold([RAISED, called("p1")]), RAISED) == begin(RAISED)


def test_a_call_sets_the_next_deadline() -> None:
    alarm = fold([RAISED, called("p1", "p2")])
    assert alarm.next_deadline_at == minutes(5)
    assert alarm.shown == {"p1", "p2"}
    assert (alarm.step_of("p1"), alarm.step_of("p3")) == (0, None)


def test_each_phone_has_its_own_newest_step() -> None:
    alarm = fold([RAISED, called("p1", "p2"), called("p2", "b1", step=1)])
    assert alarm.calls == (("p1", 0), ("p2", 1), ("b1", 1))
    assert alarm.shown == {"p1", "p2", "b1"}
    assert (alarm.step, alarm.level, alarm.next_deadline_at) == (1, 1, minutes(6))


@pytest.mark.parametrize("reason", CallReason)
def test_who_declined_is_left_alone_until_called_anew(reason: CallReason) -> None:
    alarm = fold([RAISED, called("p1", "p2"), AlarmDeclined(at=T0, alarm_id="A1", by=P1)])
    assert evolve(alarm, called("p2", reason=reason)).declined == {"p1"}
    assert evolve(alarm, called("p1", "p2", reason=CallReason.UNANSWERED)).declined == set()


def test_only_a_restart_remembers_who_declined_without_a_phone() -> None:
    alarm = fold([RAISED, called("p1"), AlarmDeclined(at=T0, alarm_id="A1", by=DESK)])
    assert evolve(alarm, called("p1", reason=CallReason.RESTARTED)).declined == {"desk"}
    assert evolve(alarm, called("p1", reason=CallReason.UNANSWERED)).declined == set()


def test_who_declines_without_a_phone_is_remembered_as_a_user() -> None:
    assert fold([RAISED, AlarmDeclined(at=T0, alarm_id="A1", by=DESK)]).declined == {"desk"}


def test_a_taken_alarm_waits_for_its_response_time() -> None:
    alarm = fold([RAISED, called("p1"), TAKEN])
    assert (alarm.state, alarm.acknowledged_by, alarm.acknowledged_at) == (AlarmState.ACKNOWLEDGED, P1, minutes(1))
    assert alarm.next_deadline_at == minutes(31)
    assert alarm.is_open
    assert not alarm.is_unacknowledged


def test_an_escalated_alarm_is_nobodys() -> None:
    escalated = AlarmEscalated(
        at=minutes(31),
        alarm_id="A1",
        level=0,
        reason=CallReason.RESPONSE_OVERDUE,
        due_at=minutes(31),
        late=False,
    )
    alarm = fold([RAISED, called("p1"), TAKEN, escalated])
    assert (alarm.state, alarm.acknowledged_at) == (AlarmState.ESCALATED, None)
    assert alarm.is_unacknowledged


@pytest.mark.parametrize(
    ("event", "state", "outcome"),
    [
        (RESOLVED, AlarmState.RESOLVED, Outcome.HELP_GIVEN),
        (FALSE, AlarmState.FALSE_ALARM, Outcome.FALSE_ALARM),
    ],
)
def test_a_closed_alarm_has_no_deadline(event: AlarmEvent, state: AlarmState, outcome: Outcome) -> None:
    alarm = fold([RAISED, called("p1"), TAKEN, event])
    assert (alarm.state, alarm.outcome, alarm.closed_at) == (state, outcome, minutes(9))
    assert alarm.next_deadline_at is None
    assert (alarm.is_open, alarm.is_unacknowledged) == (False, False)


@pytest.mark.parametrize("last", [CLEARED, FAILED])
def test_a_closed_alarm_is_finished_when_no_phone_shows_it(last: AlarmEvent) -> None:
    closed = fold([RAISED, called("p1"), RESOLVED])
    assert not closed.is_finished
    assert evolve(closed, last).is_finished


def test_an_alarm_that_no_phone_ever_showed_is_finished_when_closed() -> None:
    assert fold([RAISED, called(), FALSE]).is_finished


def test_an_open_alarm_that_no_phone_shows_is_not_finished() -> None:
    assert not fold([RAISED, called()]).is_finished


def test_a_phone_that_was_notified_shows_it() -> None:
    assert fold([RAISED, PhoneNotified(at=T0, alarm_id="A1", phone_id="p1", step=0)]).shown == {"p1"}


def test_a_phone_that_declined_is_cleared() -> None:
    declined = AlarmDeclined(at=T0, alarm_id="A1", by=P1)
    assert fold([RAISED, called("p1", "p2"), declined, CLEARED]).shown == {"p2"}


@pytest.mark.parametrize("meanwhile", [called("p1", step=1), TAKEN])
def test_a_phone_that_is_told_anew_while_it_is_cleared_shows_the_newer(meanwhile: AlarmEvent) -> None:
    declined = AlarmDeclined(at=T0, alarm_id="A1", by=P1)
    assert "p1" in fold([RAISED, called("p1", "p2"), declined, meanwhile, CLEARED]).shown


def test_a_phone_whose_answer_is_refused_is_shown_why() -> None:
    refused = AnswerRefused(at=T0, alarm_id="A1", by=P1, answer="H2O~x", reason=RefusalReason.ALREADY_TAKEN)
    assert fold([RAISED, refused]).shown == {"p1"}
    assert fold([RAISED, FALSE, refused]).shown == set()


def test_a_phone_that_could_not_be_called_may_show_it_all_the_same() -> None:
    assert fold([RAISED, called("p1"), FAILED]).shown == {"p1"}


def test_what_is_counted_and_remembered() -> None:
    repeated = AlarmRepeated(at=T0, alarm_id="A1", brukare_id="K1", rule="passivity", due_at=T0, late=False, sources=())
    refused = AnswerRefused(at=T0, alarm_id="A1", by=P1, answer="H2O~x", reason=RefusalReason.FORGED)
    received = PhoneReceived(at=T0, alarm_id="A1", phone_id="p1", step=0)
    alarm = fold([RAISED, called("p1"), repeated, repeated, refused, received])
    assert alarm.repetitions == 2
    assert alarm.refused == {("H2O~x", RefusalReason.FORGED)}
    assert alarm.received == {("p1", 0)}


@pytest.mark.parametrize(
    "event",
    [
        NoOneOnDuty(at=T0, alarm_id="A1", step=0, fallback=("backup",)),
        NoteAdded(at=T0, alarm_id="A1", by=DESK, note="n"),
        FAILED,
    ],
)
def test_what_changes_nothing(event: AlarmEvent) -> None:
    alarm = fold([RAISED, called("p1")])
    assert evolve(alarm, event) is alarm


@dataclass(frozen=True, kw_only=True, slots=True)
class _Unheard(AlarmEvent):
    kind = "unheard"


def test_an_event_that_nobody_taught_it_is_an_error() -> None:
    with pytest.raises(TypeError, match="unheard"):
        evolve(new_alarm(), _Unheard(at=T0, alarm_id="A1"))


@pytest.mark.parametrize("history", [[], [TAKEN], [FAILED, RAISED]])
def test_a_history_without_a_beginning_is_no_alarm(history: list[AlarmEvent]) -> None:
    with pytest.raises(UnknownAlarmError):
        fold(history)


def test_an_alarm_cannot_be_changed_behind_the_journals_back() -> None:
    alarm: Alarm = new_alarm()
    with pytest.raises(AttributeError):
        alarm.step = 5  # type: ignore[misc]
