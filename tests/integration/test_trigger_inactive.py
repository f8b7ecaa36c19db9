"""Passivity through its blueprint: no sign of life for a time inside a window (larmplan.md)."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest

from .rules import MORNING, MOTION, House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 20:00:00+01:00")

KITCHEN = "binary_sensor.kitchen"
NOT_AT_ALL: list[Any] = []


def window(start: str, end: str, hours: float) -> dict[str, Any]:
    return {"from": f"{start}:00", "to": f"{end}:00", "threshold": {"hours": hours}}


LONG_MORNING = window("08:00", "13:00", 4)


# --- the deadline ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "moves", "due"),
    [
        pytest.param({}, [], "10:00:00", id="defaults of the blueprint"),
        pytest.param(MORNING, [], "10:00:00", id="none"),
        pytest.param(MORNING, ["2026-11-02 22:00:00"], "10:00:00", id="the evening before"),
        pytest.param(MORNING, ["2026-11-03 06:00:00"], "10:00:00", id="as it opens"),
        pytest.param(window("08:00", "13:00", 5), ["2026-11-03 07:40:00"], "13:00:00", id="07:40"),
        pytest.param(LONG_MORNING, ["2026-11-03 08:50:00"], "12:50:00", id="08:50"),
        pytest.param(
            LONG_MORNING, ["2026-11-03 08:10:00", "2026-11-03 08:50:00"], "12:50:00", id="the last one counts"
        ),
        pytest.param(LONG_MORNING, ["2026-11-03 09:00:00"], "13:00:00", id="09:00:00"),
        pytest.param(window("00:00", "23:00", 12), ["2026-11-03 01:30:00"], "13:30:00", id="from midnight"),
    ],
)
async def test_raised_exactly_at_the_deadline(house: House, inputs: dict[str, Any], moves: list[str], due: str) -> None:
    await house.use(house.passivity(**inputs))
    await house.motion("off")
    await house.moves_at(*moves)
    await house.at(local(f"2026-11-03 {due}") - timedelta(seconds=1))
    assert await house.raised() == NOT_AT_ALL
    await house.at(f"2026-11-03 {due}")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local(f"2026-11-03 {due}"), False)
    assert (alarm.rule, alarm.sources, alarm.alarm_type) == ("passivity 1", (MOTION,), "passivity")


@pytest.mark.parametrize(
    ("inputs", "moves"),
    [
        pytest.param(MORNING, ["2026-11-03 06:00:01"], id="06:00:01"),
        pytest.param(LONG_MORNING, ["2026-11-03 09:00:01"], id="09:00:01"),
        pytest.param(MORNING, ["2026-11-03 06:30:00", "2026-11-03 09:59:59"], id="in the last second"),
    ],
)
async def test_a_sign_of_life_saves_the_day(house: House, inputs: dict[str, Any], moves: list[str]) -> None:
    await house.use(house.passivity(**inputs))
    await house.motion("off")
    await house.moves_at(*moves)
    await house.at("2026-11-03 18:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_nobody_is_woken_at_six_because_they_slept(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.moves_at("2026-11-02 22:00:00")
    await house.at("2026-11-03 06:00:00")
    await house.at("2026-11-03 06:01:00")
    assert await house.raised() == NOT_AT_ALL


async def test_a_window_over_midnight(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(**window("22:00", "06:00", 3)))
    await house.moves_at("2026-11-02 22:40:00")
    await house.at("2026-11-03 01:40:00")
    assert await house.due() == [local("2026-11-03 01:40:00")]


async def test_all_day_counts_from_the_last_sign_of_life_and_fires_once(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(all_day=True, threshold={"hours": 12}))
    await house.moves_at("2026-11-02 23:00:00")
    await house.at("2026-11-03 10:59:59")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 11:00:00")
    await house.at("2026-11-04 11:00:00")
    assert await house.presses() == [local("2026-11-03 11:00:00")]


async def test_all_day_without_any_history_counts_from_when_the_rule_was_made(house: House) -> None:
    await house.use(house.passivity(all_day=True, threshold={"hours": 12}))
    await house.at("2026-11-03 08:00:00")
    assert await house.due() == [local("2026-11-03 08:00:00")]


async def test_silence_after_renewed_activity_is_raised_in_the_same_window(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(**window("08:00", "13:00", 2)))
    await house.at("2026-11-03 10:00:00")
    await house.moves_at("2026-11-03 10:30:00")
    await house.at("2026-11-03 12:30:00")
    assert await house.presses() == [local("2026-11-03 10:00:00"), local("2026-11-03 12:30:00")]


async def test_each_window_has_a_deadline_of_its_own(house: House) -> None:
    await house.use(house.passivity())
    await house.at("2026-11-03 10:00:00")
    await house.at("2026-11-04 10:00:00")
    assert await house.presses() == [local("2026-11-03 10:00:00"), local("2026-11-04 10:00:00")]


@pytest.mark.parametrize(
    ("inputs", "due"),
    [
        pytest.param(window("00:00", "04:00", 4), "2026-10-25 03:00:00", id="four hours, not four of the clock"),
        pytest.param(window("22:00", "06:00", 8), "2026-10-25 05:00:00", id="night"),
        pytest.param(window("06:00", "10:00", 4), "2026-10-25 10:00:00", id="morning after"),
    ],
)
@pytest.mark.freeze_time("2026-10-24 20:00:00+02:00")
async def test_durations_do_not_stretch_in_autumn(house: House, inputs: dict[str, Any], due: str) -> None:
    await house.use(house.passivity(**inputs))
    await house.at(local(due) - timedelta(seconds=1))
    assert await house.due() == NOT_AT_ALL
    await house.at(due)
    assert await house.due() == [local(due)]


@pytest.mark.parametrize(
    ("inputs", "due"),
    [
        pytest.param(window("00:00", "04:00", 2), "2026-03-29 03:00:00", id="two hours"),
        pytest.param(window("22:00", "06:00", 7), "2026-03-29 06:00:00", id="the whole short night"),
        pytest.param(window("22:00", "06:00", 8), "2026-03-30 06:00:00", id="too short a night is left out"),
        pytest.param(window("06:00", "10:00", 4), "2026-03-29 10:00:00", id="morning after"),
    ],
)
@pytest.mark.freeze_time("2026-03-28 20:00:00+01:00")
async def test_durations_do_not_shrink_in_spring(house: House, inputs: dict[str, Any], due: str) -> None:
    await house.use(house.passivity(**inputs))
    await house.at(local(due) - timedelta(seconds=1))
    assert await house.due() == NOT_AT_ALL
    await house.at(due)
    assert await house.due() == [local(due)]


# --- what is a sign of life ---------------------------------------------------------------------


async def test_a_sensor_that_is_on_masks_until_it_goes_off(house: House) -> None:
    await house.use(house.passivity(**LONG_MORNING))
    await house.motion("off")
    await house.at("2026-11-03 07:00:00")
    await house.motion("on")
    await house.at("2026-11-03 08:50:00")
    await house.motion("off")
    await house.at("2026-11-03 12:49:59")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


async def test_somebody_who_still_moves_at_the_deadline_is_well(house: House) -> None:
    await house.use(house.passivity(**LONG_MORNING))
    await house.motion("off")
    await house.at("2026-11-03 11:59:00")
    await house.motion("on")
    await house.at("2026-11-03 13:00:00")
    assert await house.due() == NOT_AT_ALL


@pytest.mark.parametrize(
    "states",
    [
        pytest.param(["unavailable", "on"], id="unavailable, on"),
        pytest.param(["unknown", "on"], id="unknown, on"),
        pytest.param(["unavailable", "off"], id="unavailable, off"),
        pytest.param(["unavailable", "unknown", "on", "off"], id="back on, then off"),
        pytest.param(["unavailable"], id="gone"),
    ],
)
async def test_a_sensor_that_comes_back_is_no_sign_of_life(house: House, states: list[str]) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.at("2026-11-03 08:00:00")
    await house.shows(MOTION, *states)
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_activity_ends_when_its_sensor_is_lost(house: House) -> None:
    await house.use(house.passivity(**LONG_MORNING))
    await house.motion("off")
    await house.at("2026-11-03 08:40:00")
    await house.motion("on")
    await house.at("2026-11-03 08:50:00")
    await house.motion("unavailable")
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


async def test_any_of_several_sensors_counts(house: House) -> None:
    await house.use(house.passivity(target={"entity_id": [MOTION, KITCHEN]}))
    await house.motion("off")
    await house.motion("off", KITCHEN)
    await house.at("2026-11-03 07:00:00")
    await house.motion("on", KITCHEN)
    await house.motion("off", KITCHEN)
    await house.at("2026-11-03 11:00:00")
    assert await house.due() == NOT_AT_ALL


async def test_one_that_is_off_does_not_end_the_activity_of_another(house: House) -> None:
    await house.use(house.passivity(target={"entity_id": [MOTION, KITCHEN]}))
    await house.motion("off")
    await house.motion("off", KITCHEN)
    await house.at("2026-11-03 06:30:00")
    await house.motion("on", KITCHEN)
    await house.moves_at("2026-11-03 07:00:00")
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == NOT_AT_ALL


@pytest.mark.parametrize("state", ["on", "off"])
async def test_a_door_is_a_sign_of_life_when_it_moves(house: House, state: str) -> None:
    before = {"on": "off", "off": "on"}[state]
    await house.use(house.passivity(**LONG_MORNING))
    await house.show(MOTION, before, "door")
    await house.at("2026-11-03 08:50:00")
    await house.show(MOTION, state, "door")
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


async def test_an_open_door_does_not_mask(house: House) -> None:
    await house.use(house.passivity())
    await house.show(MOTION, "off", "door")
    await house.at("2026-11-02 21:00:00")
    await house.show(MOTION, "on", "door")
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_a_new_rule_takes_the_end_of_a_motion_that_is_seen(house: House) -> None:
    await house.at("2026-11-03 08:30:00")
    await house.motion("on")
    await house.at("2026-11-03 08:50:00")
    await house.motion("off")
    await house.at("2026-11-03 09:00:00")
    await house.use(house.passivity(**LONG_MORNING))
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


async def test_a_sensor_stuck_on_no_longer_masks(house: House) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.motion("on")
    await house.at("2026-11-03 09:59:59")
    assert await house.due_by_rule("passivity 1") == NOT_AT_ALL
    await house.at("2026-11-03 10:00:00")
    assert await house.due_by_rule("passivity 1") == [local("2026-11-03 10:00:00")]


async def test_that_a_stuck_sensor_lets_go_is_no_sign_of_life(house: House) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.motion("on")
    await house.at("2026-11-03 09:00:00")
    await house.motion("off")
    await house.at("2026-11-03 10:00:00")
    assert await house.due_by_rule("passivity 1") == [local("2026-11-03 10:00:00")]


async def test_somebody_who_sits_before_a_sensor_for_hours_is_not_missed(house: House) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.at("2026-11-03 06:30:00")
    await house.motion("on")
    await house.at("2026-11-03 10:00:00")
    await house.motion("off")
    await house.at("2026-11-03 12:00:00")
    assert await house.due() == NOT_AT_ALL


async def test_a_home_whose_sensors_are_all_lost_is_told(house: House) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.motion("unavailable")
    await house.at("2026-11-03 05:00:00")
    assert [alarm.alarm_type for alarm in await house.told()] == ["technical"]


# --- restarts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["on", "off", "unavailable", "unknown"])
async def test_a_state_restored_at_start_is_no_sign_of_life(house: House, state: str) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.moves_at("2026-11-02 22:00:00")
    await house.restart("2026-11-03 06:30:00", {MOTION: state})
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


@pytest.mark.parametrize("state", ["on", "off"])
async def test_a_sensor_that_has_never_seen_anybody_is_not_restored_to_life(house: House, state: str) -> None:
    await house.motion("unknown")
    await house.use(house.passivity())
    await house.restart("2026-11-03 06:30:00", {MOTION: state})
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_activity_that_the_power_cut_ended_with_the_last_sign_of_life_of_the_hub(house: House) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.at("2026-11-03 05:58:00")
    await house.motion("on")
    await house.restart("2026-11-03 09:30:00", {MOTION: "off"})
    await house.at("2026-11-03 09:40:00")
    await house.restart("2026-11-03 09:50:00", {MOTION: "off"})
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


@pytest.mark.parametrize(
    ("stopped_at", "started_at", "late"),
    [
        ("2026-11-02 20:00:00", "10:00:03", True),
        ("2026-11-03 05:59:59", "23:00:00", True),
        ("2026-11-03 09:59:59", "10:00:02", False),
        ("2026-11-03 10:00:00", "10:00:02", False),
        ("2026-11-03 10:00:00", "10:00:03", True),
    ],
)
async def test_what_fell_due_while_the_hub_was_down_is_raised_once_and_late(
    house: House, stopped_at: str, started_at: str, late: bool
) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    house.freezer.move_to(local(stopped_at))
    await house.restart(f"2026-11-03 {started_at}")
    await house.restart(f"2026-11-03 {started_at}")
    await house.at("2026-11-03 23:59:00")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-03 10:00:00"), late)
    assert await house.presses() == [local("2026-11-03 10:00:00")]


@pytest.mark.parametrize("stopped_at", ["2026-11-03 06:00:00", "2026-11-03 09:59:59"])
async def test_a_restart_before_the_deadline_changes_nothing(house: House, stopped_at: str) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.at(stopped_at)
    await house.restart("2026-11-03 09:59:59.9")
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-11-03 10:00:00")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-03 10:00:00"), False)


async def test_what_was_raised_before_a_restart_is_not_raised_again(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.at("2026-11-03 10:00:00")
    await house.restart("2026-11-03 11:00:00")
    assert await house.presses() == [local("2026-11-03 10:00:00")]


async def test_what_was_learnt_before_a_restart_counts_after_it(house: House) -> None:
    await house.use(house.passivity(**LONG_MORNING))
    await house.motion("off")
    await house.moves_at("2026-11-03 08:50:00")
    await house.restart("2026-11-03 12:49:00")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


@pytest.mark.parametrize("reloaded_at", ["2026-11-03 09:59:59", "2026-11-03 10:00:00"])
async def test_a_reload_of_the_automations_neither_loses_nor_doubles(house: House, reloaded_at: str) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.at("2026-11-03 07:00:00")
    house.freezer.move_to(local(reloaded_at))
    await house.use()
    await house.use(house.passivity())
    await house.at("2026-11-03 10:00:00")
    await house.at("2026-11-03 10:01:00")
    assert await house.presses() == [local("2026-11-03 10:00:00")]


@pytest.mark.parametrize("reloaded_at", ["2026-11-03 09:59:59", "2026-11-03 10:00:00"])
async def test_a_reload_of_the_hub_neither_loses_nor_doubles(house: House, reloaded_at: str) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.at("2026-11-03 07:00:00")
    house.freezer.move_to(local(reloaded_at))
    await house.stop_hub()
    await house.start_hub()
    await house.at("2026-11-03 10:00:00")
    await house.at("2026-11-03 10:01:00")
    assert await house.presses() == [local("2026-11-03 10:00:00")]


async def test_activity_goes_on_over_a_reload_of_the_hub(house: House) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.at("2026-11-03 06:30:00")
    await house.motion("on")
    await house.at("2026-11-03 07:00:00")
    await house.stop_hub()
    await house.start_hub()
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == NOT_AT_ALL


async def test_a_rule_that_is_there_before_the_hub_waits_for_it(house: House) -> None:
    await house.motion("off")
    await house.stop_hub()
    await house.use(house.passivity())
    await house.start_hub()
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_a_deadline_that_passes_while_the_hub_is_away_is_raised_when_it_is_back(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.stop_hub()
    await house.at("2026-11-03 10:00:00")
    await house.at("2026-11-03 10:05:00")
    await house.start_hub()
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-03 10:00:00"), True)


# --- changes -------------------------------------------------------------------------------------


async def test_a_rule_edited_during_its_window_has_its_new_deadline(house: House) -> None:
    await house.use(house.passivity(**LONG_MORNING))
    await house.motion("off")
    await house.at("2026-11-03 09:30:00")
    await house.use(house.passivity(**window("08:00", "13:00", 2)))
    await house.at("2026-11-03 10:00:00")
    await house.at("2026-11-03 12:00:00")
    assert await house.presses() == [local("2026-11-03 10:00:00")]


async def test_another_text_does_not_begin_the_wait_anew(house: House) -> None:
    await house.use(house.passivity(all_day=True, threshold={"hours": 12}))
    await house.at("2026-11-03 07:00:00")
    await house.use(house.passivity(all_day=True, threshold={"hours": 12}, message="Ring först."))
    await house.at("2026-11-03 08:00:00")
    assert [alarm.message for alarm in await house.raised()] == ["Ring först."]


async def test_a_rule_made_of_a_sensor_known_of_old_takes_the_motion_that_is_seen(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity("old", **MORNING))
    await house.moves_at("2026-11-02 21:00:00")
    await house.use()
    await house.moves_at("2026-11-03 08:50:00")
    await house.use(house.passivity(**LONG_MORNING))
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


async def test_a_rule_made_after_todays_deadline_begins_tomorrow(house: House) -> None:
    await house.at("2026-11-03 10:00:01")
    await house.use(house.passivity())
    await house.at("2026-11-03 13:00:00")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-04 10:00:00")
    assert await house.due() == [local("2026-11-04 10:00:00")]


async def test_what_fell_due_while_the_rule_was_off_is_nobodys_alarm(house: House) -> None:
    await house.use(house.passivity())
    await house.motion("off")
    await house.switch("passivity 1", on=False)
    await house.moves_at("2026-11-03 08:00:00", "2026-11-04 08:00:00")
    await house.at("2026-11-04 12:00:00")
    await house.switch("passivity 1", on=True)
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-05 10:00:00")
    assert await house.presses() == [local("2026-11-05 10:00:00")]


async def test_a_rule_that_is_set_back_to_what_it_was_does_not_make_up_for_the_time_between(house: House) -> None:
    await house.use(house.passivity())
    await house.use(house.passivity(target={"entity_id": [KITCHEN]}, **window("18:00", "22:00", 4)))
    await house.at("2026-11-09 12:00:00")
    await house.use(house.passivity())
    assert local("2026-11-03 10:00:00") not in await house.presses()


async def test_two_rules_that_are_alike_are_both_raised(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity("one"), house.passivity("two"))
    await house.at("2026-11-03 10:00:00")
    assert sorted(alarm.rule for alarm in await house.raised()) == ["one", "two"]


async def test_two_rules_that_are_alike_are_both_raised_late(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity("one"), house.passivity("two"))
    await house.stop_hub()
    await house.use()
    await house.at("2026-11-03 11:00:00")
    await house.start_hub()
    await house.use(house.passivity("one"))
    await house.use(house.passivity("one"), house.passivity("two"))
    assert sorted(alarm.rule for alarm in await house.raised()) == ["one", "two"]


# --- which sensors -------------------------------------------------------------------------------


@pytest.fixture
def bedroom(hass: HomeAssistant, house: House) -> dr.DeviceEntry:
    """Return a motion sensor's device, in the bedroom."""
    device = house.device("motion")
    dr.async_get(hass).async_update_device(device.id, area_id=ar.async_get(hass).async_create("Sovrum").id)
    house.entity(device, "motion", device_class="motion")
    return device


