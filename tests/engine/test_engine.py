"""What the engine keeps when something around it breaks."""

import asyncio
from dataclasses import replace
from datetime import timedelta
import logging

import pytest

from custom_components.homecare_h2o.core.alarm import Alarm, AlarmState
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.errors import (
    AlarmClosedError,
    AlreadyTakenError,
    NotAcknowledgedError,
    UnknownAlarmError,
)
from custom_components.homecare_h2o.core.escalation import AlarmType, Priority
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmEvent,
    AlarmRaised,
    Event,
    HubStarted,
    Outcome,
    PhoneReceived,
    ReceiversCalled,
    RefusalReason,
)
from custom_components.homecare_h2o.engine import REMEMBERED_FORGERIES, RaiseOutcome

from .night import BACKUP, BOSS, DAY, PLANS, Night, Nights, local, turns

DESK = Actor(user_id="desk")
TAKING, DECLINE, FALSE_ALARM, DONE, NEED_HELP, HELP_GIVEN, NO_HELP_NEEDED = Answer


def never_called() -> AlarmRaised:
    """Return an alarm that was raised an hour ago, and no more than that."""
    at = local("2026-11-02 11:00")
    return AlarmRaised(
        at=at,
        alarm_id="A1",
        brukare_id="K1",
        alarm_type=AlarmType.PASSIVITY,
        rule="passivity",
        due_at=at,
        late=False,
        message=None,
        sources=(),
        plan=PLANS[Priority.NORMAL],
        secret="s",
    )


# --- callers and listeners --------------------------------------------------------------------


async def test_an_alarm_is_not_lost_when_who_raises_it_is_cancelled(night: Night) -> None:
    night.journal.gate.clear()
    raising = asyncio.create_task(night.alarm())
    await turns()
    raising.cancel()
    with pytest.raises(asyncio.CancelledError):
        await raising
    night.journal.gate.set()
    await night.settle()
    assert night.shows("dag-1") == "call"
    assert night.kinds()[:2] == ["raised", "called"]


async def test_an_alarm_that_waits_for_its_turn_is_not_lost_when_who_raises_it_is_cancelled(night: Night) -> None:
    night.journal.gate.clear()
    raising = [asyncio.create_task(night.alarm(kind)) for kind in (AlarmType.FIRE, AlarmType.LEAK)]
    await turns()
    assert [task.cancel() for task in raising] == [True, True]
    await asyncio.gather(*raising, return_exceptions=True)
    night.journal.gate.set()
    await night.settle()
    assert [alarm.alarm_type for alarm in night.engine.alarms.values()] == [AlarmType.FIRE, AlarmType.LEAK]


