"""Buttons that are device triggers of MQTT."""

import json
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClientGenerator

from custom_components.homecare_h2o.signals import SIGNAL_BUTTON, Signal
from custom_components.homecare_h2o.triggers import mqtt_buttons
from custom_components.homecare_h2o.triggers.mqtt_buttons import mqtt_buttons_of

from .rules import House, local, settle

pytestmark = [pytest.mark.freeze_time("2026-11-02 12:00:00+01:00"), pytest.mark.usefixtures("_mqtt")]

NOT_AT_ALL: list[Any] = []
TOPIC = "zigbee2mqtt/sos/action"
MINUTES = [f"2026-11-02 12:{minute:02}:00" for minute in range(10)]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Allow the timer by which MQTT keeps its connection."""
    return True


@pytest.fixture
async def _mqtt(house: House, mqtt_mock_entry: MqttMockHAClientGenerator) -> None:
    """Set MQTT up; the fixture ``mqtt_mock`` would put away configuration.yaml, too."""
    await mqtt_mock_entry()


async def discover(hass: HomeAssistant, subtype: str = "single") -> str:
    """Have MQTT tell of a button as Zigbee2MQTT does; returns its device."""
    payload = {
        "automation_type": "trigger",
        "type": "action",
        "subtype": subtype,
        "payload": subtype,
        "topic": TOPIC,
        "device": {"identifiers": ["sos"], "name": "SOS"},
    }
    async_fire_mqtt_message(hass, f"homeassistant/device_automation/sos/{subtype}/config", json.dumps(payload))
    await settle(hass)
    (device,) = [device for device in dr.async_get(hass).devices if ("mqtt", "sos") in device.identifiers]
    return device.id


async def test_the_other_buttons_of_a_rule_work_while_z_wave_is_not_ready(house: House) -> None:
    late = house.device("Emergency", "zwave_js")
    sos = await discover(house.hass)
    await house.use(house.button(target={"device_id": [late.id, sos]}))
    await house.at(MINUTES[1])
    await press(house.hass)
    assert len(await house.presses()) == 1


async def test_a_rule_works_though_the_buttons_of_mqtt_cannot_be_found(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    sos = await discover(house.hass)
    await house.show("binary_sensor.sos", "off")
    with patch.object(mqtt_buttons, "async_get_device_automations", side_effect=ValueError):
        await house.use(house.button(target={"device_id": [sos], "entity_id": ["binary_sensor.sos"]}))
    await house.press("binary_sensor.sos")
    assert len(await house.presses()) == 1
    assert "could not be listened to" in caplog.text


async def press(hass: HomeAssistant, subtype: str = "single") -> None:
    async_fire_mqtt_message(hass, TOPIC, subtype)
    await settle(hass)


async def test_a_press_is_raised(hass: HomeAssistant, house: House) -> None:
    await house.use(house.button(target={"device_id": [await discover(hass)]}))
    await house.at(MINUTES[1])
    await press(hass)
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late, alarm.sources) == (local(MINUTES[1]), False, ("SOS",))
    await house.at(MINUTES[2])
    await press(hass)
    assert await house.presses() == [local(MINUTES[1]), local(MINUTES[2])]


async def test_only_the_chosen_presses_count(hass: HomeAssistant, house: House) -> None:
    await discover(hass, "hold")
    await house.use(house.button(target={"device_id": [await discover(hass)]}, commands=["action hold"]))
    await house.at(MINUTES[1])
    await press(hass, "single")
    await house.at(MINUTES[2])
    await press(hass, "hold")
    assert await house.presses() == [local(MINUTES[2])]


async def test_a_button_that_is_told_of_later_is_heard_within_a_sweep(hass: HomeAssistant, house: House) -> None:
    device_id = await discover(hass, "hold")
    await house.use(house.button(target={"device_id": [device_id]}))
    await discover(hass, "single")
    await house.at("2026-11-02 12:00:15")
    await house.at(MINUTES[1])
    await press(hass, "single")
    assert await house.presses() == [local(MINUTES[1])]


async def test_a_press_is_heard_once_however_often_was_looked(hass: HomeAssistant, house: House) -> None:
    await house.use(house.button(target={"device_id": [await discover(hass)]}))
    await house.at("2026-11-02 12:00:15")
    await house.at("2026-11-02 12:00:30")
    await house.at(MINUTES[1])
    with patch.object(mqtt_buttons, "Signal", side_effect=mqtt_buttons.Signal) as signal:
        await press(hass)
    assert signal.call_count == 1
    assert await house.presses() == [local(MINUTES[1])]


async def test_a_press_while_the_hub_is_away_is_heard(hass: HomeAssistant, house: House) -> None:
    await house.use(house.button(target={"device_id": [await discover(hass)]}))
    await house.stop_hub()
    await house.at(MINUTES[1])
    await press(hass)
    await house.start_hub()
    assert await house.presses() == [local(MINUTES[1])]


async def test_a_press_while_the_rule_is_reloaded_is_heard(hass: HomeAssistant, house: House) -> None:
    rule = house.button(target={"device_id": [await discover(hass)]})
    await house.use(rule)
    await house.at(MINUTES[1])
    await house.use()
    await press(hass)
    await house.use(rule)
    assert await house.presses() == [local(MINUTES[1])]


async def test_nothing_is_heard_when_the_rule_is_gone(hass: HomeAssistant, house: House) -> None:
    await house.use(house.button(target={"device_id": [await discover(hass)]}))
    await house.use()
    await press(hass)
    assert await house.presses() == NOT_AT_ALL


async def test_other_devices_are_left_alone(hass: HomeAssistant, house: House) -> None:
    await discover(hass)
    with patch.object(mqtt_buttons, "async_get_device_automations") as listed:
        await house.use(house.button())
    assert not listed.called


@pytest.mark.parametrize("error", [HomeAssistantError("not now"), mqtt_buttons.vol.Invalid("not now")])
async def test_a_button_that_cannot_be_listened_to_now_is_tried_again(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    rule = house.button(target={"device_id": [await discover(hass)]})
    with patch.object(mqtt_buttons, "async_get_device_automations", side_effect=error):
        await house.use(rule)
    assert "could not be listened to: not now" in caplog.text
    await house.at("2026-11-02 12:00:15")
    await house.at(MINUTES[1])
    await press(hass)
    assert await house.presses() == [local(MINUTES[1])]


async def test_two_looks_at_once_attach_once(hass: HomeAssistant, house: House) -> None:
    heard: list[Signal] = []

    @callback
    def hear(signal: Signal) -> None:
        heard.append(signal)

    async_dispatcher_connect(hass, SIGNAL_BUTTON, hear)
    device_id = await discover(hass)
    looks = [hass.async_create_task(mqtt_buttons_of(hass).async_refresh([device_id])) for _ in range(2)]
    await hass.async_block_till_done()
    await press(hass)
    assert all(look.done() for look in looks)
    assert len(heard) == 1
