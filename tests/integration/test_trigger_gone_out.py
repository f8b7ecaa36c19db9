"""Gone out through its blueprint: the outer door opens, and nobody is seen inside afterwards (larmplan.md)."""

from datetime import timedelta
from typing import Any

import pytest

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 21:00:00+01:00")

DOOR = "binary_sensor.front_door"
BACK_DOOR = "binary_sensor.back_door"
HALL = "binary_sensor.hall"
ROOM = "binary_sensor.bedroom"
NOT_AT_ALL: list[Any] = []


async def watch(house: House, **inputs: Any) -> None:
    """Have a rule, and a closed home where nobody moves."""
    await house.use(house.rule("gone_out", "rule 1", {"doors": [DOOR], "hall": [HALL], "rooms": [ROOM], **inputs}))
    for entity_id in (DOOR, HALL, ROOM):
        await house.show(entity_id, "off")


async def goes_out(house: House) -> None:
    """Have somebody pass the hall, open the door and close it behind them."""
    await house.shows(HALL, "on")
    await house.shows(DOOR, "on", "off", device_class="door")
    await house.shows(HALL, "off")


@pytest.mark.parametrize(
    ("opened_at", "due_at"),
    [
        pytest.param("2026-11-02 22:00:00", "2026-11-02 22:20:00", id="as the window opens"),
        pytest.param("2026-11-03 05:55:00", "2026-11-03 06:15:00", id="due after the window"),
        pytest.param("2026-11-03 05:59:59", "2026-11-03 06:19:59", id="in the last second"),
    ],
)
async def test_the_episode_begins_inside_the_window(house: House, opened_at: str, due_at: str) -> None:
    await watch(house)
    await house.at(opened_at)
    await goes_out(house)
    await house.at(local(due_at) - timedelta(seconds=1))
    assert await house.due() == NOT_AT_ALL
    await house.at(due_at)
    assert await house.due() == [local(due_at)]


@pytest.mark.parametrize("opened_at", ["2026-11-02 21:59:59", "2026-11-03 06:00:00"])
async def test_outside_the_window_anybody_may_go_out(house: House, opened_at: str) -> None:
    await watch(house)
    await house.at(opened_at)
    await goes_out(house)
    await house.at("2026-11-03 12:00:00")
    assert await house.raised() == NOT_AT_ALL


@pytest.mark.freeze_time("2026-10-24 23:00:00+02:00")
@pytest.mark.parametrize("opened_at", ["2026-10-25 00:50:00+00:00", "2026-10-25 01:50:00+00:00"])
async def test_twenty_minutes_are_twenty_minutes_in_autumn(house: House, opened_at: str) -> None:
    await watch(house)
    opened = local("2026-10-25 00:00:00").fromisoformat(opened_at)
    await house.at(opened)
    await goes_out(house)
    await house.at(opened + timedelta(minutes=20) - timedelta(seconds=1))
    assert await house.due() == NOT_AT_ALL
    await house.at(opened + timedelta(minutes=20))
    assert await house.due() == [opened + timedelta(minutes=20)]


@pytest.mark.freeze_time("2026-03-28 23:00:00+01:00")
async def test_twenty_minutes_are_twenty_minutes_in_spring(house: House) -> None:
    await watch(house)
    await house.at("2026-03-29 01:50:00")
    await goes_out(house)
    await house.at("2026-03-29 03:10:00")
    assert await house.due() == [local("2026-03-29 03:10:00")]


async def test_motion_in_the_hall_within_a_minute_is_the_one_who_leaves(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await goes_out(house)
    await house.at("2026-11-02 23:00:59")
    await house.shows(HALL, "on", "off")
    await house.at("2026-11-02 23:20:00")
    assert await house.due() == [local("2026-11-02 23:20:00")]


async def test_motion_in_the_hall_after_a_minute_is_somebody_inside(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await goes_out(house)
    await house.at("2026-11-02 23:01:00")
    await house.shows(HALL, "on", "off")
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_a_hall_sensor_that_stays_on_after_they_left_is_no_sign(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await house.shows(HALL, "on")
    await house.shows(DOOR, "on", "off", device_class="door")
    await house.at("2026-11-02 23:03:00")
    await house.shows(HALL, "off")
    await house.at("2026-11-02 23:20:00")
    assert await house.due() == [local("2026-11-02 23:20:00")]


async def test_a_door_left_open_is_raised(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await house.shows(DOOR, "on", device_class="door")
    await house.at("2026-11-02 23:20:00")
    assert await house.due() == [local("2026-11-02 23:20:00")]


async def test_opening_again_moves_no_deadline(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await goes_out(house)
    await house.at("2026-11-02 23:15:00")
    await house.shows(DOOR, "on", "off", device_class="door")
    await house.at("2026-11-02 23:20:00")
    assert await house.due() == [local("2026-11-02 23:20:00")]


async def test_any_of_several_doors_counts(house: House) -> None:
    await watch(house, doors=[DOOR, BACK_DOOR])
    await house.at("2026-11-02 23:00:00")
    await house.shows(BACK_DOOR, "off", "on", device_class="door")
    await house.at("2026-11-02 23:20:00")
    assert await house.due() == [local("2026-11-02 23:20:00")]


async def test_the_next_time_is_told_on_the_open_alarm(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await goes_out(house)
    await house.at("2026-11-02 23:20:00")
    await house.at("2026-11-03 02:00:00")
    await goes_out(house)
    await house.at("2026-11-03 02:20:00")
    assert len(await house.raised()) == 1
    assert await house.presses() == [local("2026-11-02 23:20:00"), local("2026-11-03 02:20:00")]


async def test_already_out_as_the_window_opens_is_an_option(house: House) -> None:
    await watch(house, already_out=True)
    await house.at("2026-11-02 21:30:00")
    await goes_out(house)
    await house.at("2026-11-02 22:19:59")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-02 22:20:00")
    await house.at("2026-11-03 05:00:00")
    assert await house.presses() == [local("2026-11-02 22:20:00")]


async def test_home_again_before_the_window_opens(house: House) -> None:
    await watch(house, already_out=True)
    await house.at("2026-11-02 21:30:00")
    await goes_out(house)
    await house.at("2026-11-02 21:50:00")
    await house.shows(ROOM, "on", "off")
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_motion_before_the_hub_was_down_is_not_seen_again_at_its_start(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await goes_out(house)
    await house.restart("2026-11-02 23:05:00", {ROOM: "on"})
    await house.at("2026-11-02 23:20:00")
    assert await house.due() == [local("2026-11-02 23:20:00")]


async def test_a_rule_that_was_turned_off_for_a_while_knows_nothing_of_it(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 23:00:00")
    await goes_out(house)
    await house.switch("rule 1", on=False)
    await house.at("2026-11-03 01:00:00")
    await house.switch("rule 1", on=True)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param({"from": "22:00:00", "to": "22:00:00"}, "neither all day nor never", id="no length"),
        pytest.param({"settle_time": {"seconds": -1}}, "settle_time", id="settle time"),
        pytest.param({"delay": {"seconds": 0}}, "longer than nothing", id="no delay"),
        pytest.param({"delay": "soon"}, "delay", id="no time at all"),
        pytest.param({"doors": ["front door"]}, "doors", id="no entity"),
    ],
)
async def test_what_could_never_fire_is_refused(house: House, inputs: dict[str, Any], told: str) -> None:
    await house.use(house.rule("gone_out", "rule 1", {"doors": [DOOR], **inputs}))
    assert told in house.broken("rule 1")
