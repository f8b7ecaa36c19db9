"""Visits: staff leaves at night, and that is not gone_out (R020.6)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events, async_fire_time_changed_exact

from custom_components.homecare_h2o.const import EVENT_VISIT, SIGNAL_SWEEP
from custom_components.homecare_h2o.core.events import VisitEnded, VisitStarted

from .rules import House, local, settle
from .steps import call, state_of

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


async def exactly(house: House, at: str) -> None:
    """Let time pass until an instant, and not a moment further."""
    house.freezer.move_to(local(at))
    async_fire_time_changed_exact(house.hass)
    await settle(house.hass)


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


# --- what is shown of it -----------------------------------------------------------------------------


async def test_a_visit_is_shown_while_it_lasts(house: House) -> None:
    assert state_of(house.hass, "binary_sensor", "visit") == "off"
    await start(house)
    assert state_of(house.hass, "binary_sensor", "visit") == "on"
    await end(house)
    assert state_of(house.hass, "binary_sensor", "visit") == "off"


async def test_a_visit_that_nobody_ends_is_shown_as_over_at_the_instant(house: House) -> None:
    await start(house)
    await house.at("2026-11-02 22:00:00")
    await start(house)
    with patch("custom_components.homecare_h2o.visits.Visits.expire"):
        await exactly(house, "2026-11-02 23:59:59")
        assert state_of(house.hass, "binary_sensor", "visit") == "on"
        await exactly(house, "2026-11-03 00:00:00")
        assert state_of(house.hass, "binary_sensor", "visit") == "off"


async def test_a_visit_is_shown_as_over_when_the_clock_was_set_forward(house: House) -> None:
    await start(house)
    house.freezer.move_to(local("2026-11-02 23:30:00"))
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    assert state_of(house.hass, "binary_sensor", "visit") == "off"


async def test_a_visit_is_shown_when_the_hub_is_back(house: House) -> None:
    await start(house)
    await house.stop_hub()
    await exactly(house, "2026-11-02 21:30:00")
    await house.start_hub()
    assert state_of(house.hass, "binary_sensor", "visit") == "on"
    await exactly(house, "2026-11-02 23:00:00")
    assert state_of(house.hass, "binary_sensor", "visit") == "off"


async def test_a_visit_is_told_on_the_bus_and_never_whose_it_was(house: House) -> None:
    told = async_capture_events(house.hass, EVENT_VISIT)
    user = await house.hass.auth.async_create_user("Undersköterska")
    await call(house.hass, "start_visit", user.id, device_id=house.brukare)
    await end(house)
    await start(house)
    await house.at("2026-11-02 23:05:00")
    of_brukare = {"code": "K7-31", "device_id": house.brukare}
    began, expires = local("2026-11-02 21:00:00").isoformat(), local("2026-11-02 23:00:00").isoformat()
    assert [event.data for event in told] == [
        {**of_brukare, "type": "started", "at": began, "expires_at": expires},
        {**of_brukare, "type": "ended", "at": began},
        {**of_brukare, "type": "started", "at": began, "expires_at": expires},
        {**of_brukare, "type": "expired", "at": local("2026-11-02 23:05:00").isoformat()},
    ]
    assert [event.context.user_id for event in told] == [user.id, None, None, None]


# --- by button and by tag ----------------------------------------------------------------------------


def registers(house: House, what: str, **inputs: Any) -> dict[str, Any]:
    """Return a rule that registers visits."""
    return house.rule("visit", "rule 1", {"what": what, **inputs})


async def scan(house: House, tag_id: str = "hall") -> None:
    """Hold a phone to a tag."""
    await house.fire("tag_scanned", tag_id=tag_id, name=None, device_id="a-phone")


async def press(house: House) -> None:
    await house.press("binary_sensor.staff_button")


BY_TAG = pytest.param(scan, {"tags": ["hall", "kitchen"]}, id="tag")
BY_BUTTON = pytest.param(press, {"button": {"entity_id": ["binary_sensor.staff_button"]}}, id="button")


@pytest.mark.parametrize(("act", "inputs"), [BY_TAG, BY_BUTTON])
@pytest.mark.parametrize(
    ("what", "shown"),
    [
        pytest.param("toggle", ["on", "off", "on"], id="toggle"),
        pytest.param("start", ["on", "on", "on"], id="start"),
        pytest.param("end", ["off", "off", "off"], id="end"),
    ],
)
async def test_a_visit_is_registered_without_a_phone(
    house: House,
    act: Callable[[House], Awaitable[None]],
    inputs: dict[str, Any],
    what: str,
    shown: list[str],
) -> None:
    await house.use(registers(house, what, **inputs))
    await house.show("binary_sensor.staff_button", "off")
    told = []
    for minute in range(3):
        await house.at(f"2026-11-02 21:1{minute}:00")
        await act(house)
        told.append(state_of(house.hass, "binary_sensor", "visit"))
    assert told == shown


async def test_a_press_after_a_visit_that_nobody_ended_starts_another(house: House) -> None:
    await house.use(registers(house, "toggle", tags=["hall"]))
    await scan(house)
    await house.at("2026-11-02 23:10:00")
    await scan(house)
    assert state_of(house.hass, "binary_sensor", "visit") == "on"


async def test_another_tag_and_another_command_register_nothing(house: House) -> None:
    remote = house.device("remote")
    await house.use(
        registers(house, "start", tags=["hall"], button={"device_id": [remote.id]}, commands=["on"]),
    )
    await scan(house, "cellar")
    await house.fire("zha_event", device_id=remote.id, command="off")
    assert state_of(house.hass, "binary_sensor", "visit") == "off"
    await house.fire("zha_event", device_id=remote.id, command="on")
    assert state_of(house.hass, "binary_sensor", "visit") == "on"


async def test_staff_that_holds_a_phone_to_the_tag_on_the_way_out_is_no_alarm(house: House) -> None:
    await house.use(house.rule("gone_out", "rule 2", {"doors": [DOOR]}), registers(house, "toggle", tags=["hall"]))
    await house.show(DOOR, "off", "door")
    await house.at("2026-11-03 01:00:00")
    await scan(house)
    await house.at("2026-11-03 01:30:00")
    await scan(house)
    await door_moves(house)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL
