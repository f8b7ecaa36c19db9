"""Smoke, water, motion and open doors through their blueprints (larmplan.md)."""

from datetime import timedelta
from typing import Any

from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.homecare_h2o.core.events import AlarmRaised, AlarmRepeated

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 20:00:00+01:00")

KITCHEN = "binary_sensor.smoke_kitchen"
HALL = "binary_sensor.smoke_hall"
NIGHT: dict[str, Any] = {"purpose": "Agreed in the plan", "from": "22:00:00", "to": "06:00:00"}
NOT_AT_ALL: list[Any] = []


async def watch(house: House, *entity_ids: str, blueprint: str = "fire", **inputs: Any) -> None:
    await house.use(house.rule(blueprint, "rule 1", {"sensors": {"entity_id": list(entity_ids)}, **inputs}))
    for entity_id in entity_ids:
        await house.show(entity_id, "off")


async def test_each_of_several_sensors_has_its_own_minute(house: House) -> None:
    await watch(house, KITCHEN, HALL)
    await house.show(KITCHEN, "on")
    await house.at("2026-11-02 20:00:30")
    await house.show(HALL, "on")
    await house.at("2026-11-02 20:01:00")
    (alarm,) = await house.raised()
    assert alarm.sources == (KITCHEN,)
    await house.at("2026-11-02 20:01:30")
    assert await house.presses() == [local("2026-11-02 20:01:00"), local("2026-11-02 20:01:30")]


async def test_smoke_that_comes_back_has_a_minute_of_its_own(house: House) -> None:
    await watch(house, KITCHEN)
    await house.shows(KITCHEN, "on", device_class="smoke")
    await house.at("2026-11-02 20:00:50")
    await house.shows(KITCHEN, "off", "on", device_class="smoke")
    await house.at("2026-11-02 20:01:00")
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-11-02 20:01:50")
    assert await house.due() == [local("2026-11-02 20:01:50")]


async def test_smoke_again_is_told_again_on_the_open_alarm(house: House) -> None:
    await watch(house, KITCHEN)
    await house.show(KITCHEN, "on")
    await house.at("2026-11-02 20:01:00")
    await house.shows(KITCHEN, "off", "on", device_class="smoke")
    await house.at("2026-11-02 20:02:00")
    assert len(await house.raised()) == 1
    assert await house.presses() == [local("2026-11-02 20:01:00"), local("2026-11-02 20:02:00")]


async def test_smoke_that_is_there_when_the_rule_is_made_is_raised(house: House) -> None:
    await house.show(KITCHEN, "on")
    await house.use(house.rule("fire", "rule 1", {"sensors": {"entity_id": [KITCHEN]}}))
    await house.at("2026-11-02 20:01:00")
    assert len(await house.raised()) == 1


async def test_smoke_that_shows_itself_only_after_the_start_is_raised(house: House) -> None:
    await watch(house, KITCHEN)
    await house.restart("2026-11-02 21:00:00", {KITCHEN: "unavailable"})
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-11-02 21:00:20")
    await house.show(KITCHEN, "on")
    assert await house.due() == [local("2026-11-02 21:00:20")]


async def test_smoke_that_a_radio_tells_of_after_its_memory_is_raised_at_once(house: House) -> None:
    await watch(house, KITCHEN)
    await house.restart("2026-11-02 21:00:00", {KITCHEN: "off"})
    await house.at("2026-11-02 21:00:05")
    await house.show(KITCHEN, "on")
    assert await house.due() == [local("2026-11-02 21:00:05")]


@pytest.mark.parametrize(
    ("at", "before"),
    [
        pytest.param("2026-11-02 21:02:00", [], id="long after the start"),
        pytest.param("2026-11-02 21:00:05", ["unavailable", "off"], id="heard to be off since the start"),
    ],
)
async def test_smoke_that_begins_after_a_start_has_to_last(house: House, at: str, before: list[str]) -> None:
    await watch(house, KITCHEN)
    await house.restart("2026-11-02 21:00:00", {KITCHEN: "off"})
    await house.shows(KITCHEN, *before, device_class="smoke")
    await house.at(at)
    await house.show(KITCHEN, "on")
    assert await house.raised() == NOT_AT_ALL
    await house.at(local(at) + timedelta(minutes=1))
    assert await house.due() == [local(at) + timedelta(minutes=1)]


async def test_off_after_a_restart_does_not_hide_the_smoke_before_it(house: House) -> None:
    await watch(house, KITCHEN)
    await house.show(KITCHEN, "on")
    await house.restart("2026-11-02 20:30:00", {KITCHEN: "off"})
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-02 20:01:00"), True)


async def test_the_sensors_of_a_room_without_their_batteries(house: House) -> None:
    device = house.device("smoke")
    smoke = house.entity(device, "smoke", device_class="smoke")
    battery = house.entity(device, "low_battery", device_class="battery")
    area = ar.async_get(house.hass).async_create("Kitchen").id
    dr.async_get(house.hass).async_update_device(device.id, area_id=area)
    await house.use(house.rule("fire", "rule 1", {"sensors": {"area_id": [area]}}))
    await house.shows(battery, "off", "on", device_class="battery")
    await house.at("2026-11-02 20:05:00")
    assert await house.raised() == NOT_AT_ALL
    await house.shows(smoke, "off", "on", device_class="smoke")
    await house.at("2026-11-02 20:06:00")
    (alarm,) = await house.raised()
    assert alarm.sources == (smoke,)


KINDS = ("smoke", "gas", "carbon_monoxide", "heat", "moisture", "motion", "occupancy", "door", "window", "vibration")