def target_of(kind: dict[str, str], device: dr.DeviceEntry) -> dict[str, str]:
    """Return a target that names the device or its area."""
    return {key: value.replace("device", device.id) for key, value in kind.items()}


@pytest.mark.parametrize("kind", [{"device_id": "device"}, {"area_id": "sovrum"}])
async def test_the_sensors_of_a_device_or_an_area_are_followed(
    house: House, bedroom: dr.DeviceEntry, kind: dict[str, str]
) -> None:
    await house.motion("off")
    await house.use(house.passivity(target=target_of(kind, bedroom), **LONG_MORNING))
    await house.moves_at("2026-11-03 08:50:00")
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


@pytest.mark.parametrize(
    ("kind", "name", "domain", "device_class"),
    [
        ({"area_id": "sovrum"}, "temperature", "sensor", "temperature"),
        ({"device_id": "device"}, "battery", "binary_sensor", "battery"),
        ({"area_id": "sovrum"}, "smoke", "binary_sensor", "smoke"),
        ({"device_id": "device"}, "lamp", "light", None),
    ],
)
async def test_what_else_a_device_or_an_area_has_is_no_sign_of_life(
    house: House, bedroom: dr.DeviceEntry, kind: dict[str, str], name: str, domain: str, device_class: str | None
) -> None:
    other = house.entity(bedroom, name, domain, device_class)
    await house.show(other, "off", device_class)
    await house.motion("off")
    await house.use(house.passivity(target=target_of(kind, bedroom)))
    await house.at("2026-11-03 08:00:00")
    await house.shows(other, "on", "off", device_class=device_class)
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_a_sensor_that_is_added_is_followed_within_a_sweep(house: House, bedroom: dr.DeviceEntry) -> None:
    await house.motion("off")
    await house.use(house.passivity(target={"area_id": "sovrum"}, **LONG_MORNING))
    await house.motion("off", house.entity(bedroom, "kitchen", device_class="motion"))
    await house.at("2026-11-03 08:00:00")
    await house.at("2026-11-03 08:50:00")
    await house.motion("on", KITCHEN)
    await house.motion("off", KITCHEN)
    await house.at("2026-11-03 12:50:00")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.sources) == (local("2026-11-03 12:50:00"), (KITCHEN, MOTION))


