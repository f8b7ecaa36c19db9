"""The larmplan from blueprint to journal: each larmtyp raised exactly when it is due, and never otherwise."""

from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.util.yaml import load_yaml_dict
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

import custom_components.homecare_h2o
from custom_components.homecare_h2o.const import SUBENTRY_RECEIVER_GROUP
from custom_components.homecare_h2o.core.events import AlarmRepeated, AlarmResolved
from custom_components.homecare_h2o.trigger import TRIGGERS
from custom_components.homecare_h2o.triggers.detector import DetectorTrigger

from .conftest import Pushed, group
from .rules import MOTION, House, count, local, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 23:00:00+01:00")

FOLDER = Path(custom_components.homecare_h2o.__file__).parent
DETECTORS = {key: kind for key, kind in TRIGGERS.items() if issubclass(kind, DetectorTrigger)}
SENSOR = "binary_sensor.sensor"
DOOR = "binary_sensor.front_door"
HALL = "binary_sensor.hall"
ROOM = "binary_sensor.bedroom"
PLUG = "switch.stove"
BED = "binary_sensor.bed"
BATH = "binary_sensor.bathroom"
NOT_AT_ALL: list[Any] = []
TARGET = {"entity_id": [SENSOR]}
ONE_SENSOR: dict[str, Any] = {"sensors": TARGET}
WITH_PURPOSE: dict[str, Any] = {"sensors": TARGET, "purpose": "Agreed in the plan", "all_day": True}
OUT: dict[str, Any] = {"doors": [DOOR], "hall": [HALL], "rooms": [ROOM]}
PLUGS: dict[str, Any] = {"plugs": {"entity_id": [PLUG]}}
CABINET: dict[str, Any] = {"cabinet": TARGET}
STEPS: dict[str, Any] = {
    "purpose": "Falls at night",
    "steps": [{"entity_id": [BED], "to": "off"}, {"entity_id": [BATH], "to": "on", "within": {"minutes": 5}}],
    "then_nothing": [BED],
    "then_nothing_for": {"minutes": 20},
}
LEFT_BED = [(BED, "on"), (BATH, "off"), (BED, "off"), (BATH, "on")]

RULES = (("rule 1", 10), ("rule 2", 30))
"""What they are called, and their minutes."""

type Shown = list[tuple[str, str]]

LARMTYPER = [
    pytest.param("gone_out", OUT, [(DOOR, "off"), (DOOR, "on")], timedelta(minutes=20), id="gone_out"),
    pytest.param("fire", ONE_SENSOR, [(SENSOR, "off"), (SENSOR, "on")], timedelta(minutes=1), id="fire"),
    pytest.param("leak", ONE_SENSOR, [(SENSOR, "off"), (SENSOR, "on")], timedelta(minutes=1), id="leak"),
    pytest.param("power_on", PLUGS, [(PLUG, "off"), (PLUG, "on")], timedelta(minutes=30), id="power_on"),
    pytest.param("sequence", STEPS, LEFT_BED, timedelta(minutes=20), id="sequence"),
]
"""Those that wait after what was seen."""

AT_ONCE = [
    pytest.param("motion", id="motion"),
    pytest.param("door", id="door"),
]


@pytest.fixture
async def relative(house: House, phones: dict[str, MockConfigEntry]) -> str:
    """Return the phone of a relative."""
    data = group("Anhörig", "relative", [phones["2 Htj dag"]])["data"]
    added = ConfigSubentry(
        data=MappingProxyType(data), subentry_type=SUBENTRY_RECEIVER_GROUP, title="Anhörig", unique_id=None
    )
    house.hass.config_entries.async_add_subentry(house.entry, added)
    await settle(house.hass)
    return "2 Htj dag"


async def show_all(house: House, shown: Shown) -> None:
    for entity_id, state in shown:
        await house.show(entity_id, state)


async def again(house: House) -> None:
    """Load the rule anew, as the editor does when it is saved."""
    await house.switch("rule 1", on=False)
    await house.switch("rule 1", on=True)


async def blip(house: House, *entity_ids: str) -> None:
    """Have sensors drop out and come back a hundred times."""
    for _ in range(100):
        for entity_id in entity_ids:
            state = house.hass.states.get(entity_id)
            assert state
            house.show_now(entity_id, "unavailable")
            house.show_now(entity_id, state.state)
    await house.show("binary_sensor.unrelated", "on")


