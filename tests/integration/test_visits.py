"""Visits: staff leaves at night, and that is not gone_out (R020.6)."""

from datetime import timedelta
from typing import Any

from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.homecare_h2o.core.events import VisitEnded, VisitStarted

from .rules import House, local
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 21:00:00+01:00")

DOOR = "binary_sensor.front_door"
NOT_AT_ALL: list[Any] = []


async def watch(house: House, **inputs: Any) -> None:
    await house.use(house.rule("gone_out", "rule 1", {"doors": [DOOR], **inputs}))
    await house.show(DOOR, "off", "door")


async def door_moves(house: House) -> None:
    await house.shows(DOOR, "on", "off", device_class="door")


async def start(house: House) -> Any:
    return await call(house.hass, "start_visit", device_id=house.brukare)


async def end(house: House) -> None:
    await house.hass.services.async_call("homecare_h2o", "end_visit", {"device_id": house.brukare}, blocking=True)


async def test_a_door_that_moves_during_a_visit_is_staffs(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await start(house)
    await house.at("2026-11-03 01:30:00")
    await door_moves(house)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_a_visit_that_is_registered_after_the_door_opened_excuses_it(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await door_moves(house)
    await house.at("2026-11-03 01:01:00")
    await start(house)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


@pytest.mark.parametrize(
    "moves_at", [pytest.param("2026-11-03 01:29:00", id="before"), pytest.param("2026-11-03 01:34:00", id="after")]
)
async def test_staff_leaves_around_the_end_of_a_visit(house: House, moves_at: str) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await start(house)
    moments = sorted([("2026-11-03 01:30:00", end), (moves_at, door_moves)])
    await house.at(moments[0][0])
    await moments[0][1](house)
    await house.at(moments[1][0])
    await moments[1][1](house)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_an_end_without_a_start_tells_that_staff_leaves(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await door_moves(house)
    await house.at("2026-11-03 01:01:00")
    await end(house)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_going_out_long_after_a_visit_is_raised(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await start(house)
    await house.at("2026-11-03 01:30:00")
    await end(house)
    await house.at("2026-11-03 01:40:00")
    await door_moves(house)
    await house.at("2026-11-03 02:00:00")
    assert await house.due() == [local("2026-11-03 02:00:00")]


async def test_a_visit_that_began_long_after_the_door_opened_does_not_excuse_it(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await door_moves(house)
    await house.at("2026-11-03 01:10:00")
    await start(house)
    await house.at("2026-11-03 01:20:00")
    assert await house.due() == [local("2026-11-03 01:20:00")]


async def test_a_visit_that_nobody_ends_expires_after_two_hours(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    answer = await start(house)
    assert answer == {"expires_at": local("2026-11-03 03:00:00").isoformat()}
    await house.at("2026-11-03 03:00:00")
    await door_moves(house)
    await house.at("2026-11-03 03:20:00")
    assert await house.due() == [local("2026-11-03 03:20:00")]


async def test_a_visit_that_expires_is_journalled_once(house: House) -> None:
    await start(house)
    await house.at("2026-11-02 23:05:00")
    await house.at("2026-11-02 23:30:00")
    ended = [event for event in await house.journal() if isinstance(event, VisitEnded)]
    assert [event.expired for event in ended] == [True]


async def test_start_and_end_are_journalled(house: House) -> None:
    await start(house)
    await house.at("2026-11-02 21:30:00")
    await end(house)
    told = [event for event in await house.journal() if isinstance(event, VisitStarted | VisitEnded)]
    assert [(event.kind, event.at) for event in told] == [
        ("visit_started", local("2026-11-02 21:00:00")),
        ("visit_ended", local("2026-11-02 21:30:00")),
    ]


async def test_a_visit_outlasts_a_restart(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await start(house)
    await house.restart("2026-11-03 01:30:00")
    await door_moves(house)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_staff_that_leaves_before_the_window_opens_has_nobody_out(house: House) -> None:
    await watch(house, already_out=True)
    await house.at("2026-11-02 21:50:00")
    await door_moves(house)
    await house.at("2026-11-02 21:51:00")
    await end(house)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


async def test_a_visit_does_not_take_back_what_is_raised(house: House) -> None:
    await watch(house)
    await house.at("2026-11-03 01:00:00")
    await door_moves(house)
    await house.at(local("2026-11-03 01:20:00") + timedelta(seconds=1))
    await start(house)
    assert await house.due() == [local("2026-11-03 01:20:00")]


@pytest.mark.parametrize("action", ["start_visit", "end_visit"])
async def test_a_visit_to_nobody_is_refused(house: House, action: str) -> None:
    with pytest.raises(ServiceValidationError) as err:
        await house.hass.services.async_call("homecare_h2o", action, {"device_id": "another"}, blocking=True)
    assert err.value.translation_key == "not_a_brukare"
