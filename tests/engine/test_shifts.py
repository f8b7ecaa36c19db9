"""Nights in which the shift changes while an alarm is open (R013.2), and alarms that are handed over by hand."""

from datetime import timedelta

import pytest

from custom_components.homecare_h2o.core.alarm import AlarmState
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.duty import Role
from custom_components.homecare_h2o.core.errors import UnknownGroupError
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import Actor, AlarmHandedOver, HandoverReason, NoteAdded, RefusalReason

from .night import BACKUP, BOSS, NIGHT, Night, Nights, group, local

TAKING, DECLINE, FALSE_ALARM, DONE, NEED_HELP, HELP_GIVEN, NO_HELP_NEEDED = Answer
DESK = Actor(user_id="desk")


async def test_the_alarm_at_21_29_50_is_the_night_patrols_ten_seconds_later(nights: Nights) -> None:
    night = await nights("2026-11-02 21:29:50")
    await night.alarm(AlarmType.SAFETY_BUTTON)
    await night.until("21:29:59")
    assert night.calls() == ["21:29:50 dag-1 dag-2"]
    await night.until("21:32:20")
    assert night.calls()[1:] == ["21:30:00 natt-1", "21:32:20 natt-1 reserv-1"]
    assert night.shows("dag-1") == "call"
    await night.press("natt-1", TAKING)
    assert (night.shows("dag-1"), night.shows("natt-1")) == ("taken", "yours")


async def test_what_the_day_had_taken_is_the_nights_to_take(nights: Nights) -> None:
    night = await nights("2026-11-02 21:20")
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.until("21:30")
    assert night.calls()[1:] == ["21:30:00 dag-1 natt-1"]
    assert [night.shows(phone) for phone in ("dag-1", "dag-2", "natt-1")] == ["call", None, "call"]
    (shown,) = night.phones.screens("natt-1")
    assert shown.alarm.acknowledged_by == Actor(phone_id="dag-1", user_id="dag-1-user")
    assert shown.alarm.handed_over is HandoverReason.SHIFT
    await night.press("natt-1", TAKING)
    assert (night.shows("dag-1"), night.shows("natt-1")) == ("taken", "yours")


async def test_who_is_still_there_may_take_it_again_after_the_shift(nights: Nights) -> None:
    night = await nights("2026-11-02 21:20")
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.until("21:30")
    assert await night.press("dag-1", TAKING) is None
    assert (night.shows("dag-1"), night.shows("natt-1")) == ("yours", "taken")


async def test_an_old_press_of_somebody_who_went_home_takes_nothing(nights: Nights) -> None:
    night = await nights("2026-11-02 21:20")
    await night.alarm()
    old = night.button("dag-1", TAKING)
    await night.press("dag-1", TAKING)
    await night.until("21:30")
    await night.send(old, "dag-1")
    assert night.the_alarm.is_unacknowledged


async def test_a_backup_that_has_it_keeps_it_and_the_night_is_told(nights: Nights) -> None:
    night = await nights("2026-11-02 21:20")
    await night.alarm()
    await night.until("21:25")
    await night.press("reserv-1", TAKING)
    await night.until("21:30")
    assert (night.shows("reserv-1"), night.shows("natt-1")) == ("yours", "taken")
    assert night.phones.heard("natt-1") == ["taken"]
    assert night.engine.next_deadline_at == local("2026-11-02 21:55")
    await night.press("reserv-1", DONE)
    assert night.shows("natt-1") is None


@pytest.mark.parametrize("seconds", [0, 9, 10, 11, 60, 3600])
async def test_a_power_cut_round_the_change_hands_it_over_once(nights: Nights, seconds: int) -> None:
    night = await nights("2026-11-02 21:29:50")
    await night.alarm()
    await night.restart(after=timedelta(seconds=seconds))
    await night.restart()
    await night.until("22:45")
    await night.restart()
    assert len(night.of(AlarmHandedOver)) == 1
    assert night.of(AlarmHandedOver)[0].due_at == local("2026-11-02 21:30")
    assert night.shows("natt-1") == "call"


async def test_a_taken_alarm_is_handed_over_also_if_the_power_was_out_at_the_change(nights: Nights) -> None:
    night = await nights("2026-11-02 21:29:50")
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.restart(after=timedelta(minutes=5))
    assert night.shows("natt-1") == "call"
    assert [event.late for event in night.of(AlarmHandedOver)] == [True]
    await night.restart()
    assert len(night.of(AlarmHandedOver)) == 1


async def test_a_button_from_before_the_change_is_good_after_a_power_cut(nights: Nights) -> None:
    night = await nights("2026-11-02 21:29:50")
    await night.alarm()
    await night.until("21:31")
    button = night.button("natt-1", TAKING)
    of_the_day = night.button("dag-1", TAKING)
    await night.restart()
    assert await night.send(of_the_day, "dag-1") is None
    assert await night.send(button, "natt-1") is RefusalReason.ALREADY_TAKEN


