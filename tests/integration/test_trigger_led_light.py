"""Lamps that follow somebody at night, through their blueprint (larmplan.md, led_light)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant, ServiceCall, callback
from homeassistant.helpers.trigger import TriggerConfig
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.homecare_h2o.triggers.led_light import LedLightTrigger

from .rules import MOTION, STOCKHOLM, House, local, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 22:00:00+01:00")

LAMP = "light.bedroom"
PLUG = "switch.hall_lamp"
HALL = "binary_sensor.hall"
LUX = "sensor.bedroom_light"
SUN = "sun.sun"
NOT_AT_ALL: list[Any] = []
SCHEMA = LedLightTrigger.detector.schema


class Lamps:
    """Lamps and plugs that do as they are told, and a record of that."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.told: list[tuple[str, str, str]] = []
        self.obey = True
        for domain in ("light", "switch"):
            for service in ("turn_on", "turn_off"):
                hass.services.async_register(domain, service, self._serve)

    @callback
    def _serve(self, call: ServiceCall) -> None:
        at = datetime.now(UTC).astimezone(STOCKHOLM)
        for lamp in call.data["entity_id"]:
            self.told.append((f"{at:%H:%M:%S}", lamp, call.service.removeprefix("turn_")))
            self.set(lamp, call.service.removeprefix("turn_"), call.context)

    def set(self, lamp: str, state: str, context: Context | None) -> None:
        self.hass.states.async_set(lamp, state if self.obey else "off", context=context)

    def __getitem__(self, lamp: str) -> str | None:
        state = self.hass.states.get(lamp)
        return state.state if state else None


@pytest.fixture
async def lamps(hass: HomeAssistant) -> Lamps:
    """Have lamps, all off."""
    assert await async_setup_component(hass, "homeassistant", {})
    lamps = Lamps(hass)
    for lamp in (LAMP, PLUG):
        lamps.set(lamp, "off", None)
    return lamps


def rule(*lights: str, sensors: tuple[str, ...] = (MOTION,), **inputs: Any) -> dict[str, Any]:
    """Return a rule of the blueprint; it is about nobody."""
    chosen = {"sensors": {"entity_id": list(sensors)}, "lights": list(lights or (LAMP,)), **inputs}
    return {
        "id": "rule 1",
        "alias": "rule 1",
        "use_blueprint": {"path": "homecare_h2o/led_light.yaml", "input": chosen},
    }


async def moves(house: House, since: str, until: str, sensor: str = MOTION) -> None:
    """Have somebody move."""
    await house.at(since)
    await house.shows(sensor, "off", "on")
    await house.at(until)
    await house.motion("off", sensor)


# --- on and off -------------------------------------------------------------------------------------


async def test_lit_at_motion_and_off_twenty_minutes_after_the_last(house: House, lamps: Lamps) -> None:
    await house.use(rule(LAMP, PLUG))
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await moves(house, "2026-11-02 22:10:00", "2026-11-02 22:11:00")
    await house.at("2026-11-02 22:30:59")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:00:00", PLUG, "on")]
    await house.at("2026-11-02 22:31:00")
    assert (lamps.told[2:], lamps[LAMP]) == ([("22:31:00", LAMP, "off"), ("22:31:00", PLUG, "off")], "off")


@pytest.mark.parametrize(
    ("since", "goes_on_at", "until", "told"),
    [
        pytest.param("2026-11-03 19:59:00", "2026-11-03 19:59:10", "2026-11-03 19:59:30", [], id="before the window"),
        pytest.param(
            "2026-11-03 19:50:00",
            "2026-11-03 20:00:00",
            "2026-11-03 20:10:00",
            [("20:00:00", LAMP, "on"), ("20:30:00", LAMP, "off")],
            id="into the window",
        ),
        pytest.param(
            "2026-11-03 07:59:59",
            "2026-11-03 08:00:00",
            "2026-11-03 08:05:00",
            [("07:59:59", LAMP, "on"), ("08:25:00", LAMP, "off")],
            id="past the window",
        ),
        pytest.param("2026-11-03 08:00:00", "2026-11-03 08:01:00", "2026-11-03 08:05:00", [], id="after the window"),
    ],
)
async def test_only_in_the_night(
    house: House, lamps: Lamps, since: str, goes_on_at: str, until: str, told: list[tuple[str, str, str]]
) -> None:
    await house.use(rule())
    await house.at(since)
    await house.shows(MOTION, "off", "on")
    await house.at(goes_on_at)
    await house.at(until)
    await house.motion("off")
    await house.at(local(until) + timedelta(minutes=20))
    assert lamps.told == told


