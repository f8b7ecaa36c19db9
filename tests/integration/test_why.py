"""Why a rule did not fire, as it stands in the trace of the automation."""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .rules import House, local, settle
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 23:00:00+01:00")

DOOR = "binary_sensor.front_door"
HALL = "binary_sensor.hall"
ROOM = "binary_sensor.bedroom"
SENSOR = "binary_sensor.sensor"
PLUG = "switch.stove"
BED = "binary_sensor.bed"
BATH = "binary_sensor.bathroom"
KITCHEN = "binary_sensor.kitchen"
OUT: dict[str, Any] = {"doors": [DOOR], "hall": [HALL], "rooms": [ROOM]}
SENSORS: dict[str, Any] = {"sensors": {"entity_id": [SENSOR]}}
MOTION: dict[str, Any] = {**SENSORS, "purpose": "Agreed in the plan"}
CABINET: dict[str, Any] = {"cabinet": {"entity_id": [SENSOR]}, "from": "23:05:00", "to": "23:55:00"}
THREE: dict[str, Any] = {
    "purpose": "Falls at night",
    "steps": [
        {"entity_id": [BED], "to": "off"},
        {"entity_id": [BATH], "within": {"minutes": 5}},
        {"entity_id": [KITCHEN], "within": {"minutes": 5}},
    ],
}
FALL: dict[str, Any] = {
    "purpose": "Falls at night",
    "steps": [{"entity_id": [BED], "to": "off"}],
    "then_nothing": [BATH],
    "then_nothing_for": {"minutes": 20},
}
STILL = [(BED, "on"), (BATH, "off"), (KITCHEN, "off")]
NOTHING: list[Any] = []

type Told = Callable[[], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
async def told(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Told:
    """Return what the traces of the rule say of why it did not fire, oldest first."""

    async def find() -> list[dict[str, Any]]:
        await settle(hass)
        # A new one each time: it does not outlast a jump of the clock.
        client = await hass_ws_client(hass)

        async def ask(kind: str, **data: str) -> Any:
            rule = {"domain": "automation", "item_id": "rule 1"}
            await client.send_json_auto_id({"type": f"trace/{kind}", **rule, **data})
            return (await client.receive_json())["result"]

        runs = [run["run_id"] for run in await ask("list") if run.get("not_triggered")]
        traces = [await ask("get", run_id=run_id) for run_id in runs]
        return [step["result"] for trace in traces for steps in trace["trace"].values() for step in steps]

    return find


async def show_all(house: House, *shown: tuple[str, str]) -> None:
    """Have things show states, one after the other."""
    for entity_id, state in shown:
        await house.show(entity_id, state)


def at(wall: str) -> str:
    """Return a time of this evening as it stands in a trace."""
    return local(f"2026-11-02 {wall}").isoformat()


@pytest.mark.parametrize(
    ("blueprint", "inputs", "first", "then", "reason", "due_at"),
    [
        pytest.param(
            "gone_out",
            OUT,
            [(DOOR, "off"), (ROOM, "off"), (DOOR, "on")],
            (ROOM, "on"),
            "seen_inside",
            "23:20:00",
            id="gone_out",
        ),
        pytest.param("fire", SENSORS, [(SENSOR, "off"), (SENSOR, "on")], (SENSOR, "off"), "did_not_last", "23:01:00"),
        pytest.param("leak", SENSORS, [(SENSOR, "off"), (SENSOR, "on")], (SENSOR, "off"), "did_not_last", "23:01:00"),
        pytest.param(
            "power_on",
            {"plugs": {"entity_id": [PLUG]}},
            [(PLUG, "on")],
            (PLUG, "off"),
            "turned_off_in_time",
            "23:30:00",
            id="power_on",
        ),
        pytest.param("medicine", CABINET, [(SENSOR, "off")], (SENSOR, "on"), "done_in_time", "23:35:00", id="medicine"),
        pytest.param("sequence", FALL, [*STILL, (BED, "off")], (BATH, "on"), "sign_seen", "23:20:00", id="sequence"),
        pytest.param(
            "sequence",
            THREE,
            [*STILL, (BED, "off")],
            (KITCHEN, "on"),
            "step_out_of_order",
            "23:05:00",
            id="out of order",
        ),
    ],
)
async def test_a_deadline_that_is_taken_back_is_told(
    house: House,
    told: Told,
    blueprint: str,
    inputs: dict[str, Any],
    first: list[tuple[str, str]],
    then: tuple[str, str],
    reason: str,
    due_at: str,
) -> None:
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await show_all(house, *first)
    assert await told() == NOTHING
    await house.at("2026-11-02 23:00:40")
    await show_all(house, then)
    source, state = then
    data = {"source": source, "state": state, "at": at("23:00:40"), "due_at": at(due_at)}
    assert {"reason": reason, "data": data} in await told()
    assert len(await house.raised()) == 0


async def test_a_step_that_comes_too_late_is_told_once(house: House, told: Told) -> None:
    await house.use(house.rule("sequence", "rule 1", THREE))
    await show_all(house, *STILL, (BED, "off"))
    await house.at("2026-11-02 23:05:01")
    await show_all(house, (BATH, "on"), (BATH, "off"), (BATH, "on"))
    data = {"source": BATH, "state": "on", "at": at("23:05:01"), "due_at": at("23:05:00")}
    assert await told() == [{"reason": "step_too_late", "data": data}]


async def test_what_is_outside_the_window_is_told_once_with_when_it_opens(house: House, told: Told) -> None:
    await house.use(house.rule("motion", "rule 1", MOTION | {"from": "23:30:00", "to": "06:00:00"}))
    await show_all(house, (SENSOR, "off"), (SENSOR, "on"), (SENSOR, "off"), (SENSOR, "on"))
    data = {"source": SENSOR, "state": "on", "at": at("23:00:00"), "active_from_at": at("23:30:00")}
    assert await told() == [{"reason": "outside_window", "data": data}]


async def test_a_door_that_opens_outside_the_window_is_told(house: House, told: Told) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT | {"from": "23:30:00"}))
    await show_all(house, (DOOR, "off"), (DOOR, "on"))
    assert [each["reason"] for each in await told()] == ["outside_window"]