async def test_an_alarm_that_nobody_answers_is_handed_over_at_each_change(night: Night) -> None:
    await night.alarm()
    await night.until("2026-11-04 12:00")
    walls = [night.wall(event.at) for event in night.of(AlarmHandedOver)]
    assert walls == ["21:30:00", "06:46:00", "21:30:00", "06:46:00"]


@pytest.mark.parametrize(
    ("began", "walls"),
    [
        ("2026-10-24 21:00", ["21:30:00", "06:46:00"]),
        ("2027-03-27 21:00", ["21:30:00", "06:46:00"]),
    ],
    ids=["25_hours", "23_hours"],
)
async def test_a_night_of_another_length_is_handed_over_by_the_clock_on_the_wall(
    nights: Nights, began: str, walls: list[str]
) -> None:
    night = await nights(began)
    await night.alarm()
    await night.wait(11 * 60)
    assert [night.wall(event.at) for event in night.of(AlarmHandedOver)] == walls
    assert night.engine.audit() == []


async def test_in_a_night_of_25_hours_the_second_hour_is_as_good_as_the_first(nights: Nights) -> None:
    twice = group("två", Role.STAFF, "natt-2", hours="02:30-02:59")
    night = await nights("2026-10-25 02:10", NIGHT, twice, BACKUP, BOSS)
    await night.alarm()
    await night.press("natt-1", TAKING)
    await night.wait(110)
    assert [night.wall(event.at) for event in night.of(AlarmHandedOver)] == ["02:30:00", "03:00:00"]
    assert night.engine.audit() == []


async def test_a_false_alarm_at_three_in_the_night(nights: Nights) -> None:
    night = await nights("2026-11-03 03:00")
    await night.alarm(AlarmType.FIRE)
    assert night.calls() == ["03:00:00 natt-1"]
    await night.press("natt-1", FALSE_ALARM)
    assert night.shows("natt-1") is None
    await night.until("12:00")
    assert len(night.calls()) == 1
    assert night.of(AlarmHandedOver) == []


async def test_a_second_alarm_while_the_first_is_open_is_handed_over_with_it(nights: Nights) -> None:
    night = await nights("2026-11-02 21:00")
    await night.alarm(AlarmType.FIRE)
    await night.press("dag-1", TAKING)
    await night.until("21:29")
    await night.alarm(AlarmType.LEAK)
    await night.until("21:30")
    assert [event.alarm_id for event in night.of(AlarmHandedOver)] == ["A1", "A2"]
    assert {message.alarm.alarm_id for message in night.phones.screens("natt-1")} == {"A1", "A2"}


async def test_hinner_ej_from_everyone_goes_on_until_somebody_has_time(night: Night) -> None:
    await night.alarm()
    for phone in ("dag-1", "dag-2", "dag-1", "dag-2", "reserv-1", "chef"):
        await night.press(phone, DECLINE)
    assert night.calls() == [
        "12:00:00 dag-1 dag-2",
        "12:00:00 dag-1 dag-2 reserv-1",
        "12:00:00 chef",
        "12:00:00 dag-1 dag-2 reserv-1 chef",
    ]
    await night.press("dag-1", TAKING)
    assert night.the_alarm.state is AlarmState.ACKNOWLEDGED


# --- by hand ------------------------------------------------------------------------------------


async def test_the_day_hands_it_over_to_the_backup(night: Night) -> None:
    await night.alarm()
    await night.press("dag-1", TAKING)
    await night.wait(10)
    handed_over = await night.engine.hand_over("A1", "Reserv", DESK)
    await night.settle()
    assert handed_over.is_unacknowledged
    assert [night.shows(phone) for phone in ("dag-1", "dag-2", "reserv-1")] == [None, None, "call"]
    await night.wait(5)
    assert night.calls()[1:] == ["12:10:00 reserv-1", "12:15:00 dag-1 dag-2 reserv-1"]
    (event,) = night.of(AlarmHandedOver)
    assert (event.reason, event.from_groups, event.to_groups) == (HandoverReason.GROUP, ("dag",), ("reserv",))


async def test_it_is_handed_over_to_a_group_that_there_is(night: Night) -> None:
    await night.alarm()
    with pytest.raises(UnknownGroupError):
        await night.engine.hand_over("A1", "kväll", DESK)
    assert night.of(AlarmHandedOver) == []


async def test_a_note_is_kept_with_the_alarm_open_or_closed(night: Night) -> None:
    await night.alarm()
    await night.engine.add_note("A1", "ringt", DESK)
    await night.press("dag-1", FALSE_ALARM)
    await night.engine.add_note("A1", "batteriet byttes", DESK)
    await night.restart()
    assert [event.note for event in night.of(NoteAdded)] == ["ringt", "batteriet byttes"]
    assert night.engine.alarms == {}
    assert [event.kind for event in await night.engine.load_history("A1")][-1] == "note_added"