# --- the deadline ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_raised_exactly_at_its_deadline(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    due_at = local("2026-11-02 23:00:00") + after
    await house.at(due_at - timedelta(seconds=1))
    assert await house.raised() == NOT_AT_ALL
    await house.at(due_at)
    (alarm,) = await house.raised()
    assert (alarm.alarm_type, alarm.due_at, alarm.late, alarm.rule) == (blueprint, due_at, False, "rule 1")
    assert shown[-1][0] in {*alarm.sources, BATH}


@pytest.mark.parametrize("blueprint", AT_ONCE)
async def test_raised_at_once(house: House, blueprint: str) -> None:
    await house.use(house.rule(blueprint, "rule 1", WITH_PURPOSE))
    await house.shows(SENSOR, "off", "on")
    (alarm,) = await house.raised()
    assert (alarm.alarm_type, alarm.due_at, alarm.late) == (blueprint, local("2026-11-02 23:00:00"), False)
    assert alarm.sources == (SENSOR,)


async def test_the_cabinet_that_is_not_opened_is_reminded_of_and_then_raised(house: House) -> None:
    reminders = async_capture_events(house.hass, "reminded")
    await house.use(house.rule("medicine", "rule 1", {**CABINET, "reminder": [{"event": "reminded"}]}))
    await house.show(SENSOR, "off", "door")
    await house.at("2026-11-03 09:59:59")
    assert len(reminders) == 0
    await house.at("2026-11-03 10:00:00")
    assert len(reminders) == 1
    await house.at("2026-11-03 10:29:59")
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-11-03 10:30:00")
    (alarm,) = await house.raised()
    assert (alarm.alarm_type, alarm.due_at, alarm.late) == ("medicine", local("2026-11-03 10:30:00"), False)
    assert len(reminders) == 1


async def test_a_later_reminder_and_alarm(house: House) -> None:
    reminders = async_capture_events(house.hass, "reminded")
    later = {"reminder_delay": {"minutes": 30}, "alarm_delay": {"minutes": 60}, "reminder": [{"event": "reminded"}]}
    await house.use(house.rule("medicine", "rule 1", {**CABINET, **later}))
    await house.show(SENSOR, "off", "door")
    await house.at("2026-11-03 10:30:00")
    assert (len(reminders), await house.due()) == (1, NOT_AT_ALL)
    await house.at("2026-11-03 11:00:00")
    assert (len(reminders), await house.due()) == (1, [local("2026-11-03 11:00:00")])


@pytest.mark.parametrize(
    ("opened_at", "reminded"),
    [
        pytest.param("2026-11-03 09:00:00", 0, id="an hour before"),
        pytest.param("2026-11-03 10:10:00", 1, id="after the reminder"),
        pytest.param("2026-11-03 10:29:59", 1, id="in the last second"),
    ],
)
async def test_the_cabinet_that_is_opened_is_no_alarm(house: House, opened_at: str, reminded: int) -> None:
    reminders = async_capture_events(house.hass, "reminded")
    await house.use(house.rule("medicine", "rule 1", {**CABINET, "reminder": [{"event": "reminded"}]}))
    await house.show(SENSOR, "off", "door")
    await house.at("2026-11-03 08:00:00")
    await house.at("2026-11-03 10:00:00" if reminded else opened_at)
    await house.at(opened_at)
    await house.shows(SENSOR, "on", "off", device_class="door")
    await house.at("2026-11-03 11:30:00")
    assert (len(reminders), await house.raised()) == (reminded, NOT_AT_ALL)


async def test_each_day_has_its_own_dose(house: House) -> None:
    reminders = async_capture_events(house.hass, "reminded")
    await house.use(house.rule("medicine", "rule 1", {**CABINET, "reminder": [{"event": "reminded"}]}))
    await house.show(SENSOR, "off", "door")
    await house.at("2026-11-03 10:00:00")
    await house.at("2026-11-03 10:30:00")
    await house.at("2026-11-04 10:00:00")
    await house.at("2026-11-04 10:30:00")
    assert await house.presses() == [local("2026-11-03 10:30:00"), local("2026-11-04 10:30:00")]
    assert len(reminders) == 2


