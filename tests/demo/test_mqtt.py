"""The devices on the broker against Home Assistant's unmodified MQTT."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from homeassistant.components import mqtt
from homeassistant.components.device_automation import DeviceAutomationType, async_get_device_automations
from homeassistant.components.mqtt import client as mqtt_client
from homeassistant.core import HomeAssistant
import pytest

from demo.mqtt import Broker, DeviceKind, DeviceSpec, MqttHome, UnknownDeviceError, UnsupportedActionError
from demo.mqtt.setup import async_set_up_mqtt

from .in_process import InProcessClient, find_device, find_entity, state_of, until

OLD_BUTTON = "old button"
SPECS = [
    *(DeviceSpec(name=kind.value, kind=kind) for kind in DeviceKind),
    DeviceSpec(name=OLD_BUTTON, kind=DeviceKind.BUTTON, pressed_before=True),
]
BINARY = {
    DeviceKind.MOTION: "occupancy",
    DeviceKind.CONTACT: "door",
    DeviceKind.SMOKE: "smoke",
    DeviceKind.WATER: "moisture",
}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Home Assistant not gather what it asks the broker for."""
    for cooldown in ("INITIAL_SUBSCRIBE_COOLDOWN", "SUBSCRIBE_COOLDOWN", "UNSUBSCRIBE_COOLDOWN"):
        monkeypatch.setattr(mqtt_client, cooldown, 0.0)
    monkeypatch.setattr(mqtt_client, "DISCOVERY_COOLDOWN", 0.3)


@pytest.fixture
async def broker(socket_enabled: None) -> AsyncIterator[Broker]:
    running = Broker()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def home(broker: Broker) -> AsyncIterator[MqttHome]:
    running = MqttHome(broker, SPECS, republish_after=timedelta(0))
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def entry_id(hass: HomeAssistant, mock_hass_config: None, broker: Broker, home: MqttHome) -> AsyncIterator[str]:
    set_up = await async_set_up_mqtt(InProcessClient(hass), broker)
    await until(lambda: count_live(hass) == len(BINARY) + len(SPECS))
    yield set_up
    await hass.config_entries.async_unload(set_up)


def count_live(hass: HomeAssistant) -> int:
    """Return how many entities are available."""
    return sum(state.state != "unavailable" for state in hass.states.async_all())


async def actions(hass: HomeAssistant, name: str) -> list[str]:
    """Return the subtypes of the device triggers that MQTT offers for a device."""
    device_id = find_device(hass, name)
    found = await async_get_device_automations(hass, DeviceAutomationType.TRIGGER, [device_id])
    return [trigger["subtype"] for trigger in found[device_id] if trigger["domain"] == "mqtt"]


async def presses(hass: HomeAssistant, topic: str) -> list[Any]:
    """Return a list that grows with what is said on a topic."""
    heard: list[Any] = []
    await mqtt.async_subscribe(hass, topic, lambda message: heard.append(message.payload))
    return heard


@pytest.mark.usefixtures("entry_id")
@pytest.mark.parametrize(("kind", "device_class"), BINARY.items())
async def test_binary_device_is_discovered_and_reports(
    hass: HomeAssistant, home: MqttHome, kind: DeviceKind, device_class: str
) -> None:
    sensor = find_entity(hass, kind, "binary_sensor")
    state = hass.states.get(sensor)
    assert state
    assert state.attributes["device_class"] == device_class
    await home.set_state(kind, True)
    await until(lambda: state_of(hass, sensor) == "on")
    await home.set_state(kind, False)
    await until(lambda: state_of(hass, sensor) == "off")


@pytest.mark.usefixtures("entry_id")
async def test_button_is_a_trigger_from_its_first_press_on(hass: HomeAssistant, home: MqttHome) -> None:
    heard = await presses(hass, "zigbee2mqtt/button/action")
    assert await actions(hass, DeviceKind.BUTTON) == []
    await home.press(DeviceKind.BUTTON)
    await home.press(DeviceKind.BUTTON)
    await until(lambda: heard == ["single", "single"])
    assert await actions(hass, DeviceKind.BUTTON) == ["single"]


@pytest.mark.usefixtures("entry_id")
async def test_button_that_was_pressed_before_is_a_trigger_at_once(hass: HomeAssistant) -> None:
    assert await actions(hass, OLD_BUTTON) == ["single"]


@pytest.mark.usefixtures("entry_id")
async def test_silent_device_is_unavailable(hass: HomeAssistant, home: MqttHome) -> None:
    sensor = find_entity(hass, DeviceKind.SMOKE, "binary_sensor")
    await home.set_available(DeviceKind.SMOKE, False)
    await until(lambda: state_of(hass, sensor) == "unavailable")
    await home.set_available(DeviceKind.SMOKE, True)
    await until(lambda: state_of(hass, sensor) != "unavailable")


@pytest.mark.usefixtures("entry_id")
async def test_all_is_unavailable_without_the_bridge(hass: HomeAssistant, home: MqttHome) -> None:
    await home.stop()
    sensors = [find_entity(hass, kind, "binary_sensor") for kind in BINARY]
    await until(lambda: all(state_of(hass, sensor) == "unavailable" for sensor in sensors))


async def test_state_is_sent_again_after_a_start_of_home_assistant(
    hass: HomeAssistant, home: MqttHome, entry_id: str
) -> None:
    sensor = find_entity(hass, DeviceKind.CONTACT, "binary_sensor")
    await hass.config_entries.async_unload(entry_id)
    await home.set_state(DeviceKind.CONTACT, True)
    await hass.config_entries.async_setup(entry_id)
    await until(lambda: state_of(hass, sensor) == "on")


@pytest.mark.usefixtures("mock_hass_config")
async def test_retained_state_is_there_without_being_sent_again(hass: HomeAssistant, broker: Broker) -> None:
    home = MqttHome(broker, SPECS, retain_states=True)
    await home.start()
    await home.set_state(DeviceKind.WATER, True)
    entry_id = await async_set_up_mqtt(InProcessClient(hass), broker)
    await until(lambda: count_live(hass) == len(BINARY) + len(SPECS))
    sensor = find_entity(hass, DeviceKind.WATER, "binary_sensor")
    await until(lambda: state_of(hass, sensor) == "on")
    await hass.config_entries.async_unload(entry_id)
    await home.stop()


async def test_broker_may_go_first(broker: Broker, home: MqttHome) -> None:
    await broker.stop()
    await home.stop()


async def test_refusals_say_why(home: MqttHome) -> None:
    with pytest.raises(UnknownDeviceError, match="attic"):
        await home.set_state("attic", True)
    with pytest.raises(UnsupportedActionError, match="button"):
        await home.set_state(DeviceKind.BUTTON, True)
    with pytest.raises(UnsupportedActionError, match="motion"):
        await home.press(DeviceKind.MOTION)


async def test_two_devices_cannot_have_one_name(broker: Broker) -> None:
    with pytest.raises(ValueError, match="same name"):
        MqttHome(broker, [DeviceSpec(name="door", kind=DeviceKind.CONTACT)] * 2)
