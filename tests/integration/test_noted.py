"""What a rule has seen is in the journal before it raises anything, or nothing at all (larmplan.md: at 0 s)."""

from datetime import datetime
from typing import Any

import pytest

from custom_components.homecare_h2o.core.events import AlarmRaised, DetectionNoted, NoteKind

from .rules import House, local
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 23:00:00+01:00")

SENSOR = "binary_sensor.sensor"
DOOR = "binary_sensor.front_door"
ROOM = "binary_sensor.bedroom"
PLUG = "switch.stove"
SENSORS: dict[str, Any] = {"sensors": {"entity_id": [SENSOR]}}
MOTION: dict[str, Any] = {**SENSORS, "purpose": "Agreed in the plan", "all_day": True}
OUT: dict[str, Any] = {"doors": [DOOR], "rooms": [ROOM]}
CABINET: dict[str, Any] = {"cabinet": {"entity_id": [SENSOR]}}
NOTHING: list[Any] = []

type Told = list[tuple[NoteKind, str, tuple[str, ...], datetime | None]]


async def noted(house: House) -> Told:
    """Return what the rules have noted, in the order of the journal."""
    events = [event for event in await house.journal() if isinstance(event, DetectionNoted)]
    return [(event.note, event.trigger, event.sources, event.due_at) for event in events]


@pytest.mark.parametrize("blueprint", ["fire", "leak"])
async def test_smoke_and_water_are_journalled_before_their_minute_has_passed(house: House, blueprint: str) -> None:
    await house.use(house.rule(blueprint, "rule 1", SENSORS))
    await house.shows(SENSOR, "off", "on")
    due_at = local("2026-11-02 23:01:00")
    assert await noted(house) == [(NoteKind.BEGAN, "detected", (SENSOR,), due_at)]
    assert len(await house.raised()) == 0
    await house.at(due_at)
    assert [event.kind for event in await house.journal() if isinstance(event, DetectionNoted | AlarmRaised)] == [
        "detection_noted",
        "raised",
    ]
    await house.show(SENSOR, "off")
    assert len(await noted(house)) == 1


async def test_smoke_that_does_not_last_is_journalled_as_withdrawn(house: House) -> None:
    await house.use(house.rule("fire", "rule 1", SENSORS))
    await house.shows(SENSOR, "off", "on", "off")
    due_at = local("2026-11-02 23:01:00")
    assert await noted(house) == [
        (NoteKind.BEGAN, "detected", (SENSOR,), due_at),
        (NoteKind.WITHDRAWN, "detected", (SENSOR,), due_at),
    ]


async def test_an_opening_is_journalled_and_that_somebody_is_seen_inside(house: House) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT))
    await house.shows(ROOM, "off")
    await house.shows(DOOR, "off", "on", "off", "on")
    await house.show(ROOM, "on")
    due_at = local("2026-11-02 23:20:00")
    assert await noted(house) == [
        (NoteKind.BEGAN, "gone_out", (DOOR,), due_at),
        (NoteKind.WITHDRAWN, "gone_out", (ROOM,), due_at),
    ]


async def test_an_opening_that_turns_out_to_be_staffs_is_journalled_as_withdrawn(house: House) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT))
    await house.shows(DOOR, "off", "on")
    await call(house.hass, "start_visit", device_id=house.brukare)
    assert (await noted(house))[1:] == [(NoteKind.WITHDRAWN, "gone_out", (), local("2026-11-02 23:20:00"))]


async def test_a_second_opening_of_the_cabinet_is_journalled_once(house: House) -> None:
    await house.use(house.rule("medicine", "rule 1", CABINET))
    await house.show(SENSOR, "off")
    await house.at("2026-11-03 10:05:00")
    await house.shows(SENSOR, "on", "off")
    assert await noted(house) == NOTHING
    await house.at("2026-11-03 10:20:00")
    await house.shows(SENSOR, "on", "off")
    assert await noted(house) == [(NoteKind.REPEATED, "missed", (SENSOR,), None)]


@pytest.mark.parametrize(
    ("blueprint", "inputs"),
    [
        pytest.param("motion", MOTION, id="motion"),
        pytest.param("door", MOTION, id="door"),
        pytest.param("fire", {**SENSORS, "persistence": {"minutes": 0}}, id="fire that need not last"),
        pytest.param("medicine", {**CABINET, "from": "23:00:00", "to": "23:59:00"}, id="the first dose"),
        pytest.param("power_on", {"plugs": {"entity_id": [SENSOR]}}, id="power"),
    ],
)
async def test_nothing_else_is_journalled(house: House, blueprint: str, inputs: dict[str, Any]) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await house.shows(SENSOR, "off", "on", "off")
    assert await noted(house) == NOTHING


async def test_a_hundred_blips_and_a_restart_write_nothing_more(house: House) -> None:
    await house.use(house.rule("fire", "rule 1", SENSORS))
    await house.shows(SENSOR, "off", "on", *["unavailable", "on"] * 100)
    await house.restart("2026-11-02 23:00:30", {SENSOR: "unavailable"})
    await house.show(SENSOR, "on")
    assert len(await noted(house)) == 1


async def test_water_that_flutters_is_journalled_once_a_minute(house: House) -> None:
    await house.use(house.rule("leak", "rule 1", SENSORS))
    await house.shows(SENSOR, "off", "on", "off")
    await house.at("2026-11-02 23:00:01")
    await house.shows(SENSOR, *["on", "off"] * 50)
    await house.at("2026-11-02 23:00:59")
    await house.shows(SENSOR, "on", "off")
    assert len(await noted(house)) == 2
    await house.at("2026-11-02 23:01:00")
    await house.shows(SENSOR, "on", "off")
    assert [each[3] for each in (await noted(house))[2:]] == [local("2026-11-02 23:02:00")] * 2


async def test_water_that_stays_after_it_fluttered_is_raised(house: House) -> None:
    await house.use(house.rule("leak", "rule 1", SENSORS))
    await house.shows(SENSOR, "off", "on", "off")
    await house.at("2026-11-02 23:00:10")
    await house.show(SENSOR, "on")
    await house.at("2026-11-02 23:01:10")
    assert await house.due() == [local("2026-11-02 23:01:10")]


async def test_what_is_seen_while_the_hub_stops_raises_no_error(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await house.use(house.rule("fire", "rule 1", SENSORS))
    await house.show(SENSOR, "off")
    await house.hub.engine.stop()
    await house.show(SENSOR, "on")
    assert "EngineStopped" not in caplog.text
    await house.start_hub_again()
    await house.at("2026-11-02 23:01:00")
    assert len(await house.raised()) == 1