# --- what is no alarm -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blueprint", "inputs", "shown"),
    [
        pytest.param("gone_out", OUT, [(ROOM, "off"), (DOOR, "off"), (DOOR, "on"), (ROOM, "on")], id="seen in a room"),
        pytest.param("gone_out", OUT, [(DOOR, "unavailable"), (DOOR, "on")], id="a door that comes back open"),
        pytest.param("fire", ONE_SENSOR, [(SENSOR, "off"), (SENSOR, "on"), (SENSOR, "off")], id="burnt toast"),
        pytest.param("leak", ONE_SENSOR, [(SENSOR, "off"), (SENSOR, "on"), (SENSOR, "off")], id="a splash"),
        pytest.param("motion", WITH_PURPOSE, [(SENSOR, "unavailable"), (SENSOR, "on")], id="not seen to begin"),
        pytest.param("door", WITH_PURPOSE, [(SENSOR, "unknown"), (SENSOR, "on")], id="a door that was open"),
        pytest.param(
            "motion",
            WITH_PURPOSE | {"all_day": False, "from": "07:00:00", "to": "08:00:00"},
            [(SENSOR, "off"), (SENSOR, "on")],
            id="outside",
        ),
        pytest.param("power_on", PLUGS, [(PLUG, "off"), (PLUG, "on"), (PLUG, "off")], id="turned off"),
        pytest.param("sequence", STEPS, [*LEFT_BED, (BED, "on")], id="back in bed"),
        pytest.param("sequence", STEPS, LEFT_BED[:3], id="only the first step"),
        pytest.param("sequence", STEPS, [(BED, "on"), (BATH, "off"), (BATH, "on"), (BED, "off")], id="the wrong order"),
    ],
)
async def test_not_raised(house: House, blueprint: str, inputs: dict[str, Any], shown: Shown) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    await house.at("2026-11-03 05:00:00")
    assert await house.raised() == NOT_AT_ALL


