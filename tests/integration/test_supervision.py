"""Blind is not quiet: a line that is not watched is told, shown and counted (R010.5, R060.5)."""

from datetime import timedelta
from typing import Any

from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.homecare_h2o.core.events import Event, MonitoringLost, MonitoringRestored, ReceiversCalled
from custom_components.homecare_h2o.core.watching import Coverage, Day, Fault
from custom_components.homecare_h2o.plan import WatchedLine
from custom_components.homecare_h2o.supervision import Supervision

from .conftest import Pushed
from .rules import MOTION, SOS, House, count, local
from .steps import call, state_of

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

KITCHEN = "binary_sensor.kitchen"
DOOR = "binary_sensor.front_door"
HALL = "binary_sensor.hall"
TWO = {"entity_id": [MOTION, KITCHEN]}
OUT: dict[str, Any] = {"doors": [DOOR], "hall": [HALL]}
ALL_DAY: dict[str, Any] = {"all_day": True, "threshold": {"hours": 24}}
NOTHING_TOLD: list[Any] = []


def watched(house: House, rule: str = "passivity 1") -> WatchedLine:
    return house.hub.lines[rule]


def faults(house: House, rule: str = "passivity 1") -> dict[str, str]:
    return {each.source: each.fault for each in watched(house, rule).faults}


async def events(house: House, kind: type[Event]) -> list[Any]:
    return [event for event in await house.journal() if isinstance(event, kind)]


# --- what is told ---------------------------------------------------------------------------------


async def test_a_line_whose_sensors_are_all_lost_is_told_to_the_larmansvarig(house: House, pushed: Pushed) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.motion("unavailable")
    await house.at("2026-11-02 12:09:45")
    assert await house.told() == NOTHING_TOLD
    await house.at("2026-11-02 12:10:00")
    (alarm,) = await house.told()
    assert (alarm.alarm_type, alarm.due_at, alarm.sources) == ("technical", local("2026-11-02 12:10:00"), (MOTION,))
    assert alarm.message == "Övervakas inte: Passivitetslarm. Orsak: sensorn svarar inte."
    (called, *_) = await events(house, ReceiversCalled)
    assert called.groups == ("group-Larmansvarig",)
    assert [push["title"] for push in pushed("Larmansvarig")] == ["K7-31 · Tekniskt larm"]


async def test_staff_is_told_too_when_the_larmansvarig_does_not_answer(house: House, pushed: Pushed) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    await house.at("2026-11-02 12:10:00")
    await house.at("2026-11-02 12:40:00")
    assert len(pushed("1 Htj dag")) == 1


async def test_a_line_that_lost_one_of_its_sensors_is_told_to_be_partly_watched(house: House) -> None:
    await house.motion("off")
    await house.motion("unavailable", KITCHEN)
    await house.use(house.passivity(target=TWO))
    assert watched(house).facts.coverage is Coverage.PARTLY
    await house.at("2026-11-02 12:10:00")
    (alarm,) = await house.told()
    assert alarm.message == "Övervakas bara delvis: Passivitetslarm. Orsak: sensorn svarar inte."


async def test_lines_that_fall_blind_together_are_told_in_one_alarm(house: House) -> None:
    await house.motion("off")
    await house.show(SOS, "off")
    await house.use(house.passivity(), house.button(), house.rule("fire", "fire 1", {"sensors": {"entity_id": [HALL]}}))
    await house.at("2026-11-02 12:30:00")
    (first,) = await house.told()
    assert first.sources == (HALL,)
    await house.motion("unavailable")
    await house.show(SOS, "unavailable")
    await house.at("2026-11-02 12:40:00")
    (_, second) = await house.told()
    assert second.message == "Övervakas inte: Trygghetslarm, Passivitetslarm. Orsak: sensorn svarar inte."
    assert second.sources == (MOTION, SOS)


async def test_a_line_that_has_been_told_of_is_shown_until_it_is_watched_again(house: House) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    await house.at("2026-11-02 12:05:00")
    assert "line_not_watched:passivity 1" not in house.issues()
    await house.at("2026-11-02 12:10:00")
    assert "line_not_watched:passivity 1" in house.issues()
    await house.motion("off")
    await house.at("2026-11-02 12:15:00")
    assert "line_not_watched:passivity 1" not in house.issues()


async def test_a_line_that_is_deleted_is_shown_no_longer(house: House) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    await house.at("2026-11-02 12:10:00")
    await house.use()
    assert "line_not_watched:passivity 1" not in house.issues()


