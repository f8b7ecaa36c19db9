"""Sequence through its blueprint: a larmtyp of a municipality's own (R010.3)."""

from typing import Any

import pytest

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 23:00:00+01:00")

BED = "binary_sensor.bed"
BATH = "binary_sensor.bathroom"
ROOM = "binary_sensor.living_room"
NOT_AT_ALL: list[Any] = []
UP = {"entity_id": [BED], "to": "off"}
TO_BATH = {"entity_id": [BATH], "to": "on", "within": {"minutes": 5}}
NOTHING: dict[str, Any] = {"then_nothing": [BED, ROOM], "then_nothing_for": {"minutes": 20}}


async def watch(house: House, *steps: dict[str, Any], **inputs: Any) -> None:
    """Have a rule, and somebody in bed."""
    await house.use(house.rule("sequence", "rule 1", {"purpose": "Falls at night", "steps": list(steps), **inputs}))
    await house.show(BED, "on")
    await house.show(BATH, "off")
    await house.show(ROOM, "off")


async def test_raised_at_the_last_step_if_nothing_must_follow(house: House) -> None:
    await watch(house, UP, TO_BATH)
    await house.show(BED, "off")
    await house.at("2026-11-02 23:05:00")
    await house.show(BATH, "on")
    (alarm,) = await house.raised()
    assert (alarm.alarm_type, alarm.due_at, alarm.late) == ("sequence", local("2026-11-02 23:05:00"), False)


async def test_a_step_that_comes_too_late_is_none(house: House) -> None:
    await watch(house, UP, TO_BATH)
    await house.show(BED, "off")
    await house.at("2026-11-02 23:05:01")
    await house.show(BATH, "on")
    assert await house.raised() == NOT_AT_ALL


async def test_a_single_step_and_then_nothing(house: House) -> None:
    await watch(house, UP, **NOTHING)
    await house.show(BED, "off")
    await house.at("2026-11-02 23:19:59")
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-11-02 23:20:00")
    assert await house.due() == [local("2026-11-02 23:20:00")]


@pytest.mark.parametrize("sign", [BED, ROOM])
async def test_a_sign_in_the_last_second_calls_it_off(house: House, sign: str) -> None:
    await watch(house, UP, **NOTHING)
    await house.show(BED, "off")
    await house.at("2026-11-02 23:19:59")
    await house.show(sign, "on")
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_a_sign_after_the_deadline_does_not_take_it_back(house: House) -> None:
    await watch(house, UP, **NOTHING)
    await house.show(BED, "off")
    house.freezer.move_to(local("2026-11-02 23:20:01"))
    await house.show(ROOM, "on")
    assert await house.due() == [local("2026-11-02 23:20:00")]


async def test_each_time_is_told_on_the_open_alarm(house: House) -> None:
    await watch(house, UP, TO_BATH)
    await house.show(BED, "off")
    await house.show(BATH, "on")
    await house.at("2026-11-03 02:00:00")
    await house.show(BATH, "off")
    await house.show(BED, "on")
    await house.show(BED, "off")
    await house.show(BATH, "on")
    assert len(await house.raised()) == 1
    assert await house.presses() == [local("2026-11-02 23:00:00"), local("2026-11-03 02:00:00")]


async def test_only_in_its_hours(house: House) -> None:
    await watch(house, UP, all_day=False)
    await house.at("2026-11-03 06:00:00")
    await house.show(BED, "off")
    assert await house.raised() == NOT_AT_ALL


async def test_any_change_is_a_step_without_a_state(house: House) -> None:
    await watch(house, {"entity_id": [BED], "to": ""})
    await house.show(BED, "off")
    assert await house.due() == [local("2026-11-02 23:00:00")]


async def test_steps_go_on_over_a_restart(house: House) -> None:
    await watch(house, UP, TO_BATH)
    await house.show(BED, "off")
    await house.restart("2026-11-02 23:04:00")
    await house.show(BATH, "on")
    assert await house.due() == [local("2026-11-02 23:04:00")]


@pytest.mark.parametrize(
    ("steps", "inputs", "told"),
    [
        pytest.param([], {}, "steps", id="no step"),
        pytest.param([{"to": "on"}], {}, "entity_id", id="no sensor"),
        pytest.param([{"entity_id": [], "to": "on"}], {}, "needs a sensor", id="none chosen"),
        pytest.param([UP, {"entity_id": [BATH]}], {}, "within which it follows", id="no time"),
        pytest.param(
            [UP], {**NOTHING, "then_nothing_for": {"minutes": 0}}, "longer than nothing", id="nothing for none"
        ),
        pytest.param([UP] * 21, {}, "steps", id="far too many"),
        pytest.param([UP], {"all_day": False, "from": "22:00:00", "to": "22:00:00"}, "neither all day", id="no length"),
    ],
)
async def test_what_could_never_fire_is_refused(
    house: House, steps: list[dict[str, Any]], inputs: dict[str, Any], told: str
) -> None:
    await watch(house, *steps, **inputs)
    assert told in house.broken("rule 1")