async def test_two_sensors_and_the_last_of_them(house: House, lamps: Lamps) -> None:
    await house.use(rule(sensors=(MOTION, HALL)))
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await moves(house, "2026-11-02 22:05:00", "2026-11-02 22:15:00", HALL)
    await house.at("2026-11-02 22:34:59")
    assert lamps[LAMP] == "on"
    await house.at("2026-11-02 22:35:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:35:00", LAMP, "off")]


async def test_motion_that_goes_on_keeps_it_lit_until_the_sensor_must_be_broken(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.shows(MOTION, "off", "on")
    await house.at("2026-11-03 02:19:59")
    assert lamps[LAMP] == "on"
    await house.at("2026-11-03 02:20:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("02:20:00", LAMP, "off")]


async def test_a_sensor_that_falls_silent_keeps_nothing_lit(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.shows(MOTION, "off", "on")
    await house.at("2026-11-02 22:05:00")
    await house.motion("unavailable")
    await house.at("2026-11-02 22:25:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:25:00", LAMP, "off")]


@pytest.mark.freeze_time("2026-10-24 22:00:00+02:00")
@pytest.mark.parametrize(
    ("moved_at", "off_at"),
    [
        pytest.param("2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00", id="the first 02:50"),
        pytest.param("2026-10-25T02:50:00+01:00", "2026-10-25T03:10:00+01:00", id="the second 02:50"),
    ],
)
async def test_twenty_minutes_in_the_night_in_which_the_clock_is_set_back(
    house: House, lamps: Lamps, moved_at: str, off_at: str
) -> None:
    await house.use(rule())
    await house.at(datetime.fromisoformat(moved_at))
    await house.shows(MOTION, "off", "on", "off")
    await house.at(datetime.fromisoformat(off_at) - timedelta(seconds=1))
    assert lamps[LAMP] == "on"
    await house.at(datetime.fromisoformat(off_at))
    assert lamps.told == [("02:50:00", LAMP, "on"), (off_at[11:19], LAMP, "off")]


async def test_the_trigger_tells_when_why_and_which(house: House, lamps: Lamps) -> None:
    fired = async_capture_events(house.hass, "fired")
    payload = {name: f"{{{{ trigger.{name} }}}}" for name in ("due_at", "late", "sources", "lamps")}
    trigger = {
        "trigger": "homecare_h2o.led_light",
        "target": {"entity_id": [MOTION, HALL]},
        "options": {"stage": "on", "lights": [LAMP, PLUG]},
    }
    await house.use(
        {"id": "own", "alias": "own", "triggers": [trigger], "actions": [{"event": "fired", "event_data": payload}]}
    )
    await house.show(PLUG, "on")
    await house.motion("off", HALL)
    await house.shows(MOTION, "off", "on")
    (event,) = fired
    assert event.data == {
        "due_at": str(local("2026-11-02 22:00:00")),
        "late": False,
        "sources": [MOTION],
        "lamps": [LAMP],
    }


# --- hands --------------------------------------------------------------------------------------------


async def test_a_lamp_that_a_hand_lit_stays_lit(house: House, lamps: Lamps) -> None:
    await house.use(rule(LAMP, PLUG))
    await house.show(LAMP, "on")
    await moves(house, "2026-11-02 22:05:00", "2026-11-02 22:06:00")
    await house.at("2026-11-02 22:26:00")
    assert lamps.told == [("22:05:00", PLUG, "on"), ("22:26:00", PLUG, "off")]


async def test_a_lamp_that_a_hand_took_over_stays_lit(house: House, lamps: Lamps) -> None:
    await house.use(rule(LAMP, PLUG))
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.show(LAMP, "off")
    await house.show(LAMP, "on")
    lamps.hass.states.async_set(PLUG, "on", {"brightness": 10}, context=Context(user_id="somebody"))
    await settle(house.hass)
    await house.at("2026-11-03 12:00:00")
    assert [told for _, _, told in lamps.told] == ["on", "on"]


async def test_a_lamp_that_a_hand_turned_off_is_lit_at_the_next_motion(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.show(LAMP, "off")
    await house.at("2026-11-02 22:05:00")
    assert lamps[LAMP] == "off"
    await moves(house, "2026-11-02 22:06:00", "2026-11-02 22:07:00")
    await house.at("2026-11-02 22:27:00")
    assert [(at, told) for at, _, told in lamps.told] == [("22:00:00", "on"), ("22:06:00", "on"), ("22:27:00", "off")]


async def test_a_lamp_that_did_not_light_and_is_lit_by_hand_later(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    lamps.obey = False
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:00:30")
    await house.show(LAMP, "on")
    await house.at("2026-11-02 23:00:00")
    assert lamps.told == [("22:00:00", LAMP, "on")]


async def test_lamps_that_cannot_be_reached_are_left_alone(house: House, lamps: Lamps) -> None:
    await house.use(rule(LAMP, PLUG))
    await house.show(LAMP, "unavailable")
    await house.show(PLUG, "unavailable")
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.at("2026-11-02 23:00:00")
    assert lamps.told == NOT_AT_ALL


async def test_a_lamp_that_was_away_at_its_deadline_goes_off_when_it_is_back(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.show(LAMP, "unavailable")
    await house.at("2026-11-02 22:40:00")
    await house.show(LAMP, "on")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:40:00", LAMP, "off")]


# --- daylight -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "source", "shown", "told"),
    [
        pytest.param({"light_sensor": [LUX]}, LUX, "20", [], id="light"),
        pytest.param({"light_sensor": [LUX]}, LUX, "19.5", ["on"], id="dark"),
        pytest.param({"light_sensor": [LUX], "dark_below": 5}, LUX, "19.5", [], id="another limit"),
        pytest.param({"light_sensor": [LUX]}, LUX, "unavailable", ["on"], id="no light sensor"),
        pytest.param({"light_sensor": [LUX]}, LUX, "", ["on"], id="a light sensor that says nothing"),
        pytest.param({}, LUX, "20000", ["on"], id="not asked"),
        pytest.param({"sun": True}, SUN, "above_horizon", [], id="sun up"),
        pytest.param({"sun": True}, SUN, "below_horizon", ["on"], id="sun down"),
        pytest.param({"sun": True}, SUN, "unknown", ["on"], id="no sun"),
        pytest.param({"sun": True, "light_sensor": [LUX]}, SUN, "above_horizon", [], id="both, and one says light"),
        pytest.param({}, SUN, "above_horizon", ["on"], id="the sun is not asked"),
    ],
)
async def test_nothing_is_lit_in_daylight(
    house: House, lamps: Lamps, inputs: dict[str, Any], source: str, shown: str, told: list[str]
) -> None:
    await house.use(rule(**inputs))
    await house.show(source, shown)
    await house.shows(MOTION, "off", "on")
    assert [each for _, _, each in lamps.told] == told


async def test_somebody_who_goes_on_moving_as_it_gets_dark_is_lit(house: House, lamps: Lamps) -> None:
    await house.use(rule(sun=True))
    await house.show(SUN, "above_horizon")
    await house.shows(MOTION, "off", "on")
    await house.at("2026-11-02 22:10:00")
    await house.show(SUN, "below_horizon")
    assert lamps.told == [("22:10:00", LAMP, "on")]


# --- restarts ---------------------------------------------------------------------------------------------


async def test_a_restart_in_between_moves_no_deadline(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.restart("2026-11-02 22:10:00")
    await house.at("2026-11-02 22:20:59")
    assert lamps[LAMP] == "on"
    await house.at("2026-11-02 22:21:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:21:00", LAMP, "off")]


async def test_a_lamp_whose_deadline_passed_while_the_hub_was_down_goes_off_at_the_start(
    house: House, lamps: Lamps
) -> None:
    await house.use(rule())
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.restart("2026-11-02 23:00:00")
    await house.restart("2026-11-02 23:10:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("23:00:00", LAMP, "off")]


async def test_a_lamp_that_comes_later_than_the_hub_goes_off_when_it_comes(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.restart("2026-11-02 23:00:00", {LAMP: "unavailable"})
    await house.at("2026-11-02 23:00:40")
    await house.show(LAMP, "on")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("23:00:40", LAMP, "off")]


async def test_a_hands_lamp_is_a_hands_after_a_restart(house: House, lamps: Lamps) -> None:
    await house.use(rule(LAMP, PLUG))
    await house.show(LAMP, "on")
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.restart("2026-11-02 23:00:00")
    assert lamps.told == [("22:00:00", PLUG, "on"), ("23:00:00", PLUG, "off")]


async def test_motion_that_ended_while_the_hub_was_down_ended_when_it_was_last_seen(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.shows(MOTION, "off", "on")
    await house.at("2026-11-02 22:05:00")
    await house.restart("2026-11-02 22:10:00", {MOTION: "off"})
    await house.at("2026-11-02 22:25:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:25:00", LAMP, "off")]


async def test_a_sensor_that_is_on_at_a_start_lights_nothing(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.motion("off")
    await house.restart("2026-11-02 22:10:00", {MOTION: "on"})
    assert lamps.told == NOT_AT_ALL


async def test_what_was_lit_in_the_second_of_a_restart_goes_off(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    lamps.obey = False
    await house.shows(MOTION, "off", "on")
    lamps.obey = True
    await house.restart("2026-11-02 22:00:30", {LAMP: "on", MOTION: "off"})
    await house.at("2026-11-02 22:20:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:20:00", LAMP, "off")]


async def test_reloads_lose_and_double_nothing(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.shows(MOTION, "off", "on")
    await again(house)
    await house.start_hub_again()
    await house.at("2026-11-02 22:01:00")
    await house.motion("off")
    await again(house)
    await house.at("2026-11-02 22:21:00")
    await again(house)
    await house.start_hub_again()
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:21:00", LAMP, "off")]


async def again(house: House) -> None:
    """Load the rule anew, as the editor does when it is saved."""
    await house.switch("rule 1", on=False)
    await house.switch("rule 1", on=True)


async def test_motion_that_begins_while_the_hub_is_loaded_anew_is_seen(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.motion("off")
    await house.stop_hub()
    await house.motion("on")
    await house.at("2026-11-02 22:00:20")
    await house.start_hub()
    assert lamps.told == [("22:00:20", LAMP, "on")]


async def test_motion_that_ends_while_the_hub_is_loaded_anew_ended_then(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.shows(MOTION, "off", "on")
    await house.at("2026-11-02 22:01:00")
    await house.stop_hub()
    await house.motion("off")
    await house.at("2026-11-02 22:05:00")
    await house.start_hub()
    await house.at("2026-11-02 22:21:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:21:00", LAMP, "off")]


async def test_a_rule_that_was_turned_off_for_a_while_begins_anew(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    await house.switch("rule 1", on=False)
    await house.at("2026-11-02 23:00:00")
    await house.switch("rule 1", on=True)
    assert lamps.told == [("22:00:00", LAMP, "on")]


# --- two triggers, one after the other -----------------------------------------------------------------------


async def test_a_lamp_that_answers_before_the_other_trigger_is_back_is_its_own(house: House, lamps: Lamps) -> None:
    fired: list[tuple[str, list[str]]] = []

    async def attach(stage: str) -> Callable[[], None]:
        def run_action(extra_trigger_payload: dict[str, Any], description: str, context: Context | None = None) -> Any:
            fired.append((stage, extra_trigger_payload["lamps"]))
            lamps.set(LAMP, stage, None)

        options = SCHEMA({"target": {"entity_id": MOTION}, "options": {"stage": stage, "lights": [LAMP]}})["options"]
        config = TriggerConfig(key="homecare_h2o.led_light", target={"entity_id": [MOTION]}, options=options)
        return await LedLightTrigger(house.hass, config).async_attach_runner(run_action)

    stops = [await attach("on"), await attach("off")]
    await house.motion("off")
    await house.stop_hub()
    await house.motion("on")
    await house.start_hub()
    await house.motion("off")
    await house.at("2026-11-02 22:20:00")
    assert fired == [("on", [LAMP]), ("off", [LAMP])]
    for stop in stops:
        stop()


async def test_motion_that_begins_while_the_rule_is_loaded_anew_is_seen(house: House, lamps: Lamps) -> None:
    await house.use(rule())
    await house.motion("off")
    await house.switch("rule 1", on=False)
    await house.motion("on")
    await house.switch("rule 1", on=True)
    await house.motion("off")
    await house.at("2026-11-02 22:20:00")
    assert lamps.told == [("22:00:00", LAMP, "on"), ("22:20:00", LAMP, "off")]


# --- with lamps that are really there ---------------------------------------------------------------------


async def test_with_a_lamp_of_home_assistants_own(house: House) -> None:
    hass = house.hass
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"lamp": {}}})
    template = {
        "light": {
            "name": "Real lamp",
            "default_entity_id": "light.real_lamp",
            "state": "{{ is_state('input_boolean.lamp', 'on') }}",
            "turn_on": [{"action": "input_boolean.turn_on", "target": {"entity_id": "input_boolean.lamp"}}],
            "turn_off": [{"action": "input_boolean.turn_off", "target": {"entity_id": "input_boolean.lamp"}}],
        }
    }
    assert await async_setup_component(hass, "template", {"template": [template]})
    await settle(hass)
    await house.use(rule("light.real_lamp"))
    shown = []
    await moves(house, "2026-11-02 22:00:00", "2026-11-02 22:01:00")
    shown.append(hass.states.get("light.real_lamp"))
    await house.at("2026-11-02 22:21:00")
    shown.append(hass.states.get("light.real_lamp"))
    assert [state.state for state in shown if state] == ["on", "off"]


# --- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param({"lights": []}, "lights", id="no lamp"),
        pytest.param({"lights": ["cover.door"]}, "light", id="no lamp at all"),
        pytest.param({"sensors": {}}, "nothing is chosen", id="no sensor"),
        pytest.param({"off_after": {"minutes": 0}}, "stay lit", id="off at once"),
        pytest.param({"dark_below": 0}, "0 lux", id="never dark"),
        pytest.param({"from": "20:00:00", "to": "20:00:00"}, "neither all day nor never", id="no length"),
    ],
)
async def test_what_could_never_work_is_refused(house: House, inputs: dict[str, Any], told: str) -> None:
    used = rule()
    used["use_blueprint"]["input"] |= inputs
    await house.use(used)
    assert told in house.broken("rule 1")


async def test_without_a_sensor_or_without_a_lamp_it_is_blind(house: House) -> None:
    config = {
        "target": {"entity_id": [MOTION]},
        "options": {"stage": "on", "lights": [LAMP], "light_sensor": [LUX], "sun": True},
    }
    watch = LedLightTrigger.look_at(house.hass, "homecare_h2o.led_light", config)
    assert watch.find_essential() == (frozenset({MOTION}), frozenset({LAMP}))
    assert set(watch.find_sources()) == {MOTION, LAMP, LUX, SUN}


async def test_the_motion_sensor_of_a_device_is_meant(house: House, lamps: Lamps) -> None:
    device = house.device("sensor")
    house.entity(device, "motion", device_class="motion")
    house.entity(device, "battery", device_class="battery")
    used = rule()
    used["use_blueprint"]["input"]["sensors"] = {"device_id": [device.id]}
    await house.use(used)
    await house.shows("binary_sensor.battery", "off", "on", device_class="battery")
    assert lamps.told == NOT_AT_ALL
    await house.shows(MOTION, "off", "on")
    assert lamps.told == [("22:00:00", LAMP, "on")]
