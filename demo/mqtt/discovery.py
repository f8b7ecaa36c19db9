"""The messages that make Home Assistant show a device, with the fields that Zigbee2MQTT gives them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .devices import BASE_TOPIC, MqttDevice
from .models import MANUFACTURER, BinaryModel

BRIDGE_STATE_TOPIC: Final = f"{BASE_TOPIC}/bridge/state"
STATUS_TOPIC: Final = "homeassistant/status"
"""Where Home Assistant says that it has started."""

_PREFIX: Final = "homeassistant"
_STATE: Final = "{{ value_json.state }}"
_ORIGIN: Final = {"name": "Zigbee2MQTT"}

type Message = tuple[str, Mapping[str, Any]]
"""A topic and its payload, before it is JSON."""


def discover(device: MqttDevice) -> Iterator[Message]:
    """Yield what is told of a device when it joins: its entities, but none of a button's presses."""
    if device.model.binary is not None:
        yield _entity(device, "binary_sensor", device.model.binary.key, _binary_sensor(device.model.binary))
    yield _entity(device, "sensor", "battery", _BATTERY)


def discover_action(device: MqttDevice, action: str) -> Message:
    """Return what is told of a press when it happens for the first time."""
    return (
        f"{_PREFIX}/device_automation/{device.ieee}/action_{action}/config",
        {
            "automation_type": "trigger",
            "type": "action",
            "subtype": action,
            "payload": action,
            "topic": device.action_topic,
            "device": _device(device),
            "origin": _ORIGIN,
        },
    )


_BATTERY: Final = {
    "device_class": "battery",
    "entity_category": "diagnostic",
    "state_class": "measurement",
    "unit_of_measurement": "%",
}


def _binary_sensor(model: BinaryModel) -> Mapping[str, Any]:
    """Return what is particular to a binary sensor."""
    return {"device_class": model.device_class, "payload_on": model.on, "payload_off": not model.on}


def _entity(device: MqttDevice, platform: str, key: str, particulars: Mapping[str, Any]) -> Message:
    """Return the message of one entity."""
    topics = (BRIDGE_STATE_TOPIC, device.availability_topic)
    return (
        f"{_PREFIX}/{platform}/{device.ieee}/{key}/config",
        {
            "availability": [{"topic": topic, "value_template": _STATE} for topic in topics],
            "availability_mode": "all",
            "device": _device(device),
            "origin": _ORIGIN,
            "state_topic": device.topic,
            "unique_id": f"{device.ieee}_{key}_{BASE_TOPIC}",
            "value_template": f"{{{{ value_json.{key} }}}}",
            **particulars,
        },
    )


def _device(device: MqttDevice) -> Mapping[str, Any]:
    """Return what Home Assistant's device registry is told."""
    return {
        "identifiers": [f"{BASE_TOPIC}_{device.ieee}"],
        "name": device.name,
        "manufacturer": MANUFACTURER,
        "model": device.model.model,
    }