# --- restarts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_what_fell_due_while_everything_was_down_is_raised_once_late(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    await house.at("2026-11-02 23:00:30")
    await house.restart("2026-11-02 23:45:00")
    await house.restart()
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late, alarm.rule) == (local("2026-11-02 23:00:00") + after, True, "rule 1")
    assert count(await house.journal(), AlarmRepeated) == 0


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_a_restart_in_between_moves_no_deadline(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    await house.restart("2026-11-02 23:00:40")
    due_at = local("2026-11-02 23:00:00") + after
    await house.at(due_at - timedelta(seconds=1))
    await house.restart()
    assert await house.due() == NOT_AT_ALL
    await house.at(due_at)
    assert await house.presses() == [due_at]


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_a_rule_that_is_loaded_anew_loses_and_doubles_nothing(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    await house.at("2026-11-02 23:00:30")
    await again(house)
    await house.at(local("2026-11-02 23:00:00") + after)
    await again(house)
    await house.at("2026-11-03 00:30:00")
    assert await house.presses() == [local("2026-11-02 23:00:00") + after]


@pytest.mark.parametrize(
    ("blueprint", "inputs", "shown", "changed", "minutes"),
    [
        ("gone_out", OUT, [(DOOR, "off"), (DOOR, "on")], {"delay": {"minutes": 15}}, 15),
        ("gone_out", OUT, [(DOOR, "off"), (DOOR, "on")], {"delay": {"minutes": 25}}, 25),
        ("power_on", PLUGS, [(PLUG, "off"), (PLUG, "on")], {"longest": {"minutes": 20}}, 20),
        ("power_on", PLUGS, [(PLUG, "off"), (PLUG, "on")], {"longest": {"minutes": 45}}, 45),
        # What has been found already stands: it comes by the time with which it began.
        ("leak", ONE_SENSOR, [(SENSOR, "off"), (SENSOR, "on")], {"persistence": {"minutes": 3}}, 1),
        ("sequence", STEPS, LEFT_BED, {"then_nothing_for": {"minutes": 10}}, 20),
    ],
)
async def test_another_time_loses_and_doubles_nothing_that_has_begun(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, changed: dict[str, Any], minutes: int
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    await house.at("2026-11-02 23:00:30")
    await house.use(house.rule(blueprint, "rule 1", {**inputs, **changed}))
    await house.at("2026-11-02 23:00:40")
    await again(house)
    await house.at("2026-11-03 00:30:00")
    assert await house.presses() == [local("2026-11-02 23:00:00") + timedelta(minutes=minutes)]


async def test_a_time_that_has_passed_already_when_it_is_set_is_raised_at_once(house: House) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT))
    await show_all(house, [(DOOR, "off"), (DOOR, "on")])
    await house.at("2026-11-02 23:12:00")
    await house.use(house.rule("gone_out", "rule 1", {**OUT, "delay": {"minutes": 10}}))
    assert await house.presses() == [local("2026-11-02 23:10:00")]
    await house.use(house.rule("gone_out", "rule 1", OUT))
    await house.at("2026-11-03 00:30:00")
    assert await house.presses() == [local("2026-11-02 23:10:00")]


async def test_a_stricter_time_of_passivity_looks_at_what_has_passed_today(house: House) -> None:
    await house.show(MOTION, "off", "motion")
    await house.use(house.passivity("rule 1", threshold={"hours": 3}, to="13:00:00", **{"from": "06:00:00"}))
    await house.at("2026-11-03 07:00:00")
    await house.show(MOTION, "on", "motion")
    await house.show(MOTION, "off", "motion")
    await house.at("2026-11-03 09:30:00")
    await house.use(house.passivity("rule 1", threshold={"hours": 2}, to="13:00:00", **{"from": "06:00:00"}))
    assert await house.presses() == [local("2026-11-03 09:00:00")]
    await house.at("2026-11-03 14:00:00")
    assert await house.presses() == [local("2026-11-03 09:00:00")]


async def test_two_rules_that_differ_by_their_time_alone_keep_what_is_theirs(house: House) -> None:
    rules = [house.rule("gone_out", name, {**OUT, "delay": {"minutes": delay}}) for name, delay in RULES]
    await house.use(*rules)
    await show_all(house, [(DOOR, "off"), (DOOR, "on")])
    await house.at("2026-11-02 23:12:00")
    swapped = [house.rule("gone_out", name, {**OUT, "delay": {"minutes": 40 - delay}}) for name, delay in RULES]
    await house.use(*swapped)
    await house.at("2026-11-03 00:30:00")
    raised = sorted((alarm.rule, alarm.due_at) for alarm in await house.raised())
    assert raised == [("rule 1", local("2026-11-02 23:10:00")), ("rule 2", local("2026-11-02 23:10:00"))]


async def test_a_rule_that_is_to_watch_something_else_begins_anew(house: House) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT))
    await show_all(house, [(DOOR, "off"), (DOOR, "on")])
    await house.at("2026-11-02 23:01:00")
    await house.use(house.rule("gone_out", "rule 1", {**OUT, "rooms": []}))
    await house.at("2026-11-03 00:30:00")
    assert await house.presses() == NOT_AT_ALL


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_sensors_that_come_back_unavailable_after_a_restart_clear_nothing(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    await house.restart("2026-11-02 23:00:20", dict.fromkeys((SENSOR, DOOR, PLUG, BED, BATH), "unavailable"))
    await house.at(local("2026-11-02 23:00:00") + after)
    assert await house.due() == [local("2026-11-02 23:00:00") + after]


async def test_medicine_that_fell_due_while_everything_was_down_is_raised_once_late(house: House) -> None:
    await house.use(house.rule("medicine", "rule 1", CABINET))
    await house.show(SENSOR, "off", "door")
    await house.restart("2026-11-03 10:50:00")
    await house.restart()
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-03 10:30:00"), True)


async def test_a_reminder_that_still_helps_is_given_late_and_once(house: House) -> None:
    reminders = async_capture_events(house.hass, "reminded")
    await house.use(house.rule("medicine", "rule 1", {**CABINET, "reminder": [{"event": "reminded"}]}))
    await house.show(SENSOR, "off", "door")
    await house.restart("2026-11-03 10:20:00")
    await house.restart("2026-11-03 10:25:00")
    assert (len(reminders), await house.raised()) == (1, NOT_AT_ALL)


async def test_nobody_is_reminded_after_the_alarm(house: House) -> None:
    reminders = async_capture_events(house.hass, "reminded")
    await house.use(house.rule("medicine", "rule 1", {**CABINET, "reminder": [{"event": "reminded"}]}))
    await house.show(SENSOR, "off", "door")
    await house.restart("2026-11-03 10:50:00")
    assert (len(reminders), await house.due()) == (0, [local("2026-11-03 10:30:00")])


@pytest.mark.parametrize("blueprint", ["fire", "leak"])
async def test_what_trips_while_the_hub_is_down_is_raised_at_once_after_the_start(house: House, blueprint: str) -> None:
    await house.use(house.rule(blueprint, "rule 1", ONE_SENSOR))
    await house.show(SENSOR, "off")
    await house.restart("2026-11-02 23:30:00", {SENSOR: "on"})
    assert await house.due() == [local("2026-11-02 23:30:00")]
    await house.restart("2026-11-02 23:40:00")
    assert await house.presses() == [local("2026-11-02 23:30:00")]


@pytest.mark.parametrize("blueprint", AT_ONCE)
async def test_what_was_on_at_the_start_was_not_seen_to_begin(house: House, blueprint: str) -> None:
    await house.use(house.rule(blueprint, "rule 1", WITH_PURPOSE))
    await house.show(SENSOR, "off")
    await house.restart("2026-11-02 23:30:00", {SENSOR: "on"})
    assert await house.raised() == NOT_AT_ALL
    await house.shows(SENSOR, "off", "on")
    assert await house.due() == [local("2026-11-02 23:30:00")]


# --- sensors that drop out ------------------------------------------------------------------------


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_a_hundred_blips_clear_nothing_and_double_nothing(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, shown)
    await blip(house, *{entity_id for entity_id, _ in shown})
    due_at = local("2026-11-02 23:00:00") + after
    await house.at(due_at)
    await blip(house, *{entity_id for entity_id, _ in shown})
    await house.at(due_at + timedelta(minutes=40))
    assert await house.presses() == [due_at]
    assert count(await house.journal(), AlarmResolved) == 0


@pytest.mark.parametrize("blueprint", AT_ONCE)
async def test_a_hundred_blips_are_one_movement(house: House, blueprint: str) -> None:
    await house.use(house.rule(blueprint, "rule 1", WITH_PURPOSE))
    await house.shows(SENSOR, "off", "on")
    await blip(house, SENSOR)
    assert await house.presses() == [local("2026-11-02 23:00:00")]


async def test_a_hundred_blips_do_not_open_the_cabinet(house: House) -> None:
    await house.use(house.rule("medicine", "rule 1", CABINET))
    await house.show(SENSOR, "off", "door")
    await house.at("2026-11-03 10:10:00")
    await blip(house, SENSOR)
    await house.at("2026-11-03 10:30:00")
    await blip(house, SENSOR)
    assert await house.presses() == [local("2026-11-03 10:30:00")]


async def test_smoke_that_burns_its_sensor_is_raised(house: House) -> None:
    await house.use(house.rule("fire", "rule 1", ONE_SENSOR))
    await house.shows(SENSOR, "off", "on", "unavailable", device_class="smoke")
    await house.at("2026-11-02 23:01:00")
    assert await house.due() == [local("2026-11-02 23:01:00")]


async def test_fire_without_persistence_is_raised_at_once(house: House) -> None:
    await house.use(house.rule("fire", "rule 1", {**ONE_SENSOR, "persistence": {"minutes": 0}}))
    await house.shows(SENSOR, "off", "on", device_class="smoke")
    assert await house.due() == [local("2026-11-02 23:00:00")]


# --- what rides along -----------------------------------------------------------------------------


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_the_text_and_the_response_ride_along_to_the_phone(
    house: House, pushed: Pushed, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    texts = {"message": "Se köket", "response": "Besök inom 30 min"}
    await house.use(house.rule(blueprint, "rule 1", {**inputs, **texts}))
    await show_all(house, shown)
    await house.at(local("2026-11-02 23:00:00") + after)
    (push,) = pushed("1 Nattpatrull")
    assert "Se köket" in f"{push['title']} {push['message']}"
    assert "Besök inom 30 min" in push["message"]


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
@pytest.mark.parametrize(
    ("who", "told"),
    [
        ({"tell_relatives": True}, (1, 1)),
        ({"tell_relatives": False}, (0, 1)),
        ({"tell_relatives": True, "tell_staff": False}, (1, 0)),
        ({"tell_relatives": False, "tell_staff": False}, (0, 1)),
    ],
)
async def test_staff_and_relatives_are_told_as_the_rule_says_and_never_nobody(
    house: House,
    relative: str,
    pushed: Pushed,
    blueprint: str,
    inputs: dict[str, Any],
    shown: Shown,
    after: timedelta,
    who: dict[str, bool],
    told: tuple[int, int],
) -> None:
    await house.use(house.rule(blueprint, "rule 1", {**inputs, **who}))
    await show_all(house, shown)
    await house.at(local("2026-11-02 23:00:00") + after)
    assert (len(pushed(relative)), len(pushed("1 Nattpatrull"))) == told


@pytest.mark.parametrize(("blueprint", "inputs", "shown", "after"), LARMTYPER)
async def test_something_is_done_for_the_person_as_well(
    house: House, blueprint: str, inputs: dict[str, Any], shown: Shown, after: timedelta
) -> None:
    done = async_capture_events(house.hass, "done_for_the_person")
    await house.use(house.rule(blueprint, "rule 1", {**inputs, "brukare_actions": [{"event": "done_for_the_person"}]}))
    await show_all(house, shown)
    await house.at(local("2026-11-02 23:00:00") + after)
    assert len(done) == 1


# --- what a larmansvarig must say -----------------------------------------------------------------


@pytest.mark.parametrize("blueprint", AT_ONCE)
async def test_a_purpose_must_be_stated(house: House, blueprint: str) -> None:
    await house.use(house.rule(blueprint, "rule 1", ONE_SENSOR))
    assert "purpose" in house.broken("rule 1")


@pytest.mark.parametrize(
    ("blueprint", "inputs", "told"),
    [
        pytest.param("gone_out", {**OUT, "delay": {"minutes": 0}}, "longer than nothing", id="no delay"),
        pytest.param("gone_out", {**OUT, "doors": []}, "doors", id="no door"),
        pytest.param("fire", {"sensors": {}}, "nothing is chosen", id="no smoke sensor"),
        pytest.param("power_on", {"plugs": {}}, "nothing is chosen", id="no plug"),
        pytest.param("medicine", {"cabinet": {}}, "nothing is chosen", id="no cabinet"),
        pytest.param("medicine", {**CABINET, "alarm_delay": {"hours": 2}}, "inside the window", id="after the window"),
        pytest.param("power_on", {**PLUGS, "longest": {"minutes": 0}}, "longest time or hours", id="no limit"),
        pytest.param("sequence", {**STEPS, "steps": []}, "steps", id="no step"),
        pytest.param("sequence", {**STEPS, "purpose": " "}, "a purpose must be stated", id="no purpose"),
    ],
)
async def test_a_rule_that_could_never_fire_is_refused_with_a_reason(
    house: House, blueprint: str, inputs: dict[str, Any], told: str
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    assert told in house.broken("rule 1")


# --- what the editor shows ------------------------------------------------------------------------


@pytest.mark.parametrize("key", DETECTORS)
def test_the_editor_offers_each_option_of_a_trigger(key: str) -> None:
    shown = load_yaml_dict(str(FOLDER / "triggers.yaml"))[key]
    schema = DETECTORS[key].detector.schema.schema
    assert sorted(shown["fields"]) == sorted(str(option) for option in schema[CONF_OPTIONS])
    assert ("target" in shown) is (CONF_TARGET in schema)


@pytest.mark.parametrize("key", DETECTORS)
def test_the_editor_says_required_of_what_is_required(key: str) -> None:
    fields = load_yaml_dict(str(FOLDER / "triggers.yaml"))[key]["fields"]
    options = DETECTORS[key].detector.schema.schema[CONF_OPTIONS]
    required = {str(option) for option in options if isinstance(option, vol.Required)}
    assert required <= {name for name, field in fields.items() if field.get("required")}


@pytest.mark.parametrize("key", DETECTORS)
def test_the_editor_proposes_what_the_trigger_accepts(key: str) -> None:
    fields = load_yaml_dict(str(FOLDER / "triggers.yaml"))[key]["fields"]
    proposed = {name: field["default"] for name, field in fields.items() if "default" in field}
    options = DETECTORS[key].detector.schema.schema[CONF_OPTIONS]
    accepts = vol.Schema({vol.Optional(str(option)): check for option, check in options.items()})
    assert sorted(accepts(proposed)) == sorted(proposed)
