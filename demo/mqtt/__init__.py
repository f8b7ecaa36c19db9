"""A broker, and devices on it that speak as Zigbee2MQTT does, driven by Home Assistant's unmodified MQTT.

- broker     an MQTT broker on a loopback port, in this process
- home       what the demo holds: start, set_state, press, set_available
- devices    one device: its topics, and what the bridge remembers of it
- models     the table of device kinds
- discovery  the messages that make Home Assistant show a device
- setup      the config flow, as a person clicks through it
"""

from .broker import Broker
from .errors import MqttHomeError, UnknownDeviceError, UnsupportedActionError
from .home import MqttHome
from .models import DeviceKind, DeviceSpec

__all__ = [
    "Broker",
    "DeviceKind",
    "DeviceSpec",
    "MqttHome",
    "MqttHomeError",
    "UnknownDeviceError",
    "UnsupportedActionError",
]
