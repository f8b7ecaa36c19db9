"""The simulated Z-Wave network against Home Assistant's unmodified zwave_js."""

from collections.abc import AsyncIterator
from datetime import timedelta

from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.homecare_h2o.core.watching import Fault
from custom_components.homecare_h2o.health import find_fault, find_last_seen_at, is_in_silent_network
from demo.zwave import DOOR, EMERGENCY, REMOTE, SMOKE, NeverDeadError, SimulatedNetwork, UnknownNodeError
from demo.zwave.setup import async_set_up_zwave

from .in_process import InProcessClient, find_device, find_entity, state_of, until


@pytest.fixture
async def network(socket_enabled: None) -> AsyncIterator[SimulatedNetwork]:
    simulated = SimulatedNetwork()
    await simulated.start()
    yield simulated
    await simulated.stop()


@pytest.fixture
async def entry_id(hass: HomeAssistant, network: SimulatedNetwork) -> AsyncIterator[str]:
    set_up = await async_set_up_zwave(InProcessClient(hass), network)
    await hass.async_block_till_done()
    yield set_up
    await hass.config_entries.async_unload(set_up)


def heard(hass: HomeAssistant, event_type: str) -> list[Event]:
    """Return a list that grows with the events of a type."""
    events: list[Event] = []
    hass.bus.async_listen(event_type, events.append)
    return events


@pytest.mark.usefixtures("entry_id")
async def test_door_opens_and_closes(hass: HomeAssistant, network: SimulatedNetwork) -> None:
    door = find_entity(hass, DOOR.name, "binary_sensor")
    state = hass.states.get(door)
    assert state
    assert (state.state, state.attributes["device_class"]) == ("off", "door")
    await network.set_door(True)
    await until(lambda: state_of(hass, door) == "on")
    await network.set_door(False)
    await until(lambda: state_of(hass, door) == "off")


@pytest.mark.usefixtures("entry_id")
async def test_smoke_is_found_and_its_test_is_an_entity_of_its_own(
    hass: HomeAssistant, network: SimulatedNetwork
) -> None:
    smoke = find_entity(hass, SMOKE.name, "binary_sensor")
    await network.set_smoke(True)
    await until(lambda: state_of(hass, smoke) == "on")
    entries = er.async_entries_for_device(er.async_get(hass), find_device(hass, SMOKE.name))
    assert [state_of(hass, entry.entity_id) for entry in entries if entry.entity_id.endswith("_test")] == ["off"]


@pytest.mark.usefixtures("entry_id")
async def test_press_is_an_event_with_a_new_timestamp_each_time(hass: HomeAssistant, network: SimulatedNetwork) -> None:
    button = find_entity(hass, REMOTE.name, "event")
    events = heard(hass, "zwave_js_value_notification")
    assert state_of(hass, button) == "unknown"
    await network.press_scene()
    await until(lambda: len(events) == 1)
    first = state_of(hass, button)
    await network.press_scene()
    await until(lambda: len(events) == 2)
    assert state_of(hass, button) > first
    assert events[0].data["value"] == "KeyPressed"


@pytest.mark.usefixtures("entry_id")
async def test_emergency_is_an_event_on_the_bus_and_no_entity(hass: HomeAssistant, network: SimulatedNetwork) -> None:
    events = heard(hass, "zwave_js_notification")
    await network.emergency()
    await until(lambda: events)
    device_id = find_device(hass, EMERGENCY.name)
    assert {key: events[0].data[key] for key in ("type", "event", "device_id")} == {
        "type": 10,
        "event": 3,
        "device_id": device_id,
    }
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    assert {entry.domain for entry in entries if entry.entity_category is None} == set()


@pytest.mark.usefixtures("entry_id")
async def test_dead_node_keeps_its_states_until_it_is_heard(hass: HomeAssistant, network: SimulatedNetwork) -> None:
    smoke = find_entity(hass, SMOKE.name, "binary_sensor")
    entries = er.async_entries_for_device(er.async_get(hass), find_device(hass, SMOKE.name))
    (status,) = (entry.entity_id for entry in entries if entry.unique_id.endswith("node_status"))
    await network.set_node_dead(SMOKE.name)
    await until(lambda: state_of(hass, status) == "dead")
    assert state_of(hass, smoke) == "off"
    await network.set_smoke(True)
    await until(lambda: (state_of(hass, status), state_of(hass, smoke)) == ("alive", "on"))


@pytest.mark.usefixtures("entry_id")
async def test_every_node_was_last_heard_when_the_driver_says(
    hass: HomeAssistant, network: SimulatedNetwork, caplog: pytest.LogCaptureFixture
) -> None:
    now = dt_util.utcnow()
    nodes = {name: find_device(hass, name) for name in (DOOR.name, EMERGENCY.name, REMOTE.name, SMOKE.name)}
    seen_at = {name: find_last_seen_at(hass, device_id, now) for name, device_id in nodes.items()}
    assert {name for name, at in seen_at.items() if at and now - timedelta(minutes=1) < at <= now} == set(nodes)
    assert "deprecated" not in caplog.text


@pytest.mark.usefixtures("entry_id")
async def test_supervision_hears_of_a_node_and_of_its_death(hass: HomeAssistant, network: SimulatedNetwork) -> None:
    smoke, device = find_entity(hass, SMOKE.name, "binary_sensor"), find_device(hass, SMOKE.name)
    now = dt_util.utcnow()
    seen_at = find_last_seen_at(hass, device, now)
    assert seen_at
    assert now - timedelta(minutes=1) < seen_at <= now
    assert is_in_silent_network(hass, device)
    assert (find_fault(hass, smoke, now), find_fault(hass, device, now)) == (None, None)
    await network.set_node_dead(SMOKE.name)
    await until(lambda: find_fault(hass, smoke, now) is Fault.DEAD)
    assert find_fault(hass, device, now) is Fault.DEAD


async def test_state_of_the_driver_outlives_home_assistant_but_a_press_does_not(
    hass: HomeAssistant, network: SimulatedNetwork, entry_id: str
) -> None:
    events = heard(hass, "zwave_js_value_notification")
    await hass.config_entries.async_unload(entry_id)
    await network.set_door(True)
    await network.press_scene()
    await hass.config_entries.async_setup(entry_id)
    await hass.async_block_till_done()
    assert state_of(hass, find_entity(hass, DOOR.name, "binary_sensor")) == "on"
    assert events == []


async def test_refusals_say_why(network: SimulatedNetwork) -> None:
    with pytest.raises(UnknownNodeError, match="attic"):
        await network.set_node_dead("attic")
    with pytest.raises(NeverDeadError, match="sleeps"):
        await network.set_node_dead(DOOR.name)
