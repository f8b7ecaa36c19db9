"""What holds whatever happens, in whatever order."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from custom_components.homecare_h2o.core.alarm import Alarm, fold
from custom_components.homecare_h2o.core.answers import Answer, make_button_id
from custom_components.homecare_h2o.core.duty import Role
from custom_components.homecare_h2o.core.errors import CommandRefusedError
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmEscalated,
    AlarmEvent,
    AlarmHandedOver,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    FalseAlarmReported,
    Outcome,
    ReceiversCalled,
)
from custom_components.homecare_h2o.core.messages import MessageKind, calc_kind

from .night import Night, group

PHONES = ("p1", "p2", "b1", "c1", "n1")
GROUPS = (
    group("late", Role.STAFF, "n1", hours="12:30-13:09"),
    group("staff", Role.STAFF, "p1", "p2"),
    group("backup", Role.BACKUP, "b1"),
    group("boss", Role.LARMANSVARIG, "c1"),
)
ENDS = (AlarmResolved, FalseAlarmReported)
phones = st.sampled_from(PHONES)
answers = st.sampled_from(Answer)
alarm_ids = st.sampled_from(("A1", "A2"))


class AnyNight(RuleBasedStateMachine):
    """Anything that may happen in a night, to a home whose phones and disk may fail at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.night = Night("2026-11-02 12:00", *GROUPS)
        self.unsure: set[str] = set()
        """Phones that failed: what they show is not known."""
        self.buttons: list[tuple[str, str]] = []
        self.run(self.night.start())

    def teardown(self) -> None:
        self.run(self.night.stop())
        self.runner.close()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do something, which may be refused, and let all happen that follows at once."""

        async def and_settle() -> T | None:
            result = None
            with suppress(CommandRefusedError):
                result = await work
            await self.night.settle()
            return result

        return self.runner.run(and_settle())

    # --- what may happen ------------------------------------------------------------------------

    @rule(alarm_type=st.sampled_from((AlarmType.FIRE, AlarmType.LEAK)), minutes=st.integers(0, 3))
    def rule_comes_true(self, alarm_type: AlarmType, minutes: int) -> None:
        self.run(self.night.alarm(alarm_type, due_at=self.night.clock.at - timedelta(minutes=minutes)))

    @rule(minutes=st.integers(1, 40))
    def time_passes(self, minutes: int) -> None:
        self.run(self.night.wait(minutes))

    @rule(phone_id=phones, number=st.integers(0, 1), answer=answers)
    def button_is_pressed(self, phone_id: str, number: int, answer: Answer) -> None:
        for message in self.night.phones.screens(phone_id)[number : number + 1]:
            self.buttons += [(make_button_id(message.alarm, phone_id, each), phone_id) for each in Answer]
            self.run(self.night.send(make_button_id(message.alarm, phone_id, answer), phone_id))

    @precondition(lambda self: self.buttons)
    @rule(data=st.data())
    def old_button_is_pressed(self, data: st.DataObject) -> None:
        button, phone_id = data.draw(st.sampled_from(self.buttons))
        self.run(self.night.send(button, phone_id))

    @precondition(lambda self: self.buttons)
    @rule(data=st.data(), phone_id=phones)
    def button_of_another_comes_back(self, data: st.DataObject, phone_id: str) -> None:
        button, _ = data.draw(st.sampled_from(self.buttons))
        self.run(self.night.send(button, phone_id))

    @rule(
        alarm_id=alarm_ids,
        user=st.sampled_from(("anna", "bo")),
        what=st.sampled_from(("take", "leave", "end", "false", "note", "late", "backup")),
    )
    def desk_does_something(self, alarm_id: str, user: str, what: str) -> None:
        engine, by = self.night.engine, Actor(user_id=user)
        commands = {
            "take": lambda: engine.acknowledge(alarm_id, by),
            "leave": lambda: engine.decline(alarm_id, by),
            "end": lambda: engine.resolve(alarm_id, by, Outcome.HELP_GIVEN, None, report=False),
            "false": lambda: engine.report_false_alarm(alarm_id, by),
            "note": lambda: engine.add_note(alarm_id, "n", by),
            "late": lambda: engine.hand_over(alarm_id, "late", by),
            "backup": lambda: engine.hand_over(alarm_id, "backup", by),
        }
        self.run(commands[what]())

    @rule(phone_id=phones)
    def phone_dies(self, phone_id: str) -> None:
        self.night.phones.dead.add(phone_id)
        self.unsure.add(phone_id)

    @precondition(lambda self: self.night.phones.dead)
    @rule()
    def phones_live_again(self) -> None:
        self.night.phones.dead.clear()

    @rule(phone_id=phones)
    def phone_hangs(self, phone_id: str) -> None:
        self.night.phones.hung.add(phone_id)

    @precondition(lambda self: self.night.phones.hung)
    @rule()
    def phones_hang_no_more(self) -> None:
        self.night.phones.release()
        self.run(self.night.settle())

    @precondition(lambda self: self.night.phones.parked)
    @rule()
    def phones_time_out(self) -> None:
        self.unsure |= self.night.phones.hung
        self.night.phones.give_up()
        self.run(self.night.settle())

    @rule()
    def disk_is_full(self) -> None:
        self.night.journal.is_full = True

    @precondition(lambda self: self.night.journal.is_full)
    @rule()
    def disk_is_mended(self) -> None:
        self.night.journal.is_full = False
        self.run(self.night.engine.wake())

    @precondition(lambda self: not self.night.engine.is_journal_behind)
    @rule(minutes=st.integers(1, 60))
    def power_is_cut(self, minutes: int) -> None:
        self.run(self.night.restart(after=timedelta(minutes=minutes)))

    @precondition(lambda self: not self.night.engine.is_journal_behind)
    @rule()
    def power_blinks(self) -> None:
        before = {alarm_id: self._gist(alarm) for alarm_id, alarm in self.night.engine.alarms.items()}
        self.run(self.night.restart())
        after = {alarm_id: self._gist(alarm) for alarm_id, alarm in self.night.engine.alarms.items()}
        assert after == before

    def _gist(self, alarm: Alarm) -> tuple[object, ...]:
        """Return all that a restart must not change; it may add to what was called and shown."""
        return (
            *(alarm.state, alarm.level, alarm.step, alarm.base_at, alarm.next_deadline_at, alarm.declined),
            *(alarm.acknowledged_by, alarm.repetitions, alarm.refused, dict(alarm.calls)),
            *(alarm.shift_at, alarm.on_duty, alarm.handed_over, alarm.is_alerting, alarm.is_reminded),
        )

    # --- what holds -----------------------------------------------------------------------------

    def _history(self) -> dict[str, list[AlarmEvent]]:
        """Return what happened to each alarm, written or still to be written."""
        events = [*self.night.journal.events, *self.night.engine._backlog]
        histories: dict[str, list[AlarmEvent]] = {
            event.alarm_id: [] for event in events if isinstance(event, AlarmRaised)
        }
        for event in events:
            if isinstance(event, AlarmEvent) and event.alarm_id in histories:
                histories[event.alarm_id].append(event)
        return histories

    @invariant()
    def every_open_alarm_has_a_deadline(self) -> None:
        assert all(alarm.next_deadline_at for alarm in self.night.engine.alarms.values())
        assert self.night.engine.audit() == []

    @invariant()
    def the_journal_tells_the_state(self) -> None:
        told = {alarm_id: fold(history) for alarm_id, history in self._history().items()}
        assert {alarm_id: alarm for alarm_id, alarm in told.items() if alarm.is_open} == self.night.engine.alarms

    @invariant()
    def a_closed_alarm_never_reopens(self) -> None:
        for history in self._history().values():
            ends = [number for number, event in enumerate(history) if isinstance(event, ENDS)]
            after = history[ends[0] + 1 :] if ends else []
            kinds = {event.kind for event in after}
            assert kinds <= {"refused", "cleared", "notified", "notification_failed", "note_added"}

    @invariant()
    def the_first_acknowledgement_wins(self) -> None:
        for history in self._history().values():
            turns = [
                event for event in history if isinstance(event, AlarmAcknowledged | AlarmEscalated | AlarmHandedOver)
            ]
            renewed = [
                (a.by.phone_id, b.by.phone_id)
                for a, b in pairwise(turns)
                if isinstance(a, AlarmAcknowledged) and isinstance(b, AlarmAcknowledged)
            ]
            assert all(before and before == now for before, now in renewed)

    @invariant()
    def each_change_of_shift_is_handed_over_once(self) -> None:
        for history in self._history().values():
            due = [event.due_at for event in history if isinstance(event, AlarmHandedOver) and event.on_duty]
            assert len(due) == len(set(due))

    @invariant()
    def nobody_off_duty_has_an_alarm_that_changed_hands(self) -> None:
        rota = self.night._settings().rota
        for alarm in self.night.engine.alarms.values():
            shifts = [event for event in self._history()[alarm.alarm_id] if isinstance(event, AlarmHandedOver)]
            is_shift_last = bool(shifts) and bool(shifts[-1].on_duty) and alarm.handed_over is not None
            assert (
                not is_shift_last
                or not alarm.needs_somebody
                or not alarm.is_taken
                or (rota.is_on_duty(alarm.taker_phone, shifts[-1].at))
            )

    @invariant()
    def nothing_that_is_due_is_left_undone(self) -> None:
        deadline_at = self.night.engine.next_deadline_at
        assert deadline_at is None or deadline_at > self.night.clock.at

    @invariant()
    def each_call_reaches_somebody(self) -> None:
        assert all(event.phones for event in self.night.of(ReceiversCalled))

    @invariant()
    def each_deadline_raises_or_repeats_once(self) -> None:
        events = [event for history in self._history().values() for event in history]
        due = [(event.rule, event.due_at) for event in events if isinstance(event, AlarmRaised | AlarmRepeated)]
        assert len(due) == len(set(due))

    @invariant()
    def each_phone_shows_what_is_true(self) -> None:
        sure = set(PHONES) - self.unsure - self.night.phones.hung
        shown = {
            (phone_id, message.alarm.alarm_id): message.kind
            for phone_id in sure
            for message in self.night.phones.screens(phone_id)
        }
        true = {
            (phone_id, alarm_id): calc_kind(alarm, phone_id)
            for alarm_id, alarm in self.night.engine.alarms.items()
            for phone_id in sure & alarm.shown
        }
        assert shown == {key: kind for key, kind in true.items() if kind is not MessageKind.CLEAR}

    @invariant()
    def finished_alarms_are_forgotten(self) -> None:
        kept = [alarm for alarm in self.night.engine._alarms.values() if alarm.is_finished]
        assert not kept or self.night.engine.is_journal_behind


AnyNight.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyNight = AnyNight.TestCase
