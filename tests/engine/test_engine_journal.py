"""Nothing happens before it is in the journal, and nothing stops when the journal does."""

import asyncio
from collections.abc import Collection, Sequence

import pytest

from custom_components.homecare_h2o.core.alarm import fold
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.arming import Suppression
from custom_components.homecare_h2o.core.arming_events import AlarmSuppressed, SuppressReason
from custom_components.homecare_h2o.core.errors import AlarmClosedError, JournalUnavailableError
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import Actor, Event, HubStarted, RefusalReason
from custom_components.homecare_h2o.engine import RaiseOutcome

from .night import Night, Nights, turns

DESK = Actor(user_id="desk")
TAKING, FALSE_ALARM = Answer.TAKING, Answer.FALSE_ALARM


# --- nothing before the journal ---------------------------------------------------------------


async def test_no_phone_is_told_before_the_journal_has_it(night: Night) -> None:
    night.journal.gate.clear()
    heard: list[str] = []
    night.engine.subscribe(lambda event, _: heard.append(event.kind))
    raising = asyncio.create_task(night.alarm())
    await turns()
    assert (night.phones.told, heard, dict(night.engine.alarms)) == ([], [], {})
    night.journal.gate.set()
    await raising
    assert heard[:2] == ["raised", "called"]
    assert night.shows("dag-1") == "call"