async def test_a_sensor_that_is_renamed_is_followed_within_a_sweep(
    hass: HomeAssistant, house: House, bedroom: dr.DeviceEntry
) -> None:
    await house.motion("off")
    await house.use(house.passivity(target={"device_id": bedroom.id}, **LONG_MORNING))
    er.async_get(hass).async_update_entity(MOTION, new_entity_id="binary_sensor.bed")
    await house.motion("off", "binary_sensor.bed")
    await house.at("2026-11-03 08:00:00")
    await house.at("2026-11-03 08:50:00")
    await house.motion("on", "binary_sensor.bed")
    await house.motion("off", "binary_sensor.bed")
    await house.at("2026-11-03 12:50:00")
    assert [alarm.sources for alarm in await house.raised()] == [("binary_sensor.bed",)]


async def test_a_new_name_is_no_sign_of_life(hass: HomeAssistant, house: House, bedroom: dr.DeviceEntry) -> None:
    await house.motion("off")
    await house.use(house.passivity(target={"device_id": bedroom.id}))
    await house.at("2026-11-03 08:00:00")
    er.async_get(hass).async_update_entity(MOTION, new_entity_id="binary_sensor.bed")
    await house.motion("off", "binary_sensor.bed")
    await house.at("2026-11-03 08:01:00")
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_what_a_sensor_saw_counts_after_it_is_renamed(
    hass: HomeAssistant, house: House, bedroom: dr.DeviceEntry
) -> None:
    await house.motion("off")
    await house.use(house.passivity(target={"device_id": bedroom.id}, **LONG_MORNING))
    await house.moves_at("2026-11-03 08:50:00")
    er.async_get(hass).async_update_entity(MOTION, new_entity_id="binary_sensor.bed")
    await house.at("2026-11-03 08:51:00")
    await house.at("2026-11-03 12:49:59")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 12:50:00")
    assert await house.due() == [local("2026-11-03 12:50:00")]


