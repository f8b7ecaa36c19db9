"""Errors of the simulated radio.

SimulatedRadioError
├── UnknownDeviceError       no device has this name
├── DeviceNotJoinedError     the device is not on the network yet
├── UnsupportedActionError   a device of its kind cannot do that
└── SetupError               Home Assistant did not take ZHA or a device in time
"""


class SimulatedRadioError(Exception):
    """Something was asked of the simulated radio that it refuses."""


class UnknownDeviceError(SimulatedRadioError):
    """No device has this name."""


class DeviceNotJoinedError(SimulatedRadioError):
    """The device is not on the network yet."""


class UnsupportedActionError(SimulatedRadioError):
    """A device of its kind cannot do what was asked."""


class SetupError(SimulatedRadioError):
    """Home Assistant did not set up ZHA, or pair a device, as expected."""