@pytest.mark.parametrize(
    ("blueprint", "fitting"),
    [
        pytest.param("fire", ["carbon_monoxide", "gas", "heat", "smoke"], id="fire"),
        pytest.param("leak", ["moisture"], id="leak"),
        pytest.param("motion", ["motion", "occupancy"], id="motion"),
        pytest.param("door", ["door", "window"], id="door"),
    ],
)
async def test_of_a_room_only_what_fits_counts(house: House, blueprint: str, fitting: list[str]) -> None:
    device = house.device("everything")
    entities = {kind: house.entity(device, kind, device_class=kind) for kind in KINDS}
    area = ar.async_get(house.hass).async_create("Kitchen").id
    dr.async_get(house.hass).async_update_device(device.id, area_id=area)
    inputs = {"sensors": {"area_id": [area]}} | ({} if blueprint in {"fire", "leak"} else {**NIGHT, "all_day": True})
    await house.use(house.rule(blueprint, "rule 1", inputs))
    for entity_id in entities.values():
        await house.shows(entity_id, "off", "on")
        house.freezer.tick(1)
    await house.at("2026-11-02 20:05:00")
    told = [event.sources for event in await house.journal() if isinstance(event, AlarmRaised | AlarmRepeated)]
    assert sorted({source for sources in told for source in sources}) == [entities[kind] for kind in fitting]


async def test_what_is_named_counts_whatever_it_is(house: House) -> None:
    device = house.device("everything")
    vibration = house.entity(device, "vibration", device_class="vibration")
    await watch(house, vibration)
    await house.show(vibration, "on")
    await house.at("2026-11-02 20:01:00")
    (alarm,) = await house.raised()
    assert alarm.sources == (vibration,)


async def test_without_kinds_of_sensors_all_that_sense_count(house: House) -> None:
    device = house.device("everything")
    vibration = house.entity(device, "vibration", device_class="vibration")
    trigger = {
        "trigger": "homecare_h2o.detected",
        "target": {"device_id": device.id},
        "options": {"device_classes": []},
    }
    await house.use({"id": "rule 1", "alias": "rule 1", "triggers": [trigger], "actions": [{"event": "detected"}]})
    events = async_capture_events(house.hass, "detected")
    await house.shows(vibration, "off", "on")
    await house.at("2026-11-02 20:01:00")
    assert len(events) == 1


@pytest.mark.parametrize(
    ("at", "due"),
    [
        pytest.param("2026-11-02 21:59:59", [], id="just before"),
        pytest.param("2026-11-02 22:00:00", [local("2026-11-02 22:00:00")], id="as it opens"),
        pytest.param("2026-11-03 05:59:59", [local("2026-11-03 05:59:59")], id="in the last second"),
        pytest.param("2026-11-03 06:00:00", [], id="as it closes"),
    ],
)
@pytest.mark.parametrize("blueprint", ["motion", "door"])
async def test_motion_and_doors_matter_only_in_their_hours(
    house: House, blueprint: str, at: str, due: list[Any]
) -> None:
    await watch(house, HALL, blueprint=blueprint, **NIGHT)
    await house.at(at)
    await house.show(HALL, "on")
    await house.at("2026-11-03 12:00:00")
    assert await house.due() == due


async def test_each_movement_is_told_on_the_open_alarm(house: House) -> None:
    await watch(house, HALL, blueprint="motion", **NIGHT)
    await house.at("2026-11-02 23:00:00")
    await house.shows(HALL, "on", "off")
    await house.at("2026-11-02 23:30:00")
    await house.shows(HALL, "on", "off")
    assert len(await house.raised()) == 1
    assert await house.presses() == [local("2026-11-02 23:00:00"), local("2026-11-02 23:30:00")]


@pytest.mark.parametrize(
    ("blueprint", "inputs", "told"),
    [
        pytest.param("fire", {"persistence": {"seconds": -1}}, "persistence", id="before it is there"),
        pytest.param("leak", {"persistence": "long"}, "persistence", id="no time"),
        pytest.param("motion", {**NIGHT, "from": "06:00:00"}, "neither all day nor never", id="no length"),
        pytest.param("door", {**NIGHT, "to": None}, "both a start and an end", id="no end"),
        pytest.param("motion", {**NIGHT, "purpose": ""}, "a purpose must be stated", id="no purpose"),
        pytest.param("door", {**NIGHT, "purpose": " \n "}, "a purpose must be stated", id="a blank purpose"),
    ],
)
async def test_what_makes_no_sense_is_refused(house: House, blueprint: str, inputs: dict[str, Any], told: str) -> None:
    await house.use(house.rule(blueprint, "rule 1", {"sensors": {"entity_id": [HALL]}, **inputs}))
    assert told in house.broken("rule 1")


async def test_a_kind_of_sensor_that_does_not_exist_is_refused(house: House) -> None:
    trigger = {"trigger": "homecare_h2o.detected", "target": {"entity_id": HALL}, "options": {"device_classes": "smok"}}
    await house.use({"id": "rule 1", "alias": "rule 1", "triggers": [trigger], "actions": [{"event": "detected"}]})
    assert "device_classes" in house.broken("rule 1")


async def test_another_purpose_forgets_nothing(house: House) -> None:
    await watch(house, HALL, blueprint="motion", **NIGHT | {"all_day": True})
    await house.use(
        house.rule(
            "motion",
            "rule 1",
            {"sensors": {"entity_id": [HALL]}, **NIGHT, "all_day": True, "purpose": "Agreed in the plan, again"},
        )
    )
    await house.show(HALL, "on")
    assert len(await house.raised()) == 1
