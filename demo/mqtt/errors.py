"""Errors of the MQTT home.

MqttHomeError
├── UnknownDeviceError      no device has this name
└── UnsupportedActionError  a device of its kind cannot do that
"""


class MqttHomeError(Exception):
    """Something was asked of the MQTT home that it refuses."""


class UnknownDeviceError(MqttHomeError):
    """No device has this name."""


class UnsupportedActionError(MqttHomeError):
    """A device of its kind cannot do what was asked."""