async def test_a_line_that_goes_blind_after_it_was_partly_watched_is_told_again(house: House, pushed: Pushed) -> None:
    await house.motion("off")
    await house.motion("unavailable", KITCHEN)
    await house.use(house.passivity(target=TWO))
    await house.at("2026-11-02 12:10:00")
    await house.motion("unavailable")
    await house.at("2026-11-02 12:20:00")
    assert [alarm.message for alarm in await house.told()] == [
        "Övervakas bara delvis: Passivitetslarm. Orsak: sensorn svarar inte.",
        "Övervakas inte: Passivitetslarm. Orsak: sensorn svarar inte.",
    ]
    assert len(pushed("Larmansvarig")) == 2


async def test_a_hub_that_is_loaded_anew_looks_once(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.stop_hub()
    await house.start_hub()
    looking: set[Supervision] = set()

    def look(self: Supervision, *_: Any) -> dict[str, Fault]:
        looking.add(self)
        return {}

    monkeypatch.setattr(Supervision, "_find_faults", look)
    await house.use(house.passivity(**ALL_DAY))
    assert len(looking) == 1
    assert "Error" not in caplog.text


async def test_trouble_that_goes_on_is_told_once(house: House) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    for hour in range(13, 24):
        await house.at(f"2026-11-02 {hour}:00:00")
    assert len(await house.told()) == 1


async def test_trouble_that_comes_again_is_told_again(house: House) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    await house.at("2026-11-02 12:10:00")
    await house.motion("off")
    await house.at("2026-11-02 12:20:00")
    assert count(await house.journal(), MonitoringRestored) == 1
    (alarm,) = house.hub.engine.alarms
    await call(house.hass, "report_false_alarm", alarm_id=alarm)
    await house.motion("unavailable")
    await house.at("2026-11-02 13:00:00")
    assert len(await house.told()) == 2


# --- blips ----------------------------------------------------------------------------------------

LINES = [
    pytest.param("passivity", {"sensors": {"entity_id": [MOTION]}}, id="passivity"),
    pytest.param("gone_out", {"doors": [MOTION]}, id="gone_out"),
    pytest.param("fire", {"sensors": {"entity_id": [MOTION]}}, id="fire"),
    pytest.param("leak", {"sensors": {"entity_id": [MOTION]}}, id="leak"),
    pytest.param("medicine", {"cabinet": {"entity_id": [MOTION]}}, id="medicine"),
    pytest.param("safety_button", {"button": {"entity_id": [MOTION]}}, id="safety_button"),
    pytest.param("power_on", {"plugs": {"entity_id": [MOTION]}}, id="power_on"),
    pytest.param("motion", {"sensors": {"entity_id": [MOTION]}, "purpose": "Agreed", "all_day": True}, id="motion"),
    pytest.param("door", {"sensors": {"entity_id": [MOTION]}, "purpose": "Agreed", "all_day": True}, id="door"),
    pytest.param("sequence", {"steps": [{"entity_id": [MOTION], "to": "on"}], "purpose": "Agreed"}, id="sequence"),
]


@pytest.mark.parametrize(("blueprint", "inputs"), LINES)
async def test_a_hundred_blips_are_one_technical_event(house: House, blueprint: str, inputs: dict[str, Any]) -> None:
    await house.show(MOTION, "off")
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await house.show(MOTION, "on")
    for _ in range(100):
        house.show_now(MOTION, "unavailable")
        house.show_now(MOTION, "on")
    await house.show("binary_sensor.unrelated", "on")
    await house.at("2026-11-02 12:04:00")
    (lost,) = await events(house, MonitoringLost)
    assert (lost.rule, lost.coverage) == ("rule 1", Coverage.NOT)
    await house.at("2026-11-02 12:06:00")
    assert count(await house.journal(), MonitoringRestored) == 1
    assert await house.told() == NOTHING_TOLD


# --- what is wrong --------------------------------------------------------------------------------


async def test_a_sensor_that_does_not_exist_is_missing(house: House) -> None:
    await house.use(house.passivity())
    assert faults(house) == {MOTION: Fault.MISSING}
    assert watched(house).facts.coverage is Coverage.NOT


async def test_a_device_without_a_fitting_sensor_watches_nothing(house: House) -> None:
    device = house.device("Thermometer")
    await house.use(house.passivity(target={"device_id": [device.id]}))
    assert faults(house) == {house.automation("passivity 1"): Fault.MISSING}
    assert watched(house).facts.coverage is Coverage.NOT


async def test_a_motion_sensor_that_is_on_for_hours_is_stuck(house: House) -> None:
    await house.motion("off")
    await house.motion("on")
    await house.use(house.passivity())
    await house.at("2026-11-02 15:59:45")
    assert faults(house) == {}
    await house.at("2026-11-02 16:00:00")
    assert faults(house) == {MOTION: Fault.STUCK}


@pytest.mark.parametrize(("kind", "hours"), [("occupancy", 12), ("presence", 12), ("moving", 4)])
async def test_a_sensor_that_sees_somebody_asleep_may_be_on_all_night(house: House, kind: str, hours: int) -> None:
    await house.shows(MOTION, "off", "on", device_class=kind)
    await house.use(house.passivity())
    await house.at(local("2026-11-02 12:00:00") + timedelta(hours=hours, seconds=-15))
    assert faults(house) == {}
    await house.at(local("2026-11-02 12:00:00") + timedelta(hours=hours))
    assert faults(house) == {MOTION: Fault.STUCK}


@pytest.mark.parametrize("kind", ["door", "smoke", None])
async def test_a_door_or_a_smoke_detector_is_never_stuck(house: House, kind: str | None) -> None:
    await house.shows(MOTION, "off", "on", device_class=kind)
    await house.use(house.passivity())
    await house.at("2026-11-03 12:00:00")
    assert faults(house) == {}


async def test_a_line_that_is_turned_off_is_told(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.switch("passivity 1", on=False)
    await house.at("2026-11-02 12:10:15")
    assert faults(house) == {house.automation("passivity 1"): Fault.TURNED_OFF}
    (alarm,) = await house.told()
    assert alarm.message == "Övervakas inte: Passivitetslarm. Orsak: regeln är avstängd."


async def test_a_line_that_is_broken_is_told(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(threshold={"hours": 5}))
    assert faults(house) == {house.automation("passivity 1"): Fault.BROKEN}


async def test_the_hall_does_not_blind_who_watches_the_door(house: House) -> None:
    await house.show(DOOR, "off", "door")
    await house.show(HALL, "unavailable", "motion")
    await house.use(house.rule("gone_out", "out 1", OUT))
    assert watched(house, "out 1").facts.coverage is Coverage.PARTLY
    await house.show(DOOR, "unavailable", "door")
    assert watched(house, "out 1").facts.coverage is Coverage.NOT


async def test_a_sequence_needs_each_of_its_steps(house: House) -> None:
    steps = [{"entity_id": [MOTION], "to": "off"}, {"entity_id": [HALL], "to": "on", "within": {"minutes": 5}}]
    await house.motion("off")
    await house.show(HALL, "unavailable")
    await house.use(house.rule("sequence", "rule 1", {"steps": steps, "purpose": "Agreed"}))
    assert watched(house, "rule 1").facts.coverage is Coverage.NOT


async def test_an_automation_that_raises_an_alarm_in_its_own_way_is_a_line(house: House) -> None:
    raises = {"action": "homecare_h2o.raise_alarm", "data": {"device_id": house.brukare, "alarm_type": "door"}}
    rule = {
        "id": "own 1",
        "alias": "own 1",
        "triggers": [{"trigger": "state", "entity_id": DOOR}],
        "actions": [{"if": [{"condition": "state", "entity_id": HALL, "state": "on"}], "then": [raises]}],
    }
    await house.use(rule)
    assert (watched(house, "own 1").line.alarm_type, watched(house, "own 1").facts.coverage) == ("door", "watched")


async def test_an_automation_for_nobody_or_for_something_else_is_no_line(house: House) -> None:
    actions = [
        [{"action": "homecare_h2o.raise_alarm", "data": {"device_id": "nobody", "alarm_type": "door"}}],
        [{"action": "homecare_h2o.raise_alarm", "data": {"device_id": house.brukare, "alarm_type": "{{ what }}"}}],
        [{"action": "light.turn_on", "target": {"entity_id": "light.hall"}}],
    ]
    rules = [
        {"id": f"own {number}", "alias": f"own {number}", "triggers": [], "actions": action}
        for number, action in enumerate(actions)
    ]
    await house.use(*rules)
    assert house.hub.lines == {}


# --- silence --------------------------------------------------------------------------------------


def zwave(house: House, name: str = "contact") -> tuple[dr.DeviceEntry, str]:
    """Register a device of a network that shows the last state of its sensors for ever."""
    device = house.device(name, "zwave_js")
    entry = er.async_get(house.hass).async_get_or_create(
        "binary_sensor", "zwave_js", name, suggested_object_id=name, device_id=device.id, original_device_class="motion"
    )
    return device, entry.entity_id


async def test_a_device_that_is_not_heard_for_longer_than_it_may_is_silent(house: House) -> None:
    _, sensor = zwave(house)
    await house.motion("off", sensor)
    await house.use(house.passivity(target={"entity_id": [sensor]}, **ALL_DAY))
    await house.at("2026-11-03 12:30:00")
    await house.at("2026-11-03 12:59:45")
    assert faults(house) == {}
    await house.at("2026-11-03 13:00:00")
    assert faults(house) == {sensor: Fault.SILENT}
    await house.motion("on", sensor)
    await house.at("2026-11-03 13:00:30")
    assert faults(house) == {}


async def test_a_report_that_changes_nothing_is_heard(house: House) -> None:
    _, sensor = zwave(house)
    await house.motion("off", sensor)
    await house.use(house.passivity(target={"entity_id": [sensor]}, **ALL_DAY))
    await house.at("2026-11-02 23:00:00")
    house.hass.states.async_set(sensor, "off", {"device_class": "motion"})
    await house.at("2026-11-03 13:00:00")
    await house.at("2026-11-03 23:59:45")
    assert faults(house) == {}
    await house.at("2026-11-04 00:00:00")
    assert faults(house) == {sensor: Fault.SILENT}


async def test_the_time_in_which_the_hub_was_down_is_no_silence(house: House) -> None:
    _, sensor = zwave(house)
    await house.motion("off", sensor)
    await house.use(house.passivity(target={"entity_id": [sensor]}, **ALL_DAY))
    await house.at("2026-11-02 22:00:00")
    await house.restart("2026-11-04 22:00:00")
    await house.at("2026-11-05 12:00:00")
    assert faults(house) == {}
    await house.at("2026-11-05 13:30:00")
    assert faults(house) == {sensor: Fault.SILENT}


async def test_what_is_shown_right_after_a_start_is_not_heard(house: House) -> None:
    _, sensor = zwave(house)
    await house.motion("off", sensor)
    await house.use(house.passivity(target={"entity_id": [sensor]}, **ALL_DAY))
    await house.at("2026-11-03 12:50:00")
    await house.restart("2026-11-03 12:51:00")
    await house.at("2026-11-03 13:02:00")
    assert faults(house) == {sensor: Fault.SILENT}


async def test_a_network_that_tells_by_itself_needs_no_limit(house: House) -> None:
    device = house.device("Motion")
    sensor = house.entity(device, "motion_1", device_class="motion")
    await house.motion("off", sensor)
    await house.use(house.passivity(target={"entity_id": [sensor]}, **ALL_DAY))
    await house.at("2026-11-09 12:00:00")
    assert faults(house) == {}


@pytest.mark.parametrize(
    ("limit", "expected"), [({"hours": 2}, {"binary_sensor.contact": Fault.SILENT}), ({"hours": 0}, {})]
)
async def test_a_device_has_a_limit_of_its_own(house: House, limit: dict[str, int], expected: dict[str, str]) -> None:
    device, sensor = zwave(house)
    house.hass.config_entries.async_update_entry(house.entry, options={"silence": {device.id: limit}})
    await house.motion("off", sensor)
    await house.use(house.passivity(target={"entity_id": [sensor]}, **ALL_DAY))
    await house.at("2026-11-02 18:00:00")
    await house.at("2026-11-04 18:00:00")
    assert faults(house) == expected


async def test_a_sensor_that_shows_when_it_was_last_seen_is_believed(house: House) -> None:
    device, sensor = zwave(house)
    seen = er.async_get(house.hass).async_get_or_create("sensor", "mqtt", "contact_last_seen", device_id=device.id)
    await house.motion("off", sensor)
    await house.use(house.passivity(target={"entity_id": [sensor]}, **ALL_DAY))
    await house.at("2026-11-03 12:00:00")
    await house.show(seen.entity_id, "2026-11-03T11:00:00+01:00", "timestamp")
    await house.at("2026-11-04 11:59:45")
    assert faults(house) == {}
    await house.at("2026-11-04 12:00:00")
    assert faults(house) == {sensor: Fault.SILENT}


async def test_a_node_that_z_wave_has_given_up_is_dead(house: House) -> None:
    device, sensor = zwave(house)
    status = er.async_get(house.hass).async_get_or_create("sensor", "zwave_js", "7.node_status", device_id=device.id)
    await house.motion("off", sensor)
    await house.show(status.entity_id, "alive")
    await house.use(house.passivity(target={"entity_id": [sensor]}))
    assert faults(house) == {}
    await house.show(status.entity_id, "dead")
    await house.at("2026-11-02 12:00:15")
    assert faults(house) == {sensor: Fault.DEAD}


# --- buttons that only send events ------------------------------------------------------------------


@pytest.mark.parametrize(("state", "expected"), [("80", None), ("unavailable", Fault.UNAVAILABLE)])
async def test_a_remote_is_there_as_long_as_its_battery_tells(house: House, state: str, expected: Fault | None) -> None:
    device = house.device("Button")
    battery = house.entity(device, "battery", "sensor", "battery")
    await house.show(battery, state)
    await house.use(house.button(target={"device_id": [device.id]}))
    assert faults(house, "button 1").get(device.id) is expected


async def test_a_remote_that_was_removed_is_missing(house: House) -> None:
    device = house.device("Button")
    await house.use(house.button(target={"device_id": [device.id]}))
    assert faults(house, "button 1") == {}
    dr.async_get(house.hass).async_remove_device(device.id)
    await house.at("2026-11-02 12:00:15")
    assert watched(house, "button 1").facts.coverage is Coverage.NOT


# --- what is shown, and what is counted -------------------------------------------------------------


async def test_the_brukares_device_shows_which_lines_are_not_watched(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    assert state_of(house.hass, "binary_sensor", "monitoring_problem") == "off"
    await house.motion("unavailable")
    assert state_of(house.hass, "binary_sensor", "monitoring_problem") == "on"
    plan = await call(house.hass, "get_plan", device_id=house.brukare)
    (line,) = plan["lines"]
    assert (line["name"], line["coverage"], line["faults"]) == ("passivity 1", "not_watched", {MOTION: "unavailable"})


async def test_the_minutes_watched_and_not_watched_are_counted_by_day(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))
    await house.at("2026-11-02 18:00:00")
    await house.motion("unavailable")
    await house.at("2026-11-03 02:00:00")
    await house.motion("off")
    await house.at("2026-11-03 02:05:00")
    await house.at("2026-11-03 03:05:00")
    plan = await call(house.hass, "get_plan", device_id=house.brukare)
    assert plan["lines"][0]["days"] == [
        {"date": "2026-11-02", "watched_minutes": 360, "not_watched_minutes": 360},
        {"date": "2026-11-03", "watched_minutes": 60, "not_watched_minutes": 125},
    ]


async def test_the_time_in_which_the_hub_was_down_is_not_watched(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))
    await house.at("2026-11-02 14:00:00")
    await house.restart("2026-11-02 17:00:00")
    await house.at("2026-11-02 18:00:00")
    hour = timedelta(hours=1)
    assert watched(house).facts.days == (Day(date="2026-11-02", watched=3 * hour, not_watched=3 * hour),)


async def test_trouble_outlasts_a_restart_and_is_told_once(house: House) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    await house.at("2026-11-02 12:05:00")
    await house.restart("2026-11-02 12:20:00")
    assert len(await house.told()) == 1
    await house.restart("2026-11-02 13:00:00")
    await house.at("2026-11-02 13:30:00")
    assert len(await house.told()) == 1
    assert count(await house.journal(), MonitoringLost) == 1


async def test_a_line_that_comes_back_was_not_watched_meanwhile(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))
    await house.at("2026-11-02 13:00:00")
    await house.use()
    assert house.hub.lines == {}
    await house.at("2026-11-02 15:00:00")
    await house.use(house.passivity(**ALL_DAY))
    hour = timedelta(hours=1)
    assert watched(house).facts.days == (Day(date="2026-11-02", watched=hour, not_watched=2 * hour),)


async def test_what_is_well_is_not_told(house: House) -> None:
    await house.motion("off")
    await house.show(SOS, "off")
    await house.use(house.passivity(**ALL_DAY), house.button())
    await house.at("2026-11-04 12:00:00")
    assert await house.told() == NOTHING_TOLD
    assert count(await house.journal(), MonitoringLost) == 0


async def test_facts_of_another_shape_do_not_keep_the_supervision_from_looking(house: House) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    for key in ("line.passivity 1", "supervision.silence"):
        await house.hub.facts.put(key, {"of": "another version"})
    await house.stop_hub()
    await house.start_hub()
    assert faults(house) == {MOTION: Fault.UNAVAILABLE}
    await house.at("2026-11-02 12:10:00")
    assert len(await house.told()) == 1