async def test_what_is_being_written_when_home_assistant_stops_is_written_once(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = night.journal.append

    async def append_in_a_thread(events: Sequence[Event], *, finished: Collection[str] = ()) -> None:
        """Append as a thread does, which goes on whoever waits for it is cancelled."""
        await asyncio.shield(asyncio.ensure_future(append(tuple(events), finished=tuple(finished))))

    monkeypatch.setattr(night.journal, "append", append_in_a_thread)
    night.journal.gate.clear()
    raising = asyncio.create_task(night.alarm())
    await turns()
    running = list(night.tasks)
    assert [task.cancel() for task in running] == [True]
    await turns()
    night.journal.gate.set()
    await asyncio.gather(raising, *running, return_exceptions=True)
    await night.engine.stop()
    assert night.kinds().count("raised") == 1


async def test_a_journal_that_is_writing_is_not_behind(night: Night) -> None:
    night.journal.gate.clear()
    raising = asyncio.create_task(night.alarm())
    await turns()
    assert not night.engine.is_journal_behind
    night.journal.gate.set()
    await raising


async def test_nobody_sees_an_answer_before_the_journal_has_it(night: Night) -> None:
    await night.alarm()
    night.journal.gate.clear()
    taking = asyncio.create_task(night.press("dag-1", TAKING))
    await turns()
    assert night.the_alarm.is_unacknowledged
    assert (night.shows("dag-1"), night.shows("dag-2")) == ("call", "call")
    night.journal.gate.set()
    await taking
    assert night.shows("dag-2") == "taken"


async def test_two_taps_while_the_journal_is_slow_have_one_owner(night: Night) -> None:
    await night.alarm()
    taps = [(night.button(phone, TAKING), phone) for phone in ("dag-1", "dag-2")]
    night.journal.gate.clear()
    taking = [asyncio.create_task(night.engine.answer(button, "u", phone.__eq__)) for button, phone in taps]
    await turns()
    night.journal.gate.set()
    assert await asyncio.gather(*taking) == [None, RefusalReason.ALREADY_TAKEN]
    await night.settle()
    assert night.kinds().count("acknowledged") == 1


async def test_a_rule_that_comes_true_twice_while_the_journal_is_slow_raises_one_alarm(night: Night) -> None:
    night.journal.gate.clear()
    raising = [asyncio.create_task(night.alarm()) for _ in range(2)]
    await turns()
    night.journal.gate.set()
    assert [result.outcome for result in await asyncio.gather(*raising)] == [
        RaiseOutcome.RAISED,
        RaiseOutcome.DUPLICATE,
    ]
    assert night.kinds().count("raised") == 1


async def test_what_a_listener_is_told_is_in_the_journal(night: Night) -> None:
    written: list[bool] = []
    night.engine.subscribe(lambda event, _: written.append(event in night.journal.events))
    await night.alarm()
    await night.press("dag-1", FALSE_ALARM)
    assert written == [True] * len(night.kinds())


async def test_a_round_is_written_as_one(night: Night) -> None:
    night.journal.is_full = True
    await night.alarm()
    assert night.kinds() == []
    night.journal.is_full = False
    await night.engine.wake()
    assert night.kinds()[:2] == ["raised", "called"]


# --- the journal fails ------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [JournalUnavailableError("full"), OSError("I/O"), RuntimeError("unexpected")])
async def test_a_journal_that_fails_keeps_nobody_from_being_told(night: Night, failure: Exception) -> None:
    night.journal.failure = failure
    result = await night.alarm()
    assert result.outcome is RaiseOutcome.RAISED
    assert night.shows("dag-1") == night.shows("dag-2") == "call"
    assert night.engine.is_journal_behind
    await night.wait(5)
    assert night.shows("reserv-1") == "call"
    assert await night.press("reserv-1", TAKING) is None
    assert night.shows("dag-1") == "taken"


async def test_what_could_not_be_written_is_written_in_order_when_it_can_be(night: Night) -> None:
    published: list[Event] = []
    night.engine.subscribe(lambda event, _: published.append(event))
    night.journal.is_broken = True
    await night.alarm()
    await night.wait(5)
    await night.press("reserv-1", TAKING)
    night.journal.is_broken = False
    await night.engine.wake()
    assert not night.engine.is_journal_behind
    assert night.journal.events[1:] == published
    assert fold(await night.journal.load_alarm("A1")) == night.the_alarm


async def test_a_broken_journal_does_not_stop_a_start(nights: Nights) -> None:
    night = await nights()
    night.journal.is_full = True
    await night.engine.start(None)
    await night.alarm()
    assert night.shows("dag-1") == "call"


async def test_a_duplicate_is_known_also_when_it_could_not_be_written(night: Night) -> None:
    night.journal.is_full = True
    due_at = night.clock.at
    assert (await night.alarm(due_at=due_at)).outcome is RaiseOutcome.RAISED
    assert (await night.alarm(due_at=due_at)).outcome is RaiseOutcome.DUPLICATE
    await night.wait(1)
    repeated_at = night.clock.at
    assert (await night.alarm(due_at=repeated_at)).outcome is RaiseOutcome.REPEATED
    assert (await night.alarm(due_at=repeated_at)).outcome is RaiseOutcome.DUPLICATE
    assert (await night.alarm(AlarmType.FIRE)).outcome is RaiseOutcome.RAISED


async def test_a_closed_alarm_stays_closed_while_its_end_cannot_be_written(night: Night) -> None:
    await night.alarm()
    late = night.button("dag-2", TAKING)
    night.journal.is_full = True
    await night.press("dag-1", FALSE_ALARM)
    assert await night.send(late, "dag-2") is RefusalReason.CLOSED
    with pytest.raises(AlarmClosedError):
        await night.engine.acknowledge("A1", DESK)
    assert night.engine.alarms == {}
    night.journal.is_full = False
    await night.engine.wake()
    assert night.engine._alarms == {}
    await night.restart()
    assert night.engine.alarms == {}
    assert night.journal.finished == {"A1"}
    assert fold(await night.journal.load_alarm("A1")).is_finished


async def go_on(night: Night) -> None:
    """Load the hub anew while its journal takes nothing."""
    before = night.engine
    await before.stop()
    night.engine = night._make_engine()
    await night.engine.take_over(before.unwritten)
    await night.start()


async def test_the_next_engine_goes_on_with_an_alarm_that_could_not_be_written(night: Night) -> None:
    night.journal.is_full = True
    await night.alarm()
    await go_on(night)
    assert night.the_alarm.alarm_id == "A1"
    assert await night.press("dag-1", TAKING) is None
    night.journal.is_full = False
    await night.engine.wake()
    await night.restart()
    assert night.the_alarm.is_taken
    assert night.kinds("A1").count("raised") == 1


async def test_the_next_engine_knows_an_end_that_could_not_be_written(night: Night) -> None:
    await night.alarm()
    night.journal.is_full = True
    await night.press("dag-1", FALSE_ALARM)
    await go_on(night)
    assert night.engine.alarms == {}
    night.journal.is_full = False
    await night.engine.wake()
    assert night.journal.finished == {"A1"}
    assert night.engine._alarms == {}


async def test_what_belongs_to_no_alarm_is_written_late_too(night: Night) -> None:
    night.journal.is_full = True
    await night.send("H2O~X~0~taking~0")
    assert night.engine.is_journal_behind
    night.journal.is_full = False
    await night.engine.wake()
    assert night.kinds() == ["refused"]


async def test_a_full_disk_is_tried_once_at_a_time(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    await night.alarm(AlarmType.FIRE)
    await night.alarm(AlarmType.LEAK)
    night.journal.is_full = True
    await night.send("H2O~X~0~taking~0")
    caplog.clear()
    await night.engine.wake()
    assert len(caplog.records) == 1


async def test_an_alarm_can_be_closed_before_it_was_ever_written(night: Night) -> None:
    night.journal.is_broken = True
    await night.alarm()
    await night.press("dag-1", FALSE_ALARM)
    night.journal.is_broken = False
    await night.alarm(AlarmType.FIRE)
    assert night.kinds("A1")[-1] == "cleared"
    await night.restart()
    assert list(night.engine.alarms) == ["A2"]


async def test_the_same_deadline_is_known_also_while_the_journal_cannot_be_read(night: Night) -> None:
    due_at = night.clock.at
    await night.alarm(AlarmType.FIRE, due_at=due_at)
    night.journal.is_broken = True
    assert (await night.alarm(AlarmType.FIRE, due_at=due_at)).outcome is RaiseOutcome.DUPLICATE
    assert night.phones.heard("dag-1") == ["call"]


async def test_what_concerns_no_alarm_is_written_and_published(night: Night) -> None:
    heard: list[Event] = []
    night.engine.subscribe(lambda event, _: heard.append(event))
    event = HubStarted(at=night.clock.at, last_alive_at=None)
    night.journal.gate.clear()
    recording = asyncio.create_task(night.engine.record(event))
    await turns()
    assert heard == []
    night.journal.gate.set()
    await recording
    assert heard == [event] == night.journal.events[1:]


async def test_what_is_suppressed_calls_nobody_and_is_written_down(night: Night) -> None:
    night.suppression = Suppression(reason=SuppressReason.PAUSED, pause_id="p1")
    result = await night.alarm()
    assert (result.alarm_id, result.outcome) == (None, RaiseOutcome.SUPPRESSED)
    assert (night.engine.alarms, night.calls()) == ({}, [])
    (written,) = [event for event in night.journal.events if isinstance(event, AlarmSuppressed)]
    assert (written.reason, written.pause_id) == (SuppressReason.PAUSED, "p1")


async def test_a_deadline_that_was_suppressed_may_still_raise_afterwards(night: Night) -> None:
    night.suppression = Suppression(reason=SuppressReason.PAUSED, pause_id="p1")
    await night.alarm()
    night.suppression = None
    assert (await night.alarm()).outcome is RaiseOutcome.RAISED


async def test_an_alarm_that_is_open_goes_on_in_a_pause(night: Night) -> None:
    await night.alarm()
    night.suppression = Suppression(reason=SuppressReason.PAUSED, pause_id="p1")
    await night.wait(5)
    assert night.calls() == ["12:00:00 dag-1 dag-2", "12:05:00 dag-1 dag-2 reserv-1"]


async def test_a_press_for_an_open_alarm_calls_again_in_a_pause(night: Night) -> None:
    await night.alarm(AlarmType.SAFETY_BUTTON)
    night.suppression = Suppression(reason=SuppressReason.CONSENT_WITHDRAWN)
    await night.wait(1)
    assert (await night.alarm(AlarmType.SAFETY_BUTTON)).outcome is RaiseOutcome.REPEATED
    assert night.calls()[1:] == ["12:01:00 dag-1 dag-2"]


async def test_a_step_that_has_just_been_written_is_told_once(night: Night) -> None:
    alarm_id = (await night.alarm()).alarm_id or ""
    night.journal.written.clear()
    noting = asyncio.create_task(night.engine.add_note(alarm_id, "Ringer", DESK))
    await turns()
    meanwhile = await night.engine.load_history(alarm_id)
    night.journal.written.set()
    await noting
    assert [event.kind for event in meanwhile].count("note_added") == 1
    assert meanwhile == await night.engine.load_history(alarm_id)