async def test_what_was_not_seen_to_begin_is_told(house: House, told: Told) -> None:
    await house.use(house.rule("motion", "rule 1", MOTION))
    await show_all(house, (SENSOR, "unavailable"), (SENSOR, "on"))
    assert [each["reason"] for each in await told()] == ["not_seen_to_begin"]


async def test_a_visit_that_excuses_an_opening_is_told(house: House, told: Told) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT))
    await show_all(house, (DOOR, "off"))
    await call(house.hass, "start_visit", device_id=house.brukare)
    await show_all(house, (DOOR, "on"))
    data = {"source": DOOR, "state": "on", "at": at("23:00:00"), "due_at": at("23:20:00")}
    assert await told() == [{"reason": "excused_by_visit", "data": data}]


async def test_a_visit_that_is_registered_afterwards_is_told(house: House, told: Told) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT))
    await show_all(house, (DOOR, "off"), (DOOR, "on"))
    await house.at("2026-11-02 23:01:00")
    await call(house.hass, "start_visit", device_id=house.brukare)
    data = {"source": "visit", "at": at("23:01:00"), "due_at": at("23:20:00")}
    assert await told() == [{"reason": "excused_by_visit", "data": data}]


async def test_a_visit_that_takes_nothing_back_is_not_told(house: House, told: Told) -> None:
    await house.use(house.rule("gone_out", "rule 1", OUT | {"from": "23:30:00"}))
    await show_all(house, (DOOR, "off"), (DOOR, "on"))
    await call(house.hass, "start_visit", device_id=house.brukare)
    assert [each["reason"] for each in await told()] == ["outside_window"]


async def test_a_dose_before_the_reminder_is_told_of_both(house: House, told: Told) -> None:
    await house.use(house.rule("medicine", "rule 1", CABINET))
    await show_all(house, (SENSOR, "off"), (SENSOR, "on"))
    assert sorted(each["data"]["due_at"] for each in await told()) == [at("23:05:00"), at("23:35:00")]


async def test_a_dose_after_the_reminder_is_told_by_the_alarm_alone(house: House, told: Told) -> None:
    await house.use(house.rule("medicine", "rule 1", CABINET))
    await show_all(house, (SENSOR, "off"))
    await house.at("2026-11-02 23:05:00")
    await house.at("2026-11-02 23:10:00")
    await show_all(house, (SENSOR, "on"))
    assert [each["data"]["due_at"] for each in await told()] == [at("23:35:00")]


async def test_another_command_of_a_remote_is_told(house: House, told: Told) -> None:
    remote = house.device("remote")
    await house.use(house.button("rule 1", {"device_id": [remote.id]}, commands=["on"]))
    await house.fire("zha_event", device_id=remote.id, command="off")
    data = {"source": "remote", "command": "off", "at": at("23:00:00")}
    assert await told() == [{"reason": "other_command", "data": data}]
    await house.fire("zha_event", device_id=remote.id, command="on")
    await house.fire("zha_event", device_id="another", command="off")
    assert len(await told()) == 1
    assert len(await house.raised()) == 1


async def test_another_command_of_an_event_entity_is_told_when_it_is_pressed(house: House, told: Told) -> None:
    remote = "event.remote"
    await house.use(house.button("rule 1", {"entity_id": [remote]}, commands=["on"]))
    await house.show(remote, "unavailable")
    await house.show(remote, "2026-11-02T20:00:00.000+00:00", event_type="off")
    assert await told() == NOTHING
    await house.show(remote, "2026-11-02T22:00:00.000+00:00", event_type="off")
    assert [each["reason"] for each in await told()] == ["other_command"]


async def test_a_hundred_blips_are_told_nowhere(house: House, told: Told) -> None:
    await house.use(house.rule("fire", "rule 1", SENSORS))
    await show_all(house, (SENSOR, "off"), (SENSOR, "on"), *[(SENSOR, "unavailable"), (SENSOR, "on")] * 100)
    assert await told() == NOTHING