async def test_a_listener_that_raises_keeps_nobody_from_being_told(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def fail(event: Event, _: Alarm | None) -> None:
        raise ValueError(event.kind)

    night.engine.subscribe(fail)
    night.engine.subscribe(lambda event, _: heard.append(event.kind))
    await night.alarm()
    assert heard == ["raised", "called", "notified", "notified"]
    assert night.shows("dag-1") == "call"
    assert "A listener failed on raised" in caplog.text


async def test_a_listener_that_has_stopped_hears_nothing(night: Night) -> None:
    heard: list[str] = []
    stop = night.engine.subscribe(lambda event, _: heard.append(event.kind))
    stop()
    await night.alarm()
    assert heard == []


async def test_a_listener_may_stop_while_it_is_called(night: Night) -> None:
    heard: list[str] = []
    night.engine.subscribe(lambda event, _: stop() if event.kind == "raised" else None)
    stop = night.engine.subscribe(lambda event, _: heard.append(event.kind))
    await night.alarm()
    assert heard == ["raised"]


async def test_one_alarms_trouble_does_not_reach_the_next(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    await night.alarm(AlarmType.LEAK)
    await night.alarm(AlarmType.PASSIVITY)
    night.engine._alarms["A1"] = replace(night.engine.alarms["A1"], plan=None)  # type: ignore[arg-type]
    night.clock.at += timedelta(minutes=5)
    await night.engine.wake()
    await night.settle()
    assert night.engine.alarms["A2"].level == 1
    assert night.shows("reserv-1") == "call"
    assert "Could not go on with alarm A1" in caplog.text


async def test_a_history_that_cannot_be_read_keeps_no_other_alarm_from_being_picked_up(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = await nights()
    await night.alarm()
    await night.stop()
    real = night.journal.load_unfinished

    async def with_garbage() -> list[list[AlarmEvent]]:
        return [[], *map(list, await real())]

    monkeypatch.setattr(night.journal, "restart", lambda: night.journal)
    monkeypatch.setattr(night.journal, "load_unfinished", with_garbage)
    await night.restart()
    assert list(night.engine.alarms) == ["A1"]


# --- start and audit --------------------------------------------------------------------------


async def test_a_start_is_journalled_with_the_last_sign_of_life(night: Night) -> None:
    alive_at = local("2026-11-02 11:00")
    heard: list[Event] = []
    night.engine.subscribe(lambda event, _: heard.append(event))
    await night.engine.start(alive_at)
    assert heard == [HubStarted(at=night.clock.at, last_alive_at=alive_at)] == night.journal.events[1:]


async def test_a_fresh_hub_has_nothing_to_do(night: Night) -> None:
    assert (night.engine.alarms, night.engine.next_deadline_at, night.engine.audit()) == ({}, None, [])
    await night.engine.wake()
    assert not night.engine.is_journal_behind


async def test_an_alarm_that_was_raised_and_never_called_is_called_at_the_start(night: Night) -> None:
    await night.journal.append([never_called()])
    await night.start()
    assert night.shows("dag-1") == "call"
    assert night.engine.audit() == []


async def test_the_audit_finds_what_nobody_would_ever_be_told_of(night: Night) -> None:
    await night.alarm()
    night.clock.at += timedelta(minutes=6)
    assert night.engine.audit() == []
    night.clock.at += timedelta(seconds=1)
    assert night.engine.audit() == ["A1"]
    await night.engine.wake()
    await night.settle()
    assert night.engine.audit() == []


async def test_the_audit_finds_an_alarm_without_a_deadline(night: Night) -> None:
    await night.alarm()
    night.engine._alarms["A1"] = replace(night.the_alarm, next_deadline_at=None)
    assert night.engine.audit() == ["A1"]


async def test_a_clock_that_was_set_back_fires_nothing_early_and_nothing_twice(night: Night) -> None:
    await night.alarm()
    night.clock.at -= timedelta(hours=1)
    await night.engine.wake()
    assert len(night.calls()) == 1
    night.clock.at += timedelta(hours=1, minutes=5)
    await night.engine.wake()
    await night.engine.wake()
    assert len(night.calls()) == 2


async def test_changed_settings_leave_an_open_alarms_plan_as_it_was(night: Night) -> None:
    await night.alarm()
    night.plans = {}
    night.groups = (BACKUP, BOSS)
    await night.wait(10)
    assert night.calls()[1:] == ["12:05:00 reserv-1", "12:05:00 reserv-1", "12:10:00 chef"]


# --- commands from the desk -------------------------------------------------------------------


async def test_the_desk_may_do_it_all(night: Night) -> None:
    await night.alarm()
    assert (await night.engine.decline("A1", DESK)).declined == {"desk"}
    assert (await night.engine.acknowledge("A1", DESK)).acknowledged_by == DESK
    alarm = await night.engine.resolve("A1", DESK, Outcome.HELP_GIVEN, "note", report=True)
    assert alarm.outcome is Outcome.HELP_GIVEN
    await night.alarm(AlarmType.LEAK)
    assert (await night.engine.report_false_alarm("A2", DESK)).outcome is Outcome.FALSE_ALARM


async def test_the_desk_is_told_why_not(night: Night) -> None:
    await night.alarm()
    with pytest.raises(NotAcknowledgedError):
        await night.engine.resolve("A1", DESK, Outcome.HELP_GIVEN, None, report=False)
    await night.press("dag-1", TAKING)
    with pytest.raises(AlreadyTakenError):
        await night.engine.acknowledge("A1", DESK)
    with pytest.raises(UnknownAlarmError):
        await night.engine.acknowledge("A9", DESK)
    await night.press("dag-1", DONE)
    with pytest.raises(AlreadyTakenError):
        await night.engine.acknowledge("A1", DESK)
    await night.press("dag-1", HELP_GIVEN)
    with pytest.raises(AlarmClosedError):
        await night.engine.acknowledge("A1", DESK)
    assert night.kinds().count("acknowledged") == 1


async def test_an_alarm_can_be_looked_up_open_and_closed(night: Night) -> None:
    await night.alarm()
    assert await night.engine.load("A1") is night.the_alarm
    await night.press("dag-1", FALSE_ALARM)
    assert (await night.engine.load("A1")).is_finished
    with pytest.raises(UnknownAlarmError):
        await night.engine.load("A9")


# --- answers and receipts ---------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "H2O", "ACKNOWLEDGE_1", "URI"])
async def test_buttons_of_others_are_none_of_our_business(night: Night, text: str) -> None:
    before = night.journal.events
    assert await night.send(text, "dag-1") is None
    await night.engine.receive(text, lambda _: True)
    assert night.journal.events == before


async def test_buttons_that_do_not_fit_the_state_are_refused(night: Night) -> None:
    await night.alarm()
    call = night.button("dag-1", DONE)
    assert await night.send(call, "dag-1") is RefusalReason.NOT_TAKEN
    await night.press("dag-1", TAKING)
    assert await night.send(call, "dag-1") is None
    assert night.the_alarm.state is AlarmState.DONE


async def test_the_takers_phone_goes_on_under_another_user(night: Night) -> None:
    await night.alarm()
    await night.engine.answer(night.button("dag-1", TAKING), "anna", "dag-1".__eq__)
    await night.settle()
    assert await night.engine.answer(night.button("dag-1", NEED_HELP), "bo", "dag-1".__eq__) is None
    assert night.the_alarm.is_unacknowledged


async def test_a_refused_answer_shows_the_phone_what_is_true_also_if_somebody_else_tried_it_before(
    night: Night,
) -> None:
    await night.alarm()
    button = night.button("dag-2", TAKING)
    assert await night.send(button, "stranger") is RefusalReason.FOREIGN
    await night.press("dag-1", TAKING)
    told = len(night.phones.told)
    assert await night.send(button, "dag-2") is RefusalReason.ALREADY_TAKEN
    assert len(night.phones.told) == told + 1


async def test_old_forgeries_are_forgotten_so_that_memory_does_not_grow(night: Night) -> None:
    for number in range(REMEMBERED_FORGERIES + 1):
        await night.engine.answer(f"H2O~X{number}~0~taking~0", None, lambda _: True)
    assert night.kinds().count("refused") == REMEMBERED_FORGERIES + 1
    await night.send(f"H2O~X{REMEMBERED_FORGERIES}~0~taking~0")
    assert night.kinds().count("refused") == REMEMBERED_FORGERIES + 1
    await night.send("H2O~X0~0~taking~0")
    assert night.kinds().count("refused") == REMEMBERED_FORGERIES + 2


async def test_a_long_forgery_is_cut_and_names_nobody(night: Night) -> None:
    await night.send(f"H2O~{'x' * 5000}~0~taking~0", "dag-1")
    refused = night.journal.events[-1]
    assert isinstance(refused, AlarmEvent)
    assert refused.alarm_id == "x" * 40
    assert len(str(refused)) < 600


async def test_a_receipt_is_noted_once_for_each_step(night: Night) -> None:
    await night.alarm()
    receipt = night.button("dag-1", TAKING)
    await night.engine.receive(receipt, "dag-1".__eq__)
    await night.engine.receive(receipt, "dag-1".__eq__)
    await night.wait(5)
    await night.engine.receive(night.button("dag-1", TAKING), "dag-1".__eq__)
    assert [(event.phone_id, event.step) for event in night.of(PhoneReceived)] == [("dag-1", 0), ("dag-1", 1)]


@pytest.mark.parametrize(
    ("receipt", "owner"),
    [("H2O~A9~0~taking~0", "dag-1"), ("H2O~A1~0~taking~0", "dag-1"), (None, "dag-2")],
    ids=["unknown", "forged", "foreign"],
)
async def test_a_receipt_that_is_not_the_phones_is_nothing(night: Night, receipt: str | None, owner: str) -> None:
    await night.alarm()
    await night.engine.receive(receipt or night.button("dag-1", TAKING), owner.__eq__)
    assert night.of(PhoneReceived) == []


async def test_an_unreadable_journal_still_raises(
    night: Night, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("unexpected")

    monkeypatch.setattr(night.journal, "find_raise", fail)
    assert (await night.alarm()).outcome is RaiseOutcome.RAISED
    assert night.shows("dag-1") == "call"
    night.journal.is_full = True
    await night.alarm(AlarmType.MOTION)
    assert night.engine.is_journal_behind
    assert (await night.alarm(AlarmType.FIRE)).outcome is RaiseOutcome.RAISED
    assert "raised all the same" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


async def test_calls_name_their_groups(nights: Nights) -> None:
    night = await nights("2026-11-02 12:00", DAY)
    await night.alarm()
    assert [event.groups for event in night.of(ReceiversCalled)] == [("dag",)]