async def test_a_sensor_that_is_removed_no_longer_counts(
    hass: HomeAssistant, house: House, bedroom: dr.DeviceEntry
) -> None:
    await house.motion("off")
    await house.use(house.passivity(target={"area_id": "sovrum"}))
    await house.at("2026-11-03 05:00:00")
    await house.motion("on")
    dr.async_get(hass).async_update_device(bedroom.id, area_id=None)
    await house.at("2026-11-03 05:01:00")
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


# --- rules that could never fire ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param({"threshold": {"hours": 5}}, "longer than the window", id="longer than the window"),
        pytest.param({"threshold": {"hours": 25}, "all_day": True}, "longer than the window", id="longer than a day"),
        pytest.param({"threshold": {"hours": 0}}, "longer than nothing", id="no time at all"),
        pytest.param({"from": None}, "both a start and an end", id="only an end"),
        pytest.param({"to": "06:00:00"}, "starts when it ends", id="never opens"),
        pytest.param({"threshold": {"hours": -4}}, "positive", id="negative"),
        pytest.param({"from": "25:00:00"}, "options.from", id="no such time"),
    ],
)
async def test_a_rule_that_could_never_fire_is_refused_with_its_reason(
    house: House, inputs: dict[str, Any], told: str
) -> None:
    await house.use(house.passivity(**inputs))
    assert told in house.broken()


async def test_a_rule_without_sensors_is_refused(house: House) -> None:
    rule = house.passivity()
    rule["use_blueprint"]["input"]["sensors"] = {}
    await house.use(rule)
    assert "nothing is chosen" in house.broken()


async def test_both_ends_missing_is_all_day(house: House) -> None:
    no_window: dict[str, Any] = {"from": None, "to": None, "threshold": {"hours": 12}}
    await house.use(house.passivity(**no_window))
    await house.at("2026-11-03 08:00:00")
    assert await house.due() == [local("2026-11-03 08:00:00")]
